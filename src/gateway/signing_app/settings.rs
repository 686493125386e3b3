//! How to reach the signing app and as whom.

use super::callback::CallbackError;
use super::error::UnsoundSettings;
use super::fields::TransactionFields;
use crate::gateway::requests;
use crate::gateway::secret::SecretSource;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The signing app's addresses, the portal's registration there, and the names that its JSON uses.
///
/// The addresses are settings; those of OpenID Connect may be discovered, but no discovery document is promised.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningAppSettings {
    /// The issuer, exactly as it stands in `iss`; without a final slash.
    pub issuer: String,
    /// The portal's name there: 1 to 255 letters and digits.
    pub client_id: String,
    /// The address to which the app sends the applicant back; at most 255 characters, registered there.
    pub redirect_uri: String,
    /// Reads the endpoints that are not named here from the issuer's discovery document, once, when first needed.
    #[serde(default)]
    pub discovery: bool,
    /// Where the applicant is sent.
    #[serde(default)]
    pub authorization_endpoint: Option<String>,
    /// Where codes and credentials become tokens; also the audience of the client's assertions.
    #[serde(default)]
    pub token_endpoint: Option<String>,
    /// Where the keys of ID tokens are published.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// Where requests to sign are left; results are at `{id}/result` below it.
    pub sign_transactions_endpoint: String,
    /// What is asked for to sign; needs `openid` and `sign`.
    #[serde(default = "default_scope")]
    pub scope: String,
    /// What is asked for to sign in; needs `openid`.
    #[serde(default = "default_sign_in_scope")]
    pub sign_in_scope: String,
    /// What the client asks for in its own name; left out when absent.
    #[serde(default)]
    pub client_credentials_scope: Option<String>,
    /// What is asked of the authentication, such as `aal3 crl`; left out when absent.
    #[serde(default)]
    pub acr_values: Option<String>,
    /// What the ID token's `acr` must say. Without it, an `acr` must be one of `acr_values`, and may be absent.
    #[serde(default)]
    pub required_acr: Option<String>,
    /// Refuses ID tokens without `at_hash`, which the code flow leaves to the server. A wrong one is always refused.
    #[serde(default)]
    pub require_at_hash: bool,
    /// The private key of the client's assertions, PKCS #8 PEM: P-256 signs ES256, RSA signs RS256.
    pub assertion_key: SecretSource,
    /// The key's name in the client's registered JWK set.
    #[serde(default)]
    pub kid: Option<String>,
    /// The private key for encrypted results, RSA in PKCS #8 PEM. Without it only plain results can be read.
    #[serde(default)]
    pub decryption_key: Option<SecretSource>,
    /// The names of fields in the JSON of sign transactions.
    #[serde(default)]
    pub fields: TransactionFields,
    /// What else every request to sign says, beside the digest.
    #[serde(default)]
    pub order: Map<String, Value>,
    /// What is sent to be signed.
    #[serde(default)]
    pub digest_form: DigestForm,
    /// What the app's own error codes mean; those of OAuth 2.0 and OpenID Connect are known.
    #[serde(default)]
    pub errors: BTreeMap<String, CallbackError>,
    /// How long one request may take, in seconds; 10 unless said otherwise.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
    /// How long all requests for one signature may take together, in seconds; 30 unless said otherwise.
    #[serde(default = "default_overall")]
    pub overall_seconds: u64,
    /// By how much the clocks of portal and app may differ, in seconds; 30 unless said otherwise.
    #[serde(default = "default_skew")]
    pub clock_skew_seconds: u32,
}

/// What is sent to be signed, in base64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestForm {
    /// The DER `DigestInfo` (RFC 8017 §9.2): for an app that pads exactly what it is given.
    #[default]
    DigestInfo,
    /// The bare SHA-256: for an app that makes the `DigestInfo` itself.
    Hash,
}

fn default_scope() -> String {
    "openid sign".to_owned()
}

fn default_sign_in_scope() -> String {
    "openid".to_owned()
}

const fn default_timeout() -> u64 {
    10
}

const fn default_overall() -> u64 {
    30
}

const fn default_skew() -> u32 {
    30
}

