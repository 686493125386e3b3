//! Whatever comes in: never a panic, and never a signature that counts after a change.

use proptest::prelude::*;

use super::*;
use crate::jpki::{Certificate, Crl, pem_or_der, to_der};

/// xorshift, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end).unwrap()).unwrap()
    }
}

/// What nobody signed in a message that the portal assembled, and may differ without harm:
/// the version of SignedData (1 or 3), and which of two names the signature algorithm goes by.
fn unauthenticated(cms: &[u8]) -> [usize; 2] {
    let version = cms.windows(5).position(|window| window == [0x02, 0x01, 0x01, 0x31, 0x0F]).unwrap() + 2;
    let algorithm = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B, 0x05, 0x00, 0x04, 0x82];
    let algorithm = cms.windows(algorithm.len()).rposition(|window| window == algorithm).unwrap() + 8;
    [version, algorithm]
}

#[test]
fn a_changed_byte_never_counts() {
    let good = signed_by(&GOOD_CARD);
    let harmless = unauthenticated(&good);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let trust = trust();
    let every_position = 0..good.len();
    let anywhere: Vec<usize> = (0..2000).map(|_| dice.below(good.len())).collect();
    for position in every_position.chain(anywhere) {
        let mut changed = good.clone();
        let mask = u8::try_from(dice.roll() % 255 + 1).unwrap();
        changed[position] ^= mask;
        let verdict = verify_cms(&changed, Some(DOCUMENT), &trust, &CrlSet::new(), NOW);
        assert!(!verdict.is_valid() || harmless.contains(&position), "byte {position} xor {mask:#04x} counts");
    }
}

#[test]
fn inserted_and_removed_bytes_never_count() {
    let good = signed_by(&GOOD_CARD);
    let trust = trust();
    let mut dice = Dice(42);
    for _ in 0..1000 {
        let mut changed = good.clone();
        let position = dice.below(good.len());
        if dice.roll().is_multiple_of(2) {
            changed.remove(position);
        } else {
            changed.insert(position, dice.roll().to_le_bytes()[0]);
        }
        let same = changed == good;
        assert!(same || !verify_cms(&changed, Some(DOCUMENT), &trust, &CrlSet::new(), NOW).is_valid());
    }
}

#[test]
fn a_changed_certificate_never_counts() {
    let good = GOOD_CARD.certificate_der();
    let trust = trust();
    let mut dice = Dice(7);
    for position in 0..good.len() {
        let mut changed = good.to_vec();
        changed[position] ^= u8::try_from(dice.roll() % 255 + 1).unwrap();
        let verdict = crate::jpki::verify_certificate(&changed, &trust, &CrlSet::new(), NOW);
        assert!(!verdict.is_valid(), "byte {position}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let trust = trust();
        prop_assert!(!verify_cms(&bytes, None, &trust, &CrlSet::new(), NOW).is_valid());
        prop_assert!(Certificate::parse(&bytes).is_err());
        prop_assert!(Crl::parse(&bytes, &trust).is_err());
        let _ = (to_der(&bytes), pem_or_der(&bytes));
    }

    #[test]
    fn der_is_its_own_transcript(cut in 0_usize..4000) {
        let good = signed_by(&GOOD_CARD);
        prop_assert_eq!(to_der(&good).unwrap(), good.clone());
        prop_assert!(to_der(&good[..cut.min(good.len() - 1)]).is_err());
    }
}
