//! The series of numbers that a library issues.

use super::{CardNumber, CheckScheme};
use serde::{Deserialize, Serialize};

/// How a library makes its card numbers: prefix, serial of fixed width, check sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberSeries {
    /// Capitals and digits in front of every number; may be empty. Capitals are for people
    /// only: NW-7 has no signs for them, so the barcode leaves them out.
    #[serde(default)]
    pub prefix: String,
    /// Digits of the serial, without prefix and check sign.
    pub width: u8,
    /// How the check sign is computed.
    pub check: CheckScheme,
    /// The first serial that this portal may issue.
    pub first: u64,
    /// How many signs stand together in print, from the left; the rest forms the last group.
    #[serde(default)]
    pub grouping: Vec<u8>,
    /// Start sign of the barcode, `A` to `D`.
    #[serde(default = "letter_a")]
    pub barcode_start: char,
    /// Stop sign of the barcode, `A` to `D`.
    #[serde(default = "letter_a")]
    pub barcode_stop: char,
}

const fn letter_a() -> char {
    'A'
}

/// The series has no number left for this place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the series of card numbers is exhausted")]
pub struct SeriesExhausted;

/// The series is not one from which numbers can be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSeries {
    /// The prefix has other signs than capitals and digits, or more than eight.
    #[error("the prefix must be up to eight capitals and digits")]
    Prefix,
    /// The serial's width is not between 4 and 15.
    #[error("the width must be between 4 and 15 digits")]
    Width,
    /// The first serial leaves room for fewer than a thousand numbers.
    #[error("the width is too small: fewer than 1000 numbers from the first one on")]
    TooSmall,
    /// A group without signs.
    #[error("a group of the printed number must have at least one sign")]
    Grouping,
    /// Start or stop sign is not `A` to `D`.
    #[error("start and stop sign of the barcode must be A, B, C or D")]
    StartStop,
}

