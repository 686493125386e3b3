//! The certificate of a seal: asked for (PKCS #10, RFC 2986), or issued for a trial.

use der::asn1::ObjectIdentifier;
use time::OffsetDateTime;

use super::cades::SealAlgorithm;
use super::certificate::sha256;
use super::encode::{algorithm, bit_string, instant, object_identifier, sequence, set_of, tlv, unsigned_integer};
use super::oid;

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// The `SubjectPublicKeyInfo` of a key: the point on P-256, or PKCS#1 `RSAPublicKey`.
#[must_use]
pub fn public_key_info(by: SealAlgorithm, key: &[u8]) -> Vec<u8> {
    let kind = match by {
        SealAlgorithm::EcdsaP256 => {
            sequence(&[&object_identifier(&oid::EC_PUBLIC_KEY), &object_identifier(&oid::SECP256R1)])
        }
        SealAlgorithm::Rsa => algorithm(&oid::RSA_ENCRYPTION),
    };
    sequence(&[&kind, &bit_string(key)])
}

/// The name of an organisation in Japan, and of what of it is certified.
#[must_use]
pub fn organisation(name: &str, common_name: &str) -> Vec<u8> {
    let part = |kind: &ObjectIdentifier, tag, text: &str| {
        set_of(vec![sequence(&[&object_identifier(kind), &tlv(tag, &[text.as_bytes()])])])
    };
    sequence(&[&part(&COUNTRY, 0x13, "JP"), &part(&ORGANISATION, 0x0C, name), &part(&COMMON_NAME, 0x0C, common_name)])
}

/// What a request for a certificate asks, to be signed by the key that it is about.
#[must_use]
pub fn certificate_request(subject: &[u8], public_key_info: &[u8]) -> Vec<u8> {
    sequence(&[&[0x02, 0x01, 0x00], subject, public_key_info, &[0xA0, 0x00]])
}

/// A certificate before it is signed.
#[derive(Debug, Clone, Copy)]
pub struct CertificateDraft<'a> {
    /// The number, big-endian and positive.
    pub serial: &'a [u8],
    /// Who issues it.
    pub issuer: &'a [u8],
    /// The issuer's key, as [`public_key_info`] writes it.
    pub issuer_key: &'a [u8],
    /// From when it holds.
    pub not_before: OffsetDateTime,
    /// Until when.
    pub not_after: OffsetDateTime,
    /// Whom it is about.
    pub subject: &'a [u8],
    /// The key that it is about, as [`public_key_info`] writes it.
    pub key: &'a [u8],
    /// True for an authority's, which issues others; false for a seal's.
    pub is_authority: bool,
}

impl CertificateDraft<'_> {
    /// What its issuer signs.
    #[must_use]
    pub fn to_der(&self, by: SealAlgorithm) -> Vec<u8> {
        // keyCertSign and cRLSign, or digitalSignature and nonRepudiation (RFC 5280 §4.2.1.3).
        let usage: &[u8] = if self.is_authority { &[0x03, 0x02, 0x01, 0x06] } else { &[0x03, 0x02, 0x06, 0xC0] };
        let basic = if self.is_authority { sequence(&[&[0x01, 0x01, 0xFF]]) } else { sequence(&[]) };
        let identifier = |info: &[u8]| sha256(info).get(..20).unwrap_or_default().to_vec();
        let extensions = sequence(&[
            &extension(&oid::BASIC_CONSTRAINTS, true, &basic),
            &extension(&oid::KEY_USAGE, true, usage),
            &extension(&oid::SUBJECT_KEY_IDENTIFIER, false, &tlv(0x04, &[&identifier(self.key)])),
            &extension(
                &oid::AUTHORITY_KEY_IDENTIFIER,
                false,
                &sequence(&[&tlv(0x80, &[&identifier(self.issuer_key)])]),
            ),
        ]);
        sequence(&[
            &tlv(0xA0, &[&[0x02, 0x01, 0x02]]),
            &unsigned_integer(self.serial),
            &by.identifier(),
            self.issuer,
            &sequence(&[&instant(self.not_before), &instant(self.not_after)]),
            self.subject,
            self.key,
            &tlv(0xA3, &[&extensions]),
        ])
    }
}

/// What was to be signed, with its signature: a certificate, or a request for one.
#[must_use]
pub fn with_signature(to_be_signed: &[u8], by: SealAlgorithm, signature: &[u8]) -> Vec<u8> {
    sequence(&[to_be_signed, &by.identifier(), &bit_string(signature)])
}

fn extension(kind: &ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if critical { &[0x01, 0x01, 0xFF] } else { &[] };
    sequence(&[&object_identifier(kind), flag, &tlv(0x04, &[value])])
}
