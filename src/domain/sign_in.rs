//! How long somebody waits who could not sign in with number and password.
//!
//! A device from which the patron has signed in before is counted apart: whoever guesses elsewhere slows only strangers
//! down. The other ways in are never closed by this, and each of them makes a device known.

use time::Duration;

/// How often a stranger may be wrong before each try has to wait.
const FREE_OF_STRANGER: u32 = 5;
/// The same for a device that the patron has used before.
const FREE_OF_KNOWN: u32 = 10;
/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::seconds(30);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::minutes(15);

/// From where a try comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriedFrom {
    /// A device from which the patron has signed in before.
    KnownDevice,
    /// Anywhere else.
    Elsewhere,
}

/// What waits after the try number `tries`, counted since the last success.
#[must_use]
pub fn wait_after(tries: u32, from: TriedFrom) -> Duration {
    let free = match from {
        TriedFrom::KnownDevice => FREE_OF_KNOWN,
        TriedFrom::Elsewhere => FREE_OF_STRANGER,
    };
    match tries.checked_sub(free) {
        None => Duration::ZERO,
        Some(beyond) => (FIRST_WAIT * (1_i32 << beyond.min(10))).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_cost_nothing_and_guessing_costs_more_each_time() {
        assert_eq!(wait_after(4, TriedFrom::Elsewhere), Duration::ZERO);
        assert_eq!(wait_after(5, TriedFrom::Elsewhere), Duration::seconds(30));
        assert_eq!(wait_after(6, TriedFrom::Elsewhere), Duration::minutes(1));
        assert_eq!(wait_after(9, TriedFrom::KnownDevice), Duration::ZERO);
        assert_eq!(wait_after(10, TriedFrom::KnownDevice), Duration::seconds(30));
        assert_eq!(wait_after(u32::MAX, TriedFrom::KnownDevice), Duration::minutes(15));
    }

    #[test]
    fn a_stranger_has_about_a_hundred_guesses_a_day() {
        let day: Vec<Duration> = (1..=110).map(|tries| wait_after(tries, TriedFrom::Elsewhere)).collect();
        assert!(day.into_iter().sum::<Duration>() > Duration::days(1));
    }
}
