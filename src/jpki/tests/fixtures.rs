//! J-LIS's published test-card certificates and roots (see their SOURCE.md).

use time::macros::datetime;

use super::*;
use crate::jpki::{Environment, Reason, Verdict, verify_certificate};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/myna-card/", $name)).as_slice()
    };
}

const SIGNING: &[u8] = fixture!("jpki-sign-cert.der");
const USER_AUTHENTICATION: &[u8] = fixture!("jpki-auth-cert.der");
const SIGNING_ROOT_2019: &[u8] = fixture!("certs/test/signca-test-2019.cer");
const SIGNING_ROOT_2024: &[u8] = fixture!("certs/test/signca-test-2024.cer");
const USER_AUTHENTICATION_ROOT_2023: &[u8] = fixture!("certs/test/authca-test-2023.cer");
const IN_2026: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);

fn check(certificate: &[u8], roots: &[&[u8]], policies: Policies, at: OffsetDateTime) -> Verdict {
    let anchors = roots.iter().map(|root| Anchor::from_der(root).unwrap()).collect();
    verify_certificate(certificate, &Trust::signing(anchors, policies), &CrlSet::new(), at)
}

#[test]
fn the_test_card_chains_to_its_own_generation_and_names_its_holder() {
    let verdict = check(SIGNING, &[SIGNING_ROOT_2019, SIGNING_ROOT_2024], Policies::test(), IN_2026);
    assert_eq!(verdict.reason(), None, "{verdict:?}");
    let signer = verdict.signer.unwrap();
    assert_eq!(signer.anchor_sha256, "8126df7dd2db230bd8ee48caa40fc3417dde3607050ed34973d8d3cf267fe723");
    assert_eq!(signer.sha256, "b3994bc27590a3e8a58be28dc1b9554281fc010cfbe03ae1dd858563a7f68d27");
    assert_eq!(signer.serial, "1ee607");
    assert_eq!(signer.policy.as_deref(), Some("1.2.392.200149.8.5.1.0.20"));
    assert_eq!(
        signer.issuer,
        "C=JP, O=JPKI-TEST, OU=JPKI for digital signature, OU=Japan Agency for Local Authority Information Systems"
    );
    assert_eq!(signer.not_after, datetime!(2030-02-17 14:59:59 UTC));
    let holder = signer.holder.unwrap();
    assert_eq!(holder.name, "黒桐　幹也");
    assert_eq!(holder.address.as_deref(), Some("東京都清瀬市観布子南１２－７－２０２"));
    assert_eq!(holder.birth.unwrap().date(), Some(time::macros::date!(1980 - 02 - 17)));
    assert_eq!((holder.name_substitutes.len(), holder.address_substitutes.len()), (0, 0));
}

#[test]
fn no_other_root_answers_for_the_test_card() {
    for root in [SIGNING_ROOT_2019, USER_AUTHENTICATION_ROOT_2023] {
        assert_eq!(check(SIGNING, &[root], Policies::test(), IN_2026).reason(), Some(Reason::IssuerUnknown));
    }
}

#[test]
fn the_certificate_for_signing_in_is_refused_for_signing() {
    let verdict = check(USER_AUTHENTICATION, &[USER_AUTHENTICATION_ROOT_2023], Policies::test(), IN_2026);
    assert_eq!(verdict.reason(), Some(Reason::UserAuthenticationCertificate));
}

#[test]
fn production_refuses_the_test_card() {
    let verdict = check(SIGNING, &[SIGNING_ROOT_2024], Policies::production(), IN_2026);
    assert_eq!(verdict.reason(), Some(Reason::PolicyEnvironment));
}

#[test]
fn the_test_card_ends_with_its_last_second() {
    let at = |at| check(SIGNING, &[SIGNING_ROOT_2024], Policies::test(), at).reason();
    assert_eq!(at(datetime!(2025-10-27 01:35:56 UTC)), Some(Reason::NotYetValid));
    assert_eq!(at(datetime!(2025-10-27 01:35:57 UTC)), None);
    assert_eq!(at(datetime!(2030-02-17 23:59:59 +9)), None);
    assert_eq!(at(datetime!(2030-02-18 00:00:00 +9)), Some(Reason::Expired));
}

#[test]
fn every_published_root_is_one() {
    let roots = [
        (fixture!("certs/signca01.cer"), Environment::Production),
        (fixture!("certs/signca02.cer"), Environment::Production),
        (fixture!("certs/signca03.cer"), Environment::Production),
        (fixture!("certs/authca01.cer"), Environment::Production),
        (fixture!("certs/authca02.cer"), Environment::Production),
        (fixture!("certs/authca03.cer"), Environment::Production),
        (fixture!("certs/test/authca-test-2019.cer"), Environment::Test),
        (USER_AUTHENTICATION_ROOT_2023, Environment::Test),
        (SIGNING_ROOT_2019, Environment::Test),
        (SIGNING_ROOT_2024, Environment::Test),
    ];
    for (root, environment) in roots {
        assert_eq!(Anchor::from_der(root).map(|anchor| anchor.environment()), Ok(environment));
    }
}

#[test]
fn the_certificate_for_signing_in_counts_for_signing_in() {
    let anchors = vec![Anchor::from_der(USER_AUTHENTICATION_ROOT_2023).unwrap()];
    let trust = Trust::user_authentication(anchors, Policies::test());
    let verdict = verify_certificate(USER_AUTHENTICATION, &trust, &CrlSet::new(), IN_2026);
    assert_eq!(verdict.reason(), None, "{verdict:?}");
    let signer = verdict.signer.unwrap();
    assert_eq!((signer.serial.as_str(), signer.holder), ("227b13", None));
    let anchors = vec![Anchor::from_der(SIGNING_ROOT_2024).unwrap()];
    let trust = Trust::user_authentication(anchors, Policies::test());
    let verdict = verify_certificate(SIGNING, &trust, &CrlSet::new(), IN_2026);
    assert_eq!(verdict.reason(), Some(Reason::SigningCertificate));
}
