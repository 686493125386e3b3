//! Dates of birth, and the eras in which people remember them.

use super::numeral::with_digits;
use super::width::is_invisible;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use time::macros::date;
use time::{Date, Month};
use unicode_normalization::UnicodeNormalization as _;

/// The first day on which Japan counted by the Gregorian calendar (太政官布告第337号, 明治5年).
const GREGORIAN_SINCE: Date = date!(1873 - 01 - 01);

/// An era (元号) since the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Era {
    /// 明治, here from 1873.
    Meiji,
    /// 大正, from 30 July 1912.
    Taisho,
    /// 昭和, from 25 December 1926.
    Showa,
    /// 平成, from 8 January 1989.
    Heisei,
    /// 令和, from 1 May 2019.
    Reiwa,
}

impl Era {
    /// All eras, oldest first.
    pub const ALL: [Self; 5] = [Self::Meiji, Self::Taisho, Self::Showa, Self::Heisei, Self::Reiwa];

    /// Its first day (of 明治: the first day that is counted by the Gregorian calendar).
    #[must_use]
    pub const fn begins_on(self) -> Date {
        match self {
            Self::Meiji => GREGORIAN_SINCE,
            Self::Taisho => date!(1912 - 07 - 30),
            Self::Showa => date!(1926 - 12 - 25),
            Self::Heisei => date!(1989 - 01 - 08),
            Self::Reiwa => date!(2019 - 05 - 01),
        }
    }

    /// The Gregorian year of its first year (元年).
    pub(in crate::domain) const fn first_year(self) -> i32 {
        match self {
            Self::Meiji => 1868,
            _ => self.begins_on().year(),
        }
    }

    /// The ways in which people write it in front of a year, longest first, after NFKC and in lower case.
    const fn spellings(self) -> [&'static str; 3] {
        match self {
            Self::Meiji => ["明治", "明", "m"],
            Self::Taisho => ["大正", "大", "t"],
            Self::Showa => ["昭和", "昭", "s"],
            Self::Heisei => ["平成", "平", "h"],
            Self::Reiwa => ["令和", "令", "r"],
        }
    }
}

/// A year of an era; 1 is printed as 元年.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wareki {
    /// The era.
    pub era: Era,
    /// The year within it, from 1.
    pub year: i32,
}

impl Wareki {
    /// The era and year of a day; `None` before 1873.
    #[must_use]
    pub fn of(day: Date) -> Option<Self> {
        let era = Era::ALL.into_iter().rev().find(|era| era.begins_on() <= day)?;
        Some(Self { era, year: day.year() - era.first_year() + 1 })
    }
}

/// A date of birth: a real day since 1873 that lies in the past when it is typed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BirthDate(Date);

/// The three boxes in which a date is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatePart {
    /// Year.
    Year,
    /// Month.
    Month,
    /// Day.
    Day,
}

/// The text cannot be a date of birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBirth {
    /// All boxes are empty.
    #[error("the date of birth is empty")]
    Empty,
    /// One box is empty.
    #[error("the date of birth lacks its {0:?}")]
    Missing(DatePart),
    /// Two digits without an era, or no year at all.
    #[error("the year of birth is neither four digits nor a year of an era")]
    UnclearYear,
    /// There is no such day, or it is not in the era that was given.
    #[error("there is no such date of birth: its {0:?} is wrong")]
    Unreal(DatePart),
    /// The day is today or later; the part is the first one that is too late.
    #[error("the date of birth is not in the past: its {0:?} is too late")]
    Future(DatePart),
}

impl InvalidBirth {
    /// The box to which the reader should go.
    #[must_use]
    pub const fn part(self) -> DatePart {
        match self {
            Self::Empty | Self::UnclearYear => DatePart::Year,
            Self::Missing(part) | Self::Unreal(part) | Self::Future(part) => part,
        }
    }
}

/// Reads three boxes for any day since 1873, past or to come, as [`BirthDate::parse`] reads them.
///
/// # Errors
/// See [`InvalidBirth`]; never [`InvalidBirth::Future`].
pub fn typed_day(year: &str, month: &str, day: &str) -> Result<Date, InvalidBirth> {
    let [year, month, day] = [year, month, day].map(plain);
    if year.is_empty() && month.is_empty() && day.is_empty() {
        return Err(InvalidBirth::Empty);
    }
    for (text, part) in [(&year, DatePart::Year), (&month, DatePart::Month), (&day, DatePart::Day)] {
        if text.is_empty() {
            return Err(InvalidBirth::Missing(part));
        }
    }
    let (era, year) = typed_year(&year)?;
    let month = number(month.trim_end_matches('月'), 2)
        .and_then(|month| Month::try_from(u8::try_from(month).ok()?).ok())
        .ok_or(InvalidBirth::Unreal(DatePart::Month))?;
    let day = number(day.trim_end_matches('日'), 2)
        .and_then(|day| Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok())
        .ok_or(InvalidBirth::Unreal(DatePart::Day))?;
    if day < GREGORIAN_SINCE || era.is_some_and(|era| Wareki::of(day).is_none_or(|wareki| wareki.era != era)) {
        return Err(InvalidBirth::Unreal(DatePart::Year));
    }
    Ok(day)
}

