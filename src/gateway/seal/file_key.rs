//! The key of a seal, at hand.

use super::{SealError, UnsoundSealSettings};
use crate::jpki::{SealAlgorithm, pem_blocks};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// An RSA key or one on P-256.
pub struct FileKey(Pair);

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(rsa::KeyPair),
}

impl FileKey {
    /// A new key on P-256, with its PKCS #8 in PEM to be kept.
    ///
    /// # Errors
    /// [`SealError::KeyAway`] if the random source fails.
    pub fn generate() -> Result<(Self, SecretString), SealError> {
        let failed = |_| SealError::KeyAway("the random source failed".to_owned());
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(failed)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(failed)?;
        let pem = pem("PRIVATE KEY", pkcs8.as_ref());
        Ok((Self(Pair::P256(pair)), SecretString::from(pem)))
    }

    /// Reads PKCS #8 in PEM.
    ///
    /// # Errors
    /// [`UnsoundSealSettings::Key`].
    pub fn read(pem: &SecretString) -> Result<Self, UnsoundSealSettings> {
        let mut blocks = pem_blocks(pem.expose_secret().as_bytes()).unwrap_or_default();
        let pkcs8 = blocks.pop().flatten().map(Zeroizing::new).ok_or(UnsoundSealSettings::Key)?;
        let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8).map(Pair::P256);
        let pair = p256.or_else(|_| rsa::KeyPair::from_pkcs8(&pkcs8).map(Pair::Rsa));
        pair.map(Self).map_err(|_| UnsoundSealSettings::Key)
    }

    /// The public half: the point, or PKCS #1 `RSAPublicKey`.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        match &self.0 {
            Pair::P256(pair) => pair.public_key().as_ref(),
            Pair::Rsa(pair) => pair.public_key().as_ref(),
        }
    }

    /// How it signs.
    #[must_use]
    pub const fn algorithm(&self) -> SealAlgorithm {
        match &self.0 {
            Pair::P256(_) => SealAlgorithm::EcdsaP256,
            Pair::Rsa(_) => SealAlgorithm::Rsa,
        }
    }

    /// Signs a message.
    ///
    /// # Errors
    /// [`SealError::KeyAway`] if the random source fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        let failed = |_| SealError::KeyAway("the random source failed".to_owned());
        match &self.0 {
            Pair::P256(pair) => Ok(pair.sign(&SystemRandom::new(), message).map_err(failed)?.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

/// A PEM block (RFC 7468).
#[must_use]
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let base64 = BASE64.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
