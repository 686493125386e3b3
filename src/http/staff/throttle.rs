//! How often somebody may try to sign in.
//!
//! The tries count per account *and* network: a stranger elsewhere cannot lock a colleague out.

use crate::http::error::Error;
use crate::http::security::Site;
use actix_web::HttpRequest;
use aws_lc_rs::digest;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Five tries in five minutes for one account from one network.
const ACCOUNT_TRIES: NonZeroU32 = NonZeroU32::new(5).unwrap();
const ACCOUNT_TRIES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1).unwrap();
/// Twenty tries in five minutes from one network.
const NETWORK_TRIES: NonZeroU32 = NonZeroU32::new(20).unwrap();
const NETWORK_TRIES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(4).unwrap();
/// Networks are forgotten every so many tries.
const TIDY_EVERY: u32 = 1024;

/// One count for all workers of this process.
static LIMITS: LazyLock<SignInLimits> = LazyLock::new(SignInLimits::new);

/// Counts one try to sign in to `login` of the library `slug`.
///
/// # Errors
/// [`Error::TooMany`] with the time to wait.
pub(super) fn count(site: &Site, request: &HttpRequest, slug: &str, login: &str) -> Result<(), Error> {
    match client(site, request) {
        Some(client) => LIMITS.count(slug, login, client),
        None => Ok(()),
    }
}

/// The address that the tries count for: the peer, or the last hop that a trusted proxy wrote down.
fn client(site: &Site, request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    if !site.trusted_proxies.contains(&peer) {
        return Some(peer);
    }
    let last = request.headers().get_all("x-forwarded-for").last().and_then(|value| value.to_str().ok());
    let hop = last.and_then(|list| list.rsplit(',').next()).and_then(|hop| hop.trim().parse().ok());
    Some(hop.unwrap_or(peer))
}

/// A household's IPv6 network counts as one address, for it has any number of them.
fn network_of(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The tries so far.
struct SignInLimits {
    of_account: DefaultKeyedRateLimiter<(IpAddr, [u8; 32])>,
    of_network: DefaultKeyedRateLimiter<IpAddr>,
    tries: AtomicU32,
}

impl SignInLimits {
    fn new() -> Self {
        Self {
            of_account: RateLimiter::keyed(Quota::per_minute(ACCOUNT_TRIES_PER_MINUTE).allow_burst(ACCOUNT_TRIES)),
            of_network: RateLimiter::keyed(Quota::per_minute(NETWORK_TRIES_PER_MINUTE).allow_burst(NETWORK_TRIES)),
            tries: AtomicU32::new(0),
        }
    }

    fn count(&self, slug: &str, login: &str, client: IpAddr) -> Result<(), Error> {
        if self.tries.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.of_account.retain_recent();
            self.of_network.retain_recent();
        }
        let network = network_of(client);
        let key = (network, account(slug, login));
        let refused = match (self.of_network.check_key(&network), self.of_account.check_key(&key)) {
            (Ok(()), Ok(())) => return Ok(()),
            (Err(refused), _) | (_, Err(refused)) => refused,
        };
        let wait = refused.wait_time_from(DefaultClock::default().now());
        Err(Error::TooMany { retry_after: wait.as_secs() + 1 })
    }
}

/// The account under one short name, however long and however written the typed one is.
fn account(slug: &str, login: &str) -> [u8; 32] {
    let name = format!("{slug}/{}", login.trim().to_lowercase());
    let mut account = [0; 32];
    account.copy_from_slice(digest::digest(&digest::SHA256, name.as_bytes()).as_ref());
    account
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        let site = |proxies: &[&str]| {
            let proxies = proxies.iter().map(|proxy| address(proxy)).collect();
            Site::new("https://card.example.jp".parse().unwrap(), &[1; 32], &[], proxies).unwrap()
        };
        let request = actix_web::test::TestRequest::default()
            .peer_addr("10.0.0.1:4711".parse().unwrap())
            .insert_header(("x-forwarded-for", "1.1.1.1, 203.0.113.9"))
            .to_http_request();
        assert_eq!(client(&site(&["10.0.0.1"]), &request), Some(address("203.0.113.9")));
        assert_eq!(client(&site(&[]), &request), Some(address("10.0.0.1")));
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_try_in_a_row_must_wait_about_a_minute() {
        let limits = SignInLimits::new();
        for login in ["sato", "SATO", " sato", "sato", "sato"] {
            limits.count("aozora", login, address("203.0.113.9")).unwrap();
        }
        let refused = limits.count("aozora", "sato", address("203.0.113.9"));
        assert!(matches!(refused, Err(Error::TooMany { retry_after: 1..=61 })), "{refused:?}");
    }

    #[test]
    fn nobody_can_lock_a_colleague_out_from_elsewhere() {
        let limits = SignInLimits::new();
        for _ in 0..8 {
            let _ = limits.count("aozora", "sato", address("198.51.100.4"));
        }
        limits.count("aozora", "sato", address("203.0.113.9")).unwrap();
        limits.count("midori", "sato", address("198.51.100.4")).unwrap();
    }

    #[test]
    fn one_network_cannot_go_through_all_names() {
        let limits = SignInLimits::new();
        let client = address("198.51.100.4");
        let refused = (0..30).filter(|number| limits.count("aozora", &format!("staff{number}"), client).is_err());
        assert!(refused.count() >= 9);
    }
}
