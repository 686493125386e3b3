//! The one registered client, and how it proves that it is itself (RFC 7523 §3).

use super::refusal::Refusal;
use super::state::State;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion that lives longer would have to be remembered longer.
const LONGEST_ASSERTION: Duration = Duration::minutes(5);
/// The clocks of two servers may differ by this much.
const CLOCK_SKEW: Duration = Duration::seconds(30);

/// A client as it is registered with the app.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// Its name, such as `RP00000001`.
    pub client_id: String,
    /// The public half of the key that signs its assertions.
    pub public_key: Jwk,
    /// The public key for results that only the client may read, if it registered one.
    pub encryption_key: Option<Jwk>,
    /// The only addresses to which people are sent back, compared character by character.
    pub redirect_uris: Vec<String>,
}

/// What a request says about who makes it.
pub(super) struct Credentials<'a> {
    pub(super) client_id: Option<&'a str>,
    pub(super) assertion_type: Option<&'a str>,
    pub(super) assertion: Option<&'a str>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    jti: String,
    exp: i64,
    iat: Option<i64>,
}

impl RegisteredClient {
    /// Checks that `credentials` are this client's, meant for `token_endpoint`, fresh and never seen.
    pub(super) fn authenticate(
        &self,
        credentials: &Credentials<'_>,
        token_endpoint: &str,
        state: &mut State,
        now: OffsetDateTime,
    ) -> Result<(), Refusal> {
        let named_right = credentials.client_id.is_none_or(|id| id == self.client_id);
        if !named_right || credentials.assertion_type != Some(ASSERTION_TYPE) {
            return Err(Refusal::InvalidClient);
        }
        let assertion = credentials.assertion.ok_or(Refusal::InvalidClient)?;
        let claims = self.signed_claims(assertion).ok_or(Refusal::InvalidClient)?;
        let expires_at = OffsetDateTime::from_unix_timestamp(claims.exp).map_err(|_| Refusal::InvalidClient)?;
        let sound = claims.iss == self.client_id
            && claims.sub == self.client_id
            && claims.aud == token_endpoint
            && expires_at > now - CLOCK_SKEW
            && expires_at <= now + LONGEST_ASSERTION
            && claims.iat.is_none_or(|iat| iat <= (now + CLOCK_SKEW).unix_timestamp())
            && !claims.jti.is_empty();
        if !sound || state.assertions.contains_key(&claims.jti) {
            return Err(Refusal::InvalidClient);
        }
        state.assertions.insert(claims.jti, expires_at + CLOCK_SKEW);
        Ok(())
    }

    fn signed_claims(&self, assertion: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(assertion).ok()?;
        if !matches!(header.alg, Algorithm::ES256 | Algorithm::RS256) {
            return None;
        }
        let key = DecodingKey::from_jwk(&self.public_key).ok()?;
        let mut validation = Validation::new(header.alg);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode(assertion, &key, &validation).ok().map(|token| token.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::{Value, json};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
    const ENDPOINT: &str = "http://127.0.0.1:8081/token";

    fn key() -> EncodingKey {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref())
    }

    fn client(key: &EncodingKey) -> RegisteredClient {
        RegisteredClient {
            client_id: "RP1".to_owned(),
            public_key: Jwk::from_encoding_key(key, Algorithm::ES256).unwrap(),
            encryption_key: None,
            redirect_uris: Vec::new(),
        }
    }

    fn good() -> Value {
        json!({ "iss": "RP1", "sub": "RP1", "aud": ENDPOINT, "jti": "1", "iat": NOW.unix_timestamp(), "exp": NOW.unix_timestamp() + 60 })
    }

    fn verdict(client: &RegisteredClient, key: &EncodingKey, claims: &Value, state: &mut State) -> Result<(), Refusal> {
        let assertion = jsonwebtoken::encode(&Header::new(Algorithm::ES256), claims, key).unwrap();
        let credentials =
            Credentials { client_id: Some("RP1"), assertion_type: Some(ASSERTION_TYPE), assertion: Some(&assertion) };
        client.authenticate(&credentials, ENDPOINT, state, NOW)
    }

    #[test]
    fn an_assertion_counts_once() {
        let key = key();
        let (client, mut state) = (client(&key), State::default());
        assert_eq!(verdict(&client, &key, &good(), &mut state), Ok(()));
        assert_eq!(verdict(&client, &key, &good(), &mut state), Err(Refusal::InvalidClient));
    }

    #[test]
    fn each_wrong_claim_is_refused() {
        let key = key();
        let client = client(&key);
        let wrong = [
            ("iss", json!("RP2")),
            ("sub", json!("RP2")),
            ("aud", json!("http://127.0.0.1:8081/")),
            ("jti", json!("")),
            ("jti", Value::Null),
            ("exp", json!(NOW.unix_timestamp() - 30)),
            ("exp", json!(NOW.unix_timestamp() + 3600)),
            ("iat", json!(NOW.unix_timestamp() + 31)),
        ];
        for (claim, value) in wrong {
            let mut claims = good();
            claims[claim] = value;
            let verdict = verdict(&client, &key, &claims, &mut State::default());
            assert_eq!(verdict, Err(Refusal::InvalidClient), "{claim}");
        }
    }

    #[test]
    fn another_key_is_refused() {
        let client = client(&key());
        assert_eq!(verdict(&client, &key(), &good(), &mut State::default()), Err(Refusal::InvalidClient));
    }
}
