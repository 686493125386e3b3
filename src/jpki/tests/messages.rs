//! CMS messages: the ordinary one, and each way to twist one.

use der::asn1::ObjectIdentifier;

use super::*;
use crate::jpki::encode::{algorithm, object_identifier, sequence, set_of, tlv, unsigned_integer};
use crate::jpki::{Certificate, Check, Reason, SHA256_DIGEST_INFO_PREFIX, StepOutcome, oid};

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const SHA1_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// A message in parts, so that a test can change one of them before it is signed.
pub(super) struct Message {
    pub(super) version: u8,
    pub(super) digest_algorithms: Vec<Vec<u8>>,
    pub(super) content_type: ObjectIdentifier,
    pub(super) content: Option<Vec<u8>>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) lists: Vec<Vec<u8>>,
    pub(super) signer_version: u8,
    pub(super) signer: Vec<u8>,
    pub(super) digest_algorithm: Vec<u8>,
    pub(super) attributes: Vec<Vec<u8>>,
    keep_order: bool,
    pub(super) signature_algorithm: Vec<u8>,
    pub(super) unsigned: Vec<Vec<u8>>,
    signers: usize,
    sign_over_field: bool,
    without_attributes: bool,
}

impl Message {
    fn new() -> Self {
        let der = GOOD_CARD.certificate_der();
        let certificate = Certificate::parse(der).unwrap();
        Self {
            version: 1,
            digest_algorithms: vec![algorithm(&oid::SHA256)],
            content_type: oid::DATA,
            content: None,
            certificates: vec![der.to_vec()],
            lists: vec![],
            signer_version: 1,
            signer: sequence(&[certificate.issuer.raw, certificate.serial.raw]),
            digest_algorithm: algorithm(&oid::SHA256),
            attributes: vec![content_type(&oid::DATA), message_digest(DOCUMENT)],
            keep_order: false,
            signature_algorithm: algorithm(&oid::SHA256_WITH_RSA),
            unsigned: vec![],
            signers: 1,
            sign_over_field: false,
            without_attributes: false,
        }
    }

    fn to_der(&self) -> Vec<u8> {
        let mut set =
            if self.keep_order { tlv(0x31, &[&self.attributes.concat()]) } else { set_of(self.attributes.clone()) };
        let mut field = set.clone();
        field[0] = 0xA0;
        if self.sign_over_field {
            set.clone_from(&field);
        }
        let signed = if self.without_attributes { DOCUMENT } else { &set };
        let digest_info = [SHA256_DIGEST_INFO_PREFIX.as_slice(), &sha256(signed)].concat();
        let signature = GOOD_CARD.sign(&digest_info).unwrap();
        let unsigned = if self.unsigned.is_empty() { vec![] } else { tlv(0xA1, &[&self.unsigned.concat()]) };
        let signer_info = sequence(&[
            &[0x02, 0x01, self.signer_version],
            &self.signer,
            &self.digest_algorithm,
            if self.without_attributes { &[] } else { &field },
            &self.signature_algorithm,
            &tlv(0x04, &[&signature]),
            &unsigned,
        ]);
        let content = self.content.as_ref().map_or_else(Vec::new, |content| tlv(0xA0, &[&tlv(0x04, &[content])]));
        let lists = if self.lists.is_empty() { vec![] } else { tlv(0xA1, &[&self.lists.concat()]) };
        let signed_data = sequence(&[
            &[0x02, 0x01, self.version],
            &tlv(0x31, &[&self.digest_algorithms.concat()]),
            &sequence(&[&object_identifier(&self.content_type), &content]),
            &tlv(0xA0, &[&self.certificates.concat()]),
            &lists,
            &tlv(0x31, &[&signer_info.repeat(self.signers)]),
        ]);
        sequence(&[&object_identifier(&oid::SIGNED_DATA), &tlv(0xA0, &[&signed_data])])
    }
}

pub(super) fn attribute(kind: &ObjectIdentifier, values: Vec<Vec<u8>>) -> Vec<u8> {
    sequence(&[&object_identifier(kind), &set_of(values)])
}

fn content_type(kind: &ObjectIdentifier) -> Vec<u8> {
    attribute(&oid::CONTENT_TYPE, vec![object_identifier(kind)])
}

fn message_digest(document: &[u8]) -> Vec<u8> {
    attribute(&oid::MESSAGE_DIGEST, vec![tlv(0x04, &[&sha256(document)])])
}

