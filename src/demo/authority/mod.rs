//! A synthetic certification authority in the shape of JPKI, with cards to sign with.
//!
//! For trying the portal out, for tests and for benchmarks. Its roots say `O=TODOKE-DEMO` and its
//! policy identifiers stand under the arc for documentation, so that nothing made here can pass
//! for a certificate of a real person. Next to good certificates it issues every kind of bad one,
//! each with a single [`Fault`].

mod card;
mod certificate;
mod crl;
mod holder;
mod ocsp;

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use time::OffsetDateTime;

pub use card::TestCard;
pub use certificate::Fault;
pub use crl::{CrlFault, CrlOrder, Revocation};
pub use holder::{CardHolder, Municipality};
pub use ocsp::{OcspFault, OcspOrder, OcspStatus};

/// The key of an authority or of a card. Making one takes about 0.1 s, so tests share them.
#[derive(Debug, Clone)]
pub struct CardKey(Arc<KeyPair>);

impl CardKey {
    /// A new RSA-2048 key.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn generate() -> Result<Self, Failed> {
        Ok(Self(Arc::new(KeyPair::generate(KeySize::Rsa2048)?)))
    }

    /// A key that was kept as PKCS#8.
    ///
    /// # Errors
    /// [`Failed`] if it is none.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, Failed> {
        Ok(Self(Arc::new(KeyPair::from_pkcs8(pkcs8).map_err(|_| Failed)?)))
    }

    /// The key as PKCS#8, to keep it.
    ///
    /// # Errors
    /// [`Failed`] if it cannot be written.
    pub fn to_pkcs8(&self) -> Result<Vec<u8>, Failed> {
        let pkcs8: Pkcs8V1Der<'_> = self.0.as_der()?;
        Ok(pkcs8.as_ref().to_vec())
    }

    /// The public half as PKCS#1 `RSAPublicKey`.
    pub(crate) fn public(&self) -> &[u8] {
        use aws_lc_rs::signature::KeyPair as _;
        self.0.public_key().as_ref()
    }

    /// PKCS#1 v1.5 over SHA-256 of the message.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut signature)?;
        Ok(signature)
    }
}

/// Something that only fails when the machine does: the random source, or a kept key that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused")]
pub struct Failed;

impl From<aws_lc_rs::error::Unspecified> for Failed {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

/// A root of its own, valid for ten years.
#[derive(Debug, Clone)]
pub struct TestAuthority {
    key: CardKey,
    /// The root of another key that bears the same name, as an impostor would make it.
    impostor: CardKey,
    anchor_der: Vec<u8>,
}

impl TestAuthority {
    /// A new authority whose root is valid from the day before `at`.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn generate(at: OffsetDateTime) -> Result<Self, Failed> {
        Self::from_key(CardKey::generate()?, at)
    }

    /// An authority with a key that was kept. The same key and moment give the same root.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn from_key(key: CardKey, at: OffsetDateTime) -> Result<Self, Failed> {
        let anchor_der = certificate::root(&key, at)?;
        Ok(Self { key, impostor: CardKey::generate()?, anchor_der })
    }

    /// The root certificate.
    #[must_use]
    pub fn anchor_der(&self) -> &[u8] {
        &self.anchor_der
    }

    /// The key of the root, to keep it.
    #[must_use]
    pub const fn key(&self) -> &CardKey {
        &self.key
    }
}

/// A random positive serial number of four octets, as JPKI's are.
fn random_serial() -> Result<[u8; 4], Failed> {
    let mut serial = [0; 4];
    rand::fill(&mut serial)?;
    serial[0] = serial[0] & 0x3F | 0x40;
    Ok(serial)
}
