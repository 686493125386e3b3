//! A responder for the authority: answers of every kind, and one wrong answer for every rule.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use der::asn1::ObjectIdentifier;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::certificate::{distinguished_name, extension, sign};
use super::key::signature_identifier;
use super::{CardKey, Failed, Revocation, TestAuthority, TestCard};
use crate::jpki::RevocationReason;
use crate::jpki::encode::{algorithm, bit_string, instant, object_identifier, sequence, tlv, unsigned_integer};

/// What is wrong with an answer, or unusual; only this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OcspFault {
    /// Nothing: the authority signs itself and goes by its name.
    None,
    /// Right: the authority goes by its key.
    ByKey,
    /// Right: the certificate is named by SHA-256.
    Sha256Id,
    /// Right: the version is written although it is the usual one.
    ExplicitVersion,
    /// Right: an appointed responder signs.
    Appointed,
    /// Right: an appointed responder signs whose certificate wants to be looked up in the list.
    AppointedAndListed,
    /// The responder's certificate is not for signing answers.
    AppointedWithoutPurpose,
    /// The responder's certificate is for anything, and does not say answers.
    AppointedForAnything,
    /// The responder's keyUsage allows only encryption.
    AppointedForEncryption,
    /// The responder's certificate has an unknown critical extension.
    AppointedWithUnknownCritical,
    /// The responder's certificate ended yesterday.
    AppointedExpired,
    /// The responder signed its certificate itself, under the authority's name.
    AppointedItself,
    /// The responder's certificate is not sent along.
    AppointedUnseen,
    /// Signed by another key under the authority's name.
    ForgedSignature,
    /// The responder named is not the one that signed.
    OtherResponder,
    /// About another serial number.
    OtherSerial,
    /// About a certificate of an authority of another name.
    OtherIssuerName,
    /// About a certificate of an authority with another key.
    OtherIssuerKey,
    /// An unknown critical extension of the whole.
    UnknownCritical,
    /// An unknown critical extension of the answer about the certificate.
    UnknownCriticalAnswer,
    /// The algorithm says SHA-1.
    WeakAlgorithm,
    /// An answer of another type.
    OtherType,
    /// No answer at all but this status.
    Status(u8),
    /// A byte follows the end.
    TrailingByte,
}

/// How the certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspStatus {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        at: OffsetDateTime,
        /// Why; left out if unspecified.
        reason: RevocationReason,
    },
    /// Not known to the responder.
    Unknown,
}

/// What goes into an answer.
#[derive(Debug, Clone)]
pub struct OcspOrder<'a> {
    /// About whose certificate.
    pub card: &'a TestCard,
    /// How it stands.
    pub status: OcspStatus,
    /// The number to repeat.
    pub nonce: Option<&'a [u8]>,
    /// When it is signed.
    pub produced_at: OffsetDateTime,
    /// As of when it speaks.
    pub this_update: OffsetDateTime,
    /// When the next one is due, if it says so.
    pub next_update: Option<OffsetDateTime>,
    /// What is wrong with it.
    pub fault: OcspFault,
}

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA1_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5");
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
const UNKNOWN: &str = "1.3.6.1.4.1.32473.9.3";

impl TestAuthority {
    /// The serial number of the appointed responder's certificate, for lists that revoke it.
    pub const RESPONDER_SERIAL: [u8; 2] = [0x0C, 0x51];

