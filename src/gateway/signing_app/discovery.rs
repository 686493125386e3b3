//! The app's addresses: as configured, or as its discovery document names them (OpenID Connect Discovery 1.0).

use super::error::{SigningAppError, UnsoundSettings};
use super::exchange::Exchange;
use super::settings::{SigningAppSettings, endpoint};
use reqwest::Url;
use serde::Deserialize;
use tokio::sync::OnceCell;

/// The addresses of the protocol.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) jwks: Url,
}

/// Knows the addresses, or where to ask for them.
pub(super) struct Directory {
    issuer: Url,
    issuer_name: String,
    authorization: Option<Url>,
    token: Option<Url>,
    jwks: Option<Url>,
    /// Asked for once; a failure is not kept, so the next applicant asks again.
    known: OnceCell<Endpoints>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

impl Directory {
    /// Takes the configured addresses. Without `discovery` each must be given.
    pub(super) fn of(settings: &SigningAppSettings) -> Result<Self, UnsoundSettings> {
        let given = |setting, address: &Option<String>| match address {
            Some(address) => endpoint(setting, address).map(Some),
            None if settings.discovery => Ok(None),
            None => Err(UnsoundSettings::Value { setting, rule: "must be given, or `discovery = true`" }),
        };
        let directory = Self {
            issuer: endpoint("issuer", &settings.issuer)?,
            issuer_name: settings.issuer.clone(),
            authorization: given("authorization_endpoint", &settings.authorization_endpoint)?,
            token: given("token_endpoint", &settings.token_endpoint)?,
            jwks: given("jwks_uri", &settings.jwks_uri)?,
            known: OnceCell::new(),
        };
        Ok(directory)
    }

    /// Every address that is known beforehand.
    pub(super) fn given(&self) -> impl Iterator<Item = &Url> {
        [Some(&self.issuer), self.authorization.as_ref(), self.token.as_ref(), self.jwks.as_ref()].into_iter().flatten()
    }

    /// Where the applicant is sent: needed at the start already, for the pages' `form-action`. What discovery may
    /// name later is held to it.
    pub(super) fn authorization_origin(&self) -> String {
        self.authorization.as_ref().unwrap_or(&self.issuer).origin().ascii_serialization()
    }

    /// The addresses; asks for those that are not configured, once.
    pub(super) async fn endpoints(&self, exchange: &Exchange) -> Result<&Endpoints, SigningAppError> {
        self.known.get_or_try_init(|| self.find_out(exchange)).await
    }

    async fn find_out(&self, exchange: &Exchange) -> Result<Endpoints, SigningAppError> {
        if let (Some(authorization), Some(token), Some(jwks)) = (&self.authorization, &self.token, &self.jwks) {
            return Ok(Endpoints { authorization: authorization.clone(), token: token.clone(), jwks: jwks.clone() });
        }
        let address = format!("{}/.well-known/openid-configuration", self.issuer_name);
        let address = Url::parse(&address).map_err(|_| undiscovered("address"))?;
        let document: Document = exchange.fetch(address).await?;
        // Character by character (OpenID Connect Discovery 1.0 §4.3): a document about somebody else is no document.
        if document.issuer != self.issuer_name {
            return Err(undiscovered("issuer"));
        }
        let authorization = self.choose(self.authorization.as_ref(), &document.authorization_endpoint)?;
        if authorization.origin().ascii_serialization() != self.authorization_origin() {
            return Err(undiscovered("authorization endpoint on another origin: configure it"));
        }
        Ok(Endpoints {
            authorization,
            token: self.choose(self.token.as_ref(), &document.token_endpoint)?,
            jwks: self.choose(self.jwks.as_ref(), &document.jwks_uri)?,
        })
    }

    /// What is configured wins. What is discovered is no less protected than the issuer.
    fn choose(&self, given: Option<&Url>, discovered: &str) -> Result<Url, SigningAppError> {
        if let Some(given) = given {
            return Ok(given.clone());
        }
        let url = endpoint("discovery", discovered).map_err(|_| undiscovered("unusable address"))?;
        if url.scheme() != self.issuer.scheme() {
            return Err(undiscovered("unusable address"));
        }
        Ok(url)
    }
}

const fn undiscovered(why: &'static str) -> SigningAppError {
    SigningAppError::Undiscovered { why }
}

#[cfg(test)]
mod tests {
    use super::super::exchange::tests::Canned;
    use super::*;
    use crate::gateway::secret::SecretSource;
    use serde_json::{Value, json};
    use std::time::Duration;

    fn settings(issuer: &str) -> SigningAppSettings {
        let secret = SecretSource::value("unused");
        let callback = "https://card.example/signing/return";
        let settings = SigningAppSettings::for_issuer(issuer, "RP1", callback, secret).unwrap();
        SigningAppSettings {
            discovery: true,
            authorization_endpoint: None,
            token_endpoint: None,
            jwks_uri: None,
            ..settings
        }
    }

    fn document(issuer: &str) -> Value {
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        })
    }

    async fn discovered(
        change: impl Fn(&mut Value),
        set: impl Fn(&mut SigningAppSettings),
    ) -> Result<Endpoints, String> {
        let server = Canned::listen().await;
        let issuer = server.url.as_str().trim_end_matches('/').to_owned();
        let mut answer = document(&issuer);
        change(&mut answer);
        server.answer("200 OK", answer.to_string());
        let mut settings = settings(&issuer);
        set(&mut settings);
        let directory = Directory::of(&settings).map_err(|error| error.to_string())?;
        let exchange = Exchange::new(Duration::from_secs(10), directory.given()).unwrap();
        directory.endpoints(&exchange).await.map_err(|error| error.to_string())?;
        directory.endpoints(&exchange).await.cloned().map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn addresses_are_asked_for_once_and_configured_ones_win() {
        // The server has one answer: a second question would fail.
        let endpoints = discovered(|_| {}, |_| {}).await.unwrap();
        assert_eq!((endpoints.token.path(), endpoints.jwks.path()), ("/token", "/jwks"));
        let own = "https://app.example/own".to_owned();
        let endpoints = discovered(|_| {}, |settings| settings.token_endpoint = Some(own.clone())).await.unwrap();
        assert_eq!((endpoints.token.as_str(), endpoints.jwks.path()), ("https://app.example/own", "/jwks"));
    }

    #[tokio::test]
    async fn a_document_about_another_issuer_is_refused() {
        for (field, value, why) in [
            ("issuer", "https://evil.example", "issuer"),
            ("authorization_endpoint", "http://127.0.0.1:1/auth", "another origin"),
            ("token_endpoint", "http://evil.example/token", "unusable address"),
            ("jwks_uri", "https://user:pass@app.example/jwks", "unusable address"),
        ] {
            let error = discovered(|document| document[field] = value.into(), |_| {}).await.unwrap_err();
            assert!(error.contains(why), "{field}: {error}");
        }
    }

    #[test]
    fn without_discovery_each_address_must_be_given() {
        let settings = SigningAppSettings { discovery: false, ..settings("https://app.example") };
        let error = Directory::of(&settings).err().unwrap().to_string();
        assert!(error.starts_with("authorization_endpoint: must be given"), "{error}");
    }
}
