//! How often one network may post, and somebody may try to sign in.
//!
//! Tries to sign in count per account *and* network: a stranger elsewhere cannot lock a
//! colleague out, and one network cannot go through all names.

use super::error::Error;
use crate::sha256::sha256;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often is too often: so many at once, then so many more a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// At once.
    pub burst: NonZeroU32,
    /// More, a minute.
    pub per_minute: NonZeroU32,
}

/// The limits of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Posts from one network.
    pub posts: Rate,
    /// Tries of staff to sign in to one account from one network.
    pub sign_ins_per_account: Rate,
    /// Tries of staff to sign in from one network.
    pub sign_ins_per_network: Rate,
    /// Tries of patrons to sign in with number and password on one network: a library's own has many readers.
    pub patron_sign_ins: Rate,
    /// Codes of a hand-off to a telephone, typed on one network.
    pub typed_codes: Rate,
    /// Notices looked up on one network, by code or file.
    pub verifications: Rate,
}

impl Default for LimitSettings {
    fn default() -> Self {
        let rate = |burst, per_minute| Rate {
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
            per_minute: NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN),
        };
        Self {
            posts: rate(30, 60),
            sign_ins_per_account: rate(5, 1),
            sign_ins_per_network: rate(20, 4),
            patron_sign_ins: rate(30, 20),
            typed_codes: rate(8, 4),
            verifications: rate(20, 20),
        }
    }
}

/// What was counted so far; networks are forgotten once they could not be refused any more.
#[derive(Debug)]
pub struct Limits {
    posts: DefaultKeyedRateLimiter<IpAddr>,
    of_account: DefaultKeyedRateLimiter<(IpAddr, [u8; 32])>,
    of_network: DefaultKeyedRateLimiter<IpAddr>,
    patron_sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    typed_codes: DefaultKeyedRateLimiter<IpAddr>,
    verifications: DefaultKeyedRateLimiter<IpAddr>,
    counted: AtomicU32,
}

/// What is over is forgotten every so many counts.
const TIDY_EVERY: u32 = 4096;

impl Limits {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(settings: &LimitSettings) -> Self {
        Self {
            posts: RateLimiter::keyed(quota(settings.posts)),
            of_account: RateLimiter::keyed(quota(settings.sign_ins_per_account)),
            of_network: RateLimiter::keyed(quota(settings.sign_ins_per_network)),
            patron_sign_ins: RateLimiter::keyed(quota(settings.patron_sign_ins)),
            typed_codes: RateLimiter::keyed(quota(settings.typed_codes)),
            verifications: RateLimiter::keyed(quota(settings.verifications)),
            counted: AtomicU32::new(0),
        }
    }

    /// Counts one post.
    pub(super) fn count_post(&self, client: IpAddr) -> Result<(), Error> {
        self.tidy();
        check(&self.posts, &network_of(client))
    }

    /// Counts one try to sign in to `login` of the library `slug`.
    pub(super) fn count_sign_in(&self, client: IpAddr, slug: &str, login: &str) -> Result<(), Error> {
        self.tidy();
        let network = network_of(client);
        // Both count each try, so that neither limit hides tries from the other.
        let (of_network, of_account) =
            (check(&self.of_network, &network), check(&self.of_account, &(network, account(slug, login))));
        of_network.and(of_account)
    }

    /// Counts one try of a patron to sign in with number and password.
    pub(super) fn count_patron_sign_in(&self, client: IpAddr) -> Result<(), Error> {
        self.tidy();
        check(&self.patron_sign_ins, &network_of(client))
    }

    /// Counts one typed code of a hand-off.
    pub(super) fn count_typed_code(&self, client: IpAddr) -> Result<(), Error> {
        self.tidy();
        check(&self.typed_codes, &network_of(client))
    }

    /// Counts one notice that is looked up.
    pub(super) fn count_verification(&self, client: IpAddr) -> Result<(), Error> {
        self.tidy();
        check(&self.verifications, &network_of(client))
    }

    fn tidy(&self) {
        if self.counted.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.posts.retain_recent();
            self.of_account.retain_recent();
            self.of_network.retain_recent();
            self.patron_sign_ins.retain_recent();
            self.typed_codes.retain_recent();
            self.verifications.retain_recent();
        }
    }
}

fn quota(rate: Rate) -> Quota {
    Quota::per_minute(rate.per_minute).allow_burst(rate.burst)
}

fn check<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Error> {
    limiter.check_key(key).map_err(|refused| {
        let wait = refused.wait_time_from(DefaultClock::default().now());
        Error::TooMany { retry_after: wait.as_secs() + 1 }
    })
}

/// A household's or operator's IPv6 network counts as one: single addresses cost nothing there.
pub(super) fn network_of(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The account under one short name, however long and however written the typed one is.
fn account(slug: &str, login: &str) -> [u8; 32] {
    let name = format!("{slug}/{}", login.trim().to_lowercase());
    sha256(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(&LimitSettings::default())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_try_in_a_row_must_wait_about_a_minute() {
        let limits = limits();
        for login in ["sato", "SATO", " sato", "sato", "sato"] {
            limits.count_sign_in(address("203.0.113.9"), "aozora", login).unwrap();
        }
        let refused = limits.count_sign_in(address("203.0.113.9"), "aozora", "sato");
        assert!(matches!(refused, Err(Error::TooMany { retry_after: 1..=61 })), "{refused:?}");
    }

    #[test]
    fn nobody_can_lock_a_colleague_out_from_elsewhere() {
        let limits = limits();
        for _ in 0..8 {
            let _ = limits.count_sign_in(address("198.51.100.4"), "aozora", "sato");
        }
        limits.count_sign_in(address("203.0.113.9"), "aozora", "sato").unwrap();
        limits.count_sign_in(address("198.51.100.4"), "midori", "sato").unwrap();
    }

    #[test]
    fn one_network_cannot_go_through_all_names() {
        let limits = limits();
        let client = address("198.51.100.4");
        let refused =
            (0..30).filter(|number| limits.count_sign_in(client, "aozora", &format!("staff{number}")).is_err());
        assert!(refused.count() >= 9);
    }

    #[test]
    fn nobody_types_codes_by_the_hundred() {
        let limits = limits();
        let client = address("198.51.100.4");
        let passed = (0..100).filter(|_| limits.count_typed_code(client).is_ok()).count();
        assert!((8..12).contains(&passed), "{passed}");
        limits.count_typed_code(address("203.0.113.9")).unwrap();
    }

    #[test]
    fn one_network_cannot_go_through_all_card_numbers() {
        let limits = limits();
        let client = address("198.51.100.4");
        let passed = (0..100).filter(|_| limits.count_patron_sign_in(client).is_ok()).count();
        assert!((30..35).contains(&passed), "{passed}");
        limits.count_patron_sign_in(address("203.0.113.9")).unwrap();
    }

    #[test]
    fn nobody_looks_notices_up_by_the_hundred() {
        let limits = limits();
        let client = address("198.51.100.4");
        let passed = (0..100).filter(|_| limits.count_verification(client).is_ok()).count();
        assert!((20..25).contains(&passed), "{passed}");
        limits.count_verification(address("203.0.113.9")).unwrap();
    }

    #[test]
    fn a_burst_of_posts_is_let_through_and_a_flood_is_not() {
        let limits = limits();
        let passed = (0..100).filter(|_| limits.count_post(address("2001:db8::1")).is_ok()).count();
        assert!((30..40).contains(&passed), "{passed}");
        limits.count_post(address("203.0.113.9")).unwrap();
        assert!(limits.count_post(address("2001:db8::ffff")).is_err(), "the same /64 counts as one");
    }
}