    /// Signs an answer.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn ocsp(&self, order: &OcspOrder<'_>) -> Result<Vec<u8>, Failed> {
        if let OcspFault::Status(status) = order.fault {
            return Ok(failure(status));
        }
        let serial = unsigned_integer(if order.fault == OcspFault::OtherSerial { &[7] } else { order.card.serial() });
        let answer = answer(
            &self.certificate_id(order.fault, &serial),
            order.status,
            order.this_update,
            order.next_update,
            order.fault,
        );
        self.signed(&answer, order.nonce, order.produced_at, order.fault)
    }

    /// Answers a request as of `at`: whoever is on the list was revoked, everybody else is good.
    /// What cannot be read is answered with `malformedRequest`.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn answer_ocsp(&self, request: &[u8], revoked: &[Revocation], at: OffsetDateTime) -> Result<Vec<u8>, Failed> {
        let Some(Asked { ids, nonce }) = read_request(request) else { return Ok(failure(1)) };
        let mut answers = Vec::new();
        for id in ids {
            let entry = revoked.iter().find(|entry| id.ends_with(&unsigned_integer(&entry.serial)));
            let status =
                entry.map_or(OcspStatus::Good, |entry| OcspStatus::Revoked { at: entry.at, reason: entry.reason });
            answers.extend(answer(id, status, at, Some(at + Duration::minutes(15)), OcspFault::None));
        }
        self.signed(&answers, nonce, at, OcspFault::None)
    }

    fn certificate_id(&self, fault: OcspFault, serial: &[u8]) -> Vec<u8> {
        let (oid, by) =
            if fault == OcspFault::Sha256Id { (&SHA256_ID, &SHA256) } else { (&SHA1, &SHA1_FOR_LEGACY_USE_ONLY) };
        let other_name = responder_name();
        let name = if fault == OcspFault::OtherIssuerName { other_name } else { self.name() };
        let key = if fault == OcspFault::OtherIssuerKey { &self.impostor } else { &self.key };
        sequence(&[
            &algorithm(oid),
            &tlv(0x04, &[digest(by, &name).as_ref()]),
            &tlv(0x04, &[digest(by, key.public()).as_ref()]),
            serial,
        ])
    }

    fn signed(
        &self,
        answers: &[u8],
        nonce: Option<&[u8]>,
        produced_at: OffsetDateTime,
        fault: OcspFault,
    ) -> Result<Vec<u8>, Failed> {
        let appointed = is_appointed(fault);
        let responder = match fault {
            OcspFault::ByKey => {
                tlv(0xA2, &[&tlv(0x04, &[digest(&SHA1_FOR_LEGACY_USE_ONLY, self.key.public()).as_ref()])])
            }
            OcspFault::OtherResponder => tlv(0xA1, &[&responder_name()]),
            _ if appointed => tlv(0xA1, &[&responder_name()]),
            _ => tlv(0xA1, &[&self.name()]),
        };
        let mut extensions = Vec::new();
        if let Some(nonce) = nonce {
            extensions.extend(extension(NONCE, false, &tlv(0x04, &[nonce])));
        }
        if fault == OcspFault::UnknownCritical {
            extensions.extend(extension(UNKNOWN, true, &[0x05, 0x00]));
        }
        let extensions = if extensions.is_empty() { Vec::new() } else { tlv(0xA1, &[&tlv(0x30, &[&extensions])]) };
        let version: &[u8] = if fault == OcspFault::ExplicitVersion { &[0xA0, 0x03, 0x02, 0x01, 0x00] } else { &[] };
        let data = sequence(&[version, &responder, &generalized(produced_at), &tlv(0x30, &[answers]), &extensions]);
        let key = if appointed || fault == OcspFault::ForgedSignature { &self.impostor } else { &self.key };
        let by = if fault == OcspFault::WeakAlgorithm { &SHA1_WITH_RSA } else { key.algorithm() };
        let certificates = if appointed && fault != OcspFault::AppointedUnseen {
            tlv(0xA0, &[&sequence(&[&self.responder_certificate(fault, produced_at)?])])
        } else {
            Vec::new()
        };
        let basic = sequence(&[&data, &signature_identifier(by), &bit_string(&key.sign(&data)?), &certificates]);
        let kind = if fault == OcspFault::OtherType { &SHA256_ID } else { &BASIC };
        let bytes = sequence(&[&object_identifier(kind), &tlv(0x04, &[&basic])]);
        let mut response = sequence(&[&[0x0A, 0x01, 0x00], &tlv(0xA0, &[&bytes])]);
        if fault == OcspFault::TrailingByte {
            response.push(0);
        }
        Ok(response)
    }

    /// The certificate by which the authority appoints a responder.
    fn responder_certificate(&self, fault: OcspFault, at: OffsetDateTime) -> Result<Vec<u8>, Failed> {
        let purpose = match fault {
            OcspFault::AppointedForAnything => "2.5.29.37.0",
            OcspFault::AppointedWithoutPurpose => "1.3.6.1.5.5.7.3.2",
            _ => "1.3.6.1.5.5.7.3.9",
        };
        let purpose = object_identifier(&ObjectIdentifier::new_unwrap(purpose));
        let usage: [u8; 4] = if fault == OcspFault::AppointedForEncryption { [3, 2, 5, 0x20] } else { [3, 2, 7, 0x80] };
        let mut extensions =
            vec![extension("2.5.29.15", true, &usage), extension("2.5.29.37", false, &sequence(&[&purpose]))];
        if fault != OcspFault::AppointedAndListed {
            extensions.push(extension(NO_CHECK, false, &[0x05, 0x00]));
        }
        if fault == OcspFault::AppointedWithUnknownCritical {
            extensions.push(extension(UNKNOWN, true, &[0x05, 0x00]));
        }
        let signer: &CardKey = if fault == OcspFault::AppointedItself { &self.impostor } else { &self.key };
        let end = if fault == OcspFault::AppointedExpired { at - Duration::days(1) } else { at + Duration::days(30) };
        let to_be_signed = sequence(&[
            &[0xA0, 0x03, 0x02, 0x01, 0x02],
            &unsigned_integer(&Self::RESPONDER_SERIAL),
            &signature_identifier(signer.algorithm()),
            &self.name(),
            &sequence(&[&instant(at - Duration::days(30)), &instant(end)]),
            &responder_name(),
            &self.impostor.public_info(),
            &tlv(0xA3, &[&tlv(0x30, &[&extensions.concat()])]),
        ]);
        sign(&to_be_signed, signer.algorithm(), signer)
    }
}