impl NumberSeries {
    /// Tells why numbers cannot be issued from this series, if so.
    ///
    /// # Errors
    /// See [`InvalidSeries`].
    pub fn check_soundness(&self) -> Result<(), InvalidSeries> {
        if self.prefix.len() > 8 || !self.prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return Err(InvalidSeries::Prefix);
        }
        if !(4..=15).contains(&self.width) {
            return Err(InvalidSeries::Width);
        }
        if self.first.saturating_add(1000) > self.end() {
            return Err(InvalidSeries::TooSmall);
        }
        if self.grouping.contains(&0) {
            return Err(InvalidSeries::Grouping);
        }
        if ![self.barcode_start, self.barcode_stop].iter().all(|sign| matches!(sign, 'A'..='D')) {
            return Err(InvalidSeries::StartStop);
        }
        Ok(())
    }

    /// The card number at place `sequence`, counted from 0. Every place has its own number, and
    /// always the same one; serials for which the scheme has no check sign are passed over.
    ///
    /// # Errors
    /// When the serial would need more digits than the series has.
    pub fn number(&self, sequence: u64) -> Result<CardNumber, SeriesExhausted> {
        let serial = if self.check.skips() {
            let usable_before = self.usable_below(self.first);
            self.nth_usable(usable_before.checked_add(sequence).ok_or(SeriesExhausted)?)?
        } else {
            self.first.checked_add(sequence).filter(|serial| *serial < self.end()).ok_or(SeriesExhausted)?
        };
        let body = self.body(serial);
        let check = self.check.sign_of(&body, self.barcode_start, self.barcode_stop).ok_or(SeriesExhausted)?;
        Ok(CardNumber(body + &check))
    }

    /// The place of a number in this series, counted from 0 as [`NumberSeries::number`] counts. Nothing for numbers
    /// of another form, and for those before the first one that this portal may issue.
    #[must_use]
    pub fn sequence_of(&self, number: &CardNumber) -> Option<u64> {
        if !self.is_valid(number) {
            return None;
        }
        let digits = number.as_str().get(self.prefix.len()..)?.get(..usize::from(self.width))?;
        let serial: u64 = digits.parse().ok().filter(|serial| *serial >= self.first)?;
        Some(if self.check.skips() {
            self.usable_below(serial) - self.usable_below(self.first)
        } else {
            serial - self.first
        })
    }

    /// True for numbers of this form with the right check sign, issued by this portal or not.
    #[must_use]
    pub fn is_valid(&self, number: &CardNumber) -> bool {
        let body_length = self.prefix.len() + usize::from(self.width);
        let Some((body, check)) = number.as_str().split_at_checked(body_length) else {
            return false;
        };
        let has_form =
            body.strip_prefix(&*self.prefix).is_some_and(|serial| serial.bytes().all(|b| b.is_ascii_digit()));
        has_form && self.check.sign_of(body, self.barcode_start, self.barcode_stop).is_some_and(|sign| sign == check)
    }

    /// True for what has the form of this series and the wrong check sign: somebody has mistyped it.
    #[must_use]
    pub fn is_mistyped(&self, number: &CardNumber) -> bool {
        let body_length = self.prefix.len() + usize::from(self.width);
        let Some((body, check)) = number.as_str().split_at_checked(body_length) else { return false };
        let has_form =
            body.strip_prefix(&*self.prefix).is_some_and(|serial| serial.bytes().all(|b| b.is_ascii_digit()));
        let expected = self.check.sign_of(body, self.barcode_start, self.barcode_stop);
        has_form && expected.is_some_and(|sign| sign.len() == check.len() && sign != check)
    }

    /// The number in groups, as it is printed for people.
    #[must_use]
    pub fn grouped(&self, number: &CardNumber) -> String {
        let mut rest = number.as_str();
        let mut groups = Vec::new();
        for length in &self.grouping {
            let (group, others) = rest.split_at_checked(usize::from(*length)).unwrap_or((rest, ""));
            groups.push(group);
            rest = others;
        }
        groups.push(rest);
        groups.retain(|group| !group.is_empty());
        groups.join(" ")
    }

    /// The data of the NW-7 barcode with start and stop sign, such as `A12345678A`.
    #[must_use]
    pub fn barcode_text(&self, number: &CardNumber) -> String {
        let data: String = number.as_str().chars().filter(|c| !c.is_ascii_alphabetic()).collect();
        format!("{}{data}{}", self.barcode_start, self.barcode_stop)
    }

    fn body(&self, serial: u64) -> String {
        format!("{}{serial:0width$}", self.prefix, width = usize::from(self.width))
    }

    /// One more than the last serial.
    const fn end(&self) -> u64 {
        10_u64.saturating_pow(self.width as u32)
    }

    /// The weight of the serial's digit at `place` from the right.
    fn weight(&self, place: usize) -> usize {
        let weights = self.check.weights();
        weights[place % weights.len()] as usize
    }

    /// What the digits of the prefix add to the weighted sum, modulo 11.
    fn prefix_sum(&self) -> usize {
        let digits = self.prefix.chars().rev().filter_map(|c| c.to_digit(10));
        (usize::from(self.width)..).zip(digits).map(|(place, digit)| self.weight(place) * digit as usize).sum::<usize>()
            % 11
    }

    /// For each remainder of a weighted sum modulo 11: how many serials of `places` digits bring it to
    /// one for which there is a check sign, that is, to any but 1.
    fn usable_by_remainder(&self) -> Vec<[u64; 11]> {
        let mut counts = vec![std::array::from_fn(|remainder| u64::from(remainder != 1))];
        for place in 0..usize::from(self.width) {
            let below = counts[place];
            counts.push(std::array::from_fn(|remainder| {
                (0..10).map(|digit| below[(remainder + self.weight(place) * digit) % 11]).sum()
            }));
        }
        counts
    }

    /// How many usable serials are smaller than `serial`.
    fn usable_below(&self, serial: u64) -> u64 {
        let counts = self.usable_by_remainder();
        let mut remainder = self.prefix_sum();
        let mut below = 0;
        for place in (0..usize::from(self.width)).rev() {
            let digit = digit_at(serial, place);
            below +=
                (0..digit).map(|smaller| counts[place][(remainder + self.weight(place) * smaller) % 11]).sum::<u64>();
            remainder = (remainder + self.weight(place) * digit) % 11;
        }
        below
    }

    /// The usable serial before which there are `rank` others.
    fn nth_usable(&self, rank: u64) -> Result<u64, SeriesExhausted> {
        let counts = self.usable_by_remainder();
        let (mut rank, mut remainder, mut serial) = (rank, self.prefix_sum(), 0);
        for place in (0..usize::from(self.width)).rev() {
            let mut digit = 0;
            loop {
                let next = (remainder + self.weight(place) * digit) % 11;
                let under_this_digit = counts[place][next];
                if rank < under_this_digit {
                    remainder = next;
                    serial = serial * 10 + digit as u64;
                    break;
                }
                rank -= under_this_digit;
                digit += 1;
                if digit == 10 {
                    return Err(SeriesExhausted);
                }
            }
        }
        Ok(serial)
    }
}

