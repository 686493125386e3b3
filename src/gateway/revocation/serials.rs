//! Which serial numbers occur on the lists: a sieve for asking about very many certificates at once.
//!
//! It keeps eight octets for each entry and may say "perhaps" of a certificate that no list names (a number of another
//! issuer, a list that is no longer in force); it never misses one that is named. Whoever passes is asked about in full.

use std::hash::{DefaultHasher, Hasher as _};

/// The serial numbers that lists name, for asking "perhaps?" a million times.
#[derive(Debug, Clone, Default)]
pub struct NamedSerials(Vec<u64>);

impl NamedSerials {
    pub(super) fn of(marks: impl Iterator<Item = u64>) -> Self {
        let mut marks: Vec<u64> = marks.collect();
        marks.sort_unstable();
        marks.dedup();
        Self(marks)
    }

    /// Whether a list may name this serial number (a big-endian magnitude).
    #[must_use]
    pub fn may_name(&self, serial: &[u8]) -> bool {
        self.0.binary_search(&mark(serial)).is_ok()
    }

    /// Whether the lists name nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Eight octets that stand for a serial number.
fn mark(serial: &[u8]) -> u64 {
    let first = serial.iter().position(|octet| *octet != 0).unwrap_or(serial.len());
    let mut hasher = DefaultHasher::new();
    hasher.write(&serial[first..]);
    hasher.finish()
}

/// The marks of the entries of a list that was parsed and verified before (RFC 5280 §5.1). Of anything else it
/// may be wrong, but it always ends.
pub(super) fn marks(der: &[u8]) -> Vec<u64> {
    revoked(der).map(entries).unwrap_or_default()
}

/// The content of `revokedCertificates`: the sequence after thisUpdate and nextUpdate.
fn revoked(der: &[u8]) -> Option<&[u8]> {
    let (_, list, _) = element(der)?;
    let (_, mut fields, _) = element(list)?;
    let mut times_seen = false;
    while let Some((tag, content, rest)) = element(fields) {
        match tag {
            UTC_TIME | GENERALIZED_TIME => times_seen = true,
            SEQUENCE if times_seen => return Some(content),
            _ => {}
        }
        fields = rest;
    }
    None
}

fn entries(mut content: &[u8]) -> Vec<u64> {
    let mut marks = Vec::with_capacity(content.len() / 36);
    while let Some((SEQUENCE, entry, rest)) = element(content) {
        if let Some((INTEGER, serial, _)) = element(entry) {
            marks.push(mark(serial));
        }
        content = rest;
    }
    marks.shrink_to_fit();
    marks
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;

/// Tag, content and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x0F))?;
            (length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::authority::{CrlFault, CrlOrder, Municipality, Revocation, TestAuthority};
    use crate::jpki::RevocationReason;
    use proptest::prelude::*;
    use time::macros::datetime;

    #[test]
    fn every_entry_of_a_list_is_named_and_others_are_not() {
        let at = datetime!(2026-11-20 09:00 UTC);
        let serials: Vec<Vec<u8>> = (1..500_u32).map(|n| (n * 0x0101).to_be_bytes().to_vec()).collect();
        let reasons = [RevocationReason::Unspecified, RevocationReason::KeyCompromise];
        let revoked: Vec<_> = serials
            .iter()
            .zip(reasons.into_iter().cycle())
            .map(|(serial, reason)| Revocation { serial: serial.clone(), at, reason })
            .collect();
        let municipality = Municipality::default();
        let mut order = CrlOrder {
            municipality: &municipality,
            revoked: &revoked,
            this_update: at,
            next_update: at + time::Duration::DAY,
            number: 1,
            fault: CrlFault::None,
        };
        let authority = TestAuthority::generate(at).unwrap();
        let list = authority.crl(&order).unwrap();
        let named = NamedSerials::of(marks(&list).into_iter());
        assert!(serials.iter().all(|serial| named.may_name(serial)));
        assert!(named.may_name(&[&[0], serials[7].as_slice()].concat()), "a leading zero changes no number");
        assert!(!named.may_name(&[0x7F, 1, 2, 3]) && !named.may_name(&[]));
        order.revoked = &[];
        assert!(marks(&authority.crl(&order).unwrap()).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes: Vec<u8>) {
            marks(&bytes);
        }
    }
}
