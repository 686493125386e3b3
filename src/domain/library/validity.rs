//! When a card expires. Every rule gives the last day of use, which is always later than the day of issue.

use super::span::day_in;
use crate::domain::iso_date;
use serde::{Deserialize, Serialize};
use time::{Date, Month};

/// From what the last day of use is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Validity {
    /// The same day of the year `years` later. By articles 140 and 143 of the Civil Code the day of issue
    /// is not counted and the period ends with its corresponding day; after 29 February with the 28th.
    YearsFromIssue {
        /// How many years, at least 1.
        years: u16,
    },
    /// The `nth` birthday after the day of issue; that of 29 February falls on the 28th in common years.
    NthBirthday {
        /// Which birthday, at least 1.
        nth: u16,
    },
    /// The last day of the month of birth in the year `years` after that of issue.
    EndOfBirthMonth {
        /// How many calendar years on, at least 1.
        years: u16,
    },
    /// The `years`-th time after the day of issue that a fixed day comes round, such as the end of the
    /// fiscal year (31 March).
    FixedDay {
        /// 1 to 12.
        month: u8,
        /// 1 to 31; a day that a month lacks means its last one.
        day: u8,
        /// How many times, at least 1.
        years: u16,
    },
    /// The first listed day after the day of issue, for a change-over of all cards; once the list is used
    /// up, `years_after_list` from issue.
    FixedDates {
        /// The days.
        #[serde(with = "iso_date::list")]
        dates: Vec<Date>,
        /// How many years a card issued after the last day is valid, at least 1.
        years_after_list: u16,
    },
}

impl Validity {
    /// The last day of use of a card issued on `issued_on` to somebody born on `birth`.
    #[must_use]
    pub fn expiry(&self, birth: Date, issued_on: Date) -> Date {
        match self {
            Self::YearsFromIssue { years } => years_on(issued_on, *years),
            Self::NthBirthday { nth } => nth_return(birth.month(), birth.day(), *nth, issued_on),
            Self::EndOfBirthMonth { years } => day_in(issued_on.year() + i32::from(*years), birth.month(), 31),
            Self::FixedDay { month, day, years } => {
                nth_return(Month::try_from(*month).unwrap_or(Month::December), *day, *years, issued_on)
            }
            Self::FixedDates { dates, years_after_list } => dates
                .iter()
                .copied()
                .filter(|date| *date > issued_on)
                .min()
                .unwrap_or_else(|| years_on(issued_on, *years_after_list)),
        }
    }

    /// False for rules that could give a card no validity at all, or longer than anybody lives.
    pub(super) fn is_sound(&self) -> bool {
        let is_term = |years: u16| (1..=100).contains(&years);
        match self {
            Self::YearsFromIssue { years } | Self::NthBirthday { nth: years } | Self::EndOfBirthMonth { years } => {
                is_term(*years)
            }
            Self::FixedDay { month, day, years } => {
                is_term(*years) && (1..=12).contains(month) && (1..=31).contains(day)
            }
            Self::FixedDates { dates, years_after_list } => !dates.is_empty() && is_term(*years_after_list),
        }
    }
}

fn years_on(day: Date, years: u16) -> Date {
    day_in(day.year() + i32::from(years), day.month(), day.day())
}