impl BirthDate {
    /// Reads the three boxes of the form. The year may be Gregorian in four digits (`1985`) or
    /// of an era (`S60`, `昭60`, `昭和60年`, `令和元`, `㍼60`), in any width.
    ///
    /// # Errors
    /// See [`InvalidBirth`].
    pub fn parse(year: &str, month: &str, day: &str, today: Date) -> Result<Self, InvalidBirth> {
        let day = typed_day(year, month, day)?;
        if day >= today {
            let part = if day.year() > today.year() {
                DatePart::Year
            } else if day.month() != today.month() {
                DatePart::Month
            } else {
                DatePart::Day
            };
            return Err(InvalidBirth::Future(part));
        }
        Ok(Self(day))
    }

    /// The day itself.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }

    /// The year of birth in its era.
    #[must_use]
    pub fn to_wareki(self) -> Wareki {
        Wareki::of(self.0).unwrap_or(Wareki { era: Era::Meiji, year: self.0.year() - Era::Meiji.first_year() + 1 })
    }

    /// The age in full years on `day`, as the law counts it.
    ///
    /// 年齢計算ニ関スル法律 (明治35年法律第50号) counts the day of birth, so by article 143 of the
    /// Civil Code a year of life is complete at the end of the *eve* of the birthday. We count
    /// it as reached on that eve, to the applicant's favour, as the School Education Act does
    /// for children born on 1 April. For 29 February the eve is the 28th in every year.
    #[must_use]
    pub fn age_on(self, day: Date) -> u32 {
        let counted = day.next_day().unwrap_or(day);
        let before_birthday = (counted.month() as u8, counted.day()) < (self.0.month() as u8, self.0.day());
        u32::try_from(counted.year() - self.0.year() - i32::from(before_birthday)).unwrap_or(0)
    }
}

/// Width, spaces and kanji numerals made plain.
fn plain(text: &str) -> String {
    let narrow: String = text.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
    with_digits(&narrow).to_lowercase()
}

fn typed_year(text: &str) -> Result<(Option<Era>, i32), InvalidBirth> {
    let text = text.strip_suffix('年').unwrap_or(text);
    let text = text.strip_prefix("西暦").unwrap_or(text);
    let spelled = Era::ALL
        .into_iter()
        .flat_map(|era| era.spellings().map(|spelling| (era, spelling)))
        .find_map(|(era, spelling)| text.strip_prefix(spelling).map(|rest| (era, rest)));
    let Some((era, rest)) = spelled else {
        return match number(text, 4) {
            Some(year) if text.len() == 4 => Ok((None, year)),
            _ => Err(InvalidBirth::UnclearYear),
        };
    };
    let year = if rest == "元" { Some(1) } else { number(rest.trim_start_matches('.'), 2) };
    match year.ok_or(InvalidBirth::UnclearYear)? {
        0 => Err(InvalidBirth::Unreal(DatePart::Year)),
        year => Ok((Some(era), era.first_year() + year - 1)),
    }
}

fn number(text: &str, longest: usize) -> Option<i32> {
    let is_number = (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

impl FromStr for BirthDate {
    type Err = InvalidBirth;

    /// Reads the stored form, `1985-04-27`, and no other.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [year, month, day]: [&str; 3] =
            text.split('-').collect::<Vec<_>>().try_into().map_err(|_| InvalidBirth::UnclearYear)?;
        if [year.len(), month.len(), day.len()] != [4, 2, 2] {
            return Err(InvalidBirth::UnclearYear);
        }
        Self::parse(year, month, day, Date::MAX)
    }
}

/// The stored form, `1985-04-27`.
impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month() as u8, self.0.day())
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(…)")
    }
}

