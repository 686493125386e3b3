//! Reading CMS SignedData (RFC 5652) without copying: exactly one signer, over one type of content.

use aws_lc_rs::digest::{Context, Digest};
use der::asn1::ObjectIdentifier;

use super::algorithm::{Hash, SignatureAlgorithm};
use super::ber::MAX_LENGTH;
use super::certificate::{Certificate, Signed};
use super::chain::has_key_identifier;
use super::reason::Reason;
use super::tlv::{self, INTEGER, Malformed, OCTET_STRING, OID, Reader, SEQUENCE, SET, Tlv};
use super::{attributes, oid};

/// Everything but the document: certificates, lists that are passed over, timestamps.
const MAX_BESIDE: usize = 8 * 1024 * 1024;
/// The signer's certificate, those above it, and perhaps those of timestamps.
const MAX_CERTIFICATES: usize = 64;
const MAX_DIGEST_ALGORITHMS: usize = 16;

/// The one signature in a message and what it refers to.
#[derive(Debug, Clone)]
pub(super) struct SignedData<'a> {
    /// The document, when it travels inside.
    pub(super) content: Option<&'a [u8]>,
    /// The X.509 certificates in the message, which nobody signed.
    pub(super) certificates: Vec<&'a [u8]>,
    signer: SignerId<'a>,
    /// `[0] IMPLICIT SET OF Attribute` as received.
    pub(super) signed_attributes: Tlv<'a>,
    /// By what the document and the attributes are digested.
    pub(super) hash: Hash,
    /// How the signature is made.
    pub(super) algorithm: SignatureAlgorithm,
    /// The signature.
    pub(super) signature: &'a [u8],
    /// `[1] IMPLICIT SET OF Attribute`: what was added to the signature.
    pub(super) unsigned_attributes: Option<Tlv<'a>>,
}

/// How the signer is named.
#[derive(Debug, Clone, Copy)]
enum SignerId<'a> {
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    SubjectKey(&'a [u8]),
}

impl<'a> SignedData<'a> {
    /// Reads a DER message over content of type `kind` and checks everything that needs neither
    /// document nor certificate.
    pub(super) fn parse(der: &'a [u8], kind: &ObjectIdentifier) -> Result<Self, Reason> {
        if der.len() > MAX_LENGTH {
            return Err(Reason::TooLarge);
        }
        let mut fields = open(der)?;
        let version = fields.expect(INTEGER).and_then(|version| tlv::small(&version)).map_err(malformed)?;
        let digest_algorithms = fields.expect(SET).map_err(malformed)?;
        let content = content(&fields.expect(SEQUENCE).map_err(malformed)?, kind)?;
        if der.len() - content.map_or(0, <[u8]>::len) > MAX_BESIDE {
            return Err(Reason::TooLarge);
        }
        let (certificates, choices) = match fields.optional(tlv::constructed(0)).map_err(malformed)? {
            Some(set) => certificates(&set)?,
            None => (Vec::new(), Choices::default()),
        };
        // Lists that travel inside come from the signer; only lists that the verifier fetched count.
        let lists = fields.optional(tlv::constructed(1)).map_err(malformed)?;
        let choices = Choices { other: choices.other || lists.is_some_and(|lists| has_other_lists(&lists)), ..choices };
        if !choices.go_with(version) {
            return Err(Reason::CmsVersion);
        }
        let signer_infos = fields.expect(SET).map_err(malformed)?;
        fields.finish().map_err(malformed)?;

        let mut infos = signer_infos.reader();
        if infos.is_empty() {
            return Err(Reason::SignerNone);
        }
        let info = infos.expect(SEQUENCE).map_err(malformed)?;
        if !infos.is_empty() {
            return Err(Reason::SignerMultiple);
        }
        let info = SignerInfo::parse(&info)?;
        if !declares(&digest_algorithms, info.hash)? {
            return Err(Reason::DigestAlgorithmUndeclared);
        }
        Ok(Self {
            content,
            certificates,
            signer: info.id,
            signed_attributes: info.signed_attributes,
            hash: info.hash,
            algorithm: info.algorithm,
            signature: info.signature,
            unsigned_attributes: info.unsigned_attributes,
        })
    }

