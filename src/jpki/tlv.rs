//! A strict, zero-copy walk over DER: every element keeps the bytes it was read from.
//!
//! Signatures cover bytes, so nothing here is ever decoded and encoded again.

use der::asn1::ObjectIdentifier;
use time::{Date, Month, OffsetDateTime};

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0A;
pub(super) const UTF8_STRING: u8 = 0x0C;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const IA5_STRING: u8 = 0x16;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The tag `[number]` of a primitive, implicitly tagged value.
pub(super) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The tag `[number]` of a constructed value.
pub(super) const fn constructed(number: u8) -> u8 {
    0xA0 | number
}

/// The bytes are not the DER that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl From<time::error::ComponentRange> for Malformed {
    fn from(_: time::error::ComponentRange) -> Self {
        Self
    }
}

impl From<std::num::TryFromIntError> for Malformed {
    fn from(_: std::num::TryFromIntError) -> Self {
        Self
    }
}

/// One element: its tag byte, its contents, and both together with the length as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tlv<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    pub(super) raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// A reader over the contents.
    pub(super) fn reader(&self) -> Reader<'a> {
        Reader::new(self.value)
    }
}

/// A cursor over consecutive elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, whatever it is.
    pub(super) fn any(&mut self) -> Result<Tlv<'a>, Malformed> {
        let (tag, length, header) = header(self.rest)?;
        let (raw, rest) = self.rest.split_at_checked(header.checked_add(length).ok_or(Malformed)?).ok_or(Malformed)?;
        let value = raw.get(header..).ok_or(Malformed)?;
        self.rest = rest;
        Ok(Tlv { tag, value, raw })
    }

    /// The next element, which must carry `tag`.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, Malformed> {
        match self.any()? {
            tlv if tlv.tag == tag => Ok(tlv),
            _ => Err(Malformed),
        }
    }

    /// The next element if it carries `tag`; otherwise nothing is consumed.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Nothing may follow.
    pub(super) const fn finish(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// The tag, the length of the contents and the length of what stands before them (X.690 §8.1, §10.1).
fn header(bytes: &[u8]) -> Result<(u8, usize, usize), Malformed> {
    let [tag, first, rest @ ..] = bytes else { return Err(Malformed) };
    check_tag(*tag)?;
    let octets = match *first {
        short @ 0..=0x7F => return Ok((*tag, usize::from(short), 2)),
        long @ 0x81..=0x84 => rest.get(..usize::from(long & 0x7F)).ok_or(Malformed)?,
        _ => return Err(Malformed),
    };
    let length = octets.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
    // The shortest form that holds it.
    if length < 0x80 || octets.first() == Some(&0) {
        return Err(Malformed);
    }
    Ok((*tag, length, 2 + octets.len()))
}

/// Tags up to number 30; universal ones primitive or constructed as DER wants it (X.690 §10.2).
const fn check_tag(tag: u8) -> Result<(), Malformed> {
    let (is_universal, is_constructed, number) = (tag & 0xC0 == 0, tag & 0x20 != 0, tag & 0x1F);
    match number {
        0x1F => Err(Malformed),
        0 if is_universal => Err(Malformed),
        // EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING
        8 | 11 | 16 | 17 | 29 if is_universal && !is_constructed => Err(Malformed),
        8 | 11 | 16 | 17 | 29 => Ok(()),
        _ if is_universal && is_constructed => Err(Malformed),
        _ => Ok(()),
    }
}

/// The single element that fills `bytes`.
pub(super) fn only(bytes: &[u8], tag: u8) -> Result<Tlv<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    let tlv = reader.expect(tag)?;
    reader.finish()?;
    Ok(tlv)
}

/// The magnitude of an INTEGER that must not be negative, without a leading zero octet.
pub(super) fn unsigned<'a>(integer: &Tlv<'a>) -> Result<&'a [u8], Malformed> {
    match integer.value {
        [] => Err(Malformed),
        [first, ..] if first & 0x80 != 0 => Err(Malformed),
        [0, second, ..] if second & 0x80 == 0 => Err(Malformed),
        [0, rest @ ..] => Ok(rest),
        value => Ok(value),
    }
}

/// A small INTEGER such as a version number.
pub(super) fn small(integer: &Tlv<'_>) -> Result<u8, Malformed> {
    match unsigned(integer)? {
        [] => Ok(0),
        [value] => Ok(*value),
        _ => Err(Malformed),
    }
}

/// A BOOLEAN; DER knows one encoding for TRUE.
pub(super) fn boolean(value: &[u8]) -> Result<bool, Malformed> {
    match value {
        [0x00] => Ok(false),
        [0xFF] => Ok(true),
        _ => Err(Malformed),
    }
}

/// The octets of a BIT STRING without unused bits, as keys and signatures are.
pub(super) fn octets<'a>(bit_string: &Tlv<'a>) -> Result<&'a [u8], Malformed> {
    match bit_string.value {
        [0, octets @ ..] => Ok(octets),
        _ => Err(Malformed),
    }
}

