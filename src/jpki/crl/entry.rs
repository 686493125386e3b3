//! One entry of a list. Nearly all have one shape, which is read at a glance; the others go the
//! long way. Both ways know the same DER.

use super::super::extension::{self, Extension};
use super::super::oid;
use super::super::reason::Reason;
use super::super::tlv::{self, ENUMERATED, INTEGER, Malformed, SEQUENCE, Tlv};
use super::index::Record;
use super::reason::RevocationReason;

/// `SEQUENCE { SEQUENCE { reasonCode, OCTET STRING { ENUMERATED …`, up to the code itself.
const REASON_CODE: [u8; 13] = [0x30, 0x0C, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x1D, 0x15, 0x04, 0x03, 0x0A, 0x01];

/// What an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// The contents of the INTEGER.
    pub(super) serial: &'a [u8],
    pub(super) record: Record,
    /// The names of the authority whose certificate this and the following entries are about
    /// (RFC 5280 §5.3.3): the value of the extension.
    pub(super) certificate_issuer: Option<&'a [u8]>,
    /// An extension whose criticality RFC 5280 forbids.
    pub(super) criticality: bool,
    /// Whether it has extensions, which version 1 does not know.
    pub(super) extended: bool,
}

/// Reads entries one after the other and remembers the last moment: lists are full of equal ones.
#[derive(Debug, Default)]
pub(super) struct EntryReader {
    last: Option<([u8; 13], u32)>,
}

impl EntryReader {
    /// The entry at the beginning of `bytes` if it has the usual shape and is all there, and how
    /// many octets it takes.
    pub(super) fn usual<'a>(&mut self, bytes: &'a [u8]) -> Option<(&'a [u8], Record, usize)> {
        let [SEQUENCE, length @ 0..=0x7F, INTEGER, serial_length @ 1..=21, rest @ ..] = bytes else { return None };
        let (serial, rest) = rest.split_at_checked(usize::from(*serial_length))?;
        if !is_minimal(serial) {
            return None;
        }
        let ([0x17, 0x0D], rest) = rest.split_first_chunk::<2>()? else { return None };
        let (moment, rest) = rest.split_first_chunk::<13>()?;
        let at = match self.last {
            Some((last, at)) if last == *moment => at,
            _ => utc_time(moment)?,
        };
        self.last = Some((*moment, at));
        let without_extensions = serial_length + 17;
        let reason = if *length == without_extensions {
            RevocationReason::Unspecified.code()
        } else if *length == without_extensions + 14 {
            let (&REASON_CODE, [code, ..]) = rest.split_first_chunk::<13>()? else { return None };
            RevocationReason::from_code(*code)?.code()
        } else {
            return None;
        };
        Some((serial, Record { at, reason }, usize::from(*length) + 2))
    }
}

/// Reads an entry of any shape.
pub(super) fn entry<'a>(member: &Tlv<'a>) -> Result<Entry<'a>, Reason> {
    let mut fields = member.reader();
    let serial = fields.expect(INTEGER).map_err(malformed)?.value;
    if serial.is_empty() || !is_minimal(serial) {
        return Err(Reason::CrlMalformed);
    }
    let at = fields.any().and_then(|time| tlv::instant(&time)).map_err(malformed)?;
    let at = u32::try_from(at.unix_timestamp()).map_err(|_| Reason::CrlMalformed)?;
    let mut reason = RevocationReason::Unspecified;
    let mut certificate_issuer = None;
    let mut criticality = false;
    let extensions = fields.optional(SEQUENCE).map_err(malformed)?;
    let extended = extensions.is_some();
    if let Some(extensions) = extensions {
        let mut extensions = extensions.reader();
        let mut seen: Vec<&[u8]> = Vec::with_capacity(4);
        if extensions.is_empty() {
            return Err(Reason::CrlMalformed);
        }
        while !extensions.is_empty() {
            let Extension { oid, critical, value } =
                extensions.expect(SEQUENCE).and_then(|one| extension::read(&one)).map_err(malformed)?;
            if seen.contains(&oid) || seen.len() > 16 {
                return Err(Reason::CrlMalformed);
            }
            seen.push(oid);
            if oid == oid::REASON_CODE.as_bytes() {
                let code = tlv::only(value, ENUMERATED).and_then(|code| tlv::small(&code)).map_err(malformed)?;
                reason = RevocationReason::from_code(code).ok_or(Reason::CrlMalformed)?;
                criticality |= critical;
            } else if oid == oid::CERTIFICATE_ISSUER.as_bytes() {
                certificate_issuer = Some(value);
                criticality |= !critical;
            } else if oid == oid::INVALIDITY_DATE.as_bytes() {
                criticality |= critical;
            } else if critical {
                // RFC 5280 §5.3: the whole list must not be used then.
                return Err(Reason::CrlUnknownCritical);
            }
        }
    }
    fields.finish().map_err(malformed)?;
    Ok(Entry { serial, record: Record { at, reason: reason.code() }, certificate_issuer, criticality, extended })
}

