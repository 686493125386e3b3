//! National holidays of Japan (国民の祝日に関する法律, 昭和23年法律第178号), as the law stands since 2020.

use time::{Date, Duration, Month, Weekday};

/// Why a day is a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holiday {
    /// It is a national holiday (国民の祝日, article 2).
    National,
    /// A national holiday fell on a Sunday; this is the next day that is none (article 3, paragraph 2).
    Substitute,
    /// It lies between two national holidays (article 3, paragraph 3).
    Between,
}

/// Why `day` is a holiday; `None` if it is none. The equinoxes are computed for 1980 to 2099; the observatory
/// announces the true ones each February for the following year, and so far they agree.
#[must_use]
pub fn holiday(day: Date) -> Option<Holiday> {
    if is_national(day) {
        return Some(Holiday::National);
    }
    if is_substitute(day) {
        return Some(Holiday::Substitute);
    }
    let is_between = day.previous_day().is_some_and(is_national) && day.next_day().is_some_and(is_national);
    is_between.then_some(Holiday::Between)
}

/// True for the days that article 2 names.
fn is_national(day: Date) -> bool {
    let year = day.year();
    let is_nth_monday = |nth: u8| day.weekday() == Weekday::Monday && day.day().div_ceil(7) == nth;
    match (day.month(), day.day()) {
        (Month::January, 1)
        | (Month::February, 11 | 23)
        | (Month::April, 29)
        | (Month::May, 3..=5)
        | (Month::November, 3 | 23) => true,
        (Month::March, date) => date == spring_equinox(year),
        // For the Olympic Games three holidays moved (平成三十二年東京オリンピック競技大会… 特別措置法).
        (Month::July, date) if year == 2020 => matches!(date, 23 | 24),
        (Month::July, date) if year == 2021 => matches!(date, 22 | 23),
        (Month::August, date) if year == 2020 => date == 10,
        (Month::August, date) if year == 2021 => date == 8,
        (Month::October, _) if matches!(year, 2020 | 2021) => false,
        (Month::July, _) => is_nth_monday(3),
        (Month::August, date) => date == 11,
        (Month::September, date) => date == autumn_equinox(year) || is_nth_monday(3),
        (Month::January | Month::October, _) => is_nth_monday(2),
        _ => false,
    }
}

/// A Sunday's national holiday moves to the nearest following day that is none.
fn is_substitute(day: Date) -> bool {
    let mut before = day - Duration::days(i64::from(day > Date::MIN));
    while is_national(before) {
        if before.weekday() == Weekday::Sunday {
            return true;
        }
        let Some(earlier) = before.previous_day() else { return false };
        before = earlier;
    }
    false
}

fn spring_equinox(year: i32) -> u8 {
    equinox(20_843_100, year)
}

fn autumn_equinox(year: i32) -> u8 {
    equinox(23_248_800, year)
}

/// The day of the month in millionths, moved on by the tropical year and back by the leap days since 1980.
fn equinox(in_1980: i64, year: i32) -> u8 {
    let years = i64::from(year) - 1980;
    let day = (in_1980 + 242_194 * years).div_euclid(1_000_000) - years.div_euclid(4);
    u8::try_from(day).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn of_year(year: i32) -> Vec<(Date, Holiday)> {
        let first = Date::from_calendar_date(year, Month::January, 1).unwrap();
        (0..366)
            .map(|days| first + Duration::days(days))
            .filter(|day| day.year() == year)
            .filter_map(|day| holiday(day).map(|why| (day, why)))
            .collect()
    }

    #[test]
    fn the_holidays_of_2026_are_those_that_the_cabinet_office_published() {
        use Holiday::{Between, National, Substitute};
        let expected = [
            (date!(2026 - 01 - 01), National),
            (date!(2026 - 01 - 12), National),
            (date!(2026 - 02 - 11), National),
            (date!(2026 - 02 - 23), National),
            (date!(2026 - 03 - 20), National),
            (date!(2026 - 04 - 29), National),
            (date!(2026 - 05 - 03), National),
            (date!(2026 - 05 - 04), National),
            (date!(2026 - 05 - 05), National),
            (date!(2026 - 05 - 06), Substitute),
            (date!(2026 - 07 - 20), National),
            (date!(2026 - 08 - 11), National),
            (date!(2026 - 09 - 21), National),
            (date!(2026 - 09 - 22), Between),
            (date!(2026 - 09 - 23), National),
            (date!(2026 - 10 - 12), National),
            (date!(2026 - 11 - 03), National),
            (date!(2026 - 11 - 23), National),
        ];
        assert_eq!(of_year(2026), expected);
    }

    #[test]
    fn the_holidays_of_2027_are_those_that_the_cabinet_office_published() {
        let days: Vec<Date> = of_year(2027).into_iter().map(|(day, _)| day).collect();
        let expected = [
            date!(2027 - 01 - 01),
            date!(2027 - 01 - 11),
            date!(2027 - 02 - 11),
            date!(2027 - 02 - 23),
            date!(2027 - 03 - 21),
            date!(2027 - 03 - 22),
            date!(2027 - 04 - 29),
            date!(2027 - 05 - 03),
            date!(2027 - 05 - 04),
            date!(2027 - 05 - 05),
            date!(2027 - 07 - 19),
            date!(2027 - 08 - 11),
            date!(2027 - 09 - 20),
            date!(2027 - 09 - 23),
            date!(2027 - 10 - 11),
            date!(2027 - 11 - 03),
            date!(2027 - 11 - 23),
        ];
        assert_eq!(days, expected);
        assert_eq!(holiday(date!(2027 - 03 - 22)), Some(Holiday::Substitute));
    }

    #[test]
    fn the_games_moved_three_holidays_in_two_years() {
        for day in [
            date!(2020 - 07 - 23),
            date!(2020 - 07 - 24),
            date!(2020 - 08 - 10),
            date!(2021 - 07 - 22),
            date!(2021 - 07 - 23),
            date!(2021 - 08 - 08),
        ] {
            assert_eq!(holiday(day), Some(Holiday::National), "{day}");
        }
        assert_eq!(holiday(date!(2021 - 08 - 09)), Some(Holiday::Substitute));
        for day in [date!(2020 - 07 - 20), date!(2020 - 10 - 12), date!(2021 - 08 - 11), date!(2021 - 10 - 11)] {
            assert_eq!(holiday(day), None, "{day}");
        }
    }

    #[test]
    fn equinoxes_fall_where_the_observatory_foresees_them() {
        for (year, spring, autumn) in [
            (2020, 20, 22),
            (2024, 20, 22),
            (2025, 20, 23),
            (2027, 21, 23),
            (2028, 20, 22),
            (2044, 20, 22),
            (2060, 20, 22),
        ] {
            assert_eq!((spring_equinox(year), autumn_equinox(year)), (spring, autumn), "{year}");
        }
        for year in 2020..=2099 {
            assert!((19..=21).contains(&spring_equinox(year)) && (22..=23).contains(&autumn_equinox(year)), "{year}");
        }
    }

    #[test]
    fn every_year_has_at_least_sixteen_holidays_and_no_day_breaks_the_reckoning() {
        for year in 2020..=2099 {
            assert!((16..=22).contains(&of_year(year).len()), "{year}: {}", of_year(year).len());
        }
        for day in [Date::MIN, Date::MAX] {
            let _ = holiday(day);
        }
    }
}