    /// The digest that the signature is over: that of the set as such, not of the tagged field
    /// (RFC 5652 §5.4).
    pub(super) fn signed_digest(&self) -> Digest {
        let mut signed = Context::new(self.hash.algorithm());
        signed.update(&[SET]);
        signed.update(self.signed_attributes.raw.get(1..).unwrap_or_default());
        signed.finish()
    }

    /// The one certificate in the message that the signer is named by.
    pub(super) fn signer_certificate(&self) -> Result<&'a [u8], Reason> {
        let mut found: Option<&'a [u8]> = None;
        for der in &self.certificates {
            if !self.signer.names(der) || found == Some(*der) {
                continue;
            }
            if found.is_some() {
                return Err(Reason::SignerCertificateAmbiguous);
            }
            found = Some(der);
        }
        // A single certificate that cannot be read deserves its own reason.
        match (found, self.certificates.as_slice()) {
            (None, [only]) => Certificate::parse(only).and(Err(Reason::SignerCertificateMissing)),
            (found, _) => found.ok_or(Reason::SignerCertificateMissing),
        }
    }
}

struct SignerInfo<'a> {
    id: SignerId<'a>,
    signed_attributes: Tlv<'a>,
    hash: Hash,
    algorithm: SignatureAlgorithm,
    signature: &'a [u8],
    unsigned_attributes: Option<Tlv<'a>>,
}

impl<'a> SignerInfo<'a> {
    fn parse(info: &Tlv<'a>) -> Result<Self, Reason> {
        let mut fields = info.reader();
        let version = fields.expect(INTEGER).and_then(|version| tlv::small(&version)).map_err(malformed)?;
        let id = SignerId::parse(&fields.any().map_err(malformed)?).map_err(malformed)?;
        if version != id.version() {
            return Err(Reason::SignerVersion);
        }
        let digest_algorithm = fields.expect(SEQUENCE).map_err(malformed)?;
        let hash = Hash::of(&digest_algorithm).ok_or(Reason::DigestAlgorithm)?;
        let signed_attributes = fields.optional(tlv::constructed(0)).map_err(malformed)?;
        let algorithm = fields.expect(SEQUENCE).map_err(malformed)?;
        let algorithm = signature_algorithm(&algorithm, hash)?;
        let signature = fields.expect(OCTET_STRING).map_err(malformed)?.value;
        let unsigned_attributes = fields.optional(tlv::constructed(1)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        // Without signed attributes the signature would be over the document itself, and the
        // attributes of another signature could be passed off as a document.
        let signed_attributes = signed_attributes.ok_or(Reason::SignedAttributesMissing)?;
        if let Some(unsigned) = unsigned_attributes {
            attributes::check_unsigned(&unsigned)?;
        }
        Ok(Self { id, signed_attributes, hash, algorithm, signature, unsigned_attributes })
    }
}

impl<'a> SignerId<'a> {
    fn parse(id: &Tlv<'a>) -> Result<Self, Malformed> {
        if id.tag == tlv::context(0) {
            return Ok(Self::SubjectKey(id.value));
        }
        let SEQUENCE = id.tag else { return Err(Malformed) };
        let mut fields = id.reader();
        let (issuer, serial) = (fields.expect(SEQUENCE)?.raw, fields.expect(INTEGER)?.value);
        fields.finish()?;
        Ok(Self::IssuerAndSerial { issuer, serial })
    }

    /// RFC 5652 §5.3.
    const fn version(&self) -> u8 {
        match self {
            Self::IssuerAndSerial { .. } => 1,
            Self::SubjectKey(_) => 3,
        }
    }

    fn names(&self, der: &[u8]) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => issuer_and_serial(der) == Ok((issuer, serial)),
            Self::SubjectKey(identifier) => {
                Certificate::parse(der).is_ok_and(|certificate| has_key_identifier(&certificate, identifier))
            }
        }
    }
}

/// What a certificate is named by, read without judging the rest of it.
fn issuer_and_serial(der: &[u8]) -> Result<(&[u8], &[u8]), Reason> {
    let mut fields = Signed::split(der, Reason::CertificateMalformed)?.covered.reader();
    let mut read = || {
        fields.optional(tlv::constructed(0))?;
        let serial = fields.expect(INTEGER)?.value;
        fields.expect(SEQUENCE)?;
        Ok((fields.expect(SEQUENCE)?.raw, serial))
    };
    read().map_err(|_: Malformed| Reason::CertificateMalformed)
}