/// Whether the contents of an INTEGER are as short as they can be (X.690 §8.3.2). Serial numbers
/// of entries may be negative or zero: RFC 5280 §4.1.2.2 wants those handled gracefully.
fn is_minimal(contents: &[u8]) -> bool {
    match contents {
        [0, next, ..] => next & 0x80 != 0,
        [0xFF, next, ..] => next & 0x80 == 0,
        _ => true,
    }
}

/// Seconds since 1970 of a `UTCTime` with seconds and Z; nothing before 1970.
fn utc_time(text: &[u8; 13]) -> Option<u32> {
    let [digits @ .., b'Z'] = text else { return None };
    let mut numbers = [0_u32; 6];
    for (number, pair) in numbers.iter_mut().zip(digits.chunks_exact(2)) {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = pair else { return None };
        *number = u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
    }
    let [year, month, day, hour, minute, second] = numbers;
    let year = if year < 50 { year + 2000 } else { year + 1900 };
    let leap = year % 4 == 0;
    let days_in_month = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if year < 1970 || day == 0 || day > days_in_month || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // March begins the year, so that the leap day ends it; 1970 to 2049 has no exception.
    let (years, months) = if month > 2 { (year - 1968, month - 3) } else { (year - 1969, month + 9) };
    let days = years * 365 + years / 4 + (months * 153 + 2) / 5 + day - 1;
    // From 1968-03-01 to 1970-01-01 there are 671 days.
    let days = days.checked_sub(671)?;
    days.checked_mul(86400)?.checked_add(hour * 3600 + minute * 60 + second)
}

const fn malformed(_: Malformed) -> Reason {
    Reason::CrlMalformed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpki::encode::{sequence, tlv};
    use proptest::prelude::*;

    fn read(der: &[u8]) -> Result<Entry<'_>, Reason> {
        entry(&tlv::only(der, SEQUENCE).map_err(malformed)?)
    }

    proptest! {
        #[test]
        fn the_short_way_and_the_long_way_read_the_same(
            serial in proptest::collection::vec(any::<u8>(), 1..=21),
            time in "[0-9]{2}[01][0-9][0-3][0-9][0-2][0-9][0-6][0-9][0-6][0-9]Z",
            code in proptest::option::of(0_u8..12),
        ) {
            let reason = code.map_or_else(Vec::new, |code| [&REASON_CODE[..], &[code]].concat());
            let der = sequence(&[&tlv(INTEGER, &[&serial]), &tlv(0x17, &[time.as_bytes()]), &reason]);
            let usual = EntryReader::default().usual(&der);
            let long = read(&der).ok();
            prop_assert_eq!(usual.map(|(serial, record, _)| (serial, record)), long.map(|entry| (entry.serial, entry.record)));
            if let Some((_, _, length)) = usual {
                prop_assert_eq!(length, der.len());
            }
        }

        #[test]
        fn what_is_cut_or_changed_never_reads_as_more(position in 0_usize..37, value in any::<u8>()) {
            let mut der = sequence(&[&[2, 4, 1, 2, 3, 4], &tlv(0x17, &[b"260601030000Z"]), &REASON_CODE, &[4]]);
            prop_assert!(EntryReader::default().usual(&der[..position]).is_none());
            der[position] = value;
            if let Some((serial, record, length)) = EntryReader::default().usual(&der) {
                let long = read(&der[..length]).unwrap();
                prop_assert_eq!((serial, record), (long.serial, long.record));
            }
        }
    }

    #[test]
    fn moments_are_those_of_the_calendar() {
        assert_eq!(utc_time(b"700101000000Z"), Some(0));
        assert_eq!(utc_time(b"000229235959Z"), Some(951_868_799));
        assert_eq!(utc_time(b"491231235959Z"), Some(2_524_607_999));
        assert_eq!(utc_time(b"690101000000Z"), None);
        assert_eq!(utc_time(b"010229000000Z"), None);
        assert_eq!(utc_time(b"2606010300000"), None);
    }
}