/// The `nth` return of a day of the year strictly after `after`.
fn nth_return(month: Month, day: u8, nth: u16, after: Date) -> Date {
    let still_to_come = i32::from(day_in(after.year(), month, day) > after);
    day_in(after.year() + i32::from(nth) - still_to_come, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    const BORN: Date = date!(1985 - 04 - 27);

    fn expiry(rule: &str, birth: Date, issued_on: Date) -> Date {
        let rule: Validity = toml::from_str(rule).unwrap();
        assert!(rule.is_sound());
        rule.expiry(birth, issued_on)
    }

    #[test]
    fn years_from_issue_end_with_the_corresponding_day() {
        let rule = "rule = 'years_from_issue'\nyears = 3";
        assert_eq!(expiry(rule, BORN, date!(2026 - 11 - 20)), date!(2029 - 11 - 20));
        assert_eq!(expiry(rule, BORN, date!(2028 - 02 - 29)), date!(2031 - 02 - 28));
        assert_eq!(expiry("rule = 'years_from_issue'\nyears = 4", BORN, date!(2028 - 02 - 29)), date!(2032 - 02 - 29));
    }

    #[test]
    fn birthdays_count_from_the_first_one_after_issue() {
        let rule = "rule = 'nth_birthday'\nnth = 3";
        assert_eq!(expiry(rule, BORN, date!(2026 - 04 - 26)), date!(2028 - 04 - 27));
        assert_eq!(expiry(rule, BORN, date!(2026 - 04 - 27)), date!(2029 - 04 - 27));
        assert_eq!(expiry(rule, BORN, date!(2026 - 11 - 20)), date!(2029 - 04 - 27));
        let leap = date!(2012 - 02 - 29);
        assert_eq!(expiry("rule = 'nth_birthday'\nnth = 1", leap, date!(2026 - 11 - 20)), date!(2027 - 02 - 28));
        assert_eq!(expiry("rule = 'nth_birthday'\nnth = 2", leap, date!(2026 - 11 - 20)), date!(2028 - 02 - 29));
    }

    #[test]
    fn the_month_of_birth_ends_with_its_last_day() {
        let rule = "rule = 'end_of_birth_month'\nyears = 2";
        assert_eq!(expiry(rule, BORN, date!(2026 - 11 - 20)), date!(2028 - 04 - 30));
        assert_eq!(expiry(rule, date!(1990 - 02 - 10), date!(2026 - 01 - 05)), date!(2028 - 02 - 29));
        assert_eq!(expiry(rule, date!(1990 - 02 - 10), date!(2025 - 01 - 05)), date!(2027 - 02 - 28));
    }

    #[test]
    fn the_fiscal_year_ends_on_31_march() {
        let rule = "rule = 'fixed_day'\nmonth = 3\nday = 31\nyears = 1";
        assert_eq!(expiry(rule, BORN, date!(2026 - 03 - 30)), date!(2026 - 03 - 31));
        assert_eq!(expiry(rule, BORN, date!(2026 - 03 - 31)), date!(2027 - 03 - 31));
        assert_eq!(expiry(rule, BORN, date!(2026 - 11 - 20)), date!(2027 - 03 - 31));
    }

    #[test]
    fn listed_days_come_first_and_years_after_them() {
        let rule = "rule = 'fixed_dates'\ndates = ['2028-03-31', '2027-03-31']\nyears_after_list = 5";
        assert_eq!(expiry(rule, BORN, date!(2026 - 11 - 20)), date!(2027 - 03 - 31));
        assert_eq!(expiry(rule, BORN, date!(2027 - 03 - 31)), date!(2028 - 03 - 31));
        assert_eq!(expiry(rule, BORN, date!(2028 - 03 - 31)), date!(2033 - 03 - 31));
    }

    proptest! {
        #[test]
        fn a_card_is_always_valid_after_its_day_of_issue(birth in 0..20_000_i64, issued in 0..3_650_i64, n in 1_u16..10, day in 1_u8..=31, month in 1_u8..=12) {
            let birth = date!(1950 - 01 - 01) + time::Duration::days(birth);
            let issued = date!(2026 - 01 - 01) + time::Duration::days(issued);
            for rule in [
                Validity::YearsFromIssue { years: n },
                Validity::NthBirthday { nth: n },
                Validity::EndOfBirthMonth { years: n },
                Validity::FixedDay { month, day, years: n },
                Validity::FixedDates { dates: vec![birth], years_after_list: n },
            ] {
                let expiry = rule.expiry(birth, issued);
                prop_assert!(expiry > issued && expiry.year() <= issued.year() + i32::from(n));
            }
        }
    }
}
