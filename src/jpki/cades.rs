//! Seals of organisations: CMS as `CAdES` and `PAdES` baselines want it (ETSI EN 319 122-1, EN 319 142-1).
//!
//! Unlike a card's, the certificate of a seal is known beforehand, so the signed attributes name it. They claim no
//! time: in a PDF that stands in `/M`, and what vouches for it is a timestamp beside the signature.

use aws_lc_rs::digest::Context;

use super::attributes::Attributes;
use super::certificate::{Certificate, sha256};
use super::cms::SignedData;
use super::encode::{algorithm, object_identifier, sequence, set_of, tlv};
use super::key::{Curve, PublicKey};
use super::oid;
use super::pdf::Signature;
use super::reason::Reason;

/// How a seal signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealAlgorithm {
    /// ECDSA on P-256 with SHA-256; the signature is a DER SEQUENCE.
    EcdsaP256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rsa,
}

impl SealAlgorithm {
    /// The algorithm of a certificate's key.
    ///
    /// # Errors
    /// Why the certificate cannot be read; `PublicKeyAlgorithm` for any other key, `PublicKeySize` for an RSA key
    /// that is too short to be trusted today.
    pub fn of_certificate(der: &[u8]) -> Result<Self, Reason> {
        Self::of(&Certificate::parse(der)?.public_key)
    }

    fn of(key: &PublicKey<'_>) -> Result<Self, Reason> {
        match key {
            PublicKey::Ec { curve: Curve::P256, .. } => Ok(Self::EcdsaP256),
            PublicKey::Ec { .. } => Err(Reason::PublicKeyAlgorithm),
            PublicKey::Rsa { modulus, .. } if modulus.len() < 256 => Err(Reason::PublicKeySize),
            PublicKey::Rsa { .. } => Ok(Self::Rsa),
        }
    }

    /// The `AlgorithmIdentifier` of its signatures.
    pub(super) fn identifier(self) -> Vec<u8> {
        match self {
            Self::EcdsaP256 => sequence(&[&object_identifier(&oid::ECDSA_WITH_SHA256)]),
            Self::Rsa => algorithm(&oid::SHA256_WITH_RSA),
        }
    }
}

/// What a certificate has for its key: PKCS#1 `RSAPublicKey`, or the point.
///
/// # Errors
/// Why the certificate cannot be read.
pub fn public_key_of(certificate_der: &[u8]) -> Result<Vec<u8>, Reason> {
    Ok(Certificate::parse(certificate_der)?.public_key.bytes().to_vec())
}

/// The last moment at which a certificate holds.
///
/// # Errors
/// Why the certificate cannot be read.
pub fn certificate_ends(certificate_der: &[u8]) -> Result<time::OffsetDateTime, Reason> {
    Ok(Certificate::parse(certificate_der)?.not_after)
}

/// The attributes that one seal covers: content type, digest of the document, and which certificate seals.
#[derive(Debug, Clone)]
pub struct SealAttributes<'a> {
    der: Vec<u8>,
    certificate: Certificate<'a>,
    algorithm: SealAlgorithm,
}

impl<'a> SealAttributes<'a> {
    /// The attributes for a document with this SHA-256.
    ///
    /// # Errors
    /// As [`SealAlgorithm::of_certificate`].
    pub fn new(document_sha256: &[u8; 32], certificate_der: &'a [u8]) -> Result<Self, Reason> {
        let certificate = Certificate::parse(certificate_der)?;
        let algorithm = SealAlgorithm::of(&certificate.public_key)?;
        let attribute = |kind, value: Vec<u8>| sequence(&[&object_identifier(kind), &set_of(vec![value])]);
        // SHA-256 is what ESSCertIDv2 means where it names no digest (RFC 5035 §4).
        let reference = sequence(&[&tlv(0x04, &[&sha256(certificate_der)])]);
        let der = set_of(vec![
            attribute(&oid::CONTENT_TYPE, object_identifier(&oid::DATA)),
            attribute(&oid::MESSAGE_DIGEST, tlv(0x04, &[document_sha256])),
            attribute(&oid::SIGNING_CERTIFICATE_V2, sequence(&[&sequence(&[&reference])])),
        ]);
        Ok(Self { der, certificate, algorithm })
    }

    /// The DER SET OF: the bytes that are signed.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Whether the key of the certificate made this signature.
    #[must_use]
    pub fn are_signed_by(&self, signature: &[u8]) -> bool {
        let prepared = self.certificate.public_key.prepare_any();
        prepared.is_ok_and(|key| key.signed_as_usual(&self.der, signature))
    }

