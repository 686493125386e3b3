//! An authority for seals, made up: what it certifies proves nothing to anybody outside the demonstration.

use crate::gateway::seal::{FileKey, Seal, SealError};
use crate::jpki::{CertificateDraft, organisation, public_key_info, with_signature};
use crate::random;
use time::{Duration, OffsetDateTime};

/// The authority: its root and its key.
pub struct SealAuthority {
    key: FileKey,
    root: Vec<u8>,
    name: Vec<u8>,
}

impl SealAuthority {
    /// A new authority whose root is valid from the day before `at`.
    ///
    /// # Errors
    /// If the random source fails.
    pub fn generate(at: OffsetDateTime) -> Result<Self, SealError> {
        let (key, _) = FileKey::generate()?;
        let name = organisation("TODOKE-DEMO", "Synthetic seal authority");
        let info = public_key_info(key.algorithm(), key.public());
        let draft = CertificateDraft {
            serial: &serial(),
            issuer: &name,
            issuer_key: &info,
            not_before: at - Duration::days(1),
            not_after: at + Duration::days(3652),
            subject: &name,
            key: &info,
            is_authority: true,
        };
        let root = issue(&draft, &key)?;
        Ok(Self { key, root, name })
    }

    /// The root certificate, DER.
    #[must_use]
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// A new seal for a library, valid for three years.
    ///
    /// # Errors
    /// If the random source fails.
    pub fn seal_for(&self, slug: &str, name: &str, at: OffsetDateTime) -> Result<Seal, SealError> {
        let (key, _) = FileKey::generate()?;
        let certificate = self.certify(name, &public_key_info(key.algorithm(), key.public()), at)?;
        Ok(Seal::at_hand(slug, certificate, Vec::new(), key))
    }

    /// The certificate of a seal with this public key.
    ///
    /// # Errors
    /// If the random source fails.
    pub fn certify(&self, name: &str, public_key_info: &[u8], at: OffsetDateTime) -> Result<Vec<u8>, SealError> {
        let issuer_key = crate::jpki::public_key_info(self.key.algorithm(), self.key.public());
        let draft = CertificateDraft {
            serial: &serial(),
            issuer: &self.name,
            issuer_key: &issuer_key,
            not_before: at - Duration::hours(1),
            not_after: at + Duration::days(1096),
            subject: &organisation(name, "Todoke demo seal"),
            key: public_key_info,
            is_authority: false,
        };
        issue(&draft, &self.key)
    }
}

fn issue(draft: &CertificateDraft<'_>, key: &FileKey) -> Result<Vec<u8>, SealError> {
    let to_be_signed = draft.to_der(key.algorithm());
    Ok(with_signature(&to_be_signed, key.algorithm(), &key.sign(&to_be_signed)?))
}

/// A random positive number of sixteen octets.
fn serial() -> [u8; 16] {
    let mut serial: [u8; 16] = random::bytes();
    serial[0] = serial[0] & 0x3F | 0x40;
    serial
}
