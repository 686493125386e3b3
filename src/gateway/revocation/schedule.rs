//! When a source is asked again: by its rhythm, before its list runs out, and later and later while it fails.

use time::{Duration, OffsetDateTime};

/// The first pause after a failure; it doubles up to the source's own rhythm.
const FIRST_PAUSE: Duration = Duration::minutes(1);
/// How long before a list runs out the next one is asked for.
const LEAD: Duration = Duration::minutes(10);
/// How soon at the earliest a source that answered is asked again.
const LEAST_PAUSE: Duration = Duration::minutes(5);

/// The plan of one source. Deterministic: there are few sources, and nothing is gained by chance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    every: Duration,
    failures: u32,
    next_at: OffsetDateTime,
}

impl Schedule {
    /// A source that is due at once.
    pub(super) const fn new(every: Duration) -> Self {
        Self { every, failures: 0, next_at: OffsetDateTime::UNIX_EPOCH }
    }

    /// Whether the source is to be asked now.
    pub(super) fn is_due(&self, now: OffsetDateTime) -> bool {
        self.next_at <= now
    }

    /// The source answered; its list holds until `next_update`.
    pub(super) fn succeeded(&mut self, now: OffsetDateTime, next_update: Option<OffsetDateTime>) {
        self.failures = 0;
        let by_rhythm = now + self.every;
        self.next_at = match next_update {
            Some(end) => by_rhythm.min((end - LEAD).max(now + LEAST_PAUSE)),
            None => by_rhythm,
        };
    }

    /// The source failed.
    pub(super) fn failed(&mut self, now: OffsetDateTime) {
        let pause = FIRST_PAUSE * (1_i32 << self.failures.min(16));
        self.next_at = now + pause.min(self.every);
        self.failures = self.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn hourly() -> Schedule {
        Schedule::new(Duration::HOUR)
    }

    fn pause(schedule: Schedule) -> Duration {
        schedule.next_at - NOW
    }

    #[test]
    fn a_source_is_due_at_once_and_then_by_its_rhythm() {
        let mut schedule = hourly();
        assert!(schedule.is_due(NOW));
        schedule.succeeded(NOW, None);
        assert!(!schedule.is_due(NOW + Duration::minutes(59)) && schedule.is_due(NOW + Duration::HOUR));
    }

    #[test]
    fn the_next_list_is_asked_for_before_this_one_runs_out() {
        let mut schedule = hourly();
        schedule.succeeded(NOW, Some(NOW + Duration::minutes(40)));
        assert_eq!(pause(schedule), Duration::minutes(30));
        schedule.succeeded(NOW, Some(NOW + Duration::days(1)));
        assert_eq!(pause(schedule), Duration::HOUR);
        schedule.succeeded(NOW, Some(NOW - Duration::days(1)));
        assert_eq!(pause(schedule), LEAST_PAUSE, "an overdue list is not asked for without end");
    }

    #[test]
    fn pauses_double_up_to_the_rhythm_and_a_success_ends_them() {
        let mut schedule = hourly();
        let pauses: Vec<_> = (0..8)
            .map(|_| {
                schedule.failed(NOW);
                pause(schedule).whole_minutes()
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        for _ in 0..100 {
            schedule.failed(NOW);
        }
        assert_eq!(pause(schedule), Duration::HOUR);
        schedule.succeeded(NOW, None);
        schedule.failed(NOW);
        assert_eq!(pause(schedule), FIRST_PAUSE);
    }
}