impl TryFrom<String> for BirthDate {
    type Error = InvalidBirth;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BirthDate> for String {
    fn from(birth: BirthDate) -> Self {
        birth.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = date!(2026 - 11 - 20);

    fn typed(year: &str, month: &str, day: &str) -> Result<Date, InvalidBirth> {
        BirthDate::parse(year, month, day, TODAY).map(BirthDate::date)
    }

    #[test]
    fn every_way_of_writing_a_year_is_understood() {
        for year in [
            "1985",
            "S60",
            "s60",
            "昭60",
            "昭和60",
            "昭和60年",
            "㍼60",
            "１９８５年",
            "Ｓ６０",
            "昭和六十年",
            "西暦1985",
            "S.60",
            "昭和 60",
        ] {
            assert_eq!(typed(year, "４月", "二十七"), Ok(date!(1985 - 04 - 27)), "{year}");
        }
        for year in ["R1", "令和元", "令和元年", "㋿1", "2019"] {
            assert_eq!(typed(year, "5", "1"), Ok(date!(2019 - 05 - 01)), "{year}");
        }
    }

    #[test]
    fn eras_begin_and_end_on_their_days() {
        assert_eq!(typed("昭和64", "1", "7"), Ok(date!(1989 - 01 - 07)));
        assert_eq!(typed("昭和64", "1", "8"), Err(InvalidBirth::Unreal(DatePart::Year)));
        assert_eq!(typed("平成元", "1", "7"), Err(InvalidBirth::Unreal(DatePart::Year)));
        assert_eq!(typed("平成元", "1", "8"), Ok(date!(1989 - 01 - 08)));
        assert_eq!(typed("平成31", "4", "30"), Ok(date!(2019 - 04 - 30)));
        assert_eq!(typed("令和元", "4", "30"), Err(InvalidBirth::Unreal(DatePart::Year)));
        assert_eq!(typed("大正15", "12", "24"), Ok(date!(1926 - 12 - 24)));
        assert_eq!(typed("昭和元", "12", "25"), Ok(date!(1926 - 12 - 25)));
        assert_eq!(typed("明治5", "12", "2"), Err(InvalidBirth::Unreal(DatePart::Year)));
        assert_eq!(typed("明治6", "1", "1"), Ok(date!(1873 - 01 - 01)));
    }

    #[test]
    fn each_fault_names_its_box() {
        for (year, month, day, error) in [
            (" ", "", "", InvalidBirth::Empty),
            ("1985", "", "27", InvalidBirth::Missing(DatePart::Month)),
            ("", "4", "27", InvalidBirth::Missing(DatePart::Year)),
            ("1985", "4", "　", InvalidBirth::Missing(DatePart::Day)),
            ("60", "4", "27", InvalidBirth::UnclearYear),
            ("昭和", "4", "27", InvalidBirth::UnclearYear),
            ("now", "4", "27", InvalidBirth::UnclearYear),
            ("昭和0", "4", "27", InvalidBirth::Unreal(DatePart::Year)),
            ("1985", "13", "27", InvalidBirth::Unreal(DatePart::Month)),
            ("1985", "2", "29", InvalidBirth::Unreal(DatePart::Day)),
            ("1985", "4", "x", InvalidBirth::Unreal(DatePart::Day)),
            ("1600", "4", "1", InvalidBirth::Unreal(DatePart::Year)),
            ("2027", "1", "1", InvalidBirth::Future(DatePart::Year)),
            ("2026", "12", "1", InvalidBirth::Future(DatePart::Month)),
            ("2026", "11", "20", InvalidBirth::Future(DatePart::Day)),
        ] {
            assert_eq!(typed(year, month, day), Err(error), "{year}/{month}/{day}");
        }
    }

    #[test]
    fn a_year_of_life_is_complete_on_the_eve_of_the_birthday() {
        let april_first = BirthDate(date!(2014 - 04 - 01));
        assert_eq!(april_first.age_on(date!(2026 - 03 - 30)), 11);
        assert_eq!(april_first.age_on(date!(2026 - 03 - 31)), 12);
        let leap_day = BirthDate(date!(2012 - 02 - 29));
        assert_eq!(leap_day.age_on(date!(2027 - 02 - 27)), 14);
        assert_eq!(leap_day.age_on(date!(2027 - 02 - 28)), 15);
        assert_eq!(leap_day.age_on(date!(2028 - 02 - 27)), 15);
        assert_eq!(leap_day.age_on(date!(2028 - 02 - 28)), 16);
        assert_eq!(april_first.age_on(date!(2000 - 01 - 01)), 0);
    }

    #[test]
    fn the_stored_form_is_the_iso_date() {
        let birth = BirthDate(date!(1985 - 04 - 27));
        assert_eq!(serde_json::to_string(&birth).unwrap(), "\"1985-04-27\"");
        for bad in ["1985-4-27", "1985-02-30", "昭和60-04-27", "19850427"] {
            assert!(bad.parse::<BirthDate>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn the_era_form_and_the_gregorian_form_are_the_same_day(days in 0..56_000_i64, form in 0_usize..3) {
            let day = GREGORIAN_SINCE + time::Duration::days(days);
            prop_assume!(day < TODAY);
            let wareki = Wareki::of(day).unwrap();
            let (month, date) = ((day.month() as u8).to_string(), day.day().to_string());
            let year = format!("{}{}", wareki.era.spellings()[form], wareki.year);
            prop_assert_eq!(typed(&year, &month, &date), Ok(day));
            let birth = BirthDate::parse(&day.year().to_string(), &month, &date, TODAY).unwrap();
            prop_assert_eq!(birth.to_wareki(), wareki);
            prop_assert_eq!(birth.to_string().parse::<BirthDate>().unwrap(), birth);
        }
    }
}
