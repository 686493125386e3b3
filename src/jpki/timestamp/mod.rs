//! Timestamps of a trusted authority (RFC 3161, RFC 5816): asked for, and verified.
//!
//! A token is CMS SignedData over a `TSTInfo`, so it is read by the same reader as everything else.
//! The certificate must say, critically and only, that it is for timestamps; the signed attributes
//! must name it. The older reference by SHA-1 (RFC 2634) counts here, because many authorities still
//! write it (RFC 5816 §2.2.1 keeps it lawful) and it only repeats what the path and the key prove.

mod request;
mod statement;

use der::asn1::ObjectIdentifier;
use time::{Duration, OffsetDateTime};

use super::attributes::Attributes;
use super::certificate::Certificate;
use super::chain::Trust;
use super::cms::SignedData;
use super::reason::Reason;
use super::tlv::{self, INTEGER, Malformed, OID, Reader, SEQUENCE};
use super::{ber, name, oid};
pub use request::{TimestampQuestion, timestamp_request};
use statement::Statement;

/// How far the clock of an authority may be ahead of ours.
const CLOCK_SKEW: Duration = Duration::minutes(5);

/// What was given to the authority.
#[derive(Debug, Clone, Copy)]
pub enum Imprint<'a> {
    /// These bytes; the digest is the one that the timestamp uses.
    Of(&'a [u8]),
    /// Something with this SHA-256.
    Sha256(&'a [u8; 32]),
}

/// A timestamp that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timestamp {
    /// The moment that the authority vouches for.
    pub at: OffsetDateTime,
    /// By how much that may be wrong; zero if the authority does not say.
    pub accuracy: Duration,
    /// Whether two timestamps of this authority are always in order.
    pub ordering: bool,
    /// The number of the timestamp in lower-case hexadecimal.
    pub serial: String,
    /// The policy in dotted form.
    pub policy: String,
    /// The name of the authority as in its certificate.
    pub authority: String,
    /// The token: CMS in DER, to be kept.
    pub token: Vec<u8>,
}

/// Verifies the answer of a timestamping authority, or a bare token, as of `at`.
///
/// # Errors
/// The first rule that it breaks.
pub fn verify_timestamp(
    response_or_token: &[u8],
    imprint: Imprint<'_>,
    nonce: Option<&[u8]>,
    authorities: &Trust,
    at: OffsetDateTime,
) -> Result<Timestamp, Reason> {
    of_bytes(response_or_token, imprint, nonce, authorities, Some(at))
}

/// Verifies a token that was verified when it came and has been kept since, as of its own moment:
/// in ten years the authority's certificate will have run out, and what counts is that it was valid
/// when it vouched.
///
/// # Errors
/// The first rule that it breaks.
pub fn verify_kept_timestamp(token: &[u8], imprint: Imprint<'_>, authorities: &Trust) -> Result<Timestamp, Reason> {
    of_bytes(token, imprint, None, authorities, None)
}

fn of_bytes(
    bytes: &[u8],
    imprint: Imprint<'_>,
    nonce: Option<&[u8]>,
    authorities: &Trust,
    at: Option<OffsetDateTime>,
) -> Result<Timestamp, Reason> {
    match of_der(bytes, imprint, nonce, authorities, at) {
        Err(Reason::CmsMalformed | Reason::TimestampMalformed) => {
            let der = ber::to_der(bytes).map_err(|reason| match reason {
                Reason::CmsMalformed => Reason::TimestampMalformed,
                other => other,
            })?;
            of_der(&der, imprint, nonce, authorities, at)
        }
        result => result,
    }
}

