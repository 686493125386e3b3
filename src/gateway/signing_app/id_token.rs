//! Verifying the ID token: that this answer was made for this client, this session and this access token.

use super::error::SigningAppError;
use super::exchange::Exchange;
use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use reqwest::Url;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

/// The clocks of two servers may differ by this much.
const CLOCK_SKEW: Duration = Duration::seconds(30);
/// After this time the keys are fetched again even if the one wanted is known: a withdrawn key must not live on.
const KEYS_LIVE: Duration = Duration::hours(1);
/// Tokens with made-up key names must not turn into a stream of requests.
const REFETCH_AFTER: Duration = Duration::minutes(1);

/// The published keys of the app, fetched when needed.
pub(super) struct KeyRing {
    jwks_uri: Url,
    known: Mutex<Option<KnownKeys>>,
}

struct KnownKeys {
    set: JwkSet,
    fetched_at: OffsetDateTime,
}

/// What the token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: &'a str,
    pub(super) now: OffsetDateTime,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    at_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl KeyRing {
    pub(super) fn new(jwks_uri: Url) -> Self {
        Self { jwks_uri, known: Mutex::new(None) }
    }

    /// Verifies `token` (OpenID Connect Core §3.1.3.7) and returns its subject.
    pub(super) async fn verify(
        &self,
        exchange: &Exchange,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<String, SigningAppError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid("not a signed JWT"))?;
        let kid = acceptable_header(&header)?;
        let jwk = self.key(exchange, kid, expected.now).await?;
        let claims = signed_claims(token, &header, &jwk)?;
        claims.check(expected)?;
        Ok(claims.sub)
    }

    async fn key(&self, exchange: &Exchange, kid: &str, now: OffsetDateTime) -> Result<Jwk, SigningAppError> {
        let mut known = self.known.lock().await;
        let found = known.as_ref().map(|keys| (keys.set.find(kid).cloned(), now - keys.fetched_at));
        match found {
            Some((Some(jwk), age)) if age < KEYS_LIVE => return Ok(jwk),
            Some((None, age)) if age < REFETCH_AFTER => return Err(invalid("unknown key")),
            _ => {}
        }
        let set: JwkSet = exchange.fetch(self.jwks_uri.clone()).await?;
        let jwk = set.find(kid).cloned();
        *known = Some(KnownKeys { set, fetched_at: now });
        jwk.ok_or(invalid("unknown key"))
    }
}

const fn invalid(why: &'static str) -> SigningAppError {
    SigningAppError::InvalidToken { why }
}

fn acceptable_header(header: &Header) -> Result<&str, SigningAppError> {
    if !matches!(header.alg, Algorithm::ES256 | Algorithm::RS256) {
        return Err(invalid("algorithm not allowed"));
    }
    if header.crit.is_some() {
        return Err(invalid("critical header"));
    }
    header.kid.as_deref().ok_or(invalid("names no key"))
}

fn signed_claims(token: &str, header: &Header, jwk: &Jwk) -> Result<Claims, SigningAppError> {
    let fits = match jwk.common.key_algorithm {
        None => true,
        Some(KeyAlgorithm::ES256) => header.alg == Algorithm::ES256,
        Some(KeyAlgorithm::RS256) => header.alg == Algorithm::RS256,
        Some(_) => false,
    };
    if !fits || jwk.common.public_key_use == Some(PublicKeyUse::Encryption) {
        return Err(invalid("key not for this algorithm"));
    }
    let key = DecodingKey::from_jwk(jwk).map_err(|_| invalid("unusable key"))?;
    // Only the signature is left to the library: its checks of time ask the system's clock,
    // and those of names pass over a claim that is absent.
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(token, &key, &validation).map(|token| token.claims).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::Json(_) => invalid("claims missing"),
        _ => invalid("signature"),
    })
}

impl Claims {
    fn check(&self, expected: &Expected<'_>) -> Result<(), SigningAppError> {
        let now = expected.now.unix_timestamp();
        let skew = CLOCK_SKEW.whole_seconds();
        let checks = [
            (self.iss == expected.issuer, "issuer"),
            (self.is_for(expected.client_id), "audience"),
            (self.exp > now.saturating_sub(skew), "expired"),
            (self.iat < now.saturating_add(skew), "issued in the future"),
            (self.nonce.as_deref() == Some(expected.nonce), "nonce"),
            (self.at_hash.as_deref() == Some(at_hash(expected.access_token).as_str()), "at_hash"),
            (!self.sub.is_empty() && self.sub.len() <= 255, "subject"),
        ];
        match checks.iter().find(|(holds, _)| !holds) {
            Some((_, why)) => Err(invalid(why)),
            None => Ok(()),
        }
    }

    fn is_for(&self, client_id: &str) -> bool {
        let named = match &self.aud {
            Audience::One(audience) => audience == client_id,
            // With several audiences only `azp` tells for whom the token was made.
            Audience::Several(audiences) => {
                audiences.iter().any(|audience| audience == client_id) && (audiences.len() == 1 || self.azp.is_some())
            }
        };
        named && self.azp.as_deref().is_none_or(|azp| azp == client_id)
    }
}

