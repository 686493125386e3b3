//! Timestamps: the ordinary one, each rule broken alone, and OpenSSL as authority and as verifier.

use time::Duration;

use super::openssl::{Folder, openssl};
use super::*;
use crate::demo::authority::TimestampFault;
use crate::jpki::encode::{object_identifier, sequence, set_of, tlv};
use crate::jpki::{Check, Imprint, Reason, StepOutcome, Timestamp, Verifier, oid, timestamp_request, verify_timestamp};

const NONCE: &[u8] = &[0x00, 0x9A, 0x01];

fn authorities() -> Trust {
    Trust::timestamping(vec![Anchor::from_der(AUTHORITY.anchor_der()).unwrap()])
}

fn stamp(fault: TimestampFault) -> Vec<u8> {
    AUTHORITY.stamp(&timestamp_request(&sha256(DOCUMENT), Some(NONCE), None), fault, NOW).unwrap()
}

fn check(answer: &[u8]) -> Result<Timestamp, Reason> {
    verify_timestamp(answer, Imprint::Of(DOCUMENT), Some(NONCE), &authorities(), NOW)
}

#[test]
fn a_timestamp_counts_as_an_answer_and_as_a_token() {
    let timestamp = check(&stamp(TimestampFault::None)).unwrap();
    assert_eq!((timestamp.at, timestamp.accuracy), (NOW, Duration::seconds(1)));
    assert_eq!(timestamp.policy, "1.3.6.1.4.1.32473.3.1");
    assert_eq!(timestamp.authority, "C=JP, O=TODOKE-DEMO, CN=Timestamps");
    assert_eq!(check(&timestamp.token).unwrap(), timestamp);
    assert!(check(&stamp(TimestampFault::Bare)).is_ok());
    let answer = stamp(TimestampFault::None);
    let digest = sha256(DOCUMENT);
    assert!(verify_timestamp(&answer, Imprint::Sha256(&digest), None, &authorities(), NOW).is_ok());
}

#[test]
fn each_single_fault_has_its_own_reason() {
    let table = [
        (TimestampFault::Rejected, Reason::TimestampRejected),
        (TimestampFault::OtherImprint, Reason::TimestampImprint),
        (TimestampFault::OtherNonce, Reason::TimestampNonce),
        (TimestampFault::NoNonce, Reason::TimestampNonce),
        (TimestampFault::VersionTwo, Reason::TimestampVersion),
        (TimestampFault::UnknownCritical, Reason::TimestampUnknownCritical),
        (TimestampFault::Future, Reason::TimestampTime),
        (TimestampFault::BeforeValidity, Reason::TimestampTime),
        (TimestampFault::PlainData, Reason::TimestampContentType),
        (TimestampFault::NoReference, Reason::SigningCertificateMissing),
        (TimestampFault::OtherReference, Reason::SigningCertificateMismatch),
        (TimestampFault::OtherPurpose, Reason::TimestampCertificate),
        (TimestampFault::PurposeNotCritical, Reason::TimestampCertificate),
        (TimestampFault::ForgedIssuer, Reason::IssuerSignature),
        (TimestampFault::ForgedSignature, Reason::SignatureMismatch),
        (TimestampFault::WithoutCertificate, Reason::SignerCertificateMissing),
    ];
    for (fault, reason) in table {
        assert_eq!(check(&stamp(fault)), Err(reason), "{fault:?}");
    }
}

#[test]
fn a_changed_timestamp_never_counts() {
    let good = stamp(TimestampFault::Bare);
    let authorities = authorities();
    for position in 0..good.len() {
        for mask in [0x01, 0x20, 0x80] {
            let mut changed = good.clone();
            changed[position] ^= mask;
            let result = verify_timestamp(&changed, Imprint::Of(DOCUMENT), Some(NONCE), &authorities, NOW);
            // The version of SignedData and the name of the algorithm are not signed; see `mutations`.
            let harmless = good[position] == 3 || (good[position] == 0x0B && mask == 0x01);
            assert!(result.is_err() || harmless, "byte {position} xor {mask:#04x} counts");
        }
    }
}

/// A message with a timestamp among its unsigned attributes.
fn stamped(imprint: impl Fn(&[u8]) -> [u8; 32]) -> Vec<u8> {
    stamped_by(1, imprint)
}

fn stamped_by(count: u8, imprint: impl Fn(&[u8]) -> [u8; 32]) -> Vec<u8> {
    let attributes = SignedAttributes::new(sha256(DOCUMENT), NOW);
    let signature = GOOD_CARD.sign(&attributes.digest_info()).unwrap();
    let plain = attributes.to_cms(&signature, GOOD_CARD.certificate_der()).unwrap();
    let request = timestamp_request(&imprint(&signature), None, None);
    let token = |_| AUTHORITY.stamp(&request, TimestampFault::Bare, NOW).unwrap();
    let tokens = (0..count).map(token).collect();
    let attribute = sequence(&[&object_identifier(&oid::SIGNATURE_TIMESTAMP), &set_of(tokens)]);
    // The signer is the last thing in a message, so the attribute goes to its end.
    nest(&plain, 4, &tlv(0xA1, &[&attribute]))
}

