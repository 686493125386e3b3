//! The profiles beside the one for signing, and the kinds and generations of certificates.

use std::sync::LazyLock;

use time::Duration;

use super::*;
use crate::jpki::{Certificate, Environment, Medium, Purpose, Reason, Verdict, verify_certificate};

static USERS: LazyLock<TestAuthority> =
    LazyLock::new(|| TestAuthority::of_purpose(Purpose::UserAuthentication, CARD_KEY.clone(), NOW).unwrap());

fn anchor(authority: &TestAuthority) -> Anchor {
    Anchor::from_der(authority.anchor_der()).unwrap()
}

fn sign_in(authority: &TestAuthority, fault: Fault) -> Verdict {
    let card = authority.issue(&hanako(), fault, &CARD_KEY, NOW).unwrap();
    let trust = Trust::user_authentication(vec![anchor(authority)], Policies::demo());
    verify_certificate(card.certificate_der(), &trust, &CrlSet::new(), NOW)
}

#[test]
fn a_certificate_for_signing_in_counts_for_that_and_names_nobody() {
    let verdict = sign_in(&USERS, Fault::UserAuthentication);
    assert_eq!(verdict.reason(), None, "{verdict:?}");
    let signer = verdict.signer.unwrap();
    let kind = signer.kind.unwrap();
    assert_eq!((kind.purpose, kind.medium), (Purpose::UserAuthentication, Medium::Card));
    assert_eq!((kind.environment, signer.holder), (Environment::Demo, None));
}

#[test]
fn each_rule_of_signing_in_has_its_own_reason() {
    let table = [
        (Fault::None, Reason::SigningCertificate),
        (Fault::NoPolicy, Reason::PolicyMissing),
        (Fault::UserAuthenticationWithoutPurpose, Reason::ExtendedKeyUsageMissing),
        (Fault::UserAuthenticationOtherPurpose, Reason::ExtendedKeyUsagePurpose),
        (Fault::UserAuthenticationCriticalPurpose, Reason::ExtendedKeyUsageCriticality),
        (Fault::UserAuthenticationNonRepudiation, Reason::KeyUsageExcessive),
    ];
    for (fault, reason) in table {
        assert_eq!(sign_in(&USERS, fault).reason(), Some(reason), "{fault:?}");
    }
}

#[test]
fn a_policy_counts_only_from_the_authority_that_it_belongs_to() {
    let card = USERS.issue(&hanako(), Fault::None, &CARD_KEY, NOW).unwrap();
    let trust = Trust::signing(vec![anchor(&USERS)], Policies::demo());
    let verdict = verify_certificate(card.certificate_der(), &trust, &CrlSet::new(), NOW);
    assert_eq!(verdict.reason(), Some(Reason::PolicyIssuer));
    assert_eq!(sign_in(&AUTHORITY, Fault::UserAuthentication).reason(), Some(Reason::PolicyIssuer));
    // A test policy from our own authority, where both environments count.
    let card = AUTHORITY.issue(&hanako(), Fault::OtherEnvironment, &CARD_KEY, NOW).unwrap();
    let both = Policies::of(&[Environment::Test, Environment::Demo]);
    let trust = Trust::signing(vec![anchor(&AUTHORITY)], both);
    let verdict = verify_certificate(card.certificate_der(), &trust, &CrlSet::new(), NOW);
    assert_eq!(verdict.reason(), Some(Reason::PolicyIssuer));
}

#[test]
fn rules_of_every_certificate_hold_for_people_too() {
    let table = [
        (Fault::NoAuthorityKey, Some(Reason::AuthorityKeyIdentifierMissing)),
        (Fault::CriticalAuthorityKey, Some(Reason::ExtensionCriticality)),
        (Fault::EmptyAccess, Some(Reason::CertificateMalformed)),
        (Fault::PathLength, Some(Reason::PathLengthMisplaced)),
        (Fault::PolicyTwice, Some(Reason::PolicyDuplicate)),
        (Fault::NoSubject, Some(Reason::CertificateNameEmpty)),
        (Fault::FactTwice, Some(Reason::HolderMalformed)),
        (Fault::UnknownFact, None),
    ];
    for (fault, reason) in table {
        let verdict = verify_certificate(card(fault).certificate_der(), &trust(), &CrlSet::new(), NOW);
        assert_eq!(verdict.reason(), reason, "{fault:?}");
    }
}

#[test]
fn the_next_cards_and_roots_count_beside_todays() {
    let next = TestAuthority::from_key(CardKey::generate_p384().unwrap(), NOW).unwrap();
    let trust = Trust::signing(vec![anchor(&AUTHORITY), anchor(&next)], Policies::demo());
    let p384 = CardKey::generate_p384().unwrap();
    for authority in [&next, &*AUTHORITY] {
        for key in [&p384, &*CARD_KEY] {
            let card = authority.issue(&hanako(), Fault::None, key, NOW).unwrap();
            let check = |der: &[u8]| verify_certificate(der, &trust, &CrlSet::new(), NOW);
            let verdict = check(card.certificate_der());
            assert_eq!(verdict.reason(), None, "{verdict:?}");
            let root = data_encoding::HEXLOWER.encode(&anchor(authority).sha256());
            assert_eq!(verdict.signer.unwrap().anchor_sha256, root);
            let forged = authority.issue(&hanako(), Fault::ForgedIssuer, key, NOW).unwrap();
            assert_eq!(check(forged.certificate_der()).reason(), Some(Reason::IssuerSignature));
        }
    }
}

#[test]
fn a_stored_verdict_stays_readable() {
    let verdict = verify_certificate(GOOD_CARD.certificate_der(), &trust(), &CrlSet::new(), NOW);
    let json = serde_json::to_value(&verdict).unwrap();
    // As it has always been written: the values themselves, not wrapped in anything.
    assert_eq!(json["signer"]["policy"], "1.3.6.1.4.1.32473.8.5.1.0.20");
    assert_eq!(json["signer"]["kind"]["purpose"], "signing");
    assert_eq!(json["signer"]["holder"]["name"], "試験　花子");
    assert_eq!(serde_json::from_value::<Verdict>(json).unwrap(), verdict);
}

#[test]
fn a_path_to_a_root_alone_knows_its_issuer() {
    let certificate = Certificate::parse(GOOD_CARD.certificate_der()).unwrap();
    let trust = trust();
    let path = trust.path_to(&certificate, &[], NOW).unwrap();
    assert_eq!(path.issuer().sha256, trust.anchors[0].sha256());
    assert_eq!(path.links(&certificate).count(), 1);
    let named = trust.issuers_named(certificate.issuer.raw, NOW + Duration::days(1));
    assert_eq!(named.len(), 1);
    assert!(named[0].may_sign_lists);
    assert_eq!(named[0].sha256, path.issuer().sha256);
}
