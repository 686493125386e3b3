//! The keys of authorities and cards: RSA-2048 as today, P-384 as the next card will have.

use std::sync::Arc;

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use der::asn1::ObjectIdentifier;

use super::Failed;
use crate::jpki::SHA256_DIGEST_INFO_PREFIX;
use crate::jpki::encode::{algorithm, bit_string, object_identifier, sequence};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
/// The arc of ECDSA with SHA-2, whose identifiers have no parameters (RFC 5758 §3.2).
const ECDSA_WITH_SHA2: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03];

/// The key of an authority or of a card. Making an RSA key takes about 0.1 s, so tests share them.
#[derive(Debug, Clone)]
pub struct CardKey(Arc<Pair>);

#[derive(Debug)]
enum Pair {
    Rsa(rsa::KeyPair),
    P384(EcdsaKeyPair),
}

impl CardKey {
    /// A new RSA-2048 key.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn generate() -> Result<Self, Failed> {
        Ok(Self(Arc::new(Pair::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048)?))))
    }

    /// A new P-384 key, as the next generation of cards is announced to have.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn generate_p384() -> Result<Self, Failed> {
        Ok(Self(Arc::new(Pair::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING)?))))
    }

    /// A key that was kept as PKCS#8.
    ///
    /// # Errors
    /// [`Failed`] if it is none.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, Failed> {
        let p384 = |_| EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8).map(Pair::P384);
        let pair = rsa::KeyPair::from_pkcs8(pkcs8).map(Pair::Rsa).or_else(p384);
        Ok(Self(Arc::new(pair.map_err(|_| Failed)?)))
    }

    /// The key as PKCS#8, to keep it.
    ///
    /// # Errors
    /// [`Failed`] if it cannot be written.
    pub fn to_pkcs8(&self) -> Result<Vec<u8>, Failed> {
        match self.0.as_ref() {
            Pair::Rsa(pair) => {
                let pkcs8: Pkcs8V1Der<'_> = pair.as_der()?;
                Ok(pkcs8.as_ref().to_vec())
            }
            Pair::P384(pair) => Ok(pair.to_pkcs8v1()?.as_ref().to_vec()),
        }
    }

    /// The public half: PKCS#1 `RSAPublicKey`, or the point.
    pub(crate) fn public(&self) -> &[u8] {
        match self.0.as_ref() {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::P384(pair) => pair.public_key().as_ref(),
        }
    }

    /// The `SubjectPublicKeyInfo`.
    pub(super) fn public_info(&self) -> Vec<u8> {
        match self.0.as_ref() {
            Pair::Rsa(_) => rsa_key(self.public()),
            Pair::P384(_) => {
                let parameters = sequence(&[&object_identifier(&EC_PUBLIC_KEY), &object_identifier(&SECP384R1)]);
                sequence(&[&parameters, &bit_string(self.public())])
            }
        }
    }

    /// How it signs.
    pub(super) fn algorithm(&self) -> &'static ObjectIdentifier {
        match self.0.as_ref() {
            Pair::Rsa(_) => &SHA256_WITH_RSA,
            Pair::P384(_) => &ECDSA_WITH_SHA384,
        }
    }

    /// PKCS#1 v1.5 over SHA-256 of the message, or ECDSA over SHA-384.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        match self.0.as_ref() {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Pair::P384(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
        }
    }

    /// What the card does today: PKCS#1 v1.5 padding around a DigestInfo for SHA-256.
    pub(super) fn sign_digest_info(&self, digest_info: &[u8]) -> Result<Vec<u8>, Failed> {
        let Pair::Rsa(pair) = self.0.as_ref() else { return Err(Failed) };
        let digest = digest_info.strip_prefix(&SHA256_DIGEST_INFO_PREFIX).ok_or(Failed)?;
        let digest = Digest::import_less_safe(digest, &SHA256)?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)?;
        Ok(signature)
    }
}

/// The `SubjectPublicKeyInfo` of an RSA key.
pub(super) fn rsa_key(pkcs1: &[u8]) -> Vec<u8> {
    sequence(&[&algorithm(&RSA_ENCRYPTION), &bit_string(pkcs1)])
}

/// The `AlgorithmIdentifier` of a signature: NULL for RSA, nothing for ECDSA.
pub(super) fn signature_identifier(oid: &ObjectIdentifier) -> Vec<u8> {
    if oid.as_bytes().starts_with(ECDSA_WITH_SHA2) { sequence(&[&object_identifier(oid)]) } else { algorithm(oid) }
}
