//! How a certificate is asked about: its identifier, and the request (RFC 6960 §4.1).

use aws_lc_rs::digest::{self, digest};
use der::asn1::ObjectIdentifier;
use time::OffsetDateTime;

use super::super::certificate::Certificate;
use super::super::chain::{Issuer, IssuerKey, Trust};
use super::super::encode::{algorithm, object_identifier, sequence, tlv};
use super::super::oid;
use super::super::reason::Reason;
use super::super::tlv::{self, INTEGER, Malformed, NULL, OCTET_STRING, OID, SEQUENCE, Tlv};

/// By which digest a request names the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertIdDigest {
    /// What every responder knows (RFC 5019 §2.1.1). Nothing rests on it: it only names.
    Sha1,
    /// For responders that no longer take SHA-1.
    Sha256,
}

/// A request about a certificate, with the issuer named by SHA-1. A responder that takes a
/// `nonce` repeats it, which shows that the answer was made for this request.
///
/// # Errors
/// The certificate cannot be read, or no root of `trust` signed it.
pub fn ocsp_request(certificate: &[u8], trust: &Trust, nonce: Option<&[u8; 32]>) -> Result<Vec<u8>, Reason> {
    ocsp_request_by(CertIdDigest::Sha1, certificate, trust, nonce)
}

/// As [`ocsp_request`], with the issuer named by the digest that the responder knows.
///
/// # Errors
/// As [`ocsp_request`].
pub fn ocsp_request_by(
    by: CertIdDigest,
    certificate: &[u8],
    trust: &Trust,
    nonce: Option<&[u8; 32]>,
) -> Result<Vec<u8>, Reason> {
    let certificate = Certificate::parse(certificate)?;
    // The certificate may have begun since; whether it counts is asked elsewhere.
    let asked_at: OffsetDateTime = certificate.not_before;
    let issuer = super::issuer_of(&certificate, trust, asked_at)?;
    let (identifier, digest_algorithm) = match by {
        CertIdDigest::Sha1 => (&oid::SHA1, &digest::SHA1_FOR_LEGACY_USE_ONLY),
        CertIdDigest::Sha256 => (&oid::SHA256, &digest::SHA256),
    };
    let id = sequence(&[
        &algorithm(identifier),
        &tlv(OCTET_STRING, &[digest(digest_algorithm, certificate.issuer.raw).as_ref()]),
        &tlv(OCTET_STRING, &[digest(digest_algorithm, key_octets(&issuer)).as_ref()]),
        certificate.serial.raw,
    ]);
    let list = sequence(&[&sequence(&[&id])]);
    let extensions = nonce.map_or_else(Vec::new, |nonce| {
        let value = tlv(OCTET_STRING, &[&tlv(OCTET_STRING, &[nonce])]);
        let extension = sequence(&[&object_identifier(&oid::OCSP_NONCE), &value]);
        tlv(tlv::constructed(2), &[&sequence(&[&extension])])
    });
    Ok(sequence(&[&sequence(&[&list, &extensions])]))
}

/// The contents of the BIT STRING in the issuer's certificate: what a key hash is of.
pub(super) fn key_octets<'a>(issuer: &Issuer<'a>) -> &'a [u8] {
    match issuer.key {
        IssuerKey::Prepared(key) => key.bytes(),
        IssuerKey::Certified(key) => key.bytes(),
    }
}

/// The identifier of a certificate: digests of its issuer's name and key, and its serial number.
#[derive(Debug, Clone, Copy)]
pub(super) struct CertId<'a> {
    digest: Option<&'static digest::Algorithm>,
    issuer_name: &'a [u8],
    issuer_key: &'a [u8],
    /// The contents of the INTEGER.
    pub(super) serial: &'a [u8],
}

impl<'a> CertId<'a> {
    pub(super) fn parse(id: &Tlv<'a>) -> Result<Self, Malformed> {
        let mut fields = id.reader();
        let mut algorithm = fields.expect(SEQUENCE)?.reader();
        let identifier = algorithm.expect(OID)?.value;
        if algorithm.optional(NULL)?.is_some_and(|null| !null.value.is_empty()) {
            return Err(Malformed);
        }
        algorithm.finish()?;
        let issuer_name = fields.expect(OCTET_STRING)?.value;
        let issuer_key = fields.expect(OCTET_STRING)?.value;
        let serial = fields.expect(INTEGER)?.value;
        fields.finish()?;
        if serial.is_empty() || issuer_name.len() != issuer_key.len() {
            return Err(Malformed);
        }
        let known: [(ObjectIdentifier, &'static digest::Algorithm); 4] = [
            (oid::SHA1, &digest::SHA1_FOR_LEGACY_USE_ONLY),
            (oid::SHA256, &digest::SHA256),
            (oid::SHA384, &digest::SHA384),
            (oid::SHA512, &digest::SHA512),
        ];
        let digest = known.into_iter().find(|(known, _)| known.as_bytes() == identifier).map(|(_, digest)| digest);
        Ok(Self { digest, issuer_name, issuer_key, serial })
    }

    /// Whether it names a certificate of this issuer.
    pub(super) fn is_from(&self, issuer: &Issuer<'_>) -> bool {
        self.names(issuer.name, issuer)
    }

    /// Whether it names this certificate.
    pub(super) fn is_of(&self, certificate: &Certificate<'_>, issuer: &Issuer<'_>) -> bool {
        // The digest is of the name as the certificate writes it (RFC 6960 §4.1.1); a responder
        // that takes it from the authority's own certificate means the same.
        self.serial == certificate.serial.value
            && (self.names(certificate.issuer.raw, issuer) || self.names(issuer.name, issuer))
    }

    fn names(&self, name: &[u8], issuer: &Issuer<'_>) -> bool {
        self.digest.is_some_and(|algorithm| {
            digest(algorithm, name).as_ref() == self.issuer_name
                && digest(algorithm, key_octets(issuer)).as_ref() == self.issuer_key
        })
    }
}