/// The left half of SHA-256 over the access token (OpenID Connect Core §3.1.3.6); both allowed algorithms hash so.
fn at_hash(access_token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
    BASE64URL_NOPAD.encode(&hash.as_ref()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
    const EXPECTED: Expected<'static> = Expected {
        issuer: "https://app.example",
        client_id: "RP1",
        nonce: "our-nonce",
        access_token: "our-token",
        now: NOW,
    };

    struct Issuer {
        key: EncodingKey,
        ring: KeyRing,
        exchange: Exchange,
    }

    /// An issuer whose keys are known already: a fetch would fail.
    fn issuer() -> Issuer {
        let pkcs8 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap().to_pkcs8v1().unwrap();
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some("k1".to_owned());
        let url = Url::parse("http://127.0.0.1:1/").unwrap();
        let exchange = Exchange::new(std::time::Duration::from_secs(1), &[&url]).unwrap();
        let ring = KeyRing {
            jwks_uri: url,
            known: Mutex::new(Some(KnownKeys { set: JwkSet { keys: vec![jwk] }, fetched_at: NOW })),
        };
        Issuer { key, ring, exchange }
    }

    fn good_claims() -> Value {
        json!({
            "iss": "https://app.example", "sub": "ppid-1", "aud": "RP1", "nonce": "our-nonce",
            "iat": NOW.unix_timestamp(), "exp": NOW.unix_timestamp() + 300, "at_hash": at_hash("our-token"),
        })
    }

    fn header(kid: &str) -> Header {
        Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::ES256) }
    }

    impl Issuer {
        async fn verdict(&self, header: &Header, claims: &Value) -> Result<String, SigningAppError> {
            let token = jsonwebtoken::encode(header, claims, &self.key).unwrap();
            self.ring.verify(&self.exchange, &token, &EXPECTED).await
        }
    }

    #[tokio::test]
    async fn a_sound_token_yields_its_subject() {
        assert_eq!(issuer().verdict(&header("k1"), &good_claims()).await, Ok("ppid-1".to_owned()));
    }

    #[tokio::test]
    async fn each_wrong_claim_is_named() {
        let issuer = issuer();
        let wrong = [
            ("iss", json!("https://evil.example"), "issuer"),
            ("iss", Value::Null, "claims missing"),
            ("aud", json!("RP2"), "audience"),
            ("aud", json!(["RP1", "RP2"]), "audience"),
            ("azp", json!("RP2"), "audience"),
            ("exp", json!(NOW.unix_timestamp() - 30), "expired"),
            ("exp", Value::Null, "claims missing"),
            ("iat", json!(NOW.unix_timestamp() + 30), "issued in the future"),
            ("nonce", json!("other"), "nonce"),
            ("nonce", Value::Null, "nonce"),
            ("at_hash", json!(at_hash("other")), "at_hash"),
            ("at_hash", Value::Null, "at_hash"),
            ("sub", json!(""), "subject"),
        ];
        for (claim, value, why) in wrong {
            let mut claims = good_claims();
            claims[claim] = value;
            assert_eq!(issuer.verdict(&header("k1"), &claims).await, Err(invalid(why)), "{claim}");
        }
    }

    #[tokio::test]
    async fn a_list_of_audiences_needs_an_authorized_party() {
        let mut claims = good_claims();
        claims["aud"] = json!(["RP1", "RP2"]);
        claims["azp"] = json!("RP1");
        assert!(issuer().verdict(&header("k1"), &claims).await.is_ok());
    }

    #[tokio::test]
    async fn the_signature_must_be_by_the_named_key() {
        let (one, other) = (issuer(), issuer());
        let token = jsonwebtoken::encode(&header("k1"), &good_claims(), &other.key).unwrap();
        assert_eq!(one.ring.verify(&one.exchange, &token, &EXPECTED).await, Err(invalid("signature")));
    }

    #[tokio::test]
    async fn only_asymmetric_algorithms_are_listened_to() {
        let issuer = issuer();
        let hmac = EncodingKey::from_secret(b"guess");
        let forged = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&forged, &good_claims(), &hmac).unwrap();
        let verdict = issuer.ring.verify(&issuer.exchange, &token, &EXPECTED).await;
        assert_eq!(verdict, Err(invalid("algorithm not allowed")));

        let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"k1"}"#);
        let unsigned = format!("{none}.{}.", BASE64URL_NOPAD.encode(good_claims().to_string().as_bytes()));
        let verdict = issuer.ring.verify(&issuer.exchange, &unsigned, &EXPECTED).await;
        assert_eq!(verdict, Err(invalid("not a signed JWT")));
    }

    #[tokio::test]
    async fn a_header_that_we_do_not_understand_is_refused() {
        let critical = Header { crit: Some(vec!["exp".to_owned()]), ..header("k1") };
        assert_eq!(issuer().verdict(&critical, &good_claims()).await, Err(invalid("critical header")));
        let nameless = Header { kid: None, ..header("k1") };
        assert_eq!(issuer().verdict(&nameless, &good_claims()).await, Err(invalid("names no key")));
    }

    #[tokio::test]
    async fn made_up_key_names_do_not_cause_requests() {
        // A fetch would end as Unreachable: nobody listens at the address.
        assert_eq!(issuer().verdict(&header("k2"), &good_claims()).await, Err(invalid("unknown key")));
    }
}
