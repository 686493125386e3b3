//! How long somebody waits who could not sign in with number and password.
//!
//! Tries are counted apart for each device from which the patron has signed in before, and for each network from which
//! strangers try: whoever guesses elsewhere slows nobody else down, however long. Only whoever guesses from many networks
//! at once makes all strangers wait, for the number as a whole has a limit, too. Known devices never wait for strangers, and the
//! other ways in, by a mailed code and with the card, do not wait for any of this.

use time::Duration;

/// Whose tries are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guesser {
    /// A device that the patron has used before.
    KnownDevice,
    /// All other devices of a network.
    Network,
    /// All other devices, wherever they are.
    Strangers,
}

impl Guesser {
    /// How often one may be wrong before each try has to wait.
    const fn free_tries(self) -> u32 {
        match self {
            Self::KnownDevice => 10,
            Self::Network => 5,
            Self::Strangers => 50,
        }
    }

    /// Tells whether whoever has tried so often has to wait before the next try.
    #[must_use]
    pub fn waits_after(self, tries: u32) -> bool {
        wait_after(tries, self) > Duration::ZERO
    }
}

/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::seconds(30);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::minutes(15);

/// What waits after the try number `tries`, counted since the last success or since nobody has tried for long.
#[must_use]
pub fn wait_after(tries: u32, guesser: Guesser) -> Duration {
    match tries.checked_sub(guesser.free_tries()) {
        None => Duration::ZERO,
        Some(beyond) => (FIRST_WAIT * (1_i32 << beyond.min(10))).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_cost_nothing_and_guessing_costs_more_each_time() {
        assert_eq!(wait_after(4, Guesser::Network), Duration::ZERO);
        assert_eq!(wait_after(5, Guesser::Network), Duration::seconds(30));
        assert_eq!(wait_after(6, Guesser::Network), Duration::minutes(1));
        assert_eq!(wait_after(9, Guesser::KnownDevice), Duration::ZERO);
        assert_eq!(wait_after(10, Guesser::KnownDevice), Duration::seconds(30));
        assert_eq!(wait_after(49, Guesser::Strangers), Duration::ZERO);
        assert_eq!(wait_after(u32::MAX, Guesser::Strangers), Duration::minutes(15));
    }

    #[test]
    fn strangers_have_about_a_hundred_guesses_a_day_and_half_as_many_more_from_everywhere() {
        let day = |guesser, most| (1..=most).map(|tries| wait_after(tries, guesser)).sum::<Duration>();
        assert!(day(Guesser::Network, 110) > Duration::days(1));
        assert!(day(Guesser::Strangers, 155) > Duration::days(1));
    }
}
