//! A timestamping authority below the root: timestamps for anything, and a wrong one for every rule.

use aws_lc_rs::digest::{SHA256, digest};
use der::asn1::ObjectIdentifier;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::certificate::{distinguished_name, extension, sign};
use super::key::signature_identifier;
use super::{CardKey, Failed, TestAuthority, random_serial};
use crate::jpki::TimestampQuestion;
use crate::jpki::encode::{algorithm, instant, object_identifier, sequence, set_of, tlv, unsigned_integer};

/// What is wrong with a timestamp; only this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampFault {
    /// Nothing.
    None,
    /// Right: no certificate is wanted, and the answer says so by a bare token.
    Bare,
    /// The request was refused.
    Rejected,
    /// For something else.
    OtherImprint,
    /// With the number of another request.
    OtherNonce,
    /// Without the number of the request.
    NoNonce,
    /// A version that there is not.
    VersionTwo,
    /// An unknown critical extension.
    UnknownCritical,
    /// A time after the moment of the check.
    Future,
    /// A time before the certificate's validity.
    BeforeValidity,
    /// The token is over plain data.
    PlainData,
    /// The signed attributes do not name the certificate.
    NoReference,
    /// The signed attributes name another certificate.
    OtherReference,
    /// The certificate may also do something else.
    OtherPurpose,
    /// The purpose of the certificate is not critical.
    PurposeNotCritical,
    /// The certificate is signed by another key under the authority's name.
    ForgedIssuer,
    /// The token is signed by another key.
    ForgedSignature,
    /// The certificate is not in the token.
    WithoutCertificate,
}

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const STATEMENT: &str = "1.2.840.113549.1.9.16.1.4";
const POLICY: &str = "1.3.6.1.4.1.32473.3.1";
const DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

impl TestAuthority {
    /// Answers a request for a timestamp.
    ///
    /// # Errors
    /// [`Failed`] if the request cannot be read or the random source fails.
    pub fn stamp(&self, request: &[u8], fault: TimestampFault, at: OffsetDateTime) -> Result<Vec<u8>, Failed> {
        let question = TimestampQuestion::parse(request).map_err(|_| Failed)?;
        if fault == TimestampFault::Rejected {
            return Ok(sequence(&[&sequence(&[&[0x02, 0x01, 0x02]])]));
        }
        let token = self.token(&question, fault, at)?;
        if fault == TimestampFault::Bare {
            return Ok(token);
        }
        Ok(sequence(&[&sequence(&[&[0x02, 0x01, 0x00]]), &token]))
    }