fn digit_at(serial: u64, place: usize) -> usize {
    usize::try_from((0..place).fold(serial, |rest, _| rest / 10) % 10).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn series(check: CheckScheme) -> NumberSeries {
        NumberSeries {
            prefix: String::new(),
            width: 8,
            check,
            first: 12_345_678,
            grouping: vec![4, 4],
            barcode_start: 'A',
            barcode_stop: 'B',
        }
    }

    const SCHEMES: [CheckScheme; 13] = [
        CheckScheme::None,
        CheckScheme::Modulus10Weight21,
        CheckScheme::Modulus10Weight21Lump,
        CheckScheme::Modulus10Weight31,
        CheckScheme::Modulus11,
        CheckScheme::Modulus11Zero,
        CheckScheme::Modulus11X,
        CheckScheme::Modulus11Weight10,
        CheckScheme::SevenDr,
        CheckScheme::SevenDsr,
        CheckScheme::NineDr,
        CheckScheme::NineDsr,
        CheckScheme::Modulus16,
    ];

    #[test]
    fn a_number_is_printed_in_groups_and_coded_between_start_and_stop() {
        let series = series(CheckScheme::Modulus10Weight31);
        let number = series.number(0).unwrap();
        assert_eq!(number.as_str(), "123456784");
        assert_eq!(series.grouped(&number), "1234 5678 4");
        assert_eq!(series.barcode_text(&number), "A123456784B");
        let ungrouped = NumberSeries { grouping: vec![], ..series };
        assert_eq!(ungrouped.grouped(&number), "123456784");
    }

    #[test]
    fn a_prefix_letter_is_for_people_only() {
        let series = NumberSeries { prefix: "S".into(), width: 6, first: 1, ..series(CheckScheme::SevenDr) };
        let number = series.number(9).unwrap();
        assert_eq!(number.as_str(), "S0000103");
        assert_eq!(series.barcode_text(&number), "A0000103B");
        assert!(series.is_valid(&number));
    }

    #[test]
    fn a_series_ends_with_its_width() {
        let series = NumberSeries { width: 4, first: 9998, ..series(CheckScheme::None) };
        assert_eq!(series.number(1).unwrap().as_str(), "9999");
        assert_eq!(series.number(2), Err(SeriesExhausted));
        assert_eq!(series.number(u64::MAX), Err(SeriesExhausted));
    }

    #[test]
    fn serials_without_a_check_sign_are_passed_over_and_no_others() {
        for check in [CheckScheme::Modulus11, CheckScheme::Modulus11Weight10] {
            let series = NumberSeries { prefix: "B7".into(), width: 4, first: 3, ..series(check) };
            let usable: Vec<String> = (3..10_000_u64)
                .map(|serial| series.body(serial))
                .filter_map(|body| Some(format!("{body}{}", check.sign_of(&body, 'A', 'B')?)))
                .collect();
            assert!(usable.len() < 9997);
            for (sequence, number) in (0..).zip(&usable) {
                assert_eq!(series.number(sequence).unwrap().as_str(), number);
            }
            assert_eq!(series.number(usable.len() as u64), Err(SeriesExhausted));
        }
    }

    #[test]
    fn unsound_series_are_refused_with_their_reason() {
        let sound = series(CheckScheme::None);
        assert_eq!(sound.check_soundness(), Ok(()));
        for (unsound, reason) in [
            (NumberSeries { prefix: "x".into(), ..sound.clone() }, InvalidSeries::Prefix),
            (NumberSeries { width: 3, ..sound.clone() }, InvalidSeries::Width),
            (NumberSeries { width: 4, first: 9001, ..sound.clone() }, InvalidSeries::TooSmall),
            (NumberSeries { grouping: vec![0], ..sound.clone() }, InvalidSeries::Grouping),
            (NumberSeries { barcode_stop: 'E', ..sound.clone() }, InvalidSeries::StartStop),
        ] {
            assert_eq!(unsound.check_soundness(), Err(reason));
        }
    }

    proptest! {
        #[test]
        fn every_issued_number_is_valid_and_its_own(start in 0..1_000_000_u64, scheme in 0_usize..13) {
            let series = series(SCHEMES[scheme]);
            let numbers: BTreeSet<CardNumber> = (start..start + 50).map(|place| series.number(place).unwrap()).collect();
            prop_assert_eq!(numbers.len(), 50);
            prop_assert!(numbers.iter().all(|number| series.is_valid(number)));
        }

        #[test]
        fn a_number_knows_its_place(place in 0..1_000_000_u64, scheme in 0_usize..13) {
            let series = series(SCHEMES[scheme]);
            prop_assert_eq!(series.sequence_of(&series.number(place).unwrap()), Some(place));
            let later = NumberSeries { first: series.first + 2_000_000, ..series.clone() };
            prop_assert_eq!(later.sequence_of(&series.number(place).unwrap()), None);
        }

        #[test]
        fn one_wrong_digit_is_noticed(place in 0..1_000_000_u64, at in 0_usize..8, step in 1_u8..10) {
            for scheme in [CheckScheme::Modulus10Weight21, CheckScheme::Modulus10Weight31, CheckScheme::Modulus11] {
                let series = series(scheme);
                let mut signs = series.number(place).unwrap().as_str().as_bytes().to_vec();
                signs[at] = (signs[at] - b'0' + step) % 10 + b'0';
                let wrong: CardNumber = String::from_utf8(signs).unwrap().parse().unwrap();
                prop_assert!(!series.is_valid(&wrong));
            }
        }
    }
}
