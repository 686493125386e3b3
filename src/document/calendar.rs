//! A day for a calendar, as RFC 5545 writes it: lines that end in CRLF and are folded at 75 octets, text with its signs
//! escaped, one identity that stays.

use std::fmt::Write as _;
use time::{Date, OffsetDateTime, UtcOffset};

/// Lines are folded so that none is longer, the end of the line not counted (RFC 5545 §3.1).
const LONGEST: usize = 75;
/// At what hour of the day somebody is reminded.
const ALARM_HOUR: i32 = 9;

/// A whole day that somebody wants to be reminded of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// What it is known by, in every version of it: a calendar that has it already takes the newer one.
    pub uid: String,
    /// Counts the changes.
    pub sequence: i64,
    /// When it was written.
    pub written_at: OffsetDateTime,
    /// The day.
    pub day: Date,
    /// What it is.
    pub summary: String,
    /// More about it.
    pub description: String,
    /// Where to go.
    pub url: String,
    /// How many days before somebody is reminded.
    pub alarms: Vec<u16>,
}

impl CalendarDay {
    /// The file.
    #[must_use]
    pub fn to_ics(&self) -> String {
        let at = self.written_at.to_offset(UtcOffset::UTC);
        let (hour, minute, second) = at.to_hms();
        let mut lines = vec![
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//Todoke//Library card//JA".to_owned(),
            "CALSCALE:GREGORIAN".to_owned(),
            "METHOD:PUBLISH".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", escaped(&self.uid)),
            format!("SEQUENCE:{}", self.sequence.max(0)),
            format!("DTSTAMP:{}T{hour:02}{minute:02}{second:02}Z", compact(at.date())),
            format!("DTSTART;VALUE=DATE:{}", compact(self.day)),
            format!("DTEND;VALUE=DATE:{}", compact(self.day.next_day().unwrap_or(self.day))),
            format!("SUMMARY:{}", escaped(&self.summary)),
            format!("DESCRIPTION:{}", escaped(&self.description)),
            // An address is no text: nothing in it is escaped (RFC 5545 §3.3.13).
            format!("URL:{}", self.url.replace(['\r', '\n'], "")),
            "CLASS:PRIVATE".to_owned(),
            // Whoever has it is not busy on that day.
            "TRANSP:TRANSPARENT".to_owned(),
        ];
        for days in &self.alarms {
            lines.extend([
                "BEGIN:VALARM".to_owned(),
                "ACTION:DISPLAY".to_owned(),
                format!("DESCRIPTION:{}", escaped(&self.summary)),
                format!("TRIGGER:{}", trigger(*days)),
                "END:VALARM".to_owned(),
            ]);
        }
        lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
        lines.iter().map(|line| folded(line)).collect()
    }
}

/// So long before the day begins, counted so that it falls into the morning.
fn trigger(days: u16) -> String {
    match days {
        0 => format!("PT{ALARM_HOUR}H"),
        1 => format!("-PT{}H", 24 - ALARM_HOUR),
        days => format!("-P{}DT{}H", days - 1, 24 - ALARM_HOUR),
    }
}

fn compact(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), u8::from(day.month()), day.day())
}

/// Text as RFC 5545 §3.3.11 wants it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for sign in text.chars() {
        match sign {
            '\\' | ';' | ',' => out.extend(['\\', sign]),
            '\n' => out.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => out.push(sign),
        }
    }
    out
}

/// The line in pieces of at most 75 octets, never within a sign; each but the first begins with a space.
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    for sign in line.chars() {
        if length + sign.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            length = 1;
        }
        let _ = write!(out, "{sign}");
        length += sign.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    fn day() -> CalendarDay {
        CalendarDay {
            uid: "0123456789abcdef@card.example.jp".into(),
            sequence: 3,
            written_at: datetime!(2026-11-20 10:05:09 +9),
            day: date!(2029 - 12 - 31),
            summary: "図書館カードの有効期限; 延ばす, または\\新しく".into(),
            description: "姫路市立図書館のカードは、この日まで使えます。\n延ばすときは、マイページをひらいてください。"
                .into(),
            url: "https://card.example.jp/himeji/ja/card".into(),
            alarms: vec![60, 1, 0],
        }
    }

    #[test]
    fn every_line_ends_in_crlf_and_none_is_longer_than_75_octets() {
        let file = day().to_ics();
        assert!(file.ends_with("END:VCALENDAR\r\n") && !file.replace("\r\n", "").contains(['\r', '\n']));
        for line in file.split("\r\n") {
            assert!(line.len() <= 75, "{} {line}", line.len());
        }
        assert!(file.contains("\r\n "), "something is folded");
        let unfolded = file.replace("\r\n ", "");
        assert!(unfolded.contains("SUMMARY:図書館カードの有効期限\\; 延ばす\\, または\\\\新しく\r\n"), "{unfolded}");
        assert!(unfolded.contains("使えます。\\n延ばすときは"), "{unfolded}");
    }

    #[test]
    fn a_day_lasts_until_the_next_one_begins_and_is_written_in_universal_time() {
        let file = day().to_ics();
        assert!(file.contains("DTSTART;VALUE=DATE:20291231\r\nDTEND;VALUE=DATE:20300101\r\n"), "{file}");
        assert!(file.contains("DTSTAMP:20261120T010509Z\r\n") && file.contains("SEQUENCE:3\r\n"));
    }

    #[test]
    fn alarms_go_off_in_the_morning() {
        let file = day().to_ics();
        assert_eq!(file.matches("BEGIN:VALARM").count(), 3);
        for trigger in ["-P59DT15H", "-PT15H", "PT9H"] {
            assert!(file.contains(&format!("TRIGGER:{trigger}\r\n")), "{trigger}: {file}");
        }
    }
}
