//! What a responder sends (RFC 6960 §4.2), read but not believed yet.

use time::OffsetDateTime;

use super::super::algorithm::SignatureAlgorithm;
use super::super::crl::RevocationReason;
use super::super::extension::{self, Extension};
use super::super::oid;
use super::super::reason::Reason;
use super::super::tlv::{
    self, BIT_STRING, ENUMERATED, GENERALIZED_TIME, INTEGER, Malformed, OCTET_STRING, OID, Reader, SEQUENCE, Tlv,
};
use super::question::CertId;

/// An answer about a few certificates has a few kilobytes.
const MAX_LENGTH: usize = 1024 * 1024;
const MAX_ANSWERS: usize = 4096;
const MAX_CERTIFICATES: usize = 16;

/// Who says to have signed.
#[derive(Debug, Clone, Copy)]
pub(super) enum ResponderId<'a> {
    /// The whole SEQUENCE of a name.
    Name(&'a [u8]),
    /// SHA-1 of the key.
    Key(&'a [u8]),
}

/// A basic answer, its parts as received.
#[derive(Debug, Clone)]
pub(super) struct Response<'a> {
    /// What the signature covers.
    pub(super) covered: &'a [u8],
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signature: &'a [u8],
    /// Certificates sent along; nobody signed this list.
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) responder: ResponderId<'a>,
    pub(super) produced_at: OffsetDateTime,
    pub(super) answers: Vec<Answer<'a>>,
    pub(super) nonce: Option<&'a [u8]>,
}

/// What is said of one certificate.
#[derive(Debug, Clone)]
pub(super) struct Answer<'a> {
    pub(super) id: CertId<'a>,
    pub(super) status: CertificateStatus,
    pub(super) this_update: OffsetDateTime,
    pub(super) next_update: Option<OffsetDateTime>,
}

/// How a certificate stands with the responder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CertificateStatus {
    Good,
    Revoked {
        at: OffsetDateTime,
        reason: RevocationReason,
    },
    /// The responder does not know the certificate: that is not "good".
    Unknown,
}

impl<'a> Response<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, Reason> {
        if der.len() > MAX_LENGTH {
            return Err(Reason::TooLarge);
        }
        let mut outer = Reader::new(der);
        let whole = outer.expect(SEQUENCE).map_err(malformed)?;
        outer.finish().map_err(|_| Reason::TrailingBytes)?;
        let mut fields = whole.reader();
        let status = fields.expect(ENUMERATED).and_then(|status| tlv::small(&status)).map_err(malformed)?;
        let bytes = fields.optional(tlv::constructed(0)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        match status {
            0 => {}
            1 => return Err(Reason::OcspMalformedRequest),
            2 => return Err(Reason::OcspInternalError),
            3 => return Err(Reason::OcspTryLater),
            5 => return Err(Reason::OcspSignatureRequired),
            6 => return Err(Reason::OcspUnauthorized),
            _ => return Err(Reason::OcspMalformed),
        }
        let bytes = bytes.ok_or(Reason::OcspMalformed)?;
        let mut fields = tlv::only(bytes.value, SEQUENCE).map_err(malformed)?.reader();
        let kind = fields.expect(OID).map_err(malformed)?;
        let basic = fields.expect(OCTET_STRING).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        if kind.value != oid::OCSP_BASIC.as_bytes() {
            return Err(Reason::OcspType);
        }
        Self::basic(basic.value)
    }

    fn basic(der: &'a [u8]) -> Result<Self, Reason> {
        let mut fields = tlv::only(der, SEQUENCE).map_err(malformed)?.reader();
        let covered = fields.expect(SEQUENCE).map_err(malformed)?;
        let algorithm = fields.expect(SEQUENCE).map_err(malformed)?;
        let signature = fields.expect(BIT_STRING).and_then(|bits| tlv::octets(&bits)).map_err(malformed)?;
        let certificates = fields.optional(tlv::constructed(0)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        let algorithm = SignatureAlgorithm::of_signed(&algorithm).ok_or(Reason::OcspAlgorithm)?;
        let certificates = certificates.map_or(Ok(Vec::new()), |list| elements(list.value))?;

        let mut data = covered.reader();
        if let Some(version) = data.optional(tlv::constructed(0)).map_err(malformed)? {
            // DER leaves the default out, but responders that write it are about.
            let version = tlv::only(version.value, INTEGER).and_then(|number| tlv::small(&number));
            if version != Ok(0) {
                return Err(Reason::OcspMalformed);
            }
        }
        let responder = responder(&data.any().map_err(malformed)?).map_err(malformed)?;
        let produced_at = data.expect(GENERALIZED_TIME).and_then(|at| tlv::instant(&at)).map_err(malformed)?;
        let list = data.expect(SEQUENCE).map_err(malformed)?;
        let extensions = data.optional(tlv::constructed(1)).map_err(malformed)?;
        data.finish().map_err(malformed)?;
        let nonce = extensions.map_or(Ok(None), |wrapped| read_extensions(&wrapped))?;
        let mut answers = Vec::with_capacity(1);
        let mut members = list.reader();
        while !members.is_empty() {
            if answers.len() == MAX_ANSWERS {
                return Err(Reason::TooLarge);
            }
            answers.push(Answer::parse(&members.expect(SEQUENCE).map_err(malformed)?)?);
        }
        if answers.is_empty() {
            return Err(Reason::OcspMalformed);
        }
        Ok(Self { covered: covered.raw, algorithm, signature, certificates, responder, produced_at, answers, nonce })
    }
}

