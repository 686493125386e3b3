//! Which serial numbers occur on the lists: a sieve for asking about very many certificates at once.
//!
//! It keeps eight octets for each entry and may say "perhaps" of a certificate that no list names (a number of another
//! issuer); it never misses one that is named. Whoever passes is asked about in full.

use crate::jpki::{Crl, CrlSet};
use std::hash::{DefaultHasher, Hasher as _};

/// The serial numbers that lists name, for asking "perhaps?" a million times.
#[derive(Debug, Clone, Default)]
pub struct NamedSerials(Vec<u64>);

impl NamedSerials {
    /// Everything that the lists name. Slow with millions of entries: not for a thread that others wait for.
    #[must_use]
    pub fn of(lists: &CrlSet) -> Self {
        let mut marks: Vec<u64> = lists.iter().flat_map(Crl::serials).map(mark).collect();
        marks.sort_unstable();
        marks.dedup();
        Self(marks)
    }

    /// Whether a list may name this serial number (a big-endian magnitude).
    #[must_use]
    pub fn may_name(&self, serial: &[u8]) -> bool {
        self.0.binary_search(&mark(serial)).is_ok()
    }
}

/// Eight octets that stand for a serial number.
fn mark(serial: &[u8]) -> u64 {
    let first = serial.iter().position(|octet| *octet != 0).unwrap_or(serial.len());
    let mut hasher = DefaultHasher::new();
    hasher.write(&serial[first..]);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::authority::{CrlFault, CrlOrder, Municipality, Revocation, TestAuthority};
    use crate::jpki::{Anchor, Policies, RevocationReason, Trust};
    use time::macros::datetime;

    #[test]
    fn every_entry_of_a_list_is_named_and_others_are_not() {
        let at = datetime!(2026-11-20 09:00 UTC);
        // Of every length that a serial number may have.
        let serials: Vec<Vec<u8>> = (1..=20).flat_map(|length| [vec![0x7F; length], vec![0xFE; length]]).collect();
        let revoked: Vec<_> = serials
            .iter()
            .map(|serial| Revocation { serial: serial.clone(), at, reason: RevocationReason::Unspecified })
            .collect();
        let municipality = Municipality::default();
        let order = CrlOrder {
            municipality: &municipality,
            revoked: &revoked,
            this_update: at,
            next_update: at + time::Duration::DAY,
            number: 1,
            fault: CrlFault::None,
        };
        let authority = TestAuthority::generate(at).unwrap();
        let trust = Trust::signing(vec![Anchor::from_der(authority.anchor_der()).unwrap()], Policies::demo());
        let mut lists = CrlSet::new();
        assert!(!NamedSerials::of(&lists).may_name(&serials[0]));
        lists.insert(Crl::parse(&authority.crl(&order).unwrap(), &trust).unwrap());
        let named = NamedSerials::of(&lists);
        for serial in &serials {
            assert!(named.may_name(serial), "{serial:02x?}");
            assert!(named.may_name(&[&[0], serial.as_slice()].concat()), "a leading zero changes no number");
        }
        assert!(!named.may_name(&[0x7F, 1, 2, 3]) && !named.may_name(&[]));
    }
}
