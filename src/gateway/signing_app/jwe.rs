//! Opening what is encrypted for the portal: JWE in compact form (RFC 7516), RSA-OAEP-256 with A256GCM only.

use super::error::{SigningAppError, UnsoundSettings};
use crate::gateway::secret::SecretSource;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use data_encoding::{BASE64_MIME_PERMISSIVE, BASE64URL_NOPAD};
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey};
use secrecy::ExposeSecret;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Length of the content key of A256GCM.
const CONTENT_KEY: usize = 32;
/// Length of the authentication tag of A256GCM.
const TAG: usize = 16;
/// No content key is hidden under less.
const SHORTEST_KEY_BITS: usize = 2048;

/// The private key for results that are encrypted for the portal.
pub(super) struct DecryptionKey {
    key: OaepPrivateDecryptingKey,
    public: Jwk,
}

/// The protected header. What is not named here is ignored (RFC 7516 §4).
#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    zip: Option<serde_json::Value>,
    crit: Option<serde_json::Value>,
}

impl DecryptionKey {
    /// Reads an RSA key of at least 2048 bits from PKCS #8 PEM.
    pub(super) fn read(source: &SecretSource) -> Result<Self, UnsoundSettings> {
        let pem = source.read().map_err(|source| UnsoundSettings::KeyFile { setting: "decryption_key", source })?;
        Self::parse(pem.expose_secret()).ok_or(UnsoundSettings::DecryptionKey)
    }

    fn parse(pem: &str) -> Option<Self> {
        let body = pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
        let pkcs8 = Zeroizing::new(BASE64_MIME_PERMISSIVE.decode(body.trim().as_bytes()).ok()?);
        let key = PrivateDecryptingKey::from_pkcs8(&pkcs8).ok()?;
        if key.key_size_bits() < SHORTEST_KEY_BITS {
            return None;
        }
        let same = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
        let mut public = Jwk::from_encoding_key(&same, Algorithm::RS256).ok()?;
        public.common.key_algorithm = Some(KeyAlgorithm::RSA_OAEP_256);
        public.common.public_key_use = Some(PublicKeyUse::Encryption);
        Some(Self { key: OaepPrivateDecryptingKey::new(key).ok()?, public })
    }

    /// The public half, as it is registered with the app.
    pub(super) const fn public(&self) -> &Jwk {
        &self.public
    }

    /// Opens a JWE. It proves nothing about who made it: anybody can encrypt for a public key.
    pub(super) fn open(&self, compact: &str) -> Result<Zeroizing<Vec<u8>>, SigningAppError> {
        let parts: Vec<&str> = compact.split('.').collect();
        let [header, encrypted_key, iv, ciphertext, tag] = parts[..] else {
            return Err(sealed("not a JWE in compact form"));
        };
        let bytes = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| sealed("not base64url"));
        let names: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| sealed("unreadable header"))?;
        if names.alg != "RSA-OAEP-256" || names.enc != "A256GCM" {
            return Err(sealed("algorithm not allowed"));
        }
        // Compression lets a short text become a long one; critical extensions are none that we know.
        if names.zip.is_some() || names.crit.is_some() {
            return Err(sealed("unknown extension"));
        }
        let iv: [u8; NONCE_LEN] = bytes(iv)?.try_into().map_err(|_| sealed("initialization vector"))?;
        let tag = bytes(tag)?;
        if tag.len() != TAG {
            return Err(sealed("authentication tag"));
        }
        let content_key = self.content_key(&bytes(encrypted_key)?)?;
        let mut content = Zeroizing::new(bytes(ciphertext)?);
        content.extend_from_slice(&tag);
        let aad = Aad::from(header.as_bytes());
        let length = content_key
            .open_in_place(Nonce::assume_unique_for_key(iv), aad, &mut content)
            .map_err(|_| sealed("cannot be opened"))?
            .len();
        content.truncate(length);
        Ok(content)
    }

    /// One answer for every failure, so that nobody learns how far a guess came (RFC 7516 §11.5).
    fn content_key(&self, encrypted: &[u8]) -> Result<LessSafeKey, SigningAppError> {
        let mut room = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let key = self.key.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted, &mut room, None);
        let key = key.ok().filter(|key| key.len() == CONTENT_KEY).ok_or(sealed("cannot be opened"))?;
        UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| sealed("cannot be opened"))
    }
}

const fn sealed(why: &'static str) -> SigningAppError {
    SigningAppError::Undecipherable { why }
}