    /// A detached SignedData version 1 in DER, with the certificate and those `above` it inside, and the token of a
    /// timestamp over the signature if there is one.
    #[must_use]
    pub fn to_cms(&self, signature: &[u8], above: &[Vec<u8>], time_stamp: Option<&[u8]>) -> Vec<u8> {
        let digest = algorithm(&oid::SHA256);
        let attributes = self.der.get(1..).unwrap_or_default();
        let unsigned = time_stamp.map_or_else(Vec::new, |token| {
            let stamp = sequence(&[&object_identifier(&oid::SIGNATURE_TIMESTAMP), &set_of(vec![token.to_vec()])]);
            tlv(0xA1, &[&stamp])
        });
        let signer_info = sequence(&[
            &[0x02, 0x01, 0x01],
            &sequence(&[self.certificate.issuer.raw, self.certificate.serial.raw]),
            &digest,
            &[0xA0],
            attributes,
            &self.algorithm.identifier(),
            &tlv(0x04, &[signature]),
            &unsigned,
        ]);
        let mut certificates: Vec<&[u8]> = above.iter().map(Vec::as_slice).collect();
        certificates.push(self.certificate.der);
        certificates.sort_unstable();
        let signed_data = sequence(&[
            &[0x02, 0x01, 0x01],
            &tlv(0x31, &[&digest]),
            &sequence(&[&object_identifier(&oid::DATA)]),
            &tlv(0xA0, &certificates),
            &tlv(0x31, &[&signer_info]),
        ]);
        sequence(&[&object_identifier(&oid::SIGNED_DATA), &tlv(0xA0, &[&signed_data])])
    }
}

/// Why a file does not bear one of the seals that were asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSeal {
    /// It bears no signature at all, nor the remains of one.
    #[error("the file bears no seal")]
    Absent,
    /// It bears one by another certificate.
    #[error("the file bears somebody else's seal")]
    Foreign,
    /// It bears one that is not over these bytes: the file was changed, or the seal was copied to it.
    #[error("the seal does not hold: {0}")]
    Broken(Reason),
}

/// Checks that one of `certificates` sealed every byte of a PDF, and tells which. Whether that certificate was to be
/// trusted then is for whoever configured it to say: nothing is asked of anybody.
///
/// # Errors
/// See [`NoSeal`].
pub fn verify_seal(pdf: &[u8], certificates: &[&[u8]]) -> Result<usize, NoSeal> {
    let signature = Signature::find(pdf).map_err(|reason| match reason {
        Reason::PdfSignatureMissing | Reason::PdfMalformed if !has_remains_of_seal(pdf) => NoSeal::Absent,
        other => NoSeal::Broken(other),
    })?;
    let message = SignedData::parse(&signature.cms, &oid::DATA).map_err(NoSeal::Broken)?;
    let der = message.signer_certificate().map_err(NoSeal::Broken)?;
    let place = certificates.iter().position(|known| *known == der);
    match (place, check(&message, &signature.covered, der)) {
        (Some(place), Ok(())) => Ok(place),
        (Some(_), Err(reason)) => Err(NoSeal::Broken(reason)),
        (None, Err(reason)) if is_of_other_bytes(reason) => Err(NoSeal::Broken(reason)),
        (None, _) => Err(NoSeal::Foreign),
    }
}

/// Whether a seal was put on other bytes than these: then they were changed, whoever put it on.
const fn is_of_other_bytes(reason: Reason) -> bool {
    matches!(reason, Reason::MessageDigestMismatch | Reason::SignatureMismatch | Reason::SigningCertificateMismatch)
}

/// Whether anything of a signature stands in a file that cannot be read as a PDF with one: one changed byte is enough for
/// that, anywhere in it. No single change takes away all of these words.
fn has_remains_of_seal(pdf: &[u8]) -> bool {
    const WORDS: [&[u8]; 3] = [b"/ByteRange", b"ETSI.CAdES.detached", b"adbe.pkcs7.detached"];
    WORDS.iter().any(|word| pdf.windows(word.len()).any(|part| part == *word))
}

fn check(message: &SignedData<'_>, covered: &[&[u8]; 2], der: &[u8]) -> Result<(), Reason> {
    if message.content.is_some() {
        return Err(Reason::ContentTwice);
    }
    let attributes = Attributes::parse(&message.signed_attributes, &oid::DATA)?;
    attributes.check_protection(message.hash, message.algorithm)?;
    if !attributes.names_certificate() {
        return Err(Reason::SigningCertificateMissing);
    }
    let mut digest = Context::new(message.hash.algorithm());
    for part in covered {
        digest.update(part);
    }
    if digest.finish().as_ref() != attributes.message_digest {
        return Err(Reason::MessageDigestMismatch);
    }
    let certificate = Certificate::parse(der)?;
    attributes.check_signing_certificate(der, certificate.issuer.raw, certificate.serial.value)?;
    let key = certificate.public_key.prepare(message.algorithm)?;
    if !key.signed_digest(message.algorithm, &message.signed_digest(), message.signature) {
        return Err(Reason::SignatureMismatch);
    }
    Ok(())
}
