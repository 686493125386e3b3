//! Lengths of time as the rules write them.

use serde::{Deserialize, Serialize};
use time::util::days_in_month;
use time::{Date, Duration, Month};

/// A length of time: `{ days = 30 }`, `{ months = 2 }` or `{ years = 1 }`. Months and years end with the
/// corresponding day, or with the last day of a month that lacks it (民法143条2項).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Days.
    Days(u16),
    /// Calendar months.
    Months(u16),
    /// Calendar years.
    Years(u16),
}

impl Span {
    /// The day that lies this much after `day`, which itself is not counted (民法140条).
    #[must_use]
    pub fn after(self, day: Date) -> Date {
        match self {
            Self::Days(days) => day.checked_add(Duration::days(days.into())),
            Self::Months(months) => months_on(day, months.into()),
            Self::Years(years) => months_on(day, i32::from(years) * 12),
        }
        .unwrap_or(Date::MAX)
    }

    /// The day that lies this much before `day`.
    #[must_use]
    pub fn before(self, day: Date) -> Date {
        match self {
            Self::Days(days) => day.checked_sub(Duration::days(days.into())),
            Self::Months(months) => months_on(day, -i32::from(months)),
            Self::Years(years) => months_on(day, -12 * i32::from(years)),
        }
        .unwrap_or(Date::MIN)
    }

    /// False for nothing at all, and for longer than anybody lives.
    pub(super) fn is_sound(self) -> bool {
        match self {
            Self::Days(days) => (1..=36_500).contains(&days),
            Self::Months(months) => (1..=1200).contains(&months),
            Self::Years(years) => (1..=100).contains(&years),
        }
    }
}

/// How far a window reaches from a day: as a [`Span`], or `"never"` (not at all), or `"always"` (without end).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Not at all.
    Never,
    /// Without end.
    Always,
    /// Days.
    Days(u16),
    /// Calendar months.
    Months(u16),
    /// Calendar years.
    Years(u16),
}

impl Reach {
    /// The length, for a reach that has one.
    #[must_use]
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Never | Self::Always => None,
            Self::Days(days) => Some(Span::Days(days)),
            Self::Months(months) => Some(Span::Months(months)),
            Self::Years(years) => Some(Span::Years(years)),
        }
    }

    /// False for a length that is not sound.
    pub(super) fn is_sound(self) -> bool {
        self.span().is_none_or(Span::is_sound)
    }
}

/// A day of every year, written `12-29`. 29 February is the 28th in common years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayOfYear {
    month: u8,
    day: u8,
}

/// The text is not a day of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day of the year is written as month and day, such as 12-29")]
pub struct InvalidDayOfYear;

impl DayOfYear {
    /// The day of the year on which `day` falls.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self { month: day.month().into(), day: day.day() }
    }
}

impl TryFrom<String> for DayOfYear {
    type Error = InvalidDayOfYear;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = |digits: &str| {
            let is_pair = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse::<u8>().ok().filter(|_| is_pair)
        };
        let (month, day) = text.split_once('-').ok_or(InvalidDayOfYear)?;
        let (month, day) = (number(month).ok_or(InvalidDayOfYear)?, number(day).ok_or(InvalidDayOfYear)?);
        // 2028 has a 29 February.
        let longest = Month::try_from(month).map(|month| days_in_month(month, 2028)).map_err(|_| InvalidDayOfYear)?;
        if (1..=longest).contains(&day) { Ok(Self { month, day }) } else { Err(InvalidDayOfYear) }
    }
}

impl From<DayOfYear> for String {
    fn from(day: DayOfYear) -> Self {
        format!("{:02}-{:02}", day.month, day.day)
    }
}

fn months_on(day: Date, months: i32) -> Option<Date> {
    let counted = day.year() * 12 + i32::from(u8::from(day.month())) - 1 + months;
    let month = u8::try_from(counted.rem_euclid(12) + 1).ok().and_then(|month| Month::try_from(month).ok())?;
    let year = counted.div_euclid(12);
    Date::from_calendar_date(year, month, day.day().min(days_in_month(month, year))).ok()
}

/// A day of a month, or the month's last day if it is shorter.
pub(super) fn day_in(year: i32, month: Month, day: u8) -> Date {
    Date::from_calendar_date(year, month, day.min(days_in_month(month, year))).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    #[test]
    fn months_and_years_end_with_the_corresponding_day_or_the_last_one() {
        for (span, day, after, before) in [
            (Span::Days(30), date!(2026 - 11 - 20), date!(2026 - 12 - 20), date!(2026 - 10 - 21)),
            (Span::Months(1), date!(2026 - 01 - 31), date!(2026 - 02 - 28), date!(2025 - 12 - 31)),
            (Span::Months(2), date!(2027 - 12 - 31), date!(2028 - 02 - 29), date!(2027 - 10 - 31)),
            (Span::Months(12), date!(2026 - 11 - 20), date!(2027 - 11 - 20), date!(2025 - 11 - 20)),
            (Span::Years(1), date!(2028 - 02 - 29), date!(2029 - 02 - 28), date!(2027 - 02 - 28)),
        ] {
            assert_eq!(span.after(day), after, "{span:?} after {day}");
            assert_eq!(span.before(day), before, "{span:?} before {day}");
        }
    }

    #[test]
    fn days_of_the_year_are_read_in_one_form() {
        for good in ["12-29", "01-03", "02-29"] {
            assert_eq!(String::from(DayOfYear::try_from(good.to_owned()).unwrap()), good);
        }
        for bad in ["2-29", "02-30", "13-01", "00-10", "12/29", "12-+1", ""] {
            assert_eq!(DayOfYear::try_from(bad.to_owned()), Err(InvalidDayOfYear), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_span_reaches_forward_and_back_from_any_day(day in -3_000_000_i32..=5_373_484, length in 0_u16..) {
            let Ok(day) = Date::from_julian_day(day) else { return Ok(()) };
            for span in [Span::Days(length), Span::Months(length), Span::Years(length)] {
                prop_assert!(span.after(day) >= day && span.before(day) <= day);
            }
        }
    }
}