/// How a signer with this digest signs. RSASSA-PSS is told apart from what is merely unknown.
fn signature_algorithm(identifier: &Tlv<'_>, hash: Hash) -> Result<SignatureAlgorithm, Reason> {
    let is_pss = || identifier.reader().expect(OID).is_ok_and(|oid| oid.value == oid::RSA_PSS.as_bytes());
    let unknown = || if is_pss() { Reason::SignaturePss } else { Reason::SignatureAlgorithm };
    SignatureAlgorithm::of_signer(identifier, hash).ok_or_else(unknown)
}

/// The fields of the SignedData inside the `ContentInfo`.
fn open(der: &[u8]) -> Result<Reader<'_>, Reason> {
    let mut outer = Reader::new(der);
    let info = outer.expect(SEQUENCE).map_err(malformed)?;
    outer.finish().map_err(|_| Reason::TrailingBytes)?;
    let mut fields = info.reader();
    let kind = fields.expect(OID).map_err(malformed)?;
    if kind.value != oid::SIGNED_DATA.as_bytes() {
        return Err(Reason::CmsNotSignedData);
    }
    let wrapped = fields.expect(tlv::constructed(0)).map_err(malformed)?;
    fields.finish().map_err(malformed)?;
    Ok(tlv::only(wrapped.value, SEQUENCE).map_err(malformed)?.reader())
}

fn content<'a>(encapsulated: &Tlv<'a>, wanted: &ObjectIdentifier) -> Result<Option<&'a [u8]>, Reason> {
    let mut fields = encapsulated.reader();
    let kind = fields.expect(OID).map_err(malformed)?;
    let wrapped = fields.optional(tlv::constructed(0)).map_err(malformed)?;
    fields.finish().map_err(malformed)?;
    if kind.value != wanted.as_bytes() {
        return Err(Reason::ContentType);
    }
    wrapped.map(|wrapped| Ok(tlv::only(wrapped.value, OCTET_STRING).map_err(malformed)?.value)).transpose()
}

/// What is in the message beside X.509 certificates and lists.
#[derive(Debug, Clone, Copy, Default)]
struct Choices {
    /// Attribute certificates of version 2.
    attribute_certificates: bool,
    /// Certificates or revocation information of another format, such as OCSP answers.
    other: bool,
}

impl Choices {
    /// RFC 5652 §5.1. What calls for version 4 or 5 is passed over here, so a lower version does no
    /// harm; a higher one than the contents call for comes from no honest software.
    const fn go_with(self, version: u8) -> bool {
        match version {
            1 | 3 => true,
            4 => self.attribute_certificates && !self.other,
            5 => self.other,
            _ => false,
        }
    }
}

/// The X.509 certificates; the other choices of `CertificateChoices` are passed over.
fn certificates<'a>(set: &Tlv<'a>) -> Result<(Vec<&'a [u8]>, Choices), Reason> {
    let mut members = set.reader();
    let mut certificates = Vec::with_capacity(1);
    let mut choices = Choices::default();
    let mut count = 0;
    while !members.is_empty() {
        count += 1;
        if count > MAX_CERTIFICATES {
            return Err(Reason::TooLarge);
        }
        let member = members.any().map_err(malformed)?;
        if member.tag == SEQUENCE {
            certificates.push(member.raw);
        }
        choices.attribute_certificates |= member.tag == tlv::constructed(2);
        choices.other |= member.tag == tlv::constructed(3);
    }
    Ok((certificates, choices))
}

/// Whether the revocation information holds something else than lists.
fn has_other_lists(set: &Tlv<'_>) -> bool {
    let mut members = set.reader();
    while let Ok(member) = members.any() {
        if member.tag == tlv::constructed(1) {
            return true;
        }
    }
    false
}

fn declares(algorithms: &Tlv<'_>, hash: Hash) -> Result<bool, Reason> {
    let mut members = algorithms.reader();
    let mut declared = false;
    let mut count = 0;
    while !members.is_empty() {
        count += 1;
        if count > MAX_DIGEST_ALGORITHMS {
            return Err(Reason::TooLarge);
        }
        declared |= Hash::of(&members.expect(SEQUENCE).map_err(malformed)?) == Some(hash);
    }
    Ok(declared)
}

const fn malformed(_: Malformed) -> Reason {
    Reason::CmsMalformed
}