impl SigningAppSettings {
    /// The settings for an app whose addresses are laid out as the Digital Authentication
    /// App's are: everything beside `issuer`, sign transactions under `/api` of its host.
    ///
    /// # Errors
    /// If the issuer is not an address.
    pub fn for_issuer(
        issuer: &str,
        client_id: &str,
        redirect_uri: &str,
        assertion_key: SecretSource,
    ) -> Result<Self, UnsoundSettings> {
        let host = endpoint("issuer", issuer)?.origin().ascii_serialization();
        let protocol = format!("{issuer}/protocol/openid-connect");
        Ok(Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            discovery: false,
            authorization_endpoint: Some(format!("{protocol}/auth")),
            token_endpoint: Some(format!("{protocol}/token")),
            jwks_uri: Some(format!("{protocol}/certs")),
            sign_transactions_endpoint: format!("{host}/api/sign-transactions"),
            scope: default_scope(),
            sign_in_scope: default_sign_in_scope(),
            client_credentials_scope: None,
            acr_values: None,
            required_acr: None,
            require_at_hash: true,
            assertion_key,
            kid: None,
            decryption_key: None,
            fields: TransactionFields::default(),
            order: Map::new(),
            digest_form: DigestForm::DigestInfo,
            errors: BTreeMap::new(),
            timeout_seconds: default_timeout(),
            overall_seconds: default_overall(),
            clock_skew_seconds: default_skew(),
        })
    }

    /// Makes relative paths of key files ones below `folder`.
    pub fn resolve(&mut self, folder: &Path) {
        self.assertion_key.resolve(folder);
        if let Some(key) = &mut self.decryption_key {
            key.resolve(folder);
        }
    }

    /// Each address that is named, with the name of its setting.
    #[must_use]
    pub fn addresses(&self) -> Vec<(&'static str, &str)> {
        let optional = [
            ("authorization_endpoint", &self.authorization_endpoint),
            ("token_endpoint", &self.token_endpoint),
            ("jwks_uri", &self.jwks_uri),
        ];
        let mut addresses = vec![("issuer", self.issuer.as_str())];
        addresses.extend(optional.into_iter().filter_map(|(name, address)| Some((name, address.as_deref()?))));
        addresses.push(("sign_transactions_endpoint", &self.sign_transactions_endpoint));
        addresses
    }

    /// How long one request may take.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// How long all requests for one signature may take.
    pub(super) const fn overall(&self) -> Duration {
        Duration::from_secs(self.overall_seconds)
    }

    /// By how much clocks may differ.
    pub(super) fn clock_skew(&self) -> time::Duration {
        time::Duration::seconds(self.clock_skew_seconds.into())
    }

    /// The body of a request to sign `digest`, which stands beside whatever is configured.
    pub(super) fn order_for(&self, digest: String) -> Result<Value, UnsoundSettings> {
        let mut order = Value::Object(self.order.clone());
        let occupied = UnsoundSettings::Value { setting: "fields.digest", rule: "its place is taken by `order`" };
        self.fields.digest.put(&mut order, digest.into()).map_err(|_| occupied)?;
        Ok(order)
    }

    /// Checks what can be checked without asking anybody.
    pub(super) fn check(&self) -> Result<(), UnsoundSettings> {
        endpoint("redirect_uri", &self.redirect_uri)?;
        let id_length = (1..=255).contains(&self.client_id.len());
        self.order_for(String::new())?;
        let has = |scope: &str, wanted: &str| scope.split(' ').any(|scope| scope == wanted);
        let acr =
            self.required_acr.as_deref().filter(|acr| !self.acr_values.as_deref().is_some_and(|all| has(all, acr)));
        let rules = [
            (!self.issuer.is_empty() && !self.issuer.ends_with('/'), "issuer", "without a final slash"),
            (id_length && self.client_id.chars().all(|c| c.is_ascii_alphanumeric()), "client_id", "letters and digits"),
            (self.redirect_uri.len() <= 255, "redirect_uri", "at most 255 characters"),
            (has(&self.scope, "openid") && has(&self.scope, "sign"), "scope", "needs `openid` and `sign`"),
            (has(&self.sign_in_scope, "openid"), "sign_in_scope", "needs `openid`"),
            (acr.is_none(), "required_acr", "must be one of `acr_values`"),
            ((1..=60).contains(&self.timeout_seconds), "timeout_seconds", "1 to 60"),
            ((self.timeout_seconds..=120).contains(&self.overall_seconds), "overall_seconds", "timeout_seconds to 120"),
            (self.clock_skew_seconds <= 300, "clock_skew_seconds", "at most 300"),
        ];
        match rules.iter().find(|(holds, ..)| !holds) {
            Some((_, setting, rule)) => Err(UnsoundSettings::Value { setting, rule }),
            None => Ok(()),
        }
    }
}

