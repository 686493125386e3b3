//! The published keys of the app (RFC 7517), fetched when needed and anew when they change.

use super::error::SigningAppError;
use super::exchange::Exchange;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

/// After this time the keys are fetched again even if the one wanted is known: a withdrawn key must not live on.
const KEYS_LIVE: Duration = Duration::hours(1);
/// Tokens with made-up key names must not turn into a stream of requests.
const REFETCH_AFTER: Duration = Duration::minutes(1);

/// The keys that are known, and since when.
#[derive(Default)]
pub(super) struct KeyRing(Mutex<Option<KnownKeys>>);

struct KnownKeys {
    set: JwkSet,
    fetched_at: OffsetDateTime,
    /// When they were last fetched for the sake of a name that was not among them.
    searched_at: Option<OffsetDateTime>,
}

/// A key set as it is published. A key of a kind that nobody here knows must not hide the others.
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl KeyRing {
    /// The key called `kid`. An unknown name is looked for in a fresh set, at most once a minute: that is how
    /// servers change their keys.
    pub(super) async fn find(
        &self,
        exchange: &Exchange,
        jwks_uri: &Url,
        kid: &str,
        now: OffsetDateTime,
    ) -> Result<Jwk, SigningAppError> {
        let unknown = || SigningAppError::InvalidToken { why: "unknown key" };
        let mut known = self.0.lock().await;
        let current = known.as_ref().filter(|keys| now - keys.fetched_at < KEYS_LIVE);
        if let Some(keys) = current {
            if let Some(jwk) = keys.set.find(kid) {
                return Ok(jwk.clone());
            }
            if keys.searched_at.is_some_and(|at| now - at < REFETCH_AFTER) {
                return Err(unknown());
            }
        }
        let searched_at = current.is_some().then_some(now);
        let published: Published = exchange.fetch(jwks_uri.clone()).await?;
        let keys = published.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        let set = JwkSet { keys };
        let jwk = set.find(kid).cloned();
        *known = Some(KnownKeys { set, fetched_at: now, searched_at });
        jwk.ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::super::exchange::tests::Canned;
    use super::*;
    use serde_json::json;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn published(names: &[&str]) -> String {
        let key = |name: &&str| json!({ "kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": name });
        let mut keys: Vec<Value> = names.iter().map(key).collect();
        keys.insert(0, json!({ "kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA", "kid": "exotic" }));
        json!({ "keys": keys }).to_string()
    }

    async fn found(ring: &KeyRing, server: &Canned, kid: &str, now: OffsetDateTime) -> bool {
        let exchange = Exchange::new(std::time::Duration::from_secs(10), [&server.url]).unwrap();
        ring.find(&exchange, &server.url, kid, now).await.is_ok()
    }

    #[tokio::test]
    async fn changed_keys_are_found_at_once_and_made_up_names_cause_no_stream() {
        let server = Canned::listen().await;
        server.answer("200 OK", published(&["first"]));
        let ring = KeyRing::default();
        assert!(found(&ring, &server, "first", NOW).await);
        assert!(found(&ring, &server, "first", NOW + Duration::minutes(59)).await);
        assert_eq!(server.asked(), 1);
        // The server changes its keys a second later.
        server.answer("200 OK", published(&["first", "second"]));
        assert!(found(&ring, &server, "second", NOW + Duration::seconds(1)).await);
        assert_eq!(server.asked(), 2);
        assert!(!found(&ring, &server, "made-up", NOW + Duration::seconds(60)).await);
        assert_eq!(server.asked(), 2, "not within a minute");
        server.answer("200 OK", published(&["second"]));
        assert!(!found(&ring, &server, "made-up", NOW + Duration::seconds(61)).await);
        assert_eq!(server.asked(), 3);
    }

    #[tokio::test]
    async fn a_withdrawn_key_does_not_live_on() {
        let server = Canned::listen().await;
        server.answer("200 OK", published(&["first"]));
        let ring = KeyRing::default();
        assert!(found(&ring, &server, "first", NOW).await);
        server.answer("200 OK", published(&["second"]));
        assert!(!found(&ring, &server, "first", NOW + Duration::hours(1)).await);
    }
}
