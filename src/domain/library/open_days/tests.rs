use super::*;
use proptest::prelude::*;
use time::macros::date;

fn calendar(text: &str) -> OpenDays {
    toml::from_str(text).unwrap()
}

#[test]
fn closed_days_are_not_counted() {
    let days = calendar("closed_on_weekdays = ['monday']\nclosed_on_dates = ['2026-11-23', '2026-11-24']");
    assert!(!days.is_open(date!(2026 - 11 - 23)));
    // Friday 20th; Saturday and Sunday are open, Monday and Tuesday closed.
    assert_eq!(days.after(date!(2026 - 11 - 20), 3), date!(2026 - 11 - 25));
    assert_eq!(days.after(date!(2026 - 11 - 20), 0), date!(2026 - 11 - 20));
}

#[test]
fn a_library_that_never_opens_is_recognised() {
    let week = "closed_on_weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']";
    let year = "closed_yearly = [{ from = '01-01', to = '12-31', reason = '休館' }]";
    for never in [week, year] {
        let fault = calendar(never).first_fault();
        assert_eq!(fault, Some(("closed_on_weekdays", None, InvalidCalendar::NeverOpen)), "{never}");
    }
    assert_eq!(OpenDays::default().first_fault(), None);
}

#[test]
fn days_of_the_month_and_of_the_year_are_closed() {
    let days = calendar(
        "closed_monthly = [{ nth_weekday = { nth = 3, weekday = 'thursday' } }, 'last_day', { day = 10 }, { last_weekday = 'friday' }]
        closed_yearly = [{ from = '12-29', to = '01-03', reason = '年末年始' }]",
    );
    for (day, why) in [
        (date!(2026 - 11 - 19), Some(ClosedBecause::Monthly)),
        (date!(2026 - 11 - 12), None),
        (date!(2026 - 11 - 26), None),
        (date!(2026 - 11 - 30), Some(ClosedBecause::Monthly)),
        (date!(2028 - 02 - 29), Some(ClosedBecause::Monthly)),
        (date!(2028 - 02 - 28), None),
        (date!(2026 - 11 - 10), Some(ClosedBecause::Monthly)),
        (date!(2026 - 11 - 27), Some(ClosedBecause::Monthly)),
        (date!(2026 - 11 - 20), None),
        (date!(2026 - 12 - 28), None),
        (date!(2026 - 12 - 29), Some(ClosedBecause::Reason(&"年末年始".into()))),
        (date!(2031 - 01 - 03), Some(ClosedBecause::Reason(&"年末年始".into()))),
        (date!(2031 - 01 - 04), None),
    ] {
        assert_eq!(days.closed_because(day), why, "{day}");
    }
}

#[test]
fn a_time_with_a_reason_is_closed_and_a_day_may_be_opened_in_it() {
    let days = calendar(
        "open_on_dates = ['2027-02-03']
        closures = [{ from = '2027-02-01', to = '2027-02-10', reason = '蔵書点検' }]",
    );
    assert_eq!(days.closed_because(date!(2027 - 02 - 01)), Some(ClosedBecause::Reason(&"蔵書点検".into())));
    assert!(days.is_open(date!(2027 - 02 - 03)));
    assert!(!days.is_open(date!(2027 - 02 - 10)));
    assert!(days.is_open(date!(2027 - 02 - 11)));
    assert_eq!(days.closed_days(date!(2027 - 01 - 30), 30).count(), 9);
}

/// Which of the days around a holiday a calendar closes.
fn closed_among(rules: &str, days: &[Date]) -> Vec<u8> {
    let calendar = calendar(rules);
    days.iter().filter(|day| !calendar.is_open(**day)).map(|day| day.day()).collect()
}

#[test]
fn holidays_close_open_or_move_the_closing_day() {
    // Saturday 2 May to Sunday 10 May 2026: 3, 4, 5 are holidays, 6 is the substitute.
    let may: Vec<Date> = (2..=11).map(|day| date!(2026 - 05 - 01) + Duration::days(day - 1)).collect();
    let monday = "closed_on_weekdays = ['monday']\n";
    for (rules, closed) in [
        ("", &[4, 11][..]),
        ("on_holidays = 'closed'", &[3, 4, 5, 6, 11]),
        ("on_holidays = 'open'", &[11]),
        ("on_holidays = 'open'\nafter_holidays = 'closing_day_moves'", &[7, 11]),
        ("on_holidays = 'open'\nafter_holidays = 'next_day_closed'", &[7, 11]),
        ("after_holidays = 'next_day_closed'", &[4, 7, 11]),
    ] {
        assert_eq!(closed_among(&format!("{monday}{rules}"), &may), closed, "{rules}");
    }
}

#[test]
fn a_closing_day_moves_over_the_days_between_holidays() {
    // Monday 21, Tuesday 22 (between) and Wednesday 23 September 2026 are holidays.
    let september: Vec<Date> = (19..=28).map(|day| date!(2026 - 09 - 01) + Duration::days(day - 1)).collect();
    let rules = "closed_on_weekdays = ['monday']\non_holidays = 'open'\nafter_holidays = 'closing_day_moves'";
    assert_eq!(closed_among(rules, &september), [24, 28]);
    // Marine Day 2026 is a Monday; Tuesday is a closing day already.
    let july: Vec<Date> = (18..=23).map(|day| date!(2026 - 07 - 01) + Duration::days(day - 1)).collect();
    let rules =
        "closed_on_weekdays = ['monday', 'tuesday']\non_holidays = 'open'\nafter_holidays = 'closing_day_moves'";
    assert_eq!(closed_among(rules, &july), [21, 22]);
}

proptest! {
    #[test]
    fn a_promise_ends_on_an_open_day_and_counts_every_one_before_it(start in 0_i64..20_000, count in 1_u32..30) {
        let days = calendar(
            "closed_on_weekdays = ['monday']\non_holidays = 'open'\nafter_holidays = 'closing_day_moves'
            closed_monthly = ['last_day']\nclosed_yearly = [{ from = '12-29', to = '01-03', reason = '年末年始' }]",
        );
        let start = date!(2026 - 01 - 01) + Duration::days(start);
        let end = days.after(start, count);
        prop_assert!(days.is_open(end));
        let between = (end - start).whole_days();
        let closed = days.closed_days(start.next_day().unwrap(), u16::try_from(between).unwrap()).count();
        prop_assert_eq!(between, i64::from(count) + i64::try_from(closed).unwrap());
    }
}
