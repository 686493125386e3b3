//! Signed references to the certificate, protected algorithms, and what else may lie in a message.

use der::asn1::ObjectIdentifier;

use super::messages::{Message, attribute, reason_with};
use super::*;
use crate::jpki::algorithm::Hash;
use crate::jpki::encode::{algorithm, object_identifier, sequence, tlv, unsigned_integer};
use crate::jpki::{Certificate, Reason, oid};

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// ESSCertIDv2 with any digest, and perhaps issuer and serial number.
fn reference(hash: Hash, identifier: &[u8], issuer_serial: &[u8]) -> Vec<u8> {
    let digest = hash.digest(GOOD_CARD.certificate_der());
    let reference = sequence(&[identifier, &tlv(0x04, &[digest.as_ref()]), issuer_serial]);
    attribute(&oid::SIGNING_CERTIFICATE_V2, vec![sequence(&[&sequence(&[&reference])])])
}

fn issuer_serial(serial: &[u8]) -> Vec<u8> {
    let certificate = Certificate::parse(GOOD_CARD.certificate_der()).unwrap();
    sequence(&[&sequence(&[&tlv(0xA4, &[certificate.issuer.raw])]), &unsigned_integer(serial)])
}

fn with(added: Vec<u8>) -> Option<Reason> {
    reason_with(|message| message.attributes.push(added))
}

#[test]
fn the_reference_may_use_any_digest_of_sha_2() {
    for (hash, oid) in [(Hash::Sha256, &oid::SHA256), (Hash::Sha384, &oid::SHA384), (Hash::Sha512, &oid::SHA512)] {
        assert_eq!(with(reference(hash, &algorithm(oid), &[])), None);
        assert_eq!(with(reference(hash, &sequence(&[&object_identifier(oid)]), &[])), None);
    }
    assert_eq!(with(reference(Hash::Sha256, &[], &[])), None);
    assert_eq!(with(reference(Hash::Sha384, &[], &[])), Some(Reason::SigningCertificateMismatch));
    assert_eq!(with(reference(Hash::Sha384, &algorithm(&oid::SHA512), &[])), Some(Reason::SigningCertificateMismatch));
    assert_eq!(with(reference(Hash::Sha256, &algorithm(&SHA1), &[])), Some(Reason::DigestAlgorithm));
    assert_eq!(with(attribute(&oid::SIGNING_CERTIFICATE_V2, vec![sequence(&[])])), Some(Reason::CmsMalformed));
}

#[test]
fn issuer_and_serial_number_of_the_reference_are_compared() {
    assert_eq!(with(reference(Hash::Sha256, &[], &issuer_serial(GOOD_CARD.serial()))), None);
    let other = with(reference(Hash::Sha256, &[], &issuer_serial(&[1])));
    assert_eq!(other, Some(Reason::SigningCertificateMismatch));
}

#[test]
fn protected_algorithms_are_those_of_the_message() {
    let protection = |digest: &[u8], signature: &[u8]| {
        with(attribute(&oid::ALGORITHM_PROTECTION, vec![sequence(&[digest, &tlv(0xA1, &[signature])])]))
    };
    let (sha256, rsa) = (algorithm(&oid::SHA256), algorithm(&oid::SHA256_WITH_RSA));
    let contents = |identifier: &[u8]| identifier[2..].to_vec();
    assert_eq!(protection(&sha256, &contents(&rsa)), None);
    assert_eq!(protection(&sequence(&[&object_identifier(&oid::SHA256)]), &contents(&rsa)), None);
    let mismatch = Some(Reason::AlgorithmProtection);
    assert_eq!(protection(&algorithm(&oid::SHA512), &contents(&rsa)), mismatch);
    assert_eq!(protection(&sha256, &contents(&algorithm(&oid::SHA512_WITH_RSA))), mismatch);
    let unsigned = attribute(&oid::ALGORITHM_PROTECTION, vec![sequence(&[])]);
    assert_eq!(reason_with(|message| message.unsigned = vec![unsigned]), Some(Reason::AttributeUnsigned));
}

#[test]
fn the_version_is_what_the_contents_call_for() {
    let attribute_certificate = tlv(0xA2, &[&[0x05, 0x00]]);
    let other_list = tlv(0xA1, &[&object_identifier(&oid::DATA), &[0x05, 0x00]]);
    let reason = |version, certificates: &[Vec<u8>], lists: &[Vec<u8>]| {
        reason_with(|message: &mut Message| {
            message.version = version;
            message.certificates.extend_from_slice(certificates);
            message.lists = lists.to_vec();
        })
    };
    let refused = Some(Reason::CmsVersion);
    for version in [0, 2, 4, 5, 6] {
        assert_eq!(reason(version, &[], &[]), refused, "{version}");
    }
    assert_eq!(reason(4, std::slice::from_ref(&attribute_certificate), &[]), None);
    assert_eq!(reason(5, std::slice::from_ref(&attribute_certificate), &[]), refused);
    assert_eq!(reason(5, &[], std::slice::from_ref(&other_list)), None);
    assert_eq!(reason(5, &[tlv(0xA3, &[&[0x05, 0x00]])], &[]), None);
    assert_eq!(reason(4, &[], std::slice::from_ref(&other_list)), refused);
    assert_eq!(reason(1, &[attribute_certificate], &[other_list, vec![0x30, 0x00]]), None);
}

#[test]
fn what_nobody_signed_has_bounds() {
    let large = attribute(&oid::SIGNATURE_TIMESTAMP, vec![tlv(0x04, &[&vec![0; 8 * 1024 * 1024]])]);
    assert_eq!(reason_with(|message| message.unsigned = vec![large]), Some(Reason::TooLarge));
    let many = vec![attribute(&oid::SIGNATURE_TIMESTAMP, vec![vec![0x05, 0x00]]); 33];
    assert_eq!(reason_with(|message| message.unsigned = many), Some(Reason::TooLarge));
}

#[test]
fn a_card_on_p384_signs_with_sha384() {
    let key = CardKey::generate_p384().unwrap();
    let card = AUTHORITY.issue(&hanako(), Fault::None, &key, NOW).unwrap();
    let digest = |document: &[u8]| Hash::Sha384.digest(document).as_ref().try_into().unwrap();
    let attributes = SignedAttributes::with_sha384(digest(DOCUMENT), NOW);
    let signature = card.key().sign(attributes.as_der()).unwrap();
    let cms = attributes.to_cms(&signature, card.certificate_der()).unwrap();
    let verdict = verify(&cms);
    assert_eq!(verdict.reason(), None, "{:?}", verdict.steps);
    assert_eq!(
        verify_cms(&cms, Some(b"another"), &trust(), &CrlSet::new(), NOW).reason(),
        Some(Reason::MessageDigestMismatch)
    );
    let longer = attributes.to_cms(&[signature.as_slice(), &[0]].concat(), card.certificate_der()).unwrap();
    assert_eq!(verify(&longer).reason(), Some(Reason::SignatureMismatch));
}
