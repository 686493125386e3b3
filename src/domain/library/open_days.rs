//! The days on which a library is open: its promises are counted in them.

use super::LibraryText;
use super::holidays::holiday;
use super::span::{DayOfYear, day_in};
use crate::domain::iso_date;
use serde::{Deserialize, Serialize};
use time::{Date, Duration, Month, Weekday};

/// When a library is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenDays {
    /// Days of the week, such as `monday`; never all seven.
    closed_on_weekdays: Vec<DayOfWeek>,
    /// Days of every month, such as `{ nth_weekday = { nth = 3, weekday = "thursday" } }` or `"last_day"`.
    closed_monthly: Vec<MonthlyClosing>,
    /// Days of every year: the turn of the year.
    closed_yearly: Vec<YearlyClosing>,
    /// What holidays change.
    on_holidays: OnHolidays,
    /// What happens afterwards.
    after_holidays: AfterHolidays,
    /// Single days.
    #[serde(with = "iso_date::list")]
    closed_on_dates: Vec<Date>,
    /// Longer times with a reason: stocktaking, works.
    closures: Vec<Closure>,
    /// Days on which it is open although it would be closed.
    #[serde(with = "iso_date::list")]
    open_on_dates: Vec<Date>,
}

/// The days of the week by the names that stand in the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<DayOfWeek> for Weekday {
    fn from(day: DayOfWeek) -> Self {
        match day {
            DayOfWeek::Monday => Self::Monday,
            DayOfWeek::Tuesday => Self::Tuesday,
            DayOfWeek::Wednesday => Self::Wednesday,
            DayOfWeek::Thursday => Self::Thursday,
            DayOfWeek::Friday => Self::Friday,
            DayOfWeek::Saturday => Self::Saturday,
            DayOfWeek::Sunday => Self::Sunday,
        }
    }
}

/// A day of every month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum MonthlyClosing {
    LastDay,
    Day(u8),
    NthWeekday { nth: u8, weekday: DayOfWeek },
    LastWeekday(DayOfWeek),
}

/// A time of every year, which may reach into the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct YearlyClosing {
    from: DayOfYear,
    to: DayOfYear,
    reason: LibraryText,
}

/// A time with its own reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closure {
    #[serde(with = "iso_date")]
    from: Date,
    #[serde(with = "iso_date")]
    to: Date,
    reason: LibraryText,
}

/// What a holiday changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnHolidays {
    /// Nothing.
    #[default]
    AsUsual,
    /// The library is closed.
    Closed,
    /// It is open, also on its closing days of week and month.
    Open,
}

/// What happens after a holiday.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AfterHolidays {
    /// Nothing.
    #[default]
    AsUsual,
    /// The next day is closed, unless it is a holiday, a Saturday or a Sunday.
    NextDayClosed,
    /// A holiday that fell on a closing day of the week moves it to the next day from Monday to Friday that is
    /// neither a holiday nor a closing day.
    ClosingDayMoves,
}

/// Why a library is closed on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedBecause<'a> {
    /// It is so every week.
    Weekly,
    /// It is so every month.
    Monthly,
    /// It is a holiday.
    Holiday,
    /// A holiday came before.
    AfterHoliday,
    /// The day is listed.
    Listed,
    /// For this reason.
    Reason(&'a LibraryText),
}

/// What is wrong with a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCalendar {
    /// Every day is a closing day.
    #[error("the library is closed on every day of the week")]
    NeverOpen,
    /// A day of the month that does not exist.
    #[error("a monthly closing day is the 1st to 5th weekday or the day 1 to 31 of a month")]
    DayOfMonth,
    /// A time that ends before it begins.
    #[error("the closing time ends before it begins")]
    Backwards,
    /// No reason.
    #[error("the closing time has no reason")]
    NoReason,
}

impl OpenDays {
    /// Tells whether the library is open on `day`.
    #[must_use]
    pub fn is_open(&self, day: Date) -> bool {
        self.closed_because(day).is_none()
    }