/// Reads an address: https, or plain http to this machine itself.
pub(super) fn endpoint(setting: &'static str, address: &str) -> Result<Url, UnsoundSettings> {
    let unsound = UnsoundSettings::Address { setting };
    let Ok(url) = Url::parse(address) else {
        return Err(unsound);
    };
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if bare && requests::is_sheltered(&url) { Ok(url) } else { Err(unsound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"
        issuer = "https://app.example/api/realms/main"
        client_id = "RP00000001"
        redirect_uri = "https://card.example/signing/callback"
        authorization_endpoint = "https://app.example/auth"
        token_endpoint = "https://app.example/token"
        jwks_uri = "https://app.example/certs"
        sign_transactions_endpoint = "https://app.example/api/sign-transactions"
        assertion_key = { value = "-----BEGIN PRIVATE KEY-----" }
        fields = { signature = "sign_value" }
    "#;

    #[test]
    fn settings_have_sound_defaults_and_keep_their_secret() {
        let settings: SigningAppSettings = toml::from_str(FULL).unwrap();
        settings.check().unwrap();
        assert_eq!((settings.scope.as_str(), settings.timeout_seconds), ("openid sign", 10));
        assert_eq!(settings.fields.signature, "sign_value".parse().unwrap());
        assert_eq!(settings.fields.digest, "digest".parse().unwrap());
        assert!(!format!("{settings:?}").contains("BEGIN"));
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(toml::from_str::<SigningAppSettings>(&format!("{FULL}\nclient_secret = \"x\"")).is_err());
    }

    #[test]
    fn what_a_request_to_sign_says_is_configuration() {
        let text = format!(
            "{}\norder = {{ purpose = \"図書館カードの申込み\", data = {{ version = 1 }} }}\nerrors = {{ E0042 = \"pin-locked\" }}",
            FULL.replace("signature = \"sign_value\"", "digest = \"data.digests.0\"")
        );
        let settings: SigningAppSettings = toml::from_str(&text).unwrap();
        let order = settings.order_for("AAAA".to_owned()).unwrap();
        let expected =
            serde_json::json!({ "purpose": "図書館カードの申込み", "data": { "version": 1, "digests": ["AAAA"] } });
        assert_eq!(order, expected);
        assert_eq!(settings.errors["E0042"], CallbackError::PinLocked);
        assert!(toml::from_str::<SigningAppSettings>(&text.replace("pin-locked", "no-such-kind")).is_err());
    }

    #[test]
    fn an_address_is_https_or_this_machine() {
        for good in ["https://app.example/x", "http://127.0.0.1:8081/x", "http://localhost/x", "http://[::1]:1/x"] {
            assert!(endpoint("issuer", good).is_ok(), "{good}");
        }
        let bad =
            ["http://app.example/", "ftp://127.0.0.1/", "https://u:p@app.example/", "http://127.0.0.1.example/", ""];
        for bad in bad {
            assert!(endpoint("issuer", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_rule_names_its_setting() {
        for (setting, good, bad) in [
            ("issuer", "realms/main\"", "realms/main/\""),
            ("client_id", "RP00000001", "RP;1"),
            ("redirect_uri", "signing/callback", &"x".repeat(255)),
            ("scope", "client_id", "scope = \"openid\"\nclient_id"),
            ("timeout_seconds", "client_id", "timeout_seconds = 0\nclient_id"),
            ("overall_seconds", "client_id", "overall_seconds = 9\nclient_id"),
            ("clock_skew_seconds", "client_id", "clock_skew_seconds = 301\nclient_id"),
            ("sign_in_scope", "client_id", "sign_in_scope = \"sign\"\nclient_id"),
            ("required_acr", "client_id", "acr_values = \"aal2 crl\"\nrequired_acr = \"aal3\"\nclient_id"),
            ("fields.digest", "client_id", "order = { digest = \"fixed\" }\nclient_id"),
        ] {
            let settings: SigningAppSettings = toml::from_str(&FULL.replace(good, bad)).unwrap();
            let error = settings.check().unwrap_err().to_string();
            assert!(error.starts_with(setting), "{error}");
        }
    }
}
