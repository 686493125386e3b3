//! The serial numbers of revoked certificates, packed and sorted: lists reach millions of them.
//!
//! One record is the serial number at a fixed width, the moment and the reason, so the numbers of
//! a JPKI list take nine octets each. Numbers of other lengths have columns of their own.

use std::cmp::Ordering;

use super::super::tlv::Malformed;

/// Octets after the serial number: seconds since 1970 (enough until 2106) and the reason's code.
const TAIL: usize = 5;
/// A leading zero octet and the twenty octets of RFC 5280 §5.1.2.6.
const LONGEST: usize = 21;

/// A set of revoked serial numbers with moment and reason, apart by their octets.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    short: Column<9>,
    eight: Column<13>,
    twelve: Column<17>,
    sixteen: Column<21>,
    long: Column<26>,
}

/// What the index knows of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// Seconds since 1970.
    pub(super) at: u32,
    /// The code of the reason.
    pub(super) reason: u8,
}

impl Index {
    /// Adds a serial number, given as the contents of its INTEGER.
    pub(super) fn push(&mut self, serial: &[u8], record: Record) -> Result<(), Malformed> {
        match serial.len() {
            1..=4 => self.short.push(serial, record),
            5..=8 => self.eight.push(serial, record),
            9..=12 => self.twelve.push(serial, record),
            13..=16 => self.sixteen.push(serial, record),
            17..=LONGEST => self.long.push(serial, record),
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// Makes the index ready for looking up. Of two entries for one certificate the earlier stays.
    /// Says whether there were such.
    pub(super) fn seal(&mut self) -> bool {
        self.short.seal() | self.eight.seal() | self.twelve.seal() | self.sixteen.seal() | self.long.seal()
    }

    /// Looks a serial number up, given as the contents of its INTEGER.
    pub(super) fn find(&self, serial: &[u8]) -> Option<Record> {
        match serial.len() {
            1..=4 => self.short.find(serial),
            5..=8 => self.eight.find(serial),
            9..=12 => self.twelve.find(serial),
            13..=16 => self.sixteen.find(serial),
            17..=LONGEST => self.long.find(serial),
            _ => None,
        }
    }

    /// Every serial number at the width of its column: leading octets repeat the sign.
    pub(super) fn serials(&self) -> impl Iterator<Item = &[u8]> {
        self.short
            .serials()
            .chain(self.eight.serials())
            .chain(self.twelve.serials())
            .chain(self.sixteen.serials())
            .chain(self.long.serials())
    }

    pub(super) const fn len(&self) -> usize {
        self.short.records.len()
            + self.eight.records.len()
            + self.twelve.records.len()
            + self.sixteen.records.len()
            + self.long.records.len()
    }
}

/// Records of `N` octets, in the order of their octets and so of their serial numbers.
#[derive(Debug, Clone)]
struct Column<const N: usize> {
    records: Vec<[u8; N]>,
    unsorted: bool,
}

impl<const N: usize> Default for Column<N> {
    fn default() -> Self {
        Self { records: Vec::new(), unsorted: false }
    }
}

impl<const N: usize> Column<N> {
    fn push(&mut self, serial: &[u8], record: Record) {
        let mut octets = Self::padded(serial);
        let (_, tail) = octets.split_at_mut(N - TAIL);
        let (at, reason) = tail.split_at_mut(TAIL - 1);
        at.copy_from_slice(&record.at.to_be_bytes());
        reason.fill(record.reason);
        self.unsorted =
            self.unsorted || self.records.last().is_some_and(|last| compare(&octets, last) == Ordering::Less);
        self.records.push(octets);
    }

    /// The serial number at full width, its sign kept: −1 is not 255.
    fn padded(serial: &[u8]) -> [u8; N] {
        let negative = serial.first().is_some_and(|first| first & 0x80 != 0);
        let mut octets = [if negative { 0xFF } else { 0 }; N];
        let (number, _) = octets.split_at_mut(N - TAIL);
        let start = number.len().saturating_sub(serial.len());
        if let Some(room) = number.get_mut(start..).filter(|room| room.len() == serial.len()) {
            room.copy_from_slice(serial);
        }
        octets
    }

    fn seal(&mut self) -> bool {
        if self.unsorted {
            self.records.sort_unstable_by(compare);
            self.unsorted = false;
        }
        let before = self.records.len();
        self.records.dedup_by(|next, earlier| number(next) == number(earlier));
        self.records.shrink_to_fit();
        self.records.len() != before
    }

    fn serials(&self) -> impl Iterator<Item = &[u8]> {
        self.records.iter().map(number)
    }

    fn find(&self, serial: &[u8]) -> Option<Record> {
        let wanted = Self::padded(serial);
        let position = self.records.binary_search_by(|record| number(record).cmp(number(&wanted))).ok()?;
        let (_, tail) = self.records.get(position)?.split_at(N - TAIL);
        let (at, reason) = tail.split_first_chunk::<4>()?;
        Some(Record { at: u32::from_be_bytes(*at), reason: *reason.first()? })
    }
}

/// The part of a record that is the serial number.
fn number<const N: usize>(record: &[u8; N]) -> &[u8] {
    record.split_at(N - TAIL).0
}

/// Compares by the first eight octets first, which settles nearly every pair in one instruction.
fn compare<const N: usize>(one: &[u8; N], other: &[u8; N]) -> Ordering {
    let head = |record: &[u8; N]| record.first_chunk::<8>().map_or(0, |head| u64::from_be_bytes(*head));
    head(one).cmp(&head(other)).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn record(at: u32) -> Record {
        Record { at, reason: u8::try_from(at % 7).unwrap() }
    }

    #[test]
    fn a_negative_number_is_not_the_positive_one_with_its_octets() {
        let mut index = Index::default();
        index.push(&[0xFF], record(1)).unwrap();
        index.push(&[0x00, 0xFE], record(2)).unwrap();
        index.seal();
        assert_eq!(index.find(&[0xFF]), Some(record(1)));
        assert_eq!(index.find(&[0x00, 0xFF]), None);
        assert_eq!(index.find(&[0x00, 0xFE]), Some(record(2)));
        assert_eq!(index.find(&[0xFE]), None);
        assert_eq!(index.find(&[]), None);
        assert_eq!(index.push(&[1; 22], record(1)), Err(Malformed));
        assert_eq!(index.push(&[], record(1)), Err(Malformed));
    }

    #[test]
    fn of_two_entries_for_one_certificate_the_earlier_counts() {
        let mut index = Index::default();
        for at in [9, 3, 5] {
            index.push(&[7], record(at)).unwrap();
        }
        assert!(index.seal());
        assert_eq!((index.len(), index.find(&[7])), (1, Some(record(3))));
    }

    proptest! {
        #[test]
        fn it_knows_what_an_ordinary_map_knows(
            entries in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 1..=21), any::<u32>()), 0..200),
            absent in proptest::collection::vec(any::<u8>(), 1..=21),
        ) {
            // An INTEGER has one encoding; two numbers of different lengths are never the same.
            let minimal = |serial: &[u8]| !matches!(serial, [0, next, ..] if next & 0x80 == 0)
                && !matches!(serial, [0xFF, next, ..] if next & 0x80 != 0);
            let mut index = Index::default();
            let mut map: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
            for (serial, at) in entries.iter().filter(|(serial, _)| minimal(serial)) {
                index.push(serial, record(*at)).unwrap();
                let earliest = map.entry(serial.clone()).or_insert(*at);
                *earliest = (*earliest).min(*at);
            }
            index.seal();
            prop_assert_eq!(index.len(), map.len());
            for (serial, at) in &map {
                prop_assert_eq!(index.find(serial), Some(record(*at)));
            }
            if minimal(&absent) && !map.contains_key(&absent) {
                prop_assert_eq!(index.find(&absent), None);
            }
        }
    }
}
