//! Asking one authority about one certificate: OCSP (RFC 6960, RFC 5019, RFC 9654).
//!
//! An answer goes by serial number only, so a certificate must be known to come from its issuer
//! before anybody is asked about it: the functions here check that signature first.

mod question;
mod report;
mod responder;
mod response;

use time::{Duration, OffsetDateTime};

use super::certificate::Certificate;
use super::chain::{Issuer, Message, Trust};
use super::reason::Reason;
use super::revocation::{CrlSet, RevocationGap, RevocationStatus, RevocationWitness};
use response::{Answer, CertificateStatus, Response};

pub use question::{CertIdDigest, ocsp_request, ocsp_request_by};
pub use report::{OcspAnswer, OcspReport, verify_ocsp_response};

/// How far the clocks of responder and portal may lie apart.
const SKEW: Duration = Duration::minutes(5);
/// How long an answer counts that does not say when the next is due: there is always a newer one
/// (RFC 6960 §4.2.2.1), and JPKI's come every quarter of an hour.
const MAX_AGE: Duration = Duration::hours(24);

/// What a responder says of a certificate, as of `at`. `nonce` is the number that was sent along;
/// the answer must repeat it.
///
/// # Errors
/// The first rule that the certificate's issuer, the answer or the responder breaks. An answer that
/// is out of date or does not know the certificate is no error but an unknown status.
pub fn verify_ocsp(
    response: &[u8],
    certificate: &[u8],
    nonce: Option<&[u8; 32]>,
    trust: &Trust,
    at: OffsetDateTime,
) -> Result<RevocationStatus, Reason> {
    verify_ocsp_with_lists(response, certificate, nonce, trust, &CrlSet::new(), at)
}

/// As [`verify_ocsp`], and a responder whose certificate does not forbid it (id-pkix-ocsp-nocheck)
/// is looked up in the revocation lists.
///
/// # Errors
/// As [`verify_ocsp`], or the responder was revoked.
pub fn verify_ocsp_with_lists(
    response: &[u8],
    certificate: &[u8],
    nonce: Option<&[u8; 32]>,
    trust: &Trust,
    lists: &CrlSet,
    at: OffsetDateTime,
) -> Result<RevocationStatus, Reason> {
    let certificate = Certificate::parse(certificate)?;
    let issuer = issuer_of(&certificate, trust, at)?;
    status(response, &certificate, &issuer, nonce, Setting { trust, lists, at })
}

/// What everything is judged by.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) trust: &'a Trust,
    pub(super) lists: &'a CrlSet,
    pub(super) at: OffsetDateTime,
}

/// What a responder says of a certificate that `issuer` is known to have signed.
pub(super) fn status(
    response: &[u8],
    certificate: &Certificate<'_>,
    issuer: &Issuer<'_>,
    nonce: Option<&[u8; 32]>,
    setting: Setting<'_>,
) -> Result<RevocationStatus, Reason> {
    let response = Response::parse(response)?;
    responder::check(&response, issuer, setting)?;
    check_nonce(&response, nonce)?;
    let about_it = response
        .answers
        .iter()
        .filter(|answer| answer.id.is_of(certificate, issuer))
        .map(|answer| judge(answer, response.produced_at, setting.at));
    about_it.min_by_key(severity).ok_or(Reason::OcspOtherCertificate)
}

/// The authority that signed the certificate.
fn issuer_of<'t>(certificate: &Certificate<'_>, trust: &'t Trust, at: OffsetDateTime) -> Result<Issuer<'t>, Reason> {
    let message = Message {
        algorithm: certificate.algorithm,
        covered: certificate.to_be_signed,
        signature: certificate.signature,
    };
    let known = trust.issuers_named(certificate.issuer.raw, at);
    let nobody = if known.is_empty() { Reason::IssuerUnknown } else { Reason::IssuerSignature };
    known.into_iter().find(|issuer| issuer.signed(message)).ok_or(nobody)
}

fn check_nonce(response: &Response<'_>, nonce: Option<&[u8; 32]>) -> Result<(), Reason> {
    match (nonce, response.nonce) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Reason::OcspNonceMissing),
        (Some(sent), Some(received)) if sent == received => Ok(()),
        (Some(_), Some(_)) => Err(Reason::OcspNonceMismatch),
    }
}

/// What one answer comes to as of `at`.
fn judge(answer: &Answer<'_>, produced_at: OffsetDateTime, at: OffsetDateTime) -> RevocationStatus {
    let unknown = |why| RevocationStatus::Unknown { why };
    let next_update = match window(answer, at) {
        Ok(next_update) => next_update,
        Err(Reason::OcspNotYetMade) => return unknown(RevocationGap::NotYetMade),
        Err(_) => return unknown(RevocationGap::Stale),
    };
    match answer.status {
        CertificateStatus::Good => RevocationStatus::Good {
            witness: RevocationWitness::Responder,
            crl_number: None,
            this_update: answer.this_update,
            next_update,
            produced_at: Some(produced_at),
        },
        CertificateStatus::Revoked { at, reason } => RevocationStatus::Revoked { at, reason },
        CertificateStatus::Unknown => unknown(RevocationGap::UnknownToResponder),
    }
}

/// Until when the answer counts, if it counts at `at`. When it was signed decides nothing (RFC 6960
/// §3.2): one may be signed again later that speaks of this moment.
fn window(answer: &Answer<'_>, at: OffsetDateTime) -> Result<OffsetDateTime, Reason> {
    let later = |moment: OffsetDateTime, by: Duration| moment.checked_add(by).unwrap_or(moment);
    if answer.this_update > later(at, SKEW) {
        return Err(Reason::OcspNotYetMade);
    }
    let next_update = answer.next_update.unwrap_or_else(|| later(answer.this_update, MAX_AGE));
    if later(next_update, SKEW) < at { Err(Reason::OcspStale) } else { Ok(next_update) }
}

/// Of several answers about one certificate the worst that is current counts.
const fn severity(status: &RevocationStatus) -> u8 {
    match status {
        RevocationStatus::Revoked { .. } => 0,
        RevocationStatus::Unknown { why: RevocationGap::UnknownToResponder } => 1,
        RevocationStatus::Good { .. } => 2,
        RevocationStatus::Unknown { .. } => 3,
    }
}
