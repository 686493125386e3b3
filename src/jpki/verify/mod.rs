//! The questions that the engine answers: does this signature count, does this certificate.

mod inspection;
mod message;

use time::OffsetDateTime;

use super::chain::Trust;
use super::revocation::CrlSet;
use super::step::Verdict;
pub(super) use inspection::Inspection;
pub(super) use message::{Document, Reference};

/// What a verification rests on: who is trusted, which revocations are known, and the moment.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'t> {
    pub(super) trust: &'t Trust,
    pub(super) crls: &'t CrlSet,
    pub(super) at: OffsetDateTime,
    pub(super) timestamping: Option<&'t Trust>,
}

impl<'t> Verifier<'t> {
    /// For signatures under `trust`, as of the moment `at`.
    #[must_use]
    pub const fn new(trust: &'t Trust, crls: &'t CrlSet, at: OffsetDateTime) -> Self {
        Self { trust, crls, at, timestamping: None }
    }

    /// Looks at the timestamps of signatures as well. They are told and never decide: nobody signed
    /// that they belong there, so one that does not count is as good as none.
    #[must_use]
    pub const fn with_timestamping(self, authorities: &'t Trust) -> Self {
        Self { timestamping: Some(authorities), ..self }
    }

    /// Verifies a CMS signature, detached if `content` is given. DER is read in place; BER is
    /// rewritten as DER first, within bounds.
    #[must_use]
    pub fn cms(&self, cms: &[u8], content: Option<&[u8]>) -> Verdict {
        let mut inspection = Inspection::new(self);
        let pieces = content.map(|content| [content]);
        let document = Document { beside: pieces.as_ref().map(<[&[u8]; 1]>::as_slice), reference: Reference::Optional };
        let result = inspection.message(cms, document);
        inspection.conclude(result)
    }

    /// Checks a signing certificate alone: profile, path, validity and revocation.
    #[must_use]
    pub fn certificate(&self, der: &[u8]) -> Verdict {
        let mut inspection = Inspection::new(self);
        let result = inspection.certificate(der, &[]).and_then(|identified| {
            inspection.identify(&identified, None);
            inspection.validity(&identified)?;
            inspection.revocation(&identified)
        });
        inspection.conclude(result)
    }
}

/// Verifies a CMS signature, detached if `content` is given, as of the moment `at`.
#[must_use]
pub fn verify_cms(cms: &[u8], content: Option<&[u8]>, trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    Verifier::new(trust, crls, at).cms(cms, content)
}

/// Checks a signing certificate alone: profile, path, validity and revocation as of `at`.
#[must_use]
pub fn verify_certificate(der: &[u8], trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    Verifier::new(trust, crls, at).certificate(der)
}