    fn token(
        &self,
        question: &TimestampQuestion,
        fault: TimestampFault,
        at: OffsetDateTime,
    ) -> Result<Vec<u8>, Failed> {
        let validity = (at - Duration::days(30), at + Duration::days(365));
        let certificate = self.timestamping_certificate(fault, validity)?;
        let statement = statement(question, fault, at)?;
        let kind = oid(if fault == TimestampFault::PlainData { DATA } else { STATEMENT });
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", kind.clone()),
            attribute("1.2.840.113549.1.9.4", tlv(0x04, &[digest(&SHA256, &statement).as_ref()])),
        ];
        let named = if fault == TimestampFault::OtherReference { self.anchor_der() } else { &certificate };
        if fault != TimestampFault::NoReference {
            let reference = sequence(&[&tlv(0x04, &[digest(&SHA256, named).as_ref()])]);
            attributes.push(attribute("1.2.840.113549.1.9.16.2.47", sequence(&[&sequence(&[&reference])])));
        }
        let mut attributes = set_of(attributes);
        let signer: &CardKey = if fault == TimestampFault::ForgedSignature { &self.key } else { &self.impostor };
        let signature = signer.sign(&attributes)?;
        if let Some(tag) = attributes.first_mut() {
            *tag = 0xA0;
        }
        let signer_info = sequence(&[
            &[0x02, 0x01, 0x01],
            &sequence(&[&self.name(), &unsigned_integer(&Self::TIMESTAMPING_SERIAL)]),
            &algorithm(&DIGEST),
            &attributes,
            &signature_identifier(signer.algorithm()),
            &tlv(0x04, &[&signature]),
        ]);
        let certificates =
            if fault == TimestampFault::WithoutCertificate { Vec::new() } else { tlv(0xA0, &[&certificate]) };
        let signed_data = sequence(&[
            &[0x02, 0x01, 0x03],
            &tlv(0x31, &[&algorithm(&DIGEST)]),
            &sequence(&[&kind, &tlv(0xA0, &[&tlv(0x04, &[&statement])])]),
            &certificates,
            &tlv(0x31, &[&signer_info]),
        ]);
        Ok(sequence(&[&oid(SIGNED_DATA), &tlv(0xA0, &[&signed_data])]))
    }

    /// A certificate and key for timestamps, for other software to make them with.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn timestamping_authority(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<(Vec<u8>, CardKey), Failed> {
        Ok((self.timestamping_certificate(TimestampFault::None, (from, to))?, self.impostor.clone()))
    }

    const TIMESTAMPING_SERIAL: [u8; 2] = [0x0B, 0x02];

    fn timestamping_certificate(
        &self,
        fault: TimestampFault,
        (from, to): (OffsetDateTime, OffsetDateTime),
    ) -> Result<Vec<u8>, Failed> {
        let mut purposes = vec![oid("1.3.6.1.5.5.7.3.8")];
        if fault == TimestampFault::OtherPurpose {
            purposes.push(oid("1.3.6.1.5.5.7.3.3"));
        }
        let is_critical = fault != TimestampFault::PurposeNotCritical;
        let extensions = [
            extension("2.5.29.15", true, &[0x03, 0x02, 0x07, 0x80]),
            extension("2.5.29.37", is_critical, &tlv(0x30, &[&purposes.concat()])),
        ];
        let signer: &CardKey = if fault == TimestampFault::ForgedIssuer { &self.impostor } else { &self.key };
        let to_be_signed = sequence(&[
            &[0xA0, 0x03, 0x02, 0x01, 0x02],
            &unsigned_integer(&Self::TIMESTAMPING_SERIAL),
            &signature_identifier(signer.algorithm()),
            &self.name(),
            &sequence(&[&instant(from), &instant(to)]),
            &distinguished_name(&[("2.5.4.6", "JP"), ("2.5.4.10", "TODOKE-DEMO"), ("2.5.4.3", "Timestamps")]),
            &self.impostor.public_info(),
            &tlv(0xA3, &[&tlv(0x30, &[&extensions.concat()])]),
        ]);
        sign(&to_be_signed, signer.algorithm(), signer)
    }
}

/// `TSTInfo`, exact to the second.
fn statement(question: &TimestampQuestion, fault: TimestampFault, at: OffsetDateTime) -> Result<Vec<u8>, Failed> {
    let mut imprint = question.sha256;
    if fault == TimestampFault::OtherImprint {
        imprint[0] ^= 1;
    }
    let nonce = match fault {
        TimestampFault::NoNonce => None,
        TimestampFault::OtherNonce => Some(vec![0x55]),
        _ => question.nonce.clone(),
    };
    let at = match fault {
        TimestampFault::Future => at + Duration::hours(1),
        TimestampFault::BeforeValidity => at - Duration::days(31),
        _ => at,
    };
    let extensions = if fault == TimestampFault::UnknownCritical {
        tlv(0xA1, &[&extension("1.3.6.1.4.1.32473.9.1", true, &[0x05, 0x00])])
    } else {
        Vec::new()
    };
    Ok(sequence(&[
        &[0x02, 0x01, if fault == TimestampFault::VersionTwo { 2 } else { 1 }],
        &oid(POLICY),
        &sequence(&[&algorithm(&DIGEST), &tlv(0x04, &[&imprint])]),
        &unsigned_integer(&random_serial()?),
        &generalized(at),
        &sequence(&[&[0x02, 0x01, 0x01]]),
        &nonce.map(|nonce| unsigned_integer(&nonce)).unwrap_or_default(),
        &extensions,
    ]))
}

fn oid(dotted: &str) -> Vec<u8> {
    object_identifier(&ObjectIdentifier::new_unwrap(dotted))
}

fn attribute(kind: &str, value: Vec<u8>) -> Vec<u8> {
    sequence(&[&oid(kind), &set_of(vec![value])])
}

fn generalized(at: OffsetDateTime) -> Vec<u8> {
    let at = at.to_offset(UtcOffset::UTC);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    tlv(0x18, &[format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z").as_bytes()])
}
