//! The one source of the present: the system's clock, or a fixed one for stories about time.

use std::sync::{Arc, Mutex, PoisonError};
use time::{Date, Duration, OffsetDateTime, UtcOffset};

/// Japan Standard Time; Japan has known no other offset since 1951.
pub const JAPAN: UtcOffset = time::macros::offset!(+9);

/// Tells the time in UTC, cut to whole microseconds (the finest that both engines keep).
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that moves only when told to.
    Fixed(Arc<Mutex<OffsetDateTime>>),
}

impl Clock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn fixed(now: OffsetDateTime) -> Self {
        Self::Fixed(Arc::new(Mutex::new(now)))
    }

    /// The present in UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let now = match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
            Self::System => OffsetDateTime::now_utc(),
            Self::Fixed(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        };
        now.replace_nanosecond(now.nanosecond() / 1000 * 1000).unwrap_or(now)
    }

    /// Today's date in Japan, where every date on a form or a card is meant.
    #[must_use]
    pub fn today(&self) -> Date {
        japanese_date(self.now())
    }

    /// Moves a fixed clock; the system's clock moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(now) = self {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            *now += by;
        }
    }
}

/// The moment at which `day` begins in Japan.
#[must_use]
pub const fn start_of_day(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(JAPAN)
}

/// The date in Japan at `instant`.
#[must_use]
pub fn japanese_date(instant: OffsetDateTime) -> Date {
    instant.to_offset(JAPAN).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn the_day_changes_at_midnight_in_japan() {
        assert_eq!(japanese_date(datetime!(2026-11-20 14:59:59 UTC)), date!(2026 - 11 - 20));
        assert_eq!(japanese_date(datetime!(2026-11-20 15:00 UTC)), date!(2026 - 11 - 21));
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(datetime!(2026-11-20 09:00:00.123_456_789 UTC));
        assert_eq!(clock.now(), datetime!(2026-11-20 09:00:00.123_456 UTC));
        clock.advance(Duration::minutes(1));
        assert_eq!(clock.now(), datetime!(2026-11-20 09:01:00.123_456 UTC));
    }
}