impl<'a> Answer<'a> {
    fn parse(answer: &Tlv<'a>) -> Result<Self, Reason> {
        let mut fields = answer.reader();
        let id = fields.expect(SEQUENCE).and_then(|id| CertId::parse(&id)).map_err(malformed)?;
        let status = fields.any().and_then(|status| CertificateStatus::parse(&status)).map_err(malformed)?;
        let this_update = fields.expect(GENERALIZED_TIME).and_then(|at| tlv::instant(&at)).map_err(malformed)?;
        let next_update = match fields.optional(tlv::constructed(0)).map_err(malformed)? {
            Some(wrapped) => {
                let at = tlv::only(wrapped.value, GENERALIZED_TIME).and_then(|at| tlv::instant(&at));
                Some(at.map_err(malformed)?)
            }
            None => None,
        };
        let extensions = fields.optional(tlv::constructed(1)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        if let Some(wrapped) = extensions {
            read_extensions(&wrapped)?;
        }
        if next_update.is_some_and(|next| next < this_update) {
            return Err(Reason::OcspMalformed);
        }
        Ok(Self { id, status, this_update, next_update })
    }
}

impl CertificateStatus {
    fn parse(status: &Tlv<'_>) -> Result<Self, Malformed> {
        const GOOD: u8 = tlv::context(0);
        const REVOKED: u8 = tlv::constructed(1);
        const UNKNOWN: u8 = tlv::context(2);
        match status.tag {
            GOOD if status.value.is_empty() => Ok(Self::Good),
            UNKNOWN if status.value.is_empty() => Ok(Self::Unknown),
            REVOKED => {
                let mut fields = status.reader();
                let at = fields.expect(GENERALIZED_TIME).and_then(|at| tlv::instant(&at))?;
                let reason = match fields.optional(tlv::constructed(0))? {
                    Some(wrapped) => {
                        let code = tlv::small(&tlv::only(wrapped.value, ENUMERATED)?)?;
                        RevocationReason::from_code(code).ok_or(Malformed)?
                    }
                    None => RevocationReason::Unspecified,
                };
                fields.finish()?;
                Ok(Self::Revoked { at, reason })
            }
            _ => Err(Malformed),
        }
    }
}

fn responder<'a>(choice: &Tlv<'a>) -> Result<ResponderId<'a>, Malformed> {
    if choice.tag == tlv::constructed(1) {
        return Ok(ResponderId::Name(tlv::only(choice.value, SEQUENCE)?.raw));
    }
    if choice.tag == tlv::constructed(2) {
        return Ok(ResponderId::Key(tlv::only(choice.value, OCTET_STRING)?.value));
    }
    Err(Malformed)
}

/// Reads `[n] EXPLICIT Extensions` for the nonce. What else is known to stand there (archive
/// cut-off, extended revoke, CRL reference) changes nothing; what is unknown must not be critical.
fn read_extensions<'a>(wrapped: &Tlv<'a>) -> Result<Option<&'a [u8]>, Reason> {
    let mut list = tlv::only(wrapped.value, SEQUENCE).map_err(malformed)?.reader();
    let mut seen: Vec<&[u8]> = Vec::with_capacity(2);
    let mut nonce = None;
    while !list.is_empty() {
        let Extension { oid, critical, value } =
            list.expect(SEQUENCE).and_then(|one| extension::read(&one)).map_err(malformed)?;
        if seen.contains(&oid) || seen.len() > 16 {
            return Err(Reason::OcspMalformed);
        }
        seen.push(oid);
        if oid == oid::OCSP_NONCE.as_bytes() {
            let octets = tlv::only(value, OCTET_STRING).map_err(malformed)?.value;
            // RFC 9654 §2.1.
            if octets.is_empty() || octets.len() > 128 {
                return Err(Reason::OcspMalformed);
            }
            nonce = Some(octets);
        } else if critical {
            return Err(Reason::OcspUnknownCritical);
        }
    }
    Ok(nonce)
}

fn elements(wrapped: &[u8]) -> Result<Vec<&[u8]>, Reason> {
    let mut members = tlv::only(wrapped, SEQUENCE).map_err(malformed)?.reader();
    let mut list = Vec::with_capacity(1);
    while !members.is_empty() {
        if list.len() == MAX_CERTIFICATES {
            return Err(Reason::TooLarge);
        }
        list.push(members.expect(SEQUENCE).map_err(malformed)?.raw);
    }
    Ok(list)
}

const fn malformed(_: Malformed) -> Reason {
    Reason::OcspMalformed
}
