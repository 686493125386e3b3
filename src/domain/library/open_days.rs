//! The days on which a library is open: its promises are counted in them.

use crate::domain::iso_date;
use serde::{Deserialize, Serialize};
use time::{Date, Weekday};

/// When a library is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenDays {
    /// Days of the week, such as `monday`; never all seven.
    closed_on_weekdays: Vec<DayOfWeek>,
    /// Single days: public holidays, the turn of the year, stocktaking.
    #[serde(with = "iso_date::list")]
    closed_on_dates: Vec<Date>,
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

impl OpenDays {
    /// Tells whether the library is open on `day`.
    #[must_use]
    pub fn is_open(&self, day: Date) -> bool {
        !self.closed_on_dates.contains(&day)
            && !self.closed_on_weekdays.iter().any(|closed| Weekday::from(*closed) == day.weekday())
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

    /// True if the library opens on at least one day of the week.
    pub(super) fn ever_open(&self) -> bool {
        let mut weekday = Weekday::Monday;
        (0..7).any(|_| {
            weekday = weekday.next();
            !self.closed_on_weekdays.iter().any(|closed| Weekday::from(*closed) == weekday)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn closed_days_are_not_counted() {
        let days: OpenDays =
            toml::from_str("closed_on_weekdays = ['monday']\nclosed_on_dates = ['2026-11-23', '2026-11-24']").unwrap();
        assert!(!days.is_open(date!(2026 - 11 - 23)));
        // Friday 20th; Saturday and Sunday are open, Monday and Tuesday closed.
        assert_eq!(days.after(date!(2026 - 11 - 20), 3), date!(2026 - 11 - 25));
        assert_eq!(days.after(date!(2026 - 11 - 20), 0), date!(2026 - 11 - 20));
    }

    #[test]
    fn a_library_that_never_opens_is_recognised() {
        let closed: OpenDays = toml::from_str(
            "closed_on_weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']",
        )
        .unwrap();
        assert!(!closed.ever_open());
        assert!(OpenDays::default().ever_open());
    }
}
