//! Revocation lists: what they say, and which are not believed.

use time::Duration;

use super::*;
use crate::demo::authority::{CrlFault, CrlOrder, Municipality, Revocation};
use crate::jpki::{Crl, Reason, RevocationGap, RevocationReason, RevocationStatus, verify_certificate};

fn order<'a>(municipality: &'a Municipality, revoked: &'a [Revocation]) -> CrlOrder<'a> {
    CrlOrder {
        municipality,
        revoked,
        this_update: NOW - Duration::hours(12),
        next_update: NOW + Duration::hours(12),
        number: 0x1234,
        fault: CrlFault::None,
    }
}

fn list(order: &CrlOrder<'_>) -> Result<Crl, Reason> {
    Crl::parse(&AUTHORITY.crl(order).unwrap(), &trust())
}

fn status(order: &CrlOrder<'_>) -> RevocationStatus {
    let mut lists = CrlSet::new();
    assert!(lists.insert(list(order).unwrap()));
    verify_certificate(GOOD_CARD.certificate_der(), &trust(), &lists, NOW).revocation
}

fn others(count: u32) -> Vec<Revocation> {
    (0..count)
        .map(|serial| Revocation {
            serial: (serial * 7 + 1).to_be_bytes().to_vec(),
            at: NOW - Duration::days(3),
            reason: RevocationReason::Superseded,
        })
        .collect()
}

#[test]
fn a_current_list_without_the_certificate_says_good() {
    let himeji = Municipality::default();
    let RevocationStatus::Good { crl_number, this_update, next_update, .. } = status(&order(&himeji, &others(50)))
    else {
        panic!("not good");
    };
    assert_eq!(crl_number.as_deref(), Some("1234"));
    assert_eq!((this_update, next_update), (NOW - Duration::hours(12), NOW + Duration::hours(12)));
    assert!(matches!(status(&order(&himeji, &[])), RevocationStatus::Good { .. }));
}

#[test]
fn a_revoked_certificate_is_found_wherever_it_stands() {
    let himeji = Municipality::default();
    for position in [0, 25, 50] {
        let mut revoked = others(50);
        let at = NOW - Duration::days(1);
        revoked.insert(position, GOOD_CARD.revocation(at, RevocationReason::AffiliationChanged));
        let expected = RevocationStatus::Revoked { at, reason: RevocationReason::AffiliationChanged };
        assert_eq!(status(&order(&himeji, &revoked)), expected);
    }
}

#[test]
fn the_first_and_last_number_of_a_long_list_are_found() {
    let himeji = Municipality::default();
    let revoked = others(1000);
    let list = list(&order(&himeji, &revoked)).unwrap();
    assert_eq!(list.len(), 1000);
    assert!(list.lookup(&[1]).is_some());
    assert!(list.lookup(&(999_u32 * 7 + 1).to_be_bytes()).is_some());
    assert!(list.lookup(&[2]).is_none());
    assert!(list.lookup(&[1; 21]).is_none());
}

#[test]
fn a_revoked_signature_is_refused_but_names_its_signer() {
    let himeji = Municipality::default();
    let revoked = [GOOD_CARD.revocation(NOW - Duration::days(1), RevocationReason::CertificateHold)];
    let mut lists = CrlSet::new();
    lists.insert(list(&order(&himeji, &revoked)).unwrap());
    let verdict = verify_cms(&signed_by(&GOOD_CARD), Some(DOCUMENT), &trust(), &lists, NOW);
    assert_eq!(verdict.reason(), Some(Reason::Revoked));
    assert!(verdict.signer.is_some());
    assert_eq!(verdict.steps.len(), 7);
}

