//! An answer by itself: who signed it, and what it says of which certificates.

use serde::Serialize;
use time::OffsetDateTime;

use super::super::certificate::Certificate;
use super::super::chain::{Issuer, Trust};
use super::super::crl::RevocationReason;
use super::super::name;
use super::super::reason::Reason;
use super::super::revocation::CrlSet;
use super::response::{Answer, CertificateStatus, ResponderId, Response};
use super::{Setting, responder, window};

/// What an answer says of one certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OcspAnswer {
    /// The serial number in lower-case hexadecimal.
    pub serial: String,
    /// `good`, `revoked` or `unknown`.
    pub status: &'static str,
    /// Since when it was revoked.
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
    /// Why it was revoked.
    pub revocation_reason: Option<RevocationReason>,
    /// As of when the responder speaks.
    #[serde(with = "time::serde::rfc3339")]
    pub this_update: OffsetDateTime,
    /// When the next answer is due.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_update: Option<OffsetDateTime>,
    /// The rule that this part of the answer breaks; none if it counts.
    pub reason: Option<Reason>,
}

/// What there is to say of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OcspReport {
    /// The first rule that it breaks; none if it counts. A revoked certificate breaks none.
    pub reason: Option<Reason>,
    /// Who says to have signed it: a name, or the SHA-1 of a key.
    pub responder: Option<String>,
    /// When it was signed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub produced_at: Option<OffsetDateTime>,
    /// The number that it repeats, in lower-case hexadecimal.
    pub nonce: Option<String>,
    /// What it says of each certificate.
    pub answers: Vec<OcspAnswer>,
}

/// Judges an answer as of `at` without asking about a certificate: structure, signature, the
/// responder's appointment, and that every part is about certificates of one authority and current.
/// The authority is the one whose certificate is given, or any that `trust` knows.
#[must_use]
pub fn verify_ocsp_response(
    response: &[u8],
    issuer: Option<&[u8]>,
    trust: &Trust,
    lists: &CrlSet,
    at: OffsetDateTime,
) -> OcspReport {
    let read = match Response::parse(response) {
        Ok(read) => read,
        Err(reason) => return OcspReport::refused(reason),
    };
    let setting = Setting { trust, lists, at };
    let authority = authority(&read, issuer, setting);
    let reason = authority.and_then(|authority| responder::check(&read, &authority, setting));
    let answers: Vec<OcspAnswer> = read.answers.iter().map(|answer| OcspAnswer::of(answer, at)).collect();
    let outdated = answers.iter().find_map(|answer| answer.reason);
    OcspReport {
        reason: reason.err().or(outdated),
        responder: Some(match read.responder {
            ResponderId::Name(name) => name::text(name),
            ResponderId::Key(key) => data_encoding::HEXLOWER.encode(key),
        }),
        produced_at: Some(read.produced_at),
        nonce: read.nonce.map(|nonce| data_encoding::HEXLOWER.encode(nonce)),
        answers,
    }
}

/// The authority that every part of the answer is about.
fn authority<'a>(
    response: &Response<'_>,
    issuer: Option<&'a [u8]>,
    setting: Setting<'a>,
) -> Result<Issuer<'a>, Reason> {
    let Setting { trust, at, .. } = setting;
    let known = if let Some(der) = issuer {
        let certificate = Certificate::parse(der)?;
        let named = trust.issuers_named(certificate.subject.raw, at);
        let same: Vec<_> = named.into_iter().filter(|known| known.sha256 == certificate.sha256()).collect();
        if same.is_empty() {
            return Err(Reason::IssuerUnknown);
        }
        same
    } else {
        let known = trust.intermediates.iter().filter_map(|der| Certificate::parse(der).ok());
        let below = known.flat_map(|authority| trust.issuers_named(authority.subject.raw, at));
        trust.anchors.iter().map(Issuer::from).chain(below).collect()
    };
    let about = |issuer: &Issuer<'_>| response.answers.iter().all(|answer| answer.id.is_from(issuer));
    known.into_iter().find(about).ok_or(Reason::OcspOtherIssuer)
}

impl OcspReport {
    const fn refused(reason: Reason) -> Self {
        Self { reason: Some(reason), responder: None, produced_at: None, nonce: None, answers: Vec::new() }
    }
}

impl OcspAnswer {
    fn of(answer: &Answer<'_>, at: OffsetDateTime) -> Self {
        let (status, revoked) = match answer.status {
            CertificateStatus::Good => ("good", None),
            CertificateStatus::Revoked { at, reason } => ("revoked", Some((at, reason))),
            CertificateStatus::Unknown => ("unknown", None),
        };
        let serial = answer.id.serial.strip_prefix(&[0]).unwrap_or(answer.id.serial);
        Self {
            serial: data_encoding::HEXLOWER.encode(serial),
            status,
            revoked_at: revoked.map(|(at, _)| at),
            revocation_reason: revoked.map(|(_, reason)| reason),
            this_update: answer.this_update,
            next_update: answer.next_update,
            reason: window(answer, at).err(),
        }
    }
}
