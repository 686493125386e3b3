//! How long the library has had an application: the clock behind every promise.

use time::{Duration, OffsetDateTime};

/// The time that an application has been with the library. It stands still while the applicant is asked for
/// something, and after the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceTime {
    /// When the first signature was accepted.
    pub submitted_at: OffsetDateTime,
    /// What was used up in the turns before this one.
    pub used: Duration,
    /// Since when this turn runs; `None` while the clock stands still.
    pub running_since: Option<OffsetDateTime>,
}

impl ServiceTime {
    /// Starts with the first submission.
    #[must_use]
    pub const fn start(now: OffsetDateTime) -> Self {
        Self { submitted_at: now, used: Duration::ZERO, running_since: Some(now) }
    }

    /// What the library has used until `now`. Never negative, even if `now` is before the start.
    #[must_use]
    pub fn elapsed(self, now: OffsetDateTime) -> Duration {
        let turn = self.running_since.map_or(Duration::ZERO, |since| (now - since).max(Duration::ZERO));
        self.used + turn
    }

    /// The moment up to which the library had it, if all its turns had followed upon each other from the first
    /// submission on: what its open days are counted by.
    #[must_use]
    pub fn used_until(self, now: OffsetDateTime) -> OffsetDateTime {
        self.submitted_at + self.elapsed(now)
    }

    /// Stops the clock.
    #[must_use]
    pub fn paused(self, now: OffsetDateTime) -> Self {
        Self { used: self.elapsed(now), running_since: None, ..self }
    }

    /// Lets the clock go on. What runs keeps running.
    #[must_use]
    pub fn resumed(self, now: OffsetDateTime) -> Self {
        Self { running_since: self.running_since.or(Some(now)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    #[test]
    fn the_time_with_the_applicant_does_not_count() {
        let hour = Duration::HOUR;
        let submitted = ServiceTime::start(NOW);
        assert_eq!(submitted.elapsed(NOW + 3 * hour), 3 * hour);
        let returned = submitted.paused(NOW + 3 * hour);
        assert_eq!(returned.elapsed(NOW + 50 * hour), 3 * hour);
        let again = returned.resumed(NOW + 50 * hour);
        assert_eq!(again.elapsed(NOW + 52 * hour), 5 * hour);
        assert_eq!(again.resumed(NOW + 60 * hour), again, "what runs keeps running");
        assert_eq!(again.paused(NOW + 52 * hour).submitted_at, NOW);
    }

    #[test]
    fn a_clock_that_was_set_back_takes_nothing_away() {
        let submitted = ServiceTime::start(NOW);
        assert_eq!(submitted.elapsed(NOW - Duration::HOUR), Duration::ZERO);
        assert_eq!(submitted.paused(NOW - Duration::HOUR).used, Duration::ZERO);
    }
}
