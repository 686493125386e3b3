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
mod key;
mod ocsp;
mod pdf_signer;
mod timestamping;

use aws_lc_rs::rand;
use time::OffsetDateTime;

use crate::jpki::Purpose;

pub use card::TestCard;
pub use certificate::Fault;
pub use crl::{CrlFault, CrlOrder, Revocation};
pub use holder::{CardHolder, Municipality};
pub use key::CardKey;
pub use ocsp::{OcspFault, OcspOrder, OcspStatus};
pub use timestamping::TimestampFault;

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
    /// What its certificates are for; its name says so.
    purpose: Purpose,
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
        Self::of_purpose(Purpose::Signing, key, at)
    }

    /// An authority for certificates of this purpose, which have roots of their own.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn of_purpose(purpose: Purpose, key: CardKey, at: OffsetDateTime) -> Result<Self, Failed> {
        let anchor_der = certificate::root(&key, purpose, at)?;
        Ok(Self { key, purpose, impostor: CardKey::generate()?, anchor_der })
    }

    /// Its name.
    fn name(&self) -> Vec<u8> {
        certificate::authority_name(self.purpose)
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