const fn is_appointed(fault: OcspFault) -> bool {
    matches!(
        fault,
        OcspFault::Appointed
            | OcspFault::AppointedAndListed
            | OcspFault::AppointedWithoutPurpose
            | OcspFault::AppointedForAnything
            | OcspFault::AppointedForEncryption
            | OcspFault::AppointedWithUnknownCritical
            | OcspFault::AppointedExpired
            | OcspFault::AppointedItself
            | OcspFault::AppointedUnseen
    )
}

fn responder_name() -> Vec<u8> {
    distinguished_name(&[("2.5.4.6", "JP"), ("2.5.4.10", "TODOKE-DEMO"), ("2.5.4.3", "Responder")])
}

/// An answer without content: only why there is none.
fn failure(status: u8) -> Vec<u8> {
    sequence(&[&[0x0A, 0x01, status]])
}

fn answer(
    id: &[u8],
    status: OcspStatus,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    fault: OcspFault,
) -> Vec<u8> {
    let status = match status {
        OcspStatus::Good => vec![0x80, 0x00],
        OcspStatus::Unknown => vec![0x82, 0x00],
        OcspStatus::Revoked { at, reason: RevocationReason::Unspecified } => tlv(0xA1, &[&generalized(at)]),
        OcspStatus::Revoked { at, reason } => {
            tlv(0xA1, &[&generalized(at), &tlv(0xA0, &[&[0x0A, 0x01, reason.code()]])])
        }
    };
    let next_update = next_update.map_or_else(Vec::new, |at| tlv(0xA0, &[&generalized(at)]));
    let extensions = if fault == OcspFault::UnknownCriticalAnswer {
        tlv(0xA1, &[&sequence(&[&extension(UNKNOWN, true, &[0x05, 0x00])])])
    } else {
        Vec::new()
    };
    sequence(&[id, &status, &generalized(this_update), &next_update, &extensions])
}

/// OCSP writes every moment with four digits of the year.
fn generalized(at: OffsetDateTime) -> Vec<u8> {
    let at = at.to_offset(UtcOffset::UTC);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    tlv(0x18, &[format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z").as_bytes()])
}

/// What a request asks.
struct Asked<'a> {
    /// The identifiers as they stand there.
    ids: Vec<&'a [u8]>,
    /// The number to repeat.
    nonce: Option<&'a [u8]>,
}

fn read_request(request: &[u8]) -> Option<Asked<'_>> {
    let (tbs, _) = element(element(request)?.0)?;
    let (mut members, extensions) = element(tbs)?;
    let mut ids = Vec::new();
    while !members.is_empty() {
        let (member, rest) = element(members)?;
        let (_, after) = element(member)?;
        ids.push(member.get(..member.len() - after.len())?);
        members = rest;
    }
    // The number is the only extension that is looked for, and it stands alone in what we send.
    let nonce = || {
        let (list, _) = element(element(extensions)?.0)?;
        let (_, value) = element(element(list)?.0)?;
        Some(element(element(value)?.0)?.0)
    };
    Some(Asked { ids, nonce: nonce() })
}

/// The contents of the first element, and what follows it.
fn element(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [_, short @ 0..=0x7F, rest @ ..] => (usize::from(*short), rest),
        [_, 0x81, length, rest @ ..] => (usize::from(*length), rest),
        [_, 0x82, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}
