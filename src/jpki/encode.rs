//! Writing DER by hand: the few shapes that a signature container or a test certificate needs.

use der::asn1::ObjectIdentifier;
use time::OffsetDateTime;

/// One element: tag, definite length, and the parts joined.
#[must_use]
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut element = Vec::with_capacity(length + 6);
    element.push(tag);
    push_length(&mut element, length);
    for part in parts {
        element.extend_from_slice(part);
    }
    element
}

/// A SEQUENCE of elements that are encoded already.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// A SET OF in the order that DER asks for (X.690 §11.6).
#[must_use]
pub fn set_of(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    let parts: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    tlv(0x31, &parts)
}

/// An OBJECT IDENTIFIER.
#[must_use]
pub fn object_identifier(oid: &ObjectIdentifier) -> Vec<u8> {
    tlv(0x06, &[oid.as_bytes()])
}

/// An INTEGER from the big-endian magnitude of a number that is not negative.
#[must_use]
pub fn unsigned_integer(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude.iter().position(|octet| *octet != 0).unwrap_or(magnitude.len());
    let significant = magnitude.get(start..).unwrap_or_default();
    let needs_zero = significant.first().is_none_or(|first| first & 0x80 != 0);
    tlv(0x02, &[if needs_zero { &[0] } else { &[] }, significant])
}

/// A BIT STRING that holds whole octets.
#[must_use]
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], octets])
}

/// A moment as RFC 5280 §4.1.2.5 and RFC 5652 §11.3 ask: `UTCTime` through 2049, then
/// `GeneralizedTime`. Fractions of a second are dropped.
#[must_use]
pub fn instant(at: OffsetDateTime) -> Vec<u8> {
    let at = at.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let (tag, years) =
        if (1950..2050).contains(&year) { (0x17, format!("{:02}", year % 100)) } else { (0x18, format!("{year:04}")) };
    tlv(tag, &[format!("{years}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z").as_bytes()])
}

/// An `AlgorithmIdentifier` whose parameters are NULL, as RFC 4055 wants for RSA.
#[must_use]
pub fn algorithm(oid: &ObjectIdentifier) -> Vec<u8> {
    sequence(&[&object_identifier(oid), &[0x05, 0x00]])
}

/// The length octets in their shortest form.
pub(super) fn push_length(element: &mut Vec<u8>, length: usize) {
    let octets = length.to_be_bytes();
    let start = octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len());
    let significant = octets.get(start..).unwrap_or_default();
    match significant {
        [] => element.push(0),
        [short @ 0..=0x7F] => element.push(*short),
        long => {
            // At most eight octets follow, so the count fits below the flag.
            element.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            element.extend_from_slice(long);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn lengths_are_minimal() {
        assert_eq!(tlv(0x04, &[]), [0x04, 0x00]);
        assert_eq!(tlv(0x04, &[&[0; 127]])[..2], [0x04, 0x7F]);
        assert_eq!(tlv(0x04, &[&[0; 128]])[..3], [0x04, 0x81, 0x80]);
        assert_eq!(tlv(0x04, &[&[0; 256]])[..4], [0x04, 0x82, 0x01, 0x00]);
    }

    #[test]
    fn integers_stay_positive_and_short() {
        assert_eq!(unsigned_integer(&[]), [2, 1, 0]);
        assert_eq!(unsigned_integer(&[0, 0, 0x7F]), [2, 1, 0x7F]);
        assert_eq!(unsigned_integer(&[0x80]), [2, 2, 0, 0x80]);
    }

    #[test]
    fn time_changes_its_form_in_2050() {
        assert_eq!(instant(datetime!(2049-12-31 23:59:59.9 UTC)), b"\x17\x0d491231235959Z");
        assert_eq!(instant(datetime!(2050-01-01 09:00 +9)), b"\x18\x0f20500101000000Z");
    }
}
