//! The portal proves who it is with a key, not a password: `private_key_jwt` (RFC 7523 §2.2).

use super::error::{SigningAppError, UnsoundSettings};
use super::pkce::random_token;
use super::settings::SigningAppSettings;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RsaKeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

/// The `client_assertion_type` of a JWT.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Long enough for a slow network, too short to be worth stealing.
const LIFE: Duration = Duration::seconds(60);

/// The key of the assertions, proved usable.
pub(super) struct AssertionKey {
    key: EncodingKey,
    header: Header,
    public: Jwk,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
}

impl AssertionKey {
    /// Reads the key; its kind decides the algorithm.
    pub(super) fn read(settings: &SigningAppSettings) -> Result<Self, UnsoundSettings> {
        let pem = settings
            .assertion_key
            .read()
            .map_err(|source| UnsoundSettings::KeyFile { setting: "assertion_key", source })?;
        let (key, algorithm) = parse(pem.expose_secret().as_bytes()).ok_or(UnsoundSettings::Key)?;
        let mut header = Header::new(algorithm);
        header.kid.clone_from(&settings.kid);
        let mut public = Jwk::from_encoding_key(&key, algorithm).map_err(|_| UnsoundSettings::Key)?;
        public.common.key_id.clone_from(&settings.kid);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, header, public })
    }

    /// The public half, as it is registered with the app.
    pub(super) const fn public(&self) -> &Jwk {
        &self.public
    }

    /// An assertion for one request to the token endpoint, which is also its audience (RFC 7523 §3).
    pub(super) fn assertion(
        &self,
        client_id: &str,
        token_endpoint: &str,
        now: OffsetDateTime,
    ) -> Result<String, SigningAppError> {
        let claims = Claims {
            iss: client_id,
            sub: client_id,
            aud: token_endpoint,
            jti: random_token(),
            iat: now.unix_timestamp(),
            exp: (now + LIFE).unix_timestamp(),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key).map_err(|_| SigningAppError::NotAsked)
    }
}

fn parse(pem: &[u8]) -> Option<(EncodingKey, Algorithm)> {
    if let Ok(key) = EncodingKey::from_ec_pem(pem) {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_bytes()).ok()?;
        return Some((key, Algorithm::ES256));
    }
    let key = EncodingKey::from_rsa_pem(pem).ok()?;
    RsaKeyPair::from_der(key.as_bytes()).ok()?;
    Some((key, Algorithm::RS256))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::secret::SecretSource;
    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::Value;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
    const ENDPOINT: &str = "https://app.example/token";

    fn settings(pem: &[u8]) -> SigningAppSettings {
        let key = SecretSource::value(std::str::from_utf8(pem).unwrap());
        let callback = "https://card.example/signing/callback";
        let mut settings =
            SigningAppSettings::for_issuer("https://app.example/api/realms/main", "RP00000001", callback, key).unwrap();
        settings.kid = Some("first".to_owned());
        settings
    }

    fn rsa_key() -> openssl::pkey::PKey<openssl::pkey::Private> {
        openssl::pkey::PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap()
    }

    fn ec_key(curve: openssl::nid::Nid) -> openssl::pkey::PKey<openssl::pkey::Private> {
        let group = openssl::ec::EcGroup::from_curve_name(curve).unwrap();
        openssl::pkey::PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap()
    }

    #[test]
    fn each_kind_of_key_signs_with_its_algorithm() {
        let keys = [(rsa_key(), Algorithm::RS256), (ec_key(openssl::nid::Nid::X9_62_PRIME256V1), Algorithm::ES256)];
        for (key, algorithm) in keys {
            let settings = settings(&key.private_key_to_pem_pkcs8().unwrap());
            let assertion_key = AssertionKey::read(&settings).unwrap();
            let assertion = assertion_key.assertion("RP00000001", ENDPOINT, NOW).unwrap();

            let mut validation = Validation::new(algorithm);
            validation.validate_exp = false;
            validation.set_audience(&[ENDPOINT]);
            validation.set_issuer(&["RP00000001"]);
            validation.sub = Some("RP00000001".to_owned());
            let public = DecodingKey::from_jwk(assertion_key.public()).unwrap();
            let token = jsonwebtoken::decode::<Value>(&assertion, &public, &validation).unwrap();
            assert_eq!(token.header.kid.as_deref(), Some("first"));
            assert_eq!(token.claims["exp"].as_i64().unwrap() - token.claims["iat"].as_i64().unwrap(), 60);
            assert_eq!(token.claims["iat"], NOW.unix_timestamp());
        }
    }

    #[test]
    fn no_two_assertions_are_alike() {
        let settings = settings(&ec_key(openssl::nid::Nid::X9_62_PRIME256V1).private_key_to_pem_pkcs8().unwrap());
        let key = AssertionKey::read(&settings).unwrap();
        let jti = |assertion: String| {
            jsonwebtoken::dangerous::insecure_decode::<Value>(assertion).unwrap().claims["jti"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_ne!(
            jti(key.assertion("RP00000001", ENDPOINT, NOW).unwrap()),
            jti(key.assertion("RP00000001", ENDPOINT, NOW).unwrap())
        );
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let wrong_curve = ec_key(openssl::nid::Nid::SECP384R1).private_key_to_pem_pkcs8().unwrap();
        let public = rsa_key().public_key_to_pem().unwrap();
        for pem in [wrong_curve.as_slice(), &public, b"not a key"] {
            assert!(matches!(AssertionKey::read(&settings(pem)), Err(UnsoundSettings::Key)));
        }
    }
}