fn signing_certificate_v2(der: &[u8]) -> Vec<u8> {
    let reference = sequence(&[&tlv(0x04, &[&sha256(der)])]);
    attribute(&oid::SIGNING_CERTIFICATE_V2, vec![sequence(&[&sequence(&[&reference])])])
}

pub(super) fn reason_with(change: impl FnOnce(&mut Message)) -> Option<Reason> {
    let mut message = Message::new();
    change(&mut message);
    verify(&message.to_der()).reason()
}

#[test]
fn an_assembled_message_counts_with_every_step() {
    let verdict = verify(&signed_by(&GOOD_CARD));
    assert_eq!(verdict.reason(), None, "{verdict:?}");
    let steps: Vec<_> = verdict.steps.iter().map(|step| (step.check, step.outcome)).collect();
    assert_eq!(
        steps,
        [
            (Check::Container, StepOutcome::Passed),
            (Check::Document, StepOutcome::Passed),
            (Check::Certificate, StepOutcome::Passed),
            (Check::Issuer, StepOutcome::Passed),
            (Check::Validity, StepOutcome::Passed),
            (Check::Signature, StepOutcome::Passed),
            (Check::Revocation, StepOutcome::Unknown),
        ]
    );
    assert_eq!(verdict.signer.unwrap().claimed_signing_time, Some(NOW));
}

