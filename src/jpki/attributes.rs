//! The signed attributes of a `SignerInfo` (RFC 5652 §11, RFC 5035).

use time::OffsetDateTime;

use super::certificate::{identifies, sha256};
use super::oid;
use super::reason::Reason;
use super::tlv::{self, Malformed, OCTET_STRING, OID, SEQUENCE, SET, Tlv};

/// JPKI software writes three to five.
const MAX_ATTRIBUTES: usize = 32;

/// What the signer vouched for besides the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a> {
    /// SHA-256 of the document, as signed.
    pub(super) message_digest: &'a [u8],
    /// The moment that the signer claims; nobody vouches for it.
    pub(super) signing_time: Option<OffsetDateTime>,
    signing_certificate: Option<Tlv<'a>>,
    has_weak_reference: bool,
}

impl<'a> Attributes<'a> {
    /// Reads the set and checks what does not need the certificate.
    pub(super) fn parse(set: &Tlv<'a>) -> Result<Self, Reason> {
        let attributes = list(set)?;
        if attributes.is_empty() {
            return Err(Reason::SignedAttributesMissing);
        }
        // The signature covers the DER of the set; another order on the wire has another reading.
        if !attributes.is_sorted_by(|one, next| one.raw <= next.raw) {
            return Err(Reason::SignedAttributesOrder);
        }
        for (position, attribute) in attributes.iter().enumerate() {
            if attributes.iter().take(position).any(|earlier| earlier.kind == attribute.kind) {
                return Err(Reason::AttributeDuplicate);
            }
        }
        let one = |kind: &der::asn1::ObjectIdentifier| {
            attributes.iter().find(|attribute| attribute.kind == kind.as_bytes()).map(Attribute::only_value).transpose()
        };
        let content_type = one(&oid::CONTENT_TYPE)?.ok_or(Reason::ContentTypeMissing)?;
        if content_type.tag != OID {
            return Err(Reason::CmsMalformed);
        }
        if content_type.value != oid::DATA.as_bytes() {
            return Err(Reason::ContentType);
        }
        let message_digest = one(&oid::MESSAGE_DIGEST)?.ok_or(Reason::MessageDigestMissing)?;
        if message_digest.tag != OCTET_STRING {
            return Err(Reason::CmsMalformed);
        }
        let signing_time = one(&oid::SIGNING_TIME)?.map(|value| tlv::instant(&value)).transpose();
        Ok(Self {
            message_digest: message_digest.value,
            signing_time: signing_time.map_err(malformed)?,
            signing_certificate: one(&oid::SIGNING_CERTIFICATE_V2)?,
            has_weak_reference: one(&oid::SIGNING_CERTIFICATE)?.is_some(),
        })
    }

    /// The signed reference to the certificate, where there is one, must be to this one
    /// (RFC 5035 §5.4). A reference by SHA-1 alone counts as an attack.
    pub(super) fn check_signing_certificate(&self, der: &[u8], issuer: &[u8], serial: &[u8]) -> Result<(), Reason> {
        let Some(reference) = self.signing_certificate else {
            return if self.has_weak_reference { Err(Reason::SigningCertificateWeak) } else { Ok(()) };
        };
        let reference = first_reference(&reference).map_err(malformed)?;
        if let Some(algorithm) = reference.algorithm
            && !identifies(&algorithm, &oid::SHA256, true)
        {
            return Err(Reason::DigestAlgorithm);
        }
        let same_issuer = reference.issuer_serial.is_none_or(|named| named == (issuer, serial));
        if reference.hash == sha256(der) && same_issuer { Ok(()) } else { Err(Reason::SigningCertificateMismatch) }
    }
}

/// Attributes that mean something only when signed must not stand among the others.
pub(super) fn check_unsigned(set: &Tlv<'_>) -> Result<(), Reason> {
    let signed_only = [
        oid::CONTENT_TYPE,
        oid::MESSAGE_DIGEST,
        oid::SIGNING_TIME,
        oid::SIGNING_CERTIFICATE,
        oid::SIGNING_CERTIFICATE_V2,
    ];
    let misplaced = |attribute: &Attribute<'_>| signed_only.iter().any(|kind| kind.as_bytes() == attribute.kind);
    if list(set)?.iter().any(misplaced) { Err(Reason::AttributeUnsigned) } else { Ok(()) }
}

struct Attribute<'a> {
    kind: &'a [u8],
    values: Tlv<'a>,
    raw: &'a [u8],
}

impl<'a> Attribute<'a> {
    fn only_value(&self) -> Result<Tlv<'a>, Reason> {
        let mut values = self.values.reader();
        if values.is_empty() {
            return Err(Reason::AttributeValueCount);
        }
        let value = values.any().map_err(malformed)?;
        if values.is_empty() { Ok(value) } else { Err(Reason::AttributeValueCount) }
    }
}

fn list<'a>(set: &Tlv<'a>) -> Result<Vec<Attribute<'a>>, Reason> {
    let mut members = set.reader();
    let mut attributes = Vec::with_capacity(4);
    while !members.is_empty() {
        if attributes.len() == MAX_ATTRIBUTES {
            return Err(Reason::TooLarge);
        }
        attributes.push(members.expect(SEQUENCE).and_then(|member| read(&member)).map_err(malformed)?);
    }
    Ok(attributes)
}

fn read<'a>(attribute: &Tlv<'a>) -> Result<Attribute<'a>, Malformed> {
    let mut fields = attribute.reader();
    let (kind, values) = (fields.expect(OID)?.value, fields.expect(SET)?);
    fields.finish()?;
    Ok(Attribute { kind, values, raw: attribute.raw })
}

struct Reference<'a> {
    algorithm: Option<Tlv<'a>>,
    hash: &'a [u8],
    issuer_serial: Option<(&'a [u8], &'a [u8])>,
}

/// The first `ESSCertIDv2`: the one of the signer's certificate.
fn first_reference<'a>(signing_certificate: &Tlv<'a>) -> Result<Reference<'a>, Malformed> {
    let SEQUENCE = signing_certificate.tag else { return Err(Malformed) };
    let mut certificates = signing_certificate.reader().expect(SEQUENCE)?.reader();
    let mut fields = certificates.expect(SEQUENCE)?.reader();
    let algorithm = fields.optional(SEQUENCE)?;
    let hash = fields.expect(OCTET_STRING)?.value;
    let issuer_serial = fields.optional(SEQUENCE)?.map(|named| issuer_and_serial(&named)).transpose()?;
    fields.finish()?;
    Ok(Reference { algorithm, hash, issuer_serial })
}

/// `IssuerSerial`, whose issuer is a `GeneralNames` with one directoryName.
fn issuer_and_serial<'a>(named: &Tlv<'a>) -> Result<(&'a [u8], &'a [u8]), Malformed> {
    let mut fields = named.reader();
    let general_names = fields.expect(SEQUENCE)?;
    let serial = fields.expect(tlv::INTEGER)?.value;
    fields.finish()?;
    Ok((tlv::only(general_names.value, tlv::constructed(4))?.value, serial))
}

const fn malformed(_: Malformed) -> Reason {
    Reason::CmsMalformed
}