/// The first two octets of a BIT STRING with named bits, bit 0 first.
pub(super) fn named_bits(value: &[u8]) -> Result<u16, Malformed> {
    match value {
        [unused @ 0..=7, first] if first.trailing_zeros() >= u32::from(*unused) => Ok(u16::from_be_bytes([*first, 0])),
        [unused @ 0..=7, first, second] if second.trailing_zeros() >= u32::from(*unused) => {
            Ok(u16::from_be_bytes([*first, *second]))
        }
        _ => Err(Malformed),
    }
}

/// A `UTCTime` or `GeneralizedTime` in the only form that RFC 5280 §4.1.2.5 allows: whole seconds
/// of universal time. Two digits of a year mean 1950 to 2049.
pub(super) fn instant(time: &Tlv<'_>) -> Result<OffsetDateTime, Malformed> {
    let digits = time.value.strip_suffix(b"Z").ok_or(Malformed)?;
    let (year, rest) = match (time.tag, digits.len()) {
        (UTC_TIME, 12) => digits.split_at(2),
        (GENERALIZED_TIME, 14) => digits.split_at(4),
        _ => return Err(Malformed),
    };
    let year = match (number(year)?, year.len()) {
        (year @ 0..50, 2) => 2000 + year,
        (year, 2) => 1900 + year,
        (year, _) => year,
    };
    let mut pairs = rest.chunks_exact(2).map(|pair| number(pair).and_then(|value| Ok(u8::try_from(value)?)));
    let mut next = || pairs.next().unwrap_or(Err(Malformed));
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    let date = Date::from_calendar_date(i32::from(year), Month::try_from(month)?, day)?;
    Ok(date.with_hms(hour, minute, second)?.assume_utc())
}

fn number(digits: &[u8]) -> Result<u16, Malformed> {
    digits.iter().try_fold(0_u16, |sum, digit| match digit {
        b'0'..=b'9' => Ok(sum * 10 + u16::from(digit - b'0')),
        _ => Err(Malformed),
    })
}

/// An object identifier in dotted form, for people.
pub(super) fn dotted(oid: &[u8]) -> String {
    ObjectIdentifier::from_bytes(oid)
        .map_or_else(|_| data_encoding::HEXLOWER.encode(oid), |identifier| identifier.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_raw_bytes() {
        let bytes = [0x30, 0x03, 0x02, 0x01, 0x05, 0x05, 0x00];
        let mut reader = Reader::new(&bytes);
        let sequence = reader.expect(SEQUENCE).unwrap();
        assert_eq!(sequence.raw, &bytes[..5]);
        assert_eq!(small(&sequence.reader().any().unwrap()), Ok(5));
        assert_eq!(reader.optional(OID), Ok(None));
        assert_eq!(reader.optional(NULL).unwrap().unwrap().raw, &[5, 0]);
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn what_is_not_der_is_refused() {
        for bytes in [
            &[0x30, 0x80, 0x00, 0x00][..],             // indefinite length
            &[0x04, 0x81, 0x01, 0x00],                 // a length longer than needed
            &[0x04, 0x05, 0x00],                       // longer than the input
            &[0x24, 0x00],                             // constructed OCTET STRING
            &[0x04],                                   // no length
            &[0x1F, 0x81, 0x00],                       // universal tag in long form
            &[0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 00], // length of five octets
            &[],
        ] {
            assert_eq!(Reader::new(bytes).any(), Err(Malformed), "{bytes:02x?}");
        }
    }

    #[test]
    fn moments_have_one_form() {
        let at = |tag, text: &str| instant(&Tlv { tag, value: text.as_bytes(), raw: text.as_bytes() });
        assert_eq!(at(UTC_TIME, "500101000000Z"), Ok(time::macros::datetime!(1950-01-01 00:00 UTC)));
        assert_eq!(at(UTC_TIME, "491231235959Z"), Ok(time::macros::datetime!(2049-12-31 23:59:59 UTC)));
        assert_eq!(at(GENERALIZED_TIME, "99991231235959Z"), Ok(time::macros::datetime!(9999-12-31 23:59:59 UTC)));
        for (tag, text) in [
            (UTC_TIME, "490230000000Z"),
            (UTC_TIME, "490101240000Z"),
            (UTC_TIME, "490101000060Z"),
            (UTC_TIME, "+90101000000Z"),
            (UTC_TIME, "490101000000"),
            (GENERALIZED_TIME, "490101000000Z"),
            (OCTET_STRING, "490101000000Z"),
        ] {
            assert_eq!(at(tag, text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn integers_and_bits_have_one_encoding() {
        let integer = |value| Tlv { tag: INTEGER, value, raw: value };
        assert_eq!(unsigned(&integer(&[0x00, 0x80])), Ok(&[0x80][..]));
        assert_eq!(unsigned(&integer(&[0x00, 0x7F])), Err(Malformed));
        assert_eq!(unsigned(&integer(&[0x80])), Err(Malformed));
        assert_eq!(unsigned(&integer(&[])), Err(Malformed));
        assert_eq!(named_bits(&[6, 0xC0]), Ok(0xC000));
        assert_eq!(named_bits(&[7, 0xC0]), Err(Malformed));
        assert_eq!(boolean(&[1]), Err(Malformed));
    }
}
