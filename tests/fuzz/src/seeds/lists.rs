//! Revocation lists, answers of responders, and timestamps.

use todoke_fuzz::demo::authority::{
    CrlFault, CrlOrder, Municipality, OcspFault, OcspOrder, OcspStatus, Revocation, TestAuthority, TimestampFault,
};
use todoke_fuzz::entry::{DOCUMENT, NONCE, NOW, STAMPED};
use todoke_fuzz::jpki::{RevocationReason, timestamp_request};
use todoke_fuzz::sha256::sha256;

use super::{Corpus, People, in_days, named};

/// A list of six, none of whom is on a card of the corpus.
fn order(municipality: &Municipality, fault: CrlFault) -> CrlOrder<'_> {
    CrlOrder { municipality, revoked: &[], this_update: in_days(-1), next_update: in_days(6), number: 5, fault }
}

pub fn list(authority: &TestAuthority, fault: CrlFault) -> Vec<u8> {
    let reasons = [
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::AffiliationChanged,
        RevocationReason::Superseded,
        RevocationReason::CertificateHold,
        RevocationReason::CessationOfOperation,
    ];
    let revoked: Vec<Revocation> = reasons
        .into_iter()
        .zip(1..)
        .map(|(reason, number)| Revocation { serial: vec![0x7F, number * 40], at: in_days(-2), reason })
        .collect();
    let municipality = Municipality::default();
    authority.crl(&CrlOrder { revoked: &revoked, ..order(&municipality, fault) }).expect("a list")
}

pub fn plant(corpus: &mut Corpus, people: &People) {
    revocation_lists(corpus, people);
    answers(corpus, people);
    timestamps(corpus, people);
}

fn revocation_lists(corpus: &mut Corpus, people: &People) {
    let municipality = Municipality::default();
    let mut seeds = Vec::new();
    let shared = list(&people.authority, CrlFault::None);
    corpus.share("list.crl", &shared);
    seeds.push(("good".to_owned(), shared));
    let card = [people.card.revocation(in_days(-1), RevocationReason::CertificateHold)];
    let later = CrlOrder { revoked: &card, number: 6, ..order(&municipality, CrlFault::None) };
    seeds.push(("card-revoked".to_owned(), people.authority.crl(&later).expect("a list")));
    let empty = people.next.crl(&order(&municipality, CrlFault::None)).expect("a list");
    seeds.push(("empty-p384".to_owned(), empty));
    let stale = CrlOrder { this_update: in_days(-9), next_update: in_days(-2), ..order(&municipality, CrlFault::None) };
    let faults = [
        CrlFault::NoDistributionPoint,
        CrlFault::Delta,
        CrlFault::Indirect,
        CrlFault::SomeReasons,
        CrlFault::AuthoritiesOnly,
        CrlFault::VersionOne,
        CrlFault::UnknownCriticalEntry,
        CrlFault::ForgedIssuer,
        CrlFault::NoNextUpdate,
        CrlFault::UnknownCritical,
        CrlFault::NoNumber,
        CrlFault::TrailingByte,
    ];
    for fault in faults {
        seeds.push((named(fault), list(&people.authority, fault)));
    }
    seeds.push(("stale".to_owned(), people.authority.crl(&stale).expect("a list")));
    for (name, bytes) in &seeds {
        if !["forged-issuer", "trailing-byte"].contains(&name.as_str()) {
            corpus.note(bytes);
        }
    }
    corpus.plant("crl", &seeds);
}

fn answers(corpus: &mut Corpus, people: &People) {
    let order = |status, fault| OcspOrder {
        card: &people.card,
        status,
        nonce: Some(&NONCE),
        produced_at: NOW,
        this_update: NOW,
        next_update: Some(in_days(1)),
        fault,
    };
    let answer = |order: &OcspOrder<'_>| people.authority.ocsp(order).expect("an answer");
    let revoked = OcspStatus::Revoked { at: in_days(-1), reason: RevocationReason::CertificateHold };
    let good = order(OcspStatus::Good, OcspFault::None);
    let mut seeds = vec![
        ("good".to_owned(), answer(&good)),
        ("revoked".to_owned(), answer(&order(revoked, OcspFault::None))),
        ("unknown".to_owned(), answer(&order(OcspStatus::Unknown, OcspFault::None))),
        ("without-nonce".to_owned(), answer(&OcspOrder { nonce: None, next_update: None, ..good.clone() })),
        ("stale".to_owned(), answer(&OcspOrder { next_update: Some(in_days(-1)), this_update: in_days(-2), ..good })),
        ("try-later".to_owned(), answer(&order(OcspStatus::Good, OcspFault::Status(3)))),
    ];
    let faults = [
        OcspFault::ByKey,
        OcspFault::Sha256Id,
        OcspFault::Appointed,
        OcspFault::AppointedAndListed,
        OcspFault::UnknownCritical,
        OcspFault::OtherType,
        OcspFault::ExplicitVersion,
        OcspFault::AppointedWithoutPurpose,
        OcspFault::AppointedForAnything,
        OcspFault::AppointedForEncryption,
        OcspFault::AppointedWithUnknownCritical,
        OcspFault::AppointedExpired,
        OcspFault::AppointedItself,
        OcspFault::AppointedUnseen,
        OcspFault::ForgedSignature,
        OcspFault::OtherResponder,
        OcspFault::OtherSerial,
        OcspFault::OtherIssuerName,
        OcspFault::OtherIssuerKey,
        OcspFault::UnknownCriticalAnswer,
        OcspFault::WeakAlgorithm,
        OcspFault::TrailingByte,
    ];
    for fault in faults {
        seeds.push((named(fault), answer(&order(OcspStatus::Good, fault))));
    }
    corpus.plant("ocsp", &seeds);
}

fn timestamps(corpus: &mut Corpus, people: &People) {
    let request = timestamp_request(&sha256(DOCUMENT), Some(&NONCE), None);
    let stamp = |fault| people.authority.stamp(&request, fault, STAMPED).expect("a timestamp");
    let mut seeds = vec![("request".to_owned(), request.clone())];
    let faults = [
        TimestampFault::None,
        TimestampFault::Bare,
        TimestampFault::Rejected,
        TimestampFault::OtherImprint,
        TimestampFault::NoNonce,
        TimestampFault::UnknownCritical,
        TimestampFault::Future,
        TimestampFault::PlainData,
        TimestampFault::OtherReference,
        TimestampFault::PurposeNotCritical,
        TimestampFault::ForgedSignature,
        TimestampFault::OtherNonce,
        TimestampFault::VersionTwo,
        TimestampFault::BeforeValidity,
        TimestampFault::NoReference,
        TimestampFault::OtherPurpose,
        TimestampFault::ForgedIssuer,
        TimestampFault::WithoutCertificate,
    ];
    seeds.extend(faults.map(|fault| (named(fault), stamp(fault))));
    corpus.plant("timestamp", &seeds);
}
