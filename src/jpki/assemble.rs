//! Making an ordinary CMS SignedData out of a raw signature and a certificate.
//!
//! A signing app hands whatever bytes it is given to the card, which pads and signs them. Given
//! the `DigestInfo` of DER signed attributes, the card makes a signature that every CMS verifier
//! understands. The attributes do not name the certificate, which is not known beforehand.

use time::OffsetDateTime;

use super::certificate::{Certificate, sha256};
use super::encode::{algorithm, instant, object_identifier, sequence, set_of, tlv, unsigned_integer};
use super::key::PublicKey;
use super::oid;
use super::reason::Reason;

/// What stands before the digest in a DigestInfo for SHA-256 (RFC 8017 §9.2, note 1).
pub const SHA256_DIGEST_INFO_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// The attributes that one signature covers: content type, digest of the document, claimed time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAttributes {
    der: Vec<u8>,
}

impl SignedAttributes {
    /// The attributes for a document with this SHA-256. The same arguments give the same bytes.
    #[must_use]
    pub fn new(document_sha256: [u8; 32], signing_time: OffsetDateTime) -> Self {
        Self::of(&document_sha256, signing_time)
    }

    /// The attributes for a document with this SHA-384, which a card on P-384 signs by
    /// ecdsa-with-SHA384 over [`Self::as_der`].
    #[must_use]
    pub fn with_sha384(document_sha384: [u8; 48], signing_time: OffsetDateTime) -> Self {
        Self::of(&document_sha384, signing_time)
    }

    fn of(digest: &[u8], signing_time: OffsetDateTime) -> Self {
        let attribute = |kind, value: Vec<u8>| sequence(&[&object_identifier(kind), &set_of(vec![value])]);
        Self {
            der: set_of(vec![
                attribute(&oid::CONTENT_TYPE, object_identifier(&oid::DATA)),
                attribute(&oid::SIGNING_TIME, instant(signing_time)),
                attribute(&oid::MESSAGE_DIGEST, tlv(0x04, &[digest])),
            ]),
        }
    }

    /// Attributes that were made and stored before; whether they fit anything is for the verification to say.
    #[must_use]
    pub const fn from_der(der: Vec<u8>) -> Self {
        Self { der }
    }

    /// The DER SET OF: the bytes that are signed.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// What the card is asked to sign: the DigestInfo of SHA-256 over [`Self::as_der`].
    #[must_use]
    pub fn digest_info(&self) -> [u8; 51] {
        let mut digest_info = [0; 51];
        let (prefix, digest) = digest_info.split_at_mut(SHA256_DIGEST_INFO_PREFIX.len());
        prefix.copy_from_slice(&SHA256_DIGEST_INFO_PREFIX);
        digest.copy_from_slice(&sha256(&self.der));
        digest_info
    }

    /// A detached SignedData version 1 in DER, with the signer's certificate inside.
    ///
    /// # Errors
    /// The reason why `certificate_der` cannot be read. The signature is not checked here.
    pub fn to_cms(&self, signature: &[u8], certificate_der: &[u8]) -> Result<Vec<u8>, Reason> {
        let certificate = Certificate::parse(certificate_der)?;
        let serial = unsigned_integer(certificate.serial_number());
        // RSA goes with SHA-256, P-384 with SHA-384: what the profile has for each.
        let (digest, by) = match certificate.public_key {
            PublicKey::Rsa { .. } => (algorithm(&oid::SHA256), algorithm(&oid::SHA256_WITH_RSA)),
            PublicKey::Ec { .. } => (algorithm(&oid::SHA384), sequence(&[&object_identifier(&oid::ECDSA_WITH_SHA384)])),
        };
        let attributes = self.der.get(1..).unwrap_or_default();
        let signer_info = sequence(&[
            &[0x02, 0x01, 0x01],
            &sequence(&[certificate.issuer.raw, &serial]),
            &digest,
            &[0xA0],
            attributes,
            &by,
            &tlv(0x04, &[signature]),
        ]);
        let signed_data = sequence(&[
            &[0x02, 0x01, 0x01],
            &tlv(0x31, &[&digest]),
            &sequence(&[&object_identifier(&oid::DATA)]),
            &tlv(0xA0, &[certificate_der]),
            &tlv(0x31, &[&signer_info]),
        ]);
        Ok(sequence(&[&object_identifier(&oid::SIGNED_DATA), &tlv(0xA0, &[&signed_data])]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_attributes_are_one_exact_der_set() {
        let attributes = SignedAttributes::new([0xAB; 32], datetime!(2026-04-01 09:00 +9));
        let expected = [
            "3169",
            "301806092a864886f70d010903310b06092a864886f70d010701",
            "301c06092a864886f70d010905310f170d3236303430313030303030305a",
            "302f06092a864886f70d01090431220420",
        ]
        .concat()
            + &"ab".repeat(32);
        assert_eq!(data_encoding::HEXLOWER.encode(attributes.as_der()), expected);
    }

    #[test]
    fn the_card_signs_the_digest_info_of_the_attributes() {
        let attributes = SignedAttributes::new([1; 32], datetime!(2026-04-01 00:00 UTC));
        let digest_info = attributes.digest_info();
        assert_eq!(digest_info[..19], SHA256_DIGEST_INFO_PREFIX);
        assert_eq!(digest_info[19..], sha256(attributes.as_der()));
    }
}
