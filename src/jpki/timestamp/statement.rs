//! What a timestamping authority states: `TSTInfo` (RFC 3161 §2.4.2).

use time::{Date, Duration, OffsetDateTime, Time};

use crate::jpki::algorithm::Hash;
use crate::jpki::extension;
use crate::jpki::reason::Reason;
use crate::jpki::tlv::{self, BOOLEAN, GENERALIZED_TIME, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE, Tlv};

/// RFC 3161 §2.4.2: up to 160 bits.
const MAX_SERIAL: usize = 20;

/// The statement, still pointing into the token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) policy: &'a [u8],
    pub(super) hash: Hash,
    pub(super) imprint: &'a [u8],
    pub(super) serial: &'a [u8],
    pub(super) at: OffsetDateTime,
    pub(super) accuracy: Duration,
    pub(super) ordering: bool,
    pub(super) nonce: Option<&'a [u8]>,
}

impl<'a> Statement<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, Reason> {
        let mut fields = tlv::only(der, SEQUENCE).map_err(malformed)?.reader();
        let version = fields.expect(INTEGER).and_then(|version| tlv::small(&version)).map_err(malformed)?;
        if version != 1 {
            return Err(Reason::TimestampVersion);
        }
        let policy = fields.expect(OID).map_err(malformed)?.value;
        let mut message_imprint = fields.expect(SEQUENCE).map_err(malformed)?.reader();
        let algorithm = message_imprint.expect(SEQUENCE).map_err(malformed)?;
        let imprint = message_imprint.expect(OCTET_STRING).map_err(malformed)?.value;
        message_imprint.finish().map_err(malformed)?;
        let serial = fields.expect(INTEGER).and_then(|serial| tlv::unsigned(&serial)).map_err(malformed)?;
        if serial.len() > MAX_SERIAL {
            return Err(Reason::TimestampMalformed);
        }
        let at = fields.expect(GENERALIZED_TIME).and_then(|time| moment(time.value)).map_err(malformed)?;
        let accuracy = fields.optional(SEQUENCE).map_err(malformed)?;
        let accuracy = accuracy.map_or(Ok(Duration::ZERO), |accuracy| duration(&accuracy)).map_err(malformed)?;
        let ordering = fields.optional(BOOLEAN).map_err(malformed)?;
        let ordering = ordering.map_or(Ok(false), |ordering| tlv::boolean(ordering.value)).map_err(malformed)?;
        let nonce = fields.optional(INTEGER).map_err(malformed)?;
        // The name of the authority is a hint; the certificate says who it is.
        fields.optional(tlv::constructed(0)).map_err(malformed)?;
        let extensions = fields.optional(tlv::constructed(1)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        if let Some(extensions) = extensions {
            check_extensions(&extensions)?;
        }
        let hash = Hash::of(&algorithm).ok_or(Reason::TimestampAlgorithm)?;
        let nonce = nonce.map(|nonce| tlv::unsigned(&nonce)).transpose().map_err(malformed)?;
        Ok(Self { policy, hash, imprint, serial, at, accuracy, ordering, nonce })
    }
}

/// None is known here, so none may be critical.
fn check_extensions(extensions: &Tlv<'_>) -> Result<(), Reason> {
    let mut members = extensions.reader();
    while !members.is_empty() {
        let extension = members.expect(SEQUENCE).and_then(|member| extension::read(&member)).map_err(malformed)?;
        if extension.critical {
            return Err(Reason::TimestampUnknownCritical);
        }
    }
    Ok(())
}

/// `Accuracy`: seconds, then thousandths and millionths from 1 to 999.
fn duration(accuracy: &Tlv<'_>) -> Result<Duration, Malformed> {
    let mut fields = accuracy.reader();
    let seconds = fields.optional(INTEGER)?.map_or(Ok(0), |number| self::number(&number))?;
    let millis = fields.optional(tlv::context(0))?.map_or(Ok(0), |number| self::number(&number))?;
    let micros = fields.optional(tlv::context(1))?.map_or(Ok(0), |number| self::number(&number))?;
    fields.finish()?;
    if millis > 999 || micros > 999 {
        return Err(Malformed);
    }
    Ok(Duration::seconds(seconds) + Duration::milliseconds(millis) + Duration::microseconds(micros))
}

fn number(integer: &Tlv<'_>) -> Result<i64, Malformed> {
    let magnitude = tlv::unsigned(integer)?;
    if magnitude.len() > 4 {
        return Err(Malformed);
    }
    Ok(magnitude.iter().fold(0, |number, octet| (number << 8) | i64::from(*octet)))
}

/// `YYYYMMDDhhmmss[.f]Z`; a fraction is not empty and does not end in a zero (RFC 3161 §2.4.2).
fn moment(text: &[u8]) -> Result<OffsetDateTime, Malformed> {
    let text = str::from_utf8(text).map_err(|_| Malformed)?.strip_suffix('Z').ok_or(Malformed)?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.len() != 14 || !digits(seconds) || !digits(fraction) || fraction.is_empty() {
        return Err(Malformed);
    }
    if fraction.ends_with('0') && text.contains('.') {
        return Err(Malformed);
    }
    let part = |from: usize, to: usize| {
        seconds.get(from..to).and_then(|part| part.parse::<u16>().ok()).and_then(|part| u8::try_from(part).ok())
    };
    let year = seconds.get(..4).and_then(|year| year.parse().ok()).ok_or(Malformed)?;
    let month = part(4, 6).and_then(|month| time::Month::try_from(month).ok()).ok_or(Malformed)?;
    let date = Date::from_calendar_date(year, month, part(6, 8).ok_or(Malformed)?).map_err(|_| Malformed)?;
    // Nine digits are more than any clock has; what follows them is dropped.
    let nanos = format!("{fraction:0<9}").get(..9).and_then(|nanos| nanos.parse().ok()).ok_or(Malformed)?;
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    let time = Time::from_hms_nano(hour.ok_or(Malformed)?, minute.ok_or(Malformed)?, second.ok_or(Malformed)?, nanos);
    Ok(OffsetDateTime::new_utc(date, time.map_err(|_| Malformed)?))
}

const fn malformed(_: Malformed) -> Reason {
    Reason::TimestampMalformed
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn moments_may_have_fractions_but_one_form() {
        assert_eq!(moment(b"20260601030000Z"), Ok(datetime!(2026-06-01 03:00 UTC)));
        assert_eq!(moment(b"20260601030000.25Z"), Ok(datetime!(2026-06-01 03:00:00.25 UTC)));
        for wrong in [
            &b"20260601030000"[..],
            b"20260601030000.Z",
            b"20260601030000.50Z",
            b"20260601030000.0Z",
            b"202606010300Z",
            b"20260631030000Z",
            b"20260601240000Z",
            b"2026060103000+Z",
            b"20260601030000.\xC3\xA9Z",
            b"",
        ] {
            assert_eq!(moment(wrong), Err(Malformed), "{}", String::from_utf8_lossy(wrong));
        }
    }
}