#[test]
fn without_a_fitting_list_revocation_is_unknown_and_the_signature_still_counts() {
    let unknown = |why| RevocationStatus::Unknown { why };
    let himeji = Municipality::default();
    let verdict = verify(&signed_by(&GOOD_CARD));
    assert_eq!((verdict.reason(), verdict.revocation), (None, unknown(RevocationGap::NoList)));

    let elsewhere = Municipality { prefecture: "Tokyo-to".to_owned(), name: "Kiyose-shi".to_owned() };
    assert_eq!(status(&order(&elsewhere, &[])), unknown(RevocationGap::NoListForDistributionPoint));

    let stale = CrlOrder { next_update: NOW - Duration::seconds(1), ..order(&himeji, &[]) };
    assert_eq!(status(&stale), unknown(RevocationGap::Stale));
    let current = CrlOrder { next_update: NOW, ..order(&himeji, &[]) };
    assert!(matches!(status(&current), RevocationStatus::Good { .. }));

    let future = CrlOrder { this_update: NOW + Duration::seconds(1), ..order(&himeji, &[]) };
    assert_eq!(status(&future), unknown(RevocationGap::NotYetMade));
}

#[test]
fn an_old_list_still_revokes_and_a_later_one_only_what_was_revoked_by_then() {
    let himeji = Municipality::default();
    let before = [GOOD_CARD.revocation(NOW - Duration::days(2), RevocationReason::KeyCompromise)];
    let stale = CrlOrder { next_update: NOW - Duration::days(1), ..order(&himeji, &before) };
    assert!(matches!(status(&stale), RevocationStatus::Revoked { .. }));
    let later = CrlOrder { this_update: NOW + Duration::days(1), ..order(&himeji, &before) };
    assert!(matches!(status(&later), RevocationStatus::Revoked { .. }));
    let after = [GOOD_CARD.revocation(NOW + Duration::hours(1), RevocationReason::KeyCompromise)];
    let later = CrlOrder { this_update: NOW + Duration::days(1), ..order(&himeji, &after) };
    assert_eq!(status(&later), RevocationStatus::Unknown { why: RevocationGap::NotYetMade });
}

#[test]
fn a_list_about_everything_answers_too() {
    let himeji = Municipality::default();
    let whole = CrlOrder { fault: CrlFault::NoDistributionPoint, ..order(&himeji, &[]) };
    assert!(matches!(status(&whole), RevocationStatus::Good { .. }));
}

#[test]
fn each_single_fault_has_its_own_reason() {
    let himeji = Municipality::default();
    let revoked = others(3);
    let table = [
        (CrlFault::ForgedIssuer, Reason::CrlSignature),
        (CrlFault::UnknownCritical, Reason::CrlUnknownCritical),
        (CrlFault::UnknownCriticalEntry, Reason::CrlUnknownCritical),
        (CrlFault::Delta, Reason::CrlDelta),
        (CrlFault::Indirect, Reason::CrlIndirect),
        (CrlFault::AuthoritiesOnly, Reason::CrlScope),
        (CrlFault::SomeReasons, Reason::CrlScope),
        (CrlFault::NoNextUpdate, Reason::CrlNextUpdateMissing),
        (CrlFault::NoNumber, Reason::CrlNumberMissing),
        (CrlFault::VersionOne, Reason::CrlVersion),
        (CrlFault::TrailingByte, Reason::TrailingBytes),
    ];
    for (fault, reason) in table {
        let faulty = CrlOrder { fault, ..order(&himeji, &revoked) };
        assert_eq!(list(&faulty).err(), Some(reason), "{fault:?}");
    }
    let stranger = TestAuthority::generate(NOW).unwrap();
    let foreign = stranger.crl(&order(&himeji, &revoked)).unwrap();
    assert_eq!(Crl::parse(&foreign, &trust()).err(), Some(Reason::CrlIssuerUnknown));
}

#[test]
fn the_number_of_a_list_never_goes_back() {
    let himeji = Municipality::default();
    let numbered = |number| list(&CrlOrder { number, ..order(&himeji, &[]) }).unwrap();
    let mut lists = CrlSet::new();
    assert!(lists.insert(numbered(0xFF)));
    assert!(!lists.insert(numbered(0xFE)));
    assert!(!lists.insert(numbered(0xFF)));
    assert!(lists.insert(numbered(0x100)));
    assert_eq!(lists.iter().map(Crl::number).collect::<Vec<_>>(), ["0100"]);
}

#[test]
fn a_truncated_list_is_refused() {
    let himeji = Municipality::default();
    let whole = AUTHORITY.crl(&order(&himeji, &others(20))).unwrap();
    for end in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
        assert_eq!(Crl::parse(&whole[..end], &trust()).err(), Some(Reason::CrlMalformed), "{end}");
    }
}