    /// Why the library is closed on `day`; `None` if it is open.
    #[must_use]
    pub fn closed_because(&self, day: Date) -> Option<ClosedBecause<'_>> {
        if self.open_on_dates.contains(&day) {
            return None;
        }
        if let Some(closure) = self.closures.iter().find(|closure| (closure.from..=closure.to).contains(&day)) {
            return Some(ClosedBecause::Reason(&closure.reason));
        }
        if self.closed_on_dates.contains(&day) {
            return Some(ClosedBecause::Listed);
        }
        if let Some(closing) = self.closed_yearly.iter().find(|closing| closing.covers(day)) {
            return Some(ClosedBecause::Reason(&closing.reason));
        }
        if holiday(day).is_some() {
            match self.on_holidays {
                OnHolidays::Closed => return Some(ClosedBecause::Holiday),
                OnHolidays::Open => return None,
                OnHolidays::AsUsual => {}
            }
        }
        if self.is_weekly_closing(day) {
            return Some(ClosedBecause::Weekly);
        }
        if self.closed_monthly.iter().any(|closing| closing.covers(day)) {
            return Some(ClosedBecause::Monthly);
        }
        self.is_closed_after_holiday(day).then_some(ClosedBecause::AfterHoliday)
    }

    /// The `count`-th open day after `day`, which itself is not counted (民法140条).
    #[must_use]
    pub fn after(&self, day: Date, count: u32) -> Date {
        let mut last = day;
        for _ in 0..count {
            let mut days = std::iter::successors(last.next_day(), |day| day.next_day());
            last = days.find(|day| self.is_open(*day)).unwrap_or(Date::MAX);
        }
        last
    }

    /// How many open days lie after `day`, which itself is not counted, up to and with `last`.
    #[must_use]
    pub fn between(&self, day: Date, last: Date) -> u32 {
        let days = std::iter::successors(day.next_day(), |day| day.next_day()).take_while(|day| *day <= last);
        u32::try_from(days.filter(|day| self.is_open(*day)).count()).unwrap_or(u32::MAX)
    }

    /// The closed days from `from` on, for so many `days`, each with its reason.
    pub fn closed_days(&self, from: Date, days: u16) -> impl Iterator<Item = (Date, ClosedBecause<'_>)> {
        (0..i64::from(days))
            .filter_map(move |day| from.checked_add(Duration::days(day)))
            .filter_map(|day| self.closed_because(day).map(|why| (day, why)))
    }

    fn is_weekly_closing(&self, day: Date) -> bool {
        self.closed_on_weekdays.iter().any(|closed| Weekday::from(*closed) == day.weekday())
    }

    fn is_closed_after_holiday(&self, day: Date) -> bool {
        let is_free =
            |day: Date| holiday(day).is_some() || matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if is_free(day) {
            return false;
        }
        let mut before = std::iter::successors(day.previous_day(), |day| day.previous_day());
        match self.after_holidays {
            AfterHolidays::AsUsual => false,
            AfterHolidays::NextDayClosed => before.next().is_some_and(|eve| holiday(eve).is_some()),
            // Back over all days that could not take the closing day, to the holiday from which it moved.
            AfterHolidays::ClosingDayMoves => before
                .take_while(|eve| is_free(*eve) || self.is_weekly_closing(*eve))
                .take(14)
                .any(|eve| holiday(eve).is_some() && self.is_weekly_closing(eve)),
        }
    }

    /// What is wrong with the calendar, with the list and, if it is about one, the entry in it.
    pub(super) fn first_fault(&self) -> Option<(&'static str, Option<usize>, InvalidCalendar)> {
        if !self.is_ever_open() {
            return Some(("closed_on_weekdays", None, InvalidCalendar::NeverOpen));
        }
        if let Some(index) = self.closed_monthly.iter().position(|closing| !closing.is_sound()) {
            return Some(("closed_monthly", Some(index), InvalidCalendar::DayOfMonth));
        }
        if let Some(index) = self.closed_yearly.iter().position(|closing| closing.reason.is_blank()) {
            return Some(("closed_yearly", Some(index), InvalidCalendar::NoReason));
        }
        for (index, closure) in self.closures.iter().enumerate() {
            let fault = |fault| Some(("closures", Some(index), fault));
            if closure.to < closure.from {
                return fault(InvalidCalendar::Backwards);
            }
            if closure.reason.is_blank() {
                return fault(InvalidCalendar::NoReason);
            }
        }
        None
    }

    /// True if the closing days of week, month and year leave a day in a leap year (they have all days).
    fn is_ever_open(&self) -> bool {
        let recurring = Self { closures: Vec::new(), closed_on_dates: Vec::new(), ..self.clone() };
        let new_year = day_in(2028, Month::January, 1);
        (0..366).any(|day| recurring.is_open(new_year + Duration::days(day)))
    }
}

impl MonthlyClosing {
    fn covers(self, day: Date) -> bool {
        let is_last_week = day.month() != day.checked_add(Duration::days(7)).unwrap_or(Date::MIN).month();
        match self {
            Self::LastDay => day.next_day().is_none_or(|next| next.month() != day.month()),
            Self::Day(date) => day.day() == date,
            Self::NthWeekday { nth, weekday } => day.weekday() == weekday.into() && day.day().div_ceil(7) == nth,
            Self::LastWeekday(weekday) => day.weekday() == weekday.into() && is_last_week,
        }
    }

    fn is_sound(self) -> bool {
        match self {
            Self::LastDay | Self::LastWeekday(_) => true,
            Self::Day(date) => (1..=31).contains(&date),
            Self::NthWeekday { nth, .. } => (1..=5).contains(&nth),
        }
    }
}

impl YearlyClosing {
    fn covers(&self, day: Date) -> bool {
        let day = DayOfYear::of(day);
        if self.from <= self.to { self.from <= day && day <= self.to } else { self.from <= day || day <= self.to }
    }
}

#[cfg(test)]
mod tests;