/// Adds bytes at the end of the last element, so many levels down.
fn nest(element: &[u8], levels: usize, addition: &[u8]) -> Vec<u8> {
    let whole = crate::jpki::tlv::Reader::new(element).any().unwrap();
    if levels == 0 {
        return tlv(whole.tag, &[whole.value, addition]);
    }
    let mut children = whole.reader();
    let mut parts = Vec::new();
    while !children.is_empty() {
        parts.push(children.any().unwrap().raw.to_vec());
    }
    let last = parts.pop().unwrap();
    parts.push(nest(&last, levels - 1, addition));
    tlv(whole.tag, &[&parts.concat()])
}

#[test]
fn the_timestamp_of_a_signature_is_told_and_never_decides() {
    let (trust, authorities, lists) = (trust(), authorities(), CrlSet::new());
    let verifier = Verifier::new(&trust, &lists, NOW);
    let told = |cms: &[u8]| {
        let verdict = verifier.with_timestamping(&authorities).cms(cms, Some(DOCUMENT));
        assert_eq!(verdict.reason(), None, "{verdict:?}");
        verdict.steps.into_iter().find(|step| step.check == Check::Timestamp)
    };
    let right = told(&stamped(sha256)).unwrap();
    assert_eq!(right.outcome, StepOutcome::Passed);
    assert_eq!(right.facts[0].value, "2026-06-01T03:00:00Z");
    // Over the document instead of the signature.
    let wrong = told(&stamped(|_| sha256(DOCUMENT))).unwrap();
    assert_eq!(wrong.outcome, StepOutcome::Unknown);
    assert_eq!(wrong.facts[0].value, "timestamp-imprint");
    assert_eq!(told(&signed_by(&GOOD_CARD)), None);
    assert_eq!(verifier.cms(&stamped(sha256), Some(DOCUMENT)).steps.len(), 7, "nobody asked for timestamps");
}

#[test]
fn no_more_than_a_few_timestamps_are_looked_at() {
    let (trust, authorities, lists) = (trust(), authorities(), CrlSet::new());
    let verifier = Verifier::new(&trust, &lists, NOW).with_timestamping(&authorities);
    let told = |count: u8| {
        let verdict = verifier.cms(&stamped_by(count, sha256), Some(DOCUMENT));
        assert_eq!(verdict.reason(), None);
        verdict.steps.into_iter().filter(|step| step.check == Check::Timestamp).collect::<Vec<_>>()
    };
    assert!(told(4).iter().all(|step| step.outcome == StepOutcome::Passed));
    let many = told(9);
    assert_eq!((many.len(), many[4].outcome), (5, StepOutcome::Unknown));
    assert_eq!(many[4].facts[0].value, "too-large");
}

#[test]
fn openssl_accepts_our_timestamps() {
    let folder = Folder::new("stamped");
    folder.write("anchor.der", AUTHORITY.anchor_der());
    folder.write("answer", &stamp(TimestampFault::None));
    folder.write("document", DOCUMENT);
    folder.write("another", b"another");
    let (converted, text) = openssl(&folder, "x509 -inform DER -in anchor.der -out anchor.pem");
    assert!(converted, "{text}");
    let at = NOW.unix_timestamp();
    let verify =
        |data: &str| openssl(&folder, &format!("ts -verify -in answer -data {data} -CAfile anchor.pem -attime {at}"));
    let (accepted, text) = verify("document");
    assert!(accepted, "{text}");
    assert!(!verify("another").0);
}

#[test]
fn openssls_timestamps_count() {
    let folder = Folder::new("openssl-stamp");
    // Valid for so long that the machine's clock lies within.
    let (certificate, key) =
        AUTHORITY.timestamping_authority(NOW - Duration::days(7300), NOW + Duration::days(7300)).unwrap();
    folder.write("signer.der", &certificate);
    folder.write("key.der", &key.to_pkcs8().unwrap());
    folder.write("document", DOCUMENT);
    folder.write("serial", b"01\n");
    let settings = "[tsa]\ndefault_tsa = here\n[here]\nserial = serial\nsigner_cert = signer.pem\nsigner_key = key.pem\n\
                    signer_digest = sha512\ndefault_policy = 1.3.6.1.4.1.32473.3.1\ndigests = sha256, sha512\n\
                    accuracy = secs:1, millisecs:500\nordering = yes\ness_cert_id_alg = sha384\n";
    folder.write("settings", settings.as_bytes());
    let run = |arguments: &str| {
        let (done, text) = openssl(&folder, arguments);
        assert!(done, "{arguments}: {text}");
    };
    run("x509 -inform DER -in signer.der -out signer.pem");
    run("pkey -inform DER -in key.der -out key.pem");
    run("ts -query -data document -sha512 -cert -out query");
    run("ts -reply -config settings -queryfile query -out answer");
    let answer = std::fs::read(folder.path().join("answer")).unwrap();
    let late = NOW + Duration::days(3000);
    let verify = |imprint| verify_timestamp(&answer, imprint, None, &authorities(), late);
    let timestamp = verify(Imprint::Of(DOCUMENT)).unwrap();
    assert_eq!((timestamp.accuracy, timestamp.ordering), (Duration::milliseconds(1500), true));
    assert_eq!(verify(Imprint::Of(b"another")), Err(Reason::TimestampImprint));
}
