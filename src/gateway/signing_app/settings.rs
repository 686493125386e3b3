//! How to reach the signing app and as whom.

use super::error::UnsoundSettings;
use crate::gateway::secret::SecretSource;
use reqwest::Url;
use serde::Deserialize;
use std::time::Duration;

/// The signing app's addresses, the portal's registration there, and the names that its JSON uses.
///
/// The addresses are settings, not discovered: no discovery document is promised.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningAppSettings {
    /// The issuer, exactly as it stands in `iss`; without a final slash.
    pub issuer: String,
    /// The portal's name there: 1 to 255 letters and digits.
    pub client_id: String,
    /// The address to which the app sends the applicant back; at most 255 characters, registered there.
    pub redirect_uri: String,
    /// Where the applicant is sent.
    pub authorization_endpoint: String,
    /// Where codes and credentials become tokens; also the audience of the client's assertions.
    pub token_endpoint: String,
    /// Where the keys of ID tokens are published.
    pub jwks_uri: String,
    /// Where requests to sign are left.
    pub sign_transactions_endpoint: String,
    /// What is asked for; needs `openid` and `sign`.
    #[serde(default = "default_scope")]
    pub scope: String,
    /// What is asked of the authentication, such as `aal3 crl`; left out when absent.
    #[serde(default)]
    pub acr_values: Option<String>,
    /// The private key of the client's assertions, PKCS #8 PEM: P-256 signs ES256, RSA signs RS256.
    pub assertion_key: SecretSource,
    /// The key's name in the client's registered JWK set.
    #[serde(default)]
    pub kid: Option<String>,
    /// The names of fields in the JSON of sign transactions.
    #[serde(default)]
    pub fields: TransactionFields,
    /// How long one request may take, in seconds; 10 unless said otherwise.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
}

/// The names of fields in the JSON of sign transactions. They are settings because the
/// app's reference of this part is given to its registered clients only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TransactionFields {
    /// Request: base64 of what is to be signed.
    pub digest: String,
    /// Answer to the request: the transaction's id.
    pub id: String,
    /// Result: base64 of the signature.
    pub signature: String,
    /// Result: base64 of the DER certificate.
    pub certificate: String,
}

impl Default for TransactionFields {
    fn default() -> Self {
        Self {
            digest: "digest".to_owned(),
            id: "id".to_owned(),
            signature: "signature".to_owned(),
            certificate: "certificate".to_owned(),
        }
    }
}

fn default_scope() -> String {
    "openid sign".to_owned()
}

const fn default_timeout() -> u64 {
    10
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
            authorization_endpoint: format!("{protocol}/auth"),
            token_endpoint: format!("{protocol}/token"),
            jwks_uri: format!("{protocol}/certs"),
            sign_transactions_endpoint: format!("{host}/api/sign-transactions"),
            scope: default_scope(),
            acr_values: None,
            assertion_key,
            kid: None,
            fields: TransactionFields::default(),
            timeout_seconds: default_timeout(),
        })
    }

    /// How long one request may take.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// Checks what can be checked without asking anybody.
    pub(super) fn check(&self) -> Result<(), UnsoundSettings> {
        endpoint("redirect_uri", &self.redirect_uri)?;
        let id_length = (1..=255).contains(&self.client_id.len());
        let scope_has = |wanted| self.scope.split(' ').any(|scope| scope == wanted);
        let rules = [
            (!self.issuer.is_empty() && !self.issuer.ends_with('/'), "issuer", "without a final slash"),
            (id_length && self.client_id.chars().all(|c| c.is_ascii_alphanumeric()), "client_id", "letters and digits"),
            (self.redirect_uri.len() <= 255, "redirect_uri", "at most 255 characters"),
            (scope_has("openid") && scope_has("sign"), "scope", "needs `openid` and `sign`"),
            ((1..=60).contains(&self.timeout_seconds), "timeout_seconds", "1 to 60"),
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
    match url.scheme() {
        "https" if bare => Ok(url),
        "http" if bare && is_loopback(&url) => Ok(url),
        _ => Err(unsound),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
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
        assert_eq!((settings.fields.signature.as_str(), settings.fields.digest.as_str()), ("sign_value", "digest"));
        assert!(!format!("{settings:?}").contains("BEGIN"));
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(toml::from_str::<SigningAppSettings>(&format!("{FULL}\nclient_secret = \"x\"")).is_err());
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
        ] {
            let settings: SigningAppSettings = toml::from_str(&FULL.replace(good, bad)).unwrap();
            let error = settings.check().unwrap_err().to_string();
            assert!(error.starts_with(setting), "{error}");
        }
    }
}