fn of_der(
    der: &[u8],
    imprint: Imprint<'_>,
    nonce: Option<&[u8]>,
    authorities: &Trust,
    at: Option<OffsetDateTime>,
) -> Result<Timestamp, Reason> {
    let token = token(der)?;
    let message = SignedData::parse(token, &oid::TIMESTAMP_INFO).map_err(|reason| match reason {
        Reason::ContentType => Reason::TimestampContentType,
        other => other,
    })?;
    let content = message.content.ok_or(Reason::ContentMissing)?;
    let attributes = Attributes::parse(&message.signed_attributes, &oid::TIMESTAMP_INFO)?;
    authorities.rules.check_algorithm(message.algorithm)?;
    attributes.check_protection(message.hash, message.algorithm)?;
    if message.hash.digest(content).as_ref() != attributes.message_digest {
        return Err(Reason::MessageDigestMismatch);
    }
    let statement = Statement::parse(content)?;
    let at = at.unwrap_or(statement.at);
    check_imprint(&statement, imprint)?;
    if let Some(nonce) = nonce
        && statement.nonce != Some(without_zeros(nonce))
    {
        return Err(Reason::TimestampNonce);
    }
    let certificate = Certificate::parse(message.signer_certificate()?)?;
    attributes.check_any_reference(certificate.der, certificate.issuer.raw, certificate.serial.value)?;
    check_purpose(&certificate)?;
    certificate.check_profile(&authorities.rules)?;
    authorities.path_to(&certificate, &message.certificates, at)?.anchor.check_validity(at)?;
    for moment in [statement.at, at] {
        certificate.check_validity(moment, Reason::TimestampTime, Reason::TimestampTime)?;
    }
    if statement.at > at + CLOCK_SKEW {
        return Err(Reason::TimestampTime);
    }
    let key = certificate.public_key.prepare(message.algorithm)?;
    if !key.signed_digest(message.algorithm, &message.signed_digest(), message.signature) {
        return Err(Reason::SignatureMismatch);
    }
    Ok(Timestamp {
        at: statement.at,
        accuracy: statement.accuracy,
        ordering: statement.ordering,
        serial: data_encoding::HEXLOWER.encode(statement.serial),
        policy: tlv::dotted(statement.policy),
        authority: name::text(certificate.subject.raw),
        token: token.to_vec(),
    })
}

/// The token in a `TimeStampResp` that was granted, or the bytes themselves if they are a token.
fn token(der: &[u8]) -> Result<&[u8], Reason> {
    let malformed = |_: Malformed| Reason::TimestampMalformed;
    let mut outer = Reader::new(der);
    let whole = outer.expect(SEQUENCE).map_err(malformed)?;
    outer.finish().map_err(|_| Reason::TrailingBytes)?;
    let mut fields = whole.reader();
    let first = fields.any().map_err(malformed)?;
    if first.tag == OID {
        return Ok(der);
    }
    let SEQUENCE = first.tag else { return Err(Reason::TimestampMalformed) };
    let status = first.reader().expect(INTEGER).and_then(|status| tlv::small(&status)).map_err(malformed)?;
    // granted, grantedWithMods
    if !matches!(status, 0 | 1) {
        return Err(Reason::TimestampRejected);
    }
    let token = fields.expect(SEQUENCE).map_err(malformed)?;
    fields.finish().map_err(malformed)?;
    Ok(token.raw)
}

fn check_imprint(statement: &Statement<'_>, imprint: Imprint<'_>) -> Result<(), Reason> {
    let same = match imprint {
        Imprint::Of(bytes) => statement.hash.digest(bytes).as_ref() == statement.imprint,
        Imprint::Sha256(digest) => statement.hash == super::algorithm::Hash::Sha256 && statement.imprint == digest,
    };
    if same { Ok(()) } else { Err(Reason::TimestampImprint) }
}

/// RFC 3161 §2.3: extendedKeyUsage critical, with timeStamping alone, whatever else is trusted.
fn check_purpose(certificate: &Certificate<'_>) -> Result<(), Reason> {
    let usage = certificate.extensions.find(&oid::EXTENDED_KEY_USAGE).filter(|usage| usage.critical);
    let alone = usage.is_some_and(|usage| is_only(usage.value, &oid::TIMESTAMPING) == Ok(true));
    if alone { Ok(()) } else { Err(Reason::TimestampCertificate) }
}

fn is_only(usages: &[u8], kind: &ObjectIdentifier) -> Result<bool, Malformed> {
    let mut purposes = tlv::only(usages, SEQUENCE)?.reader();
    let first = purposes.expect(OID)?;
    Ok(purposes.is_empty() && first.value == kind.as_bytes())
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|octet| *octet != 0).unwrap_or(number.len());
    number.get(start..).unwrap_or_default()
}
