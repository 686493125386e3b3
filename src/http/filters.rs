//! How values are written for people: dates and times in Japan, numbers in groups.
//!
//! Each is a small type that a template shows as it is (`{{ received }}`) and that knows its
//! machine-readable form for `<time datetime>` (`{{ received.iso() }}`).

use crate::clock::JAPAN;
use crate::domain::person::{BirthDate, Era, Wareki};
use crate::words::{Phrase, Said, Value, Words};
use std::fmt;
use time::{Date, OffsetDateTime, Weekday};

/// A day: `2026年11月20日(金)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub Date);

impl Day {
    /// `2026-11-20`.
    #[must_use]
    pub fn iso(&self) -> String {
        iso_date(self.0)
    }

    /// The day in Japan at `instant`.
    #[must_use]
    pub fn of(instant: OffsetDateTime) -> Self {
        Self(instant.to_offset(JAPAN).date())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(day) = self;
        write!(f, "{}年{}月{}日({})", day.year(), u8::from(day.month()), day.day(), weekday(day.weekday()))
    }
}

impl Value for Day {
    fn said(self, words: Words) -> Said {
        let Self(day) = self;
        let weekday = day.weekday().number_from_monday();
        let year = day.year().to_string();
        Said::Phrase(words.date_day(year, u8::from(day.month()), day.day(), weekday))
    }
}

/// A moment: `2026年11月20日(金) 14:05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub OffsetDateTime);

impl Moment {
    /// `2026-11-20T14:05+09:00`.
    #[must_use]
    pub fn iso(&self) -> String {
        format!("{}T{}+09:00", Day::of(self.0).iso(), self.clock())
    }

    /// The time of day alone: `14:05`.
    #[must_use]
    pub fn clock(&self) -> String {
        let local = self.0.to_offset(JAPAN);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// The time of day to the second: `14:05:09`.
    #[must_use]
    pub fn clock_with_seconds(&self) -> String {
        format!("{}:{:02}", self.clock(), self.0.second())
    }

    /// As tables of the staff write it: `2026-11-20 14:05`.
    #[must_use]
    pub fn dense(&self) -> String {
        format!("{} {}", Day::of(self.0).iso(), self.clock())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Day::of(self.0), self.clock())
    }
}

impl Value for Moment {
    fn said(self, words: Words) -> Said {
        Said::Phrase(words.date_moment(Day::of(self.0), self.clock()))
    }
}

/// A date of birth in both calendars: `1985年（昭和60年）4月27日`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birth(pub BirthDate);

impl Birth {
    /// `1985-04-27`.
    #[must_use]
    pub fn iso(&self) -> String {
        iso_date(self.0.date())
    }
}

impl fmt::Display for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.0.date();
        write!(f, "{}年（{}）{}月{}日", day.year(), era_year(self.0.to_wareki()), u8::from(day.month()), day.day())
    }
}

impl Value for Birth {
    fn said(self, words: Words) -> Said {
        Said::Phrase(in_both_calendars(words, self.0.date()))
    }
}

/// A day in the western calendar and by the era of its year; days before the eras go without.
#[must_use]
pub fn in_both_calendars(words: Words, day: Date) -> Phrase {
    let Some(Wareki { era, year }) = Wareki::of(day) else { return words.say(Day(day)) };
    let years = u32::try_from(year).unwrap_or_default();
    let era = match era {
        Era::Meiji => words.date_meiji(years),
        Era::Taisho => words.date_taisho(years),
        Era::Showa => words.date_showa(years),
        Era::Heisei => words.date_heisei(years),
        Era::Reiwa => words.date_reiwa(years),
    };
    words.date_birth(day.year().to_string(), era, words.date_month_day(u8::from(day.month()), day.day()))
}

/// `昭和60年`, `令和元年`.
#[must_use]
pub fn era_year(wareki: Wareki) -> String {
    let era = match wareki.era {
        Era::Meiji => "明治",
        Era::Taisho => "大正",
        Era::Showa => "昭和",
        Era::Heisei => "平成",
        Era::Reiwa => "令和",
    };
    match wareki.year {
        1 => format!("{era}元年"),
        year => format!("{era}{year}年"),
    }
}

/// An e-mail address of which a passer-by learns little: `h•••@example.jp`.
#[must_use]
pub fn masked_email(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}•••@{domain}", local.chars().take(1).collect::<String>()),
        None => "•••".to_owned(),
    }
}

fn iso_date(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}

const fn weekday(day: Weekday) -> char {
    match day {
        Weekday::Monday => '月',
        Weekday::Tuesday => '火',
        Weekday::Wednesday => '水',
        Weekday::Thursday => '木',
        Weekday::Friday => '金',
        Weekday::Saturday => '土',
        Weekday::Sunday => '日',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn moments_are_shown_in_japan() {
        let late = Moment(datetime!(2026-11-20 15:05 UTC));
        assert_eq!(late.to_string(), "2026年11月21日(土) 00:05");
        assert_eq!(late.iso(), "2026-11-21T00:05+09:00");
        assert_eq!(late.dense(), "2026-11-21 00:05");
        assert_eq!(Moment(datetime!(2026-11-20 05:32:09 UTC)).clock_with_seconds(), "14:32:09");
        assert_eq!(Day(date!(2026 - 11 - 20)).to_string(), "2026年11月20日(金)");
    }

    #[test]
    fn every_language_has_its_own_way_to_write_a_day() {
        use crate::words::Lang;
        let said = |lang| Words::new(lang).say(Moment(datetime!(2026-11-20 05:32 UTC))).spelled();
        assert_eq!(said(Lang::Ja), "2026年11月20日(金) 14:32");
        assert_eq!(said(Lang::Ja), Moment(datetime!(2026-11-20 05:32 UTC)).to_string());
        assert_eq!(said(Lang::En), "Friday 20 November 2026, 14:32");
        assert_eq!(said(Lang::JaSimple), "2026年（ねん）11月（がつ）20日（にち）（金曜日（きんようび）） 14:32");
    }

    #[test]
    fn every_language_has_its_own_way_to_write_a_date_of_birth() {
        use crate::words::Lang;
        let said = |lang, text: &str| Words::new(lang).say(Birth(text.parse().unwrap())).spelled();
        assert_eq!(said(Lang::Ja, "2019-05-01"), Birth("2019-05-01".parse().unwrap()).to_string());
        assert_eq!(said(Lang::Ja, "1985-04-27"), "1985年（昭和60年）4月27日");
        assert_eq!(said(Lang::En, "1985-04-27"), "27 April 1985 (Shōwa 60)");
    }

    #[test]
    fn births_are_shown_in_both_calendars() {
        let birth = |text: &str| Birth(text.parse().unwrap());
        assert_eq!(birth("1985-04-27").to_string(), "1985年（昭和60年）4月27日");
        assert_eq!(birth("2019-05-01").to_string(), "2019年（令和元年）5月1日");
        assert_eq!(birth("1985-04-27").iso(), "1985-04-27");
    }

    #[test]
    fn an_address_is_masked_but_recognisable() {
        assert_eq!(masked_email("hanako@example.jp"), "h•••@example.jp");
        assert_eq!(masked_email("髙"), "•••");
    }
}
