//! Results that only the client can read: JWE in compact form (RFC 7516), RSA-OAEP-256 with A256GCM.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};

const HEADER: &[u8] = br#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#;

/// Encrypts `content` for the holder of a key.
pub(super) fn for_client(key: &Jwk, content: &[u8]) -> Result<String, Unspecified> {
    let AlgorithmParameters::RSA(parameters) = &key.algorithm else { return Err(Unspecified) };
    let number = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| Unspecified);
    let components = PublicKeyComponents { n: number(&parameters.n)?, e: number(&parameters.e)? };
    let key: PublicEncryptingKey = components.try_into()?;
    let key = OaepPublicEncryptingKey::new(key)?;

    let (mut content_key, mut iv) = ([0; 32], [0; NONCE_LEN]);
    rand::fill(&mut content_key)?;
    rand::fill(&mut iv)?;
    let mut room = vec![0; key.ciphertext_size()];
    let encrypted_key = key.encrypt(&OAEP_SHA256_MGF1SHA256, &content_key, &mut room, None)?;

    let header = BASE64URL_NOPAD.encode(HEADER);
    let mut ciphertext = content.to_vec();
    let tag = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &content_key)?).seal_in_place_separate_tag(
        Nonce::assume_unique_for_key(iv),
        Aad::from(header.as_bytes()),
        &mut ciphertext,
    )?;
    let parts = [&*encrypted_key, &iv, &ciphertext, tag.as_ref()].map(|part| BASE64URL_NOPAD.encode(part));
    Ok(format!("{header}.{}", parts.join(".")))
}