/// Tells whether a text has the outward form of a JWE: five parts of base64url, of which only the second may be empty.
pub(super) fn looks_sealed(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_base64url = |part: &str| part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    text.starts_with("ey") && parts.clone().count() == 5 && parts.all(is_base64url)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use openssl::encrypt::Encrypter;
    use openssl::hash::MessageDigest;
    use openssl::pkey::{PKey, Private, Public};
    use openssl::rsa::{Padding, Rsa};
    use openssl::symm::{Cipher, encrypt_aead};

    pub(in crate::gateway::signing_app) fn key_pair() -> (PKey<Private>, SecretSource) {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let pem = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        (key, SecretSource::value(pem))
    }

    /// A JWE made by another library than the one that opens it.
    pub(in crate::gateway::signing_app) fn sealed_for(key: &PKey<Private>, header: &str, content: &[u8]) -> String {
        let public: PKey<Public> = PKey::public_key_from_der(&key.public_key_to_der().unwrap()).unwrap();
        let mut encrypter = Encrypter::new(&public).unwrap();
        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        encrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256()).unwrap();
        let (content_key, iv) = ([7; 32], [9; 12]);
        let mut encrypted_key = vec![0; encrypter.encrypt_len(&content_key).unwrap()];
        let length = encrypter.encrypt(&content_key, &mut encrypted_key).unwrap();
        encrypted_key.truncate(length);
        let header = BASE64URL_NOPAD.encode(header.as_bytes());
        let mut tag = [0; 16];
        let cipher = Cipher::aes_256_gcm();
        let ciphertext = encrypt_aead(cipher, &content_key, Some(&iv), header.as_bytes(), content, &mut tag).unwrap();
        let parts = [encrypted_key.as_slice(), &iv, &ciphertext, &tag].map(|part| BASE64URL_NOPAD.encode(part));
        format!("{header}.{}", parts.join("."))
    }

    pub(in crate::gateway::signing_app) const HEADER: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"any"}"#;

    #[test]
    fn what_another_library_sealed_is_opened() {
        let (key, source) = key_pair();
        let ours = DecryptionKey::read(&source).unwrap();
        let compact = sealed_for(&key, HEADER, b"{\"signature\":\"AAAA\"}");
        assert!(looks_sealed(&compact));
        assert_eq!(ours.open(&compact).unwrap().as_slice(), b"{\"signature\":\"AAAA\"}");
    }

    #[test]
    fn whatever_was_altered_stays_closed() {
        let (key, source) = key_pair();
        let ours = DecryptionKey::read(&source).unwrap();
        let compact = sealed_for(&key, HEADER, b"content");
        let parts: Vec<String> = compact.split('.').map(ToOwned::to_owned).collect();
        for at in 0..5 {
            let mut bytes = BASE64URL_NOPAD.decode(parts[at].as_bytes()).unwrap();
            let last = bytes.len() - 1;
            // In the header: another name of the key, so that it can still be read.
            let place = if at == 0 { last - 2 } else { last };
            bytes[place] ^= 1;
            let mut altered = parts.clone();
            altered[at] = BASE64URL_NOPAD.encode(&bytes);
            assert_eq!(ours.open(&altered.join(".")), Err(sealed("cannot be opened")), "part {at}");
        }
        let other = DecryptionKey::read(&key_pair().1).unwrap();
        assert_eq!(other.open(&compact), Err(sealed("cannot be opened")), "another key");
    }

    #[test]
    fn only_the_two_named_algorithms_are_listened_to() {
        let (key, source) = key_pair();
        let ours = DecryptionKey::read(&source).unwrap();
        for (header, why) in [
            (r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, "algorithm not allowed"),
            (r#"{"alg":"RSA1_5","enc":"A256GCM"}"#, "algorithm not allowed"),
            (r#"{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256"}"#, "algorithm not allowed"),
            (r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","zip":"DEF"}"#, "unknown extension"),
            (r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":["exp"]}"#, "unknown extension"),
            (r#"{"alg":"RSA-OAEP-256"}"#, "unreadable header"),
        ] {
            assert_eq!(ours.open(&sealed_for(&key, header, b"x")), Err(sealed(why)), "{header}");
        }
        for garbage in ["", "....", "a.b.c.d.e", "eyJ.x", "ey\u{3000}.a.b.c.d"] {
            assert!(ours.open(garbage).is_err(), "{garbage}");
        }
    }

    #[test]
    fn only_a_sound_rsa_key_is_taken() {
        let ec = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
        let ec = PKey::from_ec_key(openssl::ec::EcKey::generate(&ec).unwrap()).unwrap();
        let short = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
        for pem in [ec.private_key_to_pem_pkcs8().unwrap(), short.private_key_to_pem_pkcs8().unwrap(), b"x".to_vec()] {
            let source = SecretSource::value(String::from_utf8(pem).unwrap());
            assert!(matches!(DecryptionKey::read(&source), Err(UnsoundSettings::DecryptionKey)));
        }
        let (_, source) = key_pair();
        let public = serde_json::to_value(DecryptionKey::read(&source).unwrap().public()).unwrap();
        assert_eq!((public["use"].as_str(), public["alg"].as_str()), (Some("enc"), Some("RSA-OAEP-256")));
        assert!(public.get("d").is_none());
    }
}