#[test]
fn a_verdict_is_a_document_that_reads_back() {
    let verdict = verify(&signed_by(&GOOD_CARD));
    let json = serde_json::to_string(&verdict).unwrap();
    assert!(json.contains(r#""at":"2026-06-01T03:00:00Z""#), "{json}");
    assert_eq!(serde_json::from_str::<Verdict>(&json).unwrap(), verdict);
    let refused = verify_cms(b"", None, &trust(), &CrlSet::new(), NOW);
    assert_eq!(serde_json::to_value(refused.outcome).unwrap(), serde_json::json!({ "refused": "cms-malformed" }));
}

#[test]
fn the_lawful_variants_count() {
    assert_eq!(reason_with(|_| {}), None);
    let without_null = |oid| sequence(&[&object_identifier(oid)]);
    assert_eq!(reason_with(|message| message.signature_algorithm = algorithm(&oid::RSA_ENCRYPTION)), None);
    assert_eq!(reason_with(|message| message.digest_algorithm = without_null(&oid::SHA256)), None);
    assert_eq!(reason_with(|message| message.digest_algorithms = vec![without_null(&oid::SHA256)]), None);
    assert_eq!(reason_with(|message| message.certificates.push(AUTHORITY.anchor_der().to_vec())), None);
    assert_eq!(reason_with(|message| message.certificates.push(tlv(0xA1, &[&[0x05, 0x00]]))), None);
    assert_eq!(
        reason_with(|message| message.attributes.push(signing_certificate_v2(GOOD_CARD.certificate_der()))),
        None
    );
    let key_identifier = Certificate::parse(GOOD_CARD.certificate_der()).unwrap();
    let key_identifier = key_identifier.extensions.subject_key_identifier().unwrap().unwrap();
    assert_eq!(
        reason_with(|message| {
            message.version = 3;
            message.signer_version = 3;
            message.signer = tlv(0x80, &[key_identifier]);
        }),
        None
    );
    let countersignature = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.6");
    assert_eq!(
        reason_with(|message| message.unsigned = vec![attribute(&countersignature, vec![vec![0x05, 0x00]])]),
        None
    );
}

#[test]
fn the_container_is_read_strictly() {
    assert_eq!(reason_with(|message| message.version = 5), Some(Reason::CmsVersion));
    assert_eq!(reason_with(|message| message.signers = 0), Some(Reason::SignerNone));
    assert_eq!(reason_with(|message| message.signers = 2), Some(Reason::SignerMultiple));
    assert_eq!(reason_with(|message| message.signer_version = 3), Some(Reason::SignerVersion));
    assert_eq!(reason_with(|message| message.digest_algorithms.clear()), Some(Reason::DigestAlgorithmUndeclared));
    assert_eq!(
        reason_with(|message| message.digest_algorithms = vec![algorithm(&SHA512)]),
        Some(Reason::DigestAlgorithmUndeclared)
    );
    assert_eq!(reason_with(|message| message.content_type = TST_INFO), Some(Reason::ContentType));
    let digested_data = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.5");
    let other = sequence(&[&object_identifier(&digested_data), &tlv(0xA0, &[&sequence(&[])])]);
    assert_eq!(verify(&other).reason(), Some(Reason::CmsNotSignedData));

    let good = signed_by(&GOOD_CARD);
    assert_eq!(verify(&[good.as_slice(), &[0]].concat()).reason(), Some(Reason::TrailingBytes));
    let mut longer_length = vec![0x30, 0x83, 0x00];
    longer_length.extend_from_slice(&good[2..]);
    assert_eq!(verify(&longer_length).reason(), Some(Reason::CmsMalformed));
    for end in 0..good.len().min(64) {
        assert!(!verify(&good[..end]).is_valid());
    }
    assert_eq!(verify(&[0x30, 0x80].repeat(200_000)).reason(), Some(Reason::TooDeep));
}

#[test]
fn only_rsa_with_sha256_counts() {
    // SHA-512 is known, but contradicts the signature algorithm.
    for (weak, reason) in [(&SHA1, Reason::DigestAlgorithm), (&SHA512, Reason::SignatureAlgorithm)] {
        assert_eq!(
            reason_with(|message| {
                message.digest_algorithms = vec![algorithm(weak)];
                message.digest_algorithm = algorithm(weak);
            }),
            Some(reason)
        );
    }
    let others = [
        (&SHA1_WITH_RSA, Reason::SignatureAlgorithm),
        (&RSA_PSS, Reason::SignaturePss),
        (&ECDSA_WITH_SHA256, Reason::SignatureAlgorithm),
    ];
    for (other, reason) in others {
        assert_eq!(reason_with(|message| message.signature_algorithm = algorithm(other)), Some(reason));
    }
    let odd_parameters = sequence(&[&object_identifier(&oid::RSA_ENCRYPTION), &[0x04, 0x00]]);
    assert_eq!(reason_with(|message| message.signature_algorithm = odd_parameters), Some(Reason::SignatureAlgorithm));
}

#[test]
fn the_document_is_inside_or_beside_and_never_both() {
    let inside = |document: &[u8]| {
        let mut message = Message::new();
        message.content = Some(document.to_vec());
        message.to_der()
    };
    let check = |cms: &[u8], content| verify_cms(cms, content, &trust(), &CrlSet::new(), NOW).reason();
    assert_eq!(check(&inside(DOCUMENT), None), None);
    assert_eq!(check(&inside(DOCUMENT), Some(DOCUMENT)), Some(Reason::ContentTwice));
    assert_eq!(check(&inside(b"another"), None), Some(Reason::MessageDigestMismatch));
    let detached = signed_by(&GOOD_CARD);
    assert_eq!(check(&detached, None), Some(Reason::ContentMissing));
    assert_eq!(check(&detached, Some(b"another")), Some(Reason::MessageDigestMismatch));
    assert_eq!(check(&detached, Some(b"")), Some(Reason::MessageDigestMismatch));
}

#[test]
fn signed_attributes_are_there_once_and_whole() {
    assert_eq!(reason_with(|message| message.without_attributes = true), Some(Reason::SignedAttributesMissing));
    assert_eq!(reason_with(|message| message.attributes.clear()), Some(Reason::SignedAttributesMissing));
    assert_eq!(reason_with(|message| drop(message.attributes.remove(0))), Some(Reason::ContentTypeMissing));
    assert_eq!(reason_with(|message| drop(message.attributes.remove(1))), Some(Reason::MessageDigestMissing));
    assert_eq!(
        reason_with(|message| message.attributes.push(message_digest(b"another"))),
        Some(Reason::AttributeDuplicate)
    );
    let two = vec![tlv(0x04, &[&sha256(DOCUMENT)]), tlv(0x04, &[&sha256(b"another")])];
    assert_eq!(
        reason_with(|message| message.attributes[1] = attribute(&oid::MESSAGE_DIGEST, two)),
        Some(Reason::AttributeValueCount)
    );
    assert_eq!(
        reason_with(|message| message.attributes[1] = attribute(&oid::MESSAGE_DIGEST, vec![])),
        Some(Reason::AttributeValueCount)
    );
    assert_eq!(reason_with(|message| message.attributes[0] = content_type(&TST_INFO)), Some(Reason::ContentType));
    assert_eq!(
        reason_with(|message| {
            message.keep_order = true;
            message.attributes.reverse();
        }),
        Some(Reason::SignedAttributesOrder)
    );
    assert_eq!(reason_with(|message| message.sign_over_field = true), Some(Reason::SignatureMismatch));
    for misplaced in [content_type(&oid::DATA), message_digest(DOCUMENT)] {
        assert_eq!(reason_with(|message| message.unsigned = vec![misplaced]), Some(Reason::AttributeUnsigned));
    }
}

/// The signature of a message with attributes is also one over the bytes of those attributes, so
/// they could be shown as a "document" that was signed without attributes.
#[test]
fn attributes_cannot_be_passed_off_as_a_document() {
    let mut message = Message::new();
    let attributes = set_of(message.attributes.clone());
    message.without_attributes = true;
    let stripped = message.to_der();
    let verdict = verify_cms(&stripped, Some(&attributes), &trust(), &CrlSet::new(), NOW);
    assert_eq!(verdict.reason(), Some(Reason::SignedAttributesMissing));
}

#[test]
fn the_reference_to_the_certificate_must_be_to_the_signers() {
    assert_eq!(
        reason_with(|message| message.attributes.push(signing_certificate_v2(AUTHORITY.anchor_der()))),
        Some(Reason::SigningCertificateMismatch)
    );
    let by_sha1 =
        attribute(&oid::SIGNING_CERTIFICATE, vec![sequence(&[&sequence(&[&sequence(&[&tlv(0x04, &[&[0; 20]])])])])]);
    assert_eq!(reason_with(|message| message.attributes.push(by_sha1)), Some(Reason::SigningCertificateWeak));
}

#[test]
fn the_signers_certificate_is_one_and_in_the_message() {
    assert_eq!(reason_with(|message| message.certificates = vec![]), Some(Reason::SignerCertificateMissing));
    assert_eq!(
        reason_with(|message| message.certificates = vec![AUTHORITY.anchor_der().to_vec()]),
        Some(Reason::SignerCertificateMissing)
    );
    // Same issuer and serial number under an impostor's signature, put first.
    let mut fake = GOOD_CARD.certificate_der().to_vec();
    *fake.last_mut().unwrap() ^= 1;
    assert_eq!(reason_with(|message| message.certificates.insert(0, fake)), Some(Reason::SignerCertificateAmbiguous));
    let other = card(Fault::None);
    let serial = unsigned_integer(other.serial());
    let certificate = Certificate::parse(other.certificate_der()).unwrap();
    let signer = sequence(&[certificate.issuer.raw, &serial]);
    assert_eq!(reason_with(|message| message.signer = signer), Some(Reason::SignerCertificateMissing));
    assert_eq!(reason_with(|message| message.certificates = vec![vec![0x30, 0x00]; 65]), Some(Reason::TooLarge));
}

#[test]
fn a_signature_by_another_card_does_not_count() {
    let other_key = CardKey::generate().unwrap();
    let other = AUTHORITY.issue(&hanako(), Fault::None, &other_key, NOW).unwrap();
    let attributes = SignedAttributes::new(sha256(DOCUMENT), NOW);
    let signature = other.sign(&attributes.digest_info()).unwrap();
    let cms = attributes.to_cms(&signature, GOOD_CARD.certificate_der()).unwrap();
    assert_eq!(verify(&cms).reason(), Some(Reason::SignatureMismatch));
    for wrong in [&signature[1..], &[&[0], signature.as_slice()].concat(), &[]] {
        let cms = attributes.to_cms(wrong, other.certificate_der()).unwrap();
        assert_eq!(verify(&cms).reason(), Some(Reason::SignatureMismatch), "{} octets", wrong.len());
    }
}

#[test]
fn the_certificates_faults_are_the_messages() {
    for (fault, reason) in [
        (Fault::Expired, Reason::Expired),
        (Fault::NotYetValid, Reason::NotYetValid),
        (Fault::UserAuthentication, Reason::UserAuthenticationCertificate),
        (Fault::UnknownPolicy, Reason::PolicyUnknown),
        (Fault::ForgedIssuer, Reason::IssuerSignature),
        (Fault::OtherIssuer, Reason::IssuerUnknown),
    ] {
        assert_eq!(verify(&signed_by(&card(fault))).reason(), Some(reason), "{fault:?}");
    }
}
