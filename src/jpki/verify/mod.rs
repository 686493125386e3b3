//! The two questions that the engine answers: does this signature count, does this certificate.

mod inspection;
mod message;

use time::OffsetDateTime;

use super::ber;
use super::chain::Trust;
use super::reason::Reason;
use super::revocation::CrlSet;
use super::step::{Check, Verdict};
use inspection::Inspection;

/// Verifies a CMS signature, detached if `content` is given, as of the moment `at`.
///
/// DER is read in place; BER is rewritten as DER first, within bounds.
#[must_use]
pub fn verify_cms(cms: &[u8], content: Option<&[u8]>, trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    let as_der = verify_der(cms, content, trust, crls, at);
    if as_der.reason() != Some(Reason::CmsMalformed) {
        return as_der;
    }
    match ber::to_der(cms) {
        Ok(der) if der != cms => verify_der(&der, content, trust, crls, at),
        Ok(_) | Err(Reason::CmsMalformed) => as_der,
        Err(reason) => {
            let mut inspection = Inspection::new(trust, crls, at);
            let refused = inspection.step(Check::Container, |_| Err(reason));
            inspection.conclude(refused)
        }
    }
}

/// Checks a signing certificate alone: profile, path, validity and revocation as of `at`.
#[must_use]
pub fn verify_certificate(der: &[u8], trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    let mut inspection = Inspection::new(trust, crls, at);
    let result = inspection.certificate(der).and_then(|identified| {
        inspection.identify(&identified, None);
        inspection.validity(&identified)?;
        inspection.revocation(&identified)
    });
    inspection.conclude(result)
}

fn verify_der(cms: &[u8], content: Option<&[u8]>, trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    let mut inspection = Inspection::new(trust, crls, at);
    let result = inspection.message(cms, content);
    inspection.conclude(result)
}
