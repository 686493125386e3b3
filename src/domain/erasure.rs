//! When the record of a patron is erased whose card ended long ago: never before they were told in time.

use time::{Date, Duration, OffsetDateTime};

/// How long before its end patrons are told that their record is erased.
pub const TOLD_BEFORE: Duration = Duration::days(30);

/// That a patron was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When it was noted.
    pub noted_at: OffsetDateTime,
    /// How.
    pub how: ToldHow,
}

/// What became of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldHow {
    /// Nobody knew an address.
    NoAddress,
    /// It is still to be handed over.
    Waiting,
    /// It was handed over at this time.
    HandedOver(OffsetDateTime),
    /// It could not be delivered and was given up.
    Failed,
}

/// What is to be done about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureStep {
    /// Nothing yet.
    Wait,
    /// To tell the patron that it is kept until this day and erased afterwards.
    Tell {
        /// The last day on which it is kept.
        until: Date,
    },
    /// To erase it.
    Erase,
}

/// What is to be done today about a record that is kept until a day. Whoever is told late has as long as everybody else,
/// counted from when the mail was truly handed over; whom no mail reaches, from when that was tried.
#[must_use]
pub fn step(kept_until: Date, told: Option<Told>, today: Date, now: OffsetDateTime) -> ErasureStep {
    if today + TOLD_BEFORE < kept_until {
        return ErasureStep::Wait;
    }
    let Some(told) = told else { return ErasureStep::Tell { until: kept_until.max(today + TOLD_BEFORE) } };
    let since = match told.how {
        ToldHow::Waiting => return ErasureStep::Wait,
        ToldHow::HandedOver(at) => at,
        ToldHow::NoAddress | ToldHow::Failed => told.noted_at,
    };
    // The day of the mail is not one of the days that it promises.
    let is_over = today > kept_until && now - since > TOLD_BEFORE + Duration::DAY;
    if is_over { ErasureStep::Erase } else { ErasureStep::Wait }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    const KEPT_UNTIL: Date = date!(2030 - 03 - 31);

    fn at(day: Date, told: Option<Told>) -> ErasureStep {
        step(KEPT_UNTIL, told, day, day.midnight().assume_utc())
    }

    #[test]
    fn nobody_is_erased_who_was_not_told_thirty_days_before() {
        assert_eq!(at(date!(2030 - 02 - 28), None), ErasureStep::Wait);
        assert_eq!(at(date!(2030 - 03 - 01), None), ErasureStep::Tell { until: KEPT_UNTIL });
        assert_eq!(
            at(date!(2035 - 01 - 01), None),
            ErasureStep::Tell { until: date!(2035 - 01 - 31) },
            "after an outage"
        );
    }

    #[test]
    fn a_mail_counts_from_when_it_was_handed_over() {
        let noted_at = datetime!(2030-03-01 00:00 UTC);
        let told = |how| Some(Told { noted_at, how });
        let late = date!(2031 - 01 - 01);
        assert_eq!(at(late, told(ToldHow::Waiting)), ErasureStep::Wait);
        let handed = told(ToldHow::HandedOver(datetime!(2030-03-20 00:00 UTC)));
        assert_eq!(at(date!(2030 - 04 - 20), handed), ErasureStep::Wait);
        assert_eq!(at(date!(2030 - 04 - 21), handed), ErasureStep::Erase);
        for how in [ToldHow::NoAddress, ToldHow::Failed, ToldHow::HandedOver(noted_at)] {
            assert_eq!(at(KEPT_UNTIL, told(how)), ErasureStep::Wait, "{how:?}: the last day is whole");
            assert_eq!(at(date!(2030 - 04 - 02), told(how)), ErasureStep::Erase, "{how:?}");
        }
    }
}
