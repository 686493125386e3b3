//! Revocation lists: what they say, and which are not believed.

use proptest::prelude::*;
use time::Duration;

use super::*;
use crate::demo::authority::{CrlFault, CrlOrder, Municipality, Revocation};
use crate::jpki::{
    Certificate, Crl, CrlReadError, Reason, RevocationGap, RevocationReason, RevocationStatus, Revoked,
    verify_certificate,
};

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

/// A download that comes a few octets at a time, and may break off.
struct Trickle<'a> {
    bytes: &'a [u8],
    step: usize,
    breaks: bool,
}

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes.is_empty() && self.breaks {
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        let (now, later) = self.bytes.split_at(self.step.min(room.len()).min(self.bytes.len()));
        room[..now.len()].copy_from_slice(now);
        self.bytes = later;
        Ok(now.len())
    }
}

#[test]
fn a_download_reads_as_the_file_does_whatever_comes_at_once() {
    let himeji = Municipality::default();
    // Longer than a window, with entries of other shapes between the usual ones.
    let mut revoked = others(4000);
    for (position, entry) in revoked.iter_mut().enumerate().filter(|(position, _)| position % 7 == 0) {
        entry.serial = vec![0x5A; position % 21];
        entry.serial.extend(u16::try_from(position).unwrap().to_be_bytes());
        entry.serial.truncate(20);
    }
    let whole = AUTHORITY.crl(&order(&himeji, &revoked)).unwrap();
    let trust = trust();
    let expected = Crl::parse(&whole, &trust).unwrap();
    for step in [1, 7, 1000, 65_536, 1_000_000] {
        let read = Crl::read_from(Trickle { bytes: &whole, step, breaks: false }, &trust).unwrap();
        assert_eq!(read.len(), expected.len(), "{step}");
        for entry in &revoked {
            assert!(read.lookup(&entry.serial).is_some() && expected.lookup(&entry.serial).is_some(), "{entry:?}");
        }
    }
    let cut = Trickle { bytes: &whole[..whole.len() - 1], step: 4096, breaks: true };
    assert!(matches!(Crl::read_from(cut, &trust), Err(CrlReadError::Unreadable(_))));
    let cut = Trickle { bytes: &whole[..whole.len() - 1], step: 4096, breaks: false };
    assert!(matches!(Crl::read_from(cut, &trust), Err(CrlReadError::Refused(Reason::CrlMalformed))));
}

#[test]
fn a_length_that_is_only_claimed_takes_no_memory_and_no_time() {
    // A SEQUENCE of nearly four gigabytes that ends after its header, at each depth.
    let huge = [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xF0];
    for depth in 1..5 {
        assert_eq!(Crl::parse(&huge.repeat(depth), &trust()).err(), Some(Reason::CrlMalformed));
    }
    let himeji = Municipality::default();
    let whole = AUTHORITY.crl(&order(&himeji, &others(3))).unwrap();
    for position in 0..whole.len() - 5 {
        let mut changed = whole.clone();
        changed[position..position + 5].copy_from_slice(&[0x84, 0xFF, 0xFF, 0xFF, 0xF0]);
        assert!(Crl::parse(&changed, &trust()).is_err(), "{position}");
    }
}

#[test]
fn a_list_says_what_it_is() {
    let himeji = Municipality::default();
    let facts = list(&order(&himeji, &others(3))).unwrap().facts();
    assert_eq!(facts.number.as_deref(), Some("1234"));
    assert_eq!(facts.revoked, 3);
    assert!(facts.point.unwrap().ends_with("OU=Hyogo-ken, CN=Himeji-shi CRLDP"));
    assert!(facts.issuer.starts_with("C=JP, O=TODOKE-DEMO"));
    let mut lists = CrlSet::new();
    lists.insert(list(&order(&himeji, &others(3))).unwrap());
    let card = Certificate::parse(GOOD_CARD.certificate_der()).unwrap();
    let anchor = Anchor::from_der(AUTHORITY.anchor_der()).unwrap();
    assert_eq!(lists.lists_for(&card, &anchor.sha256()).count(), 1);
    assert_eq!(lists.lists_for(&card, &[0; 32]).count(), 0);
    assert_eq!(lists.facts().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_put_into_a_list_is_found_there(
        serials in proptest::collection::btree_map(proptest::collection::vec(1_u8..=255, 1..=20), 0_i64..4_000_000_000, 0..60),
        absent in proptest::collection::vec(1_u8..=255, 1..=20),
    ) {
        let himeji = Municipality::default();
        let revoked: Vec<Revocation> = serials.iter().map(|(serial, at)| Revocation {
            serial: serial.clone(),
            at: OffsetDateTime::from_unix_timestamp(*at).unwrap(),
            reason: RevocationReason::Superseded,
        }).collect();
        let list = list(&order(&himeji, &revoked)).unwrap();
        prop_assert_eq!(list.len(), revoked.len());
        for entry in &revoked {
            let expected = Some(Revoked { at: entry.at, reason: entry.reason });
            prop_assert_eq!(list.lookup(&entry.serial), expected);
            let padded = [&[0, 0][..], &entry.serial].concat();
            prop_assert_eq!(list.lookup(&padded), expected);
        }
        prop_assert_eq!(list.lookup(&absent).is_some(), serials.contains_key(&absent));
    }
}
