//! Verifying the ID token: that this answer was made for this client, this session and this access token.

use super::error::SigningAppError;
use super::settings::SigningAppSettings;
use crate::sha256::sha256;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use time::OffsetDateTime;

/// What the token must say.
pub(super) struct Expected<'a> {
    pub(super) settings: &'a SigningAppSettings,
    pub(super) nonce: &'a str,
    pub(super) access_token: &'a str,
    pub(super) now: OffsetDateTime,
}

/// The name of the key that signed `token`; refused unless it is signed in one of the two ways that are listened to.
pub(super) fn key_name(token: &str) -> Result<String, SigningAppError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| invalid("not a signed JWT"))?;
    if !matches!(header.alg, Algorithm::ES256 | Algorithm::RS256) {
        return Err(invalid("algorithm not allowed"));
    }
    if header.crit.is_some() {
        return Err(invalid("critical header"));
    }
    header.kid.ok_or(invalid("names no key"))
}

/// Verifies `token` with the key that it names (OpenID Connect Core §3.1.3.7) and returns its subject.
pub(super) fn verify(token: &str, jwk: &Jwk, expected: &Expected<'_>) -> Result<String, SigningAppError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| invalid("not a signed JWT"))?;
    let claims = signed_claims(token, &header, jwk)?;
    claims.check(expected)?;
    Ok(claims.sub)
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
    acr: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

const fn invalid(why: &'static str) -> SigningAppError {
    SigningAppError::InvalidToken { why }
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
        let settings = expected.settings;
        let now = expected.now.unix_timestamp();
        let skew = settings.clock_skew().whole_seconds();
        let checks = [
            (self.iss == settings.issuer, "issuer"),
            (self.is_for(&settings.client_id), "audience"),
            (self.exp > now.saturating_sub(skew), "expired"),
            (self.iat < now.saturating_add(skew), "issued in the future"),
            (self.nonce.as_deref() == Some(expected.nonce), "nonce"),
            (self.is_beside(expected.access_token, settings.require_at_hash), "at_hash"),
            (self.was_authenticated_as_asked(settings), "acr"),
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

    /// In the code flow a server may leave `at_hash` out (OpenID Connect Core §3.1.3.6): both tokens come in one
    /// answer. A wrong one is never accepted.
    fn is_beside(&self, access_token: &str, is_required: bool) -> bool {
        match &self.at_hash {
            Some(hash) => *hash == at_hash(access_token),
            None => !is_required,
        }
    }

    /// `acr_values` is a wish (OpenID Connect Core §3.1.2.1): an answer that names another class is refused, and an
    /// answer that names none only if a class is required.
    fn was_authenticated_as_asked(&self, settings: &SigningAppSettings) -> bool {
        match (&self.acr, &settings.required_acr, &settings.acr_values) {
            (acr, Some(required), _) => acr.as_ref() == Some(required),
            (Some(acr), None, Some(asked)) => asked.split(' ').any(|value| value == acr),
            _ => true,
        }
    }
}

/// The left half of SHA-256 over the access token (OpenID Connect Core §3.1.3.6); both allowed algorithms hash so.
fn at_hash(access_token: &str) -> String {
    BASE64URL_NOPAD.encode(&sha256(access_token.as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::secret::SecretSource;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    struct Issuer {
        key: EncodingKey,
        jwk: Jwk,
        settings: SigningAppSettings,
    }

    fn issuer() -> Issuer {
        let pkcs8 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap().to_pkcs8v1().unwrap();
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        let (callback, secret) = ("https://card.example/signing/return", SecretSource::value("unused"));
        let settings = SigningAppSettings::for_issuer("https://app.example", "RP1", callback, secret).unwrap();
        Issuer { key, jwk, settings }
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
        fn verdict(&self, claims: &Value) -> Result<String, SigningAppError> {
            self.verdict_on(&jsonwebtoken::encode(&header("k1"), claims, &self.key).unwrap())
        }

        fn verdict_on(&self, token: &str) -> Result<String, SigningAppError> {
            key_name(token)?;
            let expected =
                Expected { settings: &self.settings, nonce: "our-nonce", access_token: "our-token", now: NOW };
            verify(token, &self.jwk, &expected)
        }
    }

    #[test]
    fn a_sound_token_yields_its_subject() {
        assert_eq!(issuer().verdict(&good_claims()), Ok("ppid-1".to_owned()));
    }

    #[test]
    fn each_wrong_claim_is_named() {
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
            assert_eq!(issuer.verdict(&claims), Err(invalid(why)), "{claim}");
        }
    }

    #[test]
    fn clocks_may_differ_by_what_is_configured() {
        let mut issuer = issuer();
        issuer.settings.clock_skew_seconds = 120;
        let mut claims = good_claims();
        claims["exp"] = json!(NOW.unix_timestamp() - 119);
        claims["iat"] = json!(NOW.unix_timestamp() + 119);
        assert!(issuer.verdict(&claims).is_ok());
        claims["exp"] = json!(NOW.unix_timestamp() - 120);
        assert_eq!(issuer.verdict(&claims), Err(invalid("expired")));
    }

    #[test]
    fn an_absent_at_hash_is_accepted_by_setting_and_a_wrong_one_never() {
        let mut issuer = issuer();
        issuer.settings.require_at_hash = false;
        let mut claims = good_claims();
        claims["at_hash"] = Value::Null;
        assert!(issuer.verdict(&claims).is_ok());
        claims["at_hash"] = json!(at_hash("other"));
        assert_eq!(issuer.verdict(&claims), Err(invalid("at_hash")));
    }

    #[test]
    fn the_class_of_authentication_is_that_asked_for() {
        let table = [
            (None, None, Some("aal1"), true),
            (Some("aal3 crl"), None, None, true),
            (Some("aal3 crl"), None, Some("aal3"), true),
            (Some("aal3 crl"), None, Some("aal2"), false),
            (Some("aal3 crl"), Some("aal3"), None, false),
            (None, Some("aal3"), Some("aal2"), false),
            (None, Some("aal3"), Some("aal3"), true),
        ];
        for (asked, required, acr, holds) in table {
            let mut issuer = issuer();
            issuer.settings.acr_values = asked.map(ToOwned::to_owned);
            issuer.settings.required_acr = required.map(ToOwned::to_owned);
            let mut claims = good_claims();
            claims["acr"] = json!(acr);
            let verdict = issuer.verdict(&claims);
            assert_eq!(verdict.is_ok(), holds, "{asked:?} {required:?} {acr:?}");
        }
    }

    #[test]
    fn a_list_of_audiences_needs_an_authorized_party() {
        let mut claims = good_claims();
        claims["aud"] = json!(["RP1", "RP2"]);
        claims["azp"] = json!("RP1");
        assert!(issuer().verdict(&claims).is_ok());
    }

    #[test]
    fn the_signature_must_be_by_the_named_key() {
        let (one, other) = (issuer(), issuer());
        let token = jsonwebtoken::encode(&header("k1"), &good_claims(), &other.key).unwrap();
        assert_eq!(one.verdict_on(&token), Err(invalid("signature")));
    }

    #[test]
    fn only_asymmetric_algorithms_are_listened_to() {
        let issuer = issuer();
        let hmac = EncodingKey::from_secret(b"guess");
        let forged = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&forged, &good_claims(), &hmac).unwrap();
        assert_eq!(issuer.verdict_on(&token), Err(invalid("algorithm not allowed")));

        let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"k1"}"#);
        let unsigned = format!("{none}.{}.", BASE64URL_NOPAD.encode(good_claims().to_string().as_bytes()));
        assert_eq!(issuer.verdict_on(&unsigned), Err(invalid("not a signed JWT")));
    }

    #[test]
    fn a_key_for_something_else_is_not_used() {
        let mut issuer = issuer();
        issuer.jwk.common.public_key_use = Some(PublicKeyUse::Encryption);
        assert_eq!(issuer.verdict(&good_claims()), Err(invalid("key not for this algorithm")));
        issuer.jwk.common.public_key_use = None;
        issuer.jwk.common.key_algorithm = Some(KeyAlgorithm::RS256);
        assert_eq!(issuer.verdict(&good_claims()), Err(invalid("key not for this algorithm")));
    }

    #[test]
    fn a_header_that_we_do_not_understand_is_refused() {
        let token = |header: &Header| jsonwebtoken::encode(header, &good_claims(), &issuer().key).unwrap();
        let critical = Header { crit: Some(vec!["exp".to_owned()]), ..header("k1") };
        assert_eq!(key_name(&token(&critical)), Err(invalid("critical header")));
        let nameless = Header { kid: None, ..header("k1") };
        assert_eq!(key_name(&token(&nameless)), Err(invalid("names no key")));
    }
}
