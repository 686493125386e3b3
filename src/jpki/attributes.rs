//! The signed attributes of a `SignerInfo` (RFC 5652 §11, RFC 5035).

use aws_lc_rs::digest::{self, Algorithm, SHA1_FOR_LEGACY_USE_ONLY};
use der::asn1::ObjectIdentifier;
use time::OffsetDateTime;

use super::algorithm::{Hash, SignatureAlgorithm};
use super::oid;
use super::reason::Reason;
use super::tlv::{self, Malformed, OCTET_STRING, OID, SEQUENCE, SET, Tlv};

/// JPKI software writes three to five.
const MAX_ATTRIBUTES: usize = 32;

/// What the signer vouched for besides the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a> {
    /// The digest of the document, as signed.
    pub(super) message_digest: &'a [u8],
    /// The moment that the signer claims; nobody vouches for it.
    pub(super) signing_time: Option<OffsetDateTime>,
    signing_certificate: Option<Tlv<'a>>,
    weak_reference: Option<Tlv<'a>>,
    protection: Option<Tlv<'a>>,
}

impl<'a> Attributes<'a> {
    /// Reads the set of a signature over content of type `kind` and checks what does not need the
    /// certificate.
    pub(super) fn parse(set: &Tlv<'a>, kind: &ObjectIdentifier) -> Result<Self, Reason> {
        let attributes = list(set)?;
        if attributes.is_empty() {
            return Err(Reason::SignedAttributesMissing);
        }
        // RFC 5652 §5.3 wants the attributes in DER even in a BER message, and the signature covers
        // that DER. Sorting here what came unsorted would accept what the rule forbids and give one
        // signature many faces; verifying it unsorted would contradict §5.4.
        if !attributes.is_sorted_by(|one, next| one.raw <= next.raw) {
            return Err(Reason::SignedAttributesOrder);
        }
        for (position, attribute) in attributes.iter().enumerate() {
            if attributes.iter().take(position).any(|earlier| earlier.kind == attribute.kind) {
                return Err(Reason::AttributeDuplicate);
            }
        }
        let one = |kind: &ObjectIdentifier| {
            attributes.iter().find(|attribute| attribute.kind == kind.as_bytes()).map(Attribute::only_value).transpose()
        };
        let content_type = one(&oid::CONTENT_TYPE)?.ok_or(Reason::ContentTypeMissing)?;
        if content_type.tag != OID {
            return Err(Reason::CmsMalformed);
        }
        if content_type.value != kind.as_bytes() {
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
            weak_reference: one(&oid::SIGNING_CERTIFICATE)?,
            protection: one(&oid::ALGORITHM_PROTECTION)?,
        })
    }

    /// Whether there is a signed reference to the signer's certificate.
    pub(super) const fn names_certificate(&self) -> bool {
        self.signing_certificate.is_some() || self.weak_reference.is_some()
    }

    /// The signed reference to the certificate, where there is one, must be to this one
    /// (RFC 5035 §5.4). A reference by SHA-1 alone counts as an attack.
    pub(super) fn check_signing_certificate(&self, der: &[u8], issuer: &[u8], serial: &[u8]) -> Result<(), Reason> {
        match (self.signing_certificate, self.weak_reference) {
            (Some(reference), _) => check_reference(&reference, None, der, (issuer, serial)),
            (None, Some(_)) => Err(Reason::SigningCertificateWeak),
            (None, None) => Ok(()),
        }
    }

    /// There must be a signed reference to this certificate; the older one by SHA-1 will do.
    pub(super) fn check_any_reference(&self, der: &[u8], issuer: &[u8], serial: &[u8]) -> Result<(), Reason> {
        match (self.signing_certificate, self.weak_reference) {
            (Some(reference), _) => check_reference(&reference, None, der, (issuer, serial)),
            (None, Some(reference)) => {
                check_reference(&reference, Some(&SHA1_FOR_LEGACY_USE_ONLY), der, (issuer, serial))
            }
            (None, None) => Err(Reason::SigningCertificateMissing),
        }
    }

    /// The signed copy of the algorithms, where there is one, must name those of the message
    /// (RFC 6211 §3). Absent and NULL parameters are the same.
    pub(super) fn check_protection(&self, hash: Hash, algorithm: SignatureAlgorithm) -> Result<(), Reason> {
        let Some(protection) = self.protection else { return Ok(()) };
        let SEQUENCE = protection.tag else { return Err(Reason::CmsMalformed) };
        let mut fields = protection.reader();
        let digest_algorithm = fields.expect(SEQUENCE).map_err(malformed)?;
        // [1] signatureAlgorithm; [2] macAlgorithm belongs to other messages.
        let signature = fields.expect(tlv::constructed(1)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        let same = Hash::of(&digest_algorithm) == Some(hash)
            && SignatureAlgorithm::of_signer(&signature, hash) == Some(algorithm);
        if same { Ok(()) } else { Err(Reason::AlgorithmProtection) }
    }
}

/// The values of the unsigned attribute `kind`: none if it is absent.
pub(super) fn unsigned_values<'a>(set: &Tlv<'a>, kind: &ObjectIdentifier) -> Result<Vec<Tlv<'a>>, Reason> {
    let mut found = Vec::new();
    for attribute in list(set)?.iter().filter(|attribute| attribute.kind == kind.as_bytes()) {
        let mut values = attribute.values.reader();
        while !values.is_empty() {
            if found.len() == MAX_ATTRIBUTES {
                return Err(Reason::TooLarge);
            }
            found.push(values.any().map_err(malformed)?);
        }
    }
    Ok(found)
}

/// Attributes that mean something only when signed must not stand among the others.
pub(super) fn check_unsigned(set: &Tlv<'_>) -> Result<(), Reason> {
    let signed_only = [
        oid::CONTENT_TYPE,
        oid::MESSAGE_DIGEST,
        oid::SIGNING_TIME,
        oid::SIGNING_CERTIFICATE,
        oid::SIGNING_CERTIFICATE_V2,
        oid::ALGORITHM_PROTECTION,
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

/// Compares a reference with a certificate. The older kind has one digest for all.
fn check_reference(
    reference: &Tlv<'_>,
    fixed: Option<&'static Algorithm>,
    der: &[u8],
    (issuer, serial): (&[u8], &[u8]),
) -> Result<(), Reason> {
    let reference = first_reference(reference).map_err(malformed)?;
    let algorithm = match (fixed, reference.algorithm) {
        (Some(fixed), None) => fixed,
        (Some(_), Some(_)) => return Err(Reason::CmsMalformed),
        (None, Some(named)) => Hash::of(&named).ok_or(Reason::DigestAlgorithm)?.algorithm(),
        (None, None) => Hash::Sha256.algorithm(),
    };
    let same_issuer = reference.issuer_serial.is_none_or(|named| named == (issuer, serial));
    let same = reference.hash == digest::digest(algorithm, der).as_ref() && same_issuer;
    if same { Ok(()) } else { Err(Reason::SigningCertificateMismatch) }
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
