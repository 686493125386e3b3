//! The signing app: the Digital Authentication App (デジタル認証アプリ), or anything shaped like it.
//!
//! The way of one signature, as the portal walks it:
//!
//! 1. [`SigningApp::open_transaction`] leaves the bytes to be signed with the app's server:
//!    client credentials with `private_key_jwt` (RFC 7523), then `POST` of the DER
//!    `DigestInfo` in base64. The card pads exactly these bytes (PKCS #1 v1.5), so the
//!    result is an ordinary sha256WithRSAEncryption signature.
//! 2. [`SigningApp::authorization_url`] leads the applicant to the app: code flow, PKCE
//!    S256 (RFC 7636), `state`, `nonce`, scope `openid sign` and the transaction.
//! 3. [`SigningApp::fetch_result`] redeems the code, verifies the ID token, and fetches
//!    signature and certificate with the applicant's token. Whether they are any good is
//!    for `jpki` to say; here only the envelope is judged.
//!
//! The flow is written out here rather than taken from the `openidconnect` crate: that
//! crate brings in `rsa` (RUSTSEC-2023-0071), has no `private_key_jwt`, and knows nothing
//! of sign transactions; what remains of it is a few forms and one token.

mod assertion;
mod callback;
mod error;
mod exchange;
mod id_token;
mod pkce;
mod settings;

pub use callback::CallbackError;
pub use error::{SigningAppError, UnsoundSettings};
pub use pkce::{Pkce, random_token};
pub use settings::{SigningAppSettings, TransactionFields};

use assertion::AssertionKey;
use data_encoding::BASE64;
use exchange::Exchange;
use id_token::{Expected, KeyRing};
use jsonwebtoken::jwk::Jwk;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Map, Value};
use settings::endpoint;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// DER length of a `DigestInfo` with SHA-256 (RFC 8017 §9.2, note 1).
pub const DIGEST_INFO_LENGTH: usize = 51;

/// A client of one signing app.
pub struct SigningApp {
    settings: SigningAppSettings,
    exchange: Exchange,
    assertion_key: AssertionKey,
    key_ring: KeyRing,
    authorization_endpoint: Url,
    token_endpoint: Url,
    sign_transactions_endpoint: Url,
}

/// The app's name for one request to sign: a UUID today, but only its harmlessness in a path is relied on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TransactionId(String);

/// The text cannot be a transaction's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a transaction id")]
pub struct InvalidTransactionId;

/// What came back from the card: nothing in it is verified yet but where it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct AppSignature {
    /// The raw signature, PKCS #1 v1.5.
    pub signature: Vec<u8>,
    /// The signing certificate, DER.
    pub certificate: Vec<u8>,
    /// The app's pairwise name for the person (`sub`).
    pub subject: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    id_token: Option<String>,
}

impl SigningApp {
    /// Makes a client; nothing is asked of the network yet.
    ///
    /// # Errors
    /// If an address is neither https nor on this machine, or the key cannot be used.
    pub fn new(settings: SigningAppSettings) -> Result<Self, UnsoundSettings> {
        settings.check()?;
        let token_endpoint = endpoint("token_endpoint", &settings.token_endpoint)?;
        let jwks_uri = endpoint("jwks_uri", &settings.jwks_uri)?;
        let sign_transactions_endpoint = endpoint("sign_transactions_endpoint", &settings.sign_transactions_endpoint)?;
        Ok(Self {
            exchange: Exchange::new(settings.timeout(), &[&token_endpoint, &jwks_uri, &sign_transactions_endpoint])?,
            assertion_key: AssertionKey::read(&settings)?,
            key_ring: KeyRing::new(jwks_uri),
            authorization_endpoint: endpoint("authorization_endpoint", &settings.authorization_endpoint)?,
            token_endpoint,
            sign_transactions_endpoint,
            settings,
        })
    }

    /// Where the app sends the applicant back to, as it is registered there.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.settings.redirect_uri
    }

    /// The public half of the assertions' key: what is registered with the app.
    #[must_use]
    pub const fn public_key(&self) -> &Jwk {
        self.assertion_key.public()
    }

    /// The scheme, host and port of the page where the applicant is sent; a form that
    /// redirects there needs it in the page's `form-action`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.authorization_endpoint.origin().ascii_serialization()
    }

    /// Leaves the bytes to be signed with the app's server and learns the transaction's name.
    ///
    /// # Errors
    /// If the server cannot be reached, refuses, or answers something else.
    pub async fn open_transaction(
        &self,
        digest_info: &[u8; DIGEST_INFO_LENGTH],
        now: OffsetDateTime,
    ) -> Result<TransactionId, SigningAppError> {
        let assertion = self.assertion_key.assertion(&self.settings, now)?;
        let mut form = self.client_authentication(&assertion);
        form.push(("grant_type", "client_credentials"));
        let token: TokenAnswer = self.exchange.post_form(self.token_endpoint.clone(), &form).await?;

        let mut order = Map::new();
        order.insert(self.settings.fields.digest.clone(), BASE64.encode(digest_info).into());
        let answer: Map<String, Value> = self
            .exchange
            .post_json(self.sign_transactions_endpoint.clone(), &token.access_token, &Value::Object(order))
            .await?;
        text(&answer, &self.settings.fields.id)?.parse().map_err(|_| SigningAppError::BadAnswer)
    }

    /// The address that leads the applicant to the app.
    #[must_use]
    pub fn authorization_url(&self, transaction: &str, state: &str, nonce: &str, code_challenge: &str) -> String {
        let mut url = self.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("scope", &self.settings.scope)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", code_challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("sign_transaction_id", transaction);
        if let Some(acr_values) = &self.settings.acr_values {
            url.query_pairs_mut().append_pair("acr_values", acr_values);
        }
        url.into()
    }

    /// Redeems the code of the callback and fetches what the card signed.
    ///
    /// `nonce`, `code_verifier` and `transaction` are those that the portal kept for this
    /// applicant's session: a code from elsewhere fails on one of them.
    ///
    /// # Errors
    /// If the server cannot be reached, refuses the code, sends an ID token that does not
    /// hold, or has no signature for the transaction.
    pub async fn fetch_result(
        &self,
        code: &str,
        code_verifier: &str,
        nonce: &str,
        transaction: &str,
        now: OffsetDateTime,
    ) -> Result<AppSignature, SigningAppError> {
        let transaction = transaction.parse().map_err(|InvalidTransactionId| SigningAppError::NotSigned)?;
        let assertion = self.assertion_key.assertion(&self.settings, now)?;
        let mut form = self.client_authentication(&assertion);
        form.extend([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.settings.redirect_uri),
            ("code_verifier", code_verifier),
        ]);
        let token: TokenAnswer = self.exchange.post_form(self.token_endpoint.clone(), &form).await?;
        let id_token = token.id_token.as_deref().ok_or(SigningAppError::InvalidToken { why: "missing" })?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce,
            access_token: &token.access_token,
            now,
        };
        let subject = self.key_ring.verify(&self.exchange, id_token, &expected).await?;

        let answer: Map<String, Value> =
            self.exchange.fetch_result(self.result_url(&transaction)?, &token.access_token).await?;
        Ok(AppSignature {
            signature: bytes(&answer, &self.settings.fields.signature)?,
            certificate: bytes(&answer, &self.settings.fields.certificate)?,
            subject,
        })
    }

    fn client_authentication<'a>(&'a self, assertion: &'a str) -> Vec<(&'static str, &'a str)> {
        vec![
            ("client_id", &self.settings.client_id),
            ("client_assertion_type", assertion::TYPE),
            ("client_assertion", assertion),
        ]
    }

    fn result_url(&self, transaction: &TransactionId) -> Result<Url, SigningAppError> {
        let mut url = self.sign_transactions_endpoint.clone();
        url.path_segments_mut()
            .map_err(|()| SigningAppError::BadAnswer)?
            .pop_if_empty()
            .extend([transaction.0.as_str(), "result"]);
        Ok(url)
    }
}

fn text<'a>(answer: &'a Map<String, Value>, field: &str) -> Result<&'a str, SigningAppError> {
    answer.get(field).and_then(Value::as_str).ok_or(SigningAppError::BadAnswer)
}

fn bytes(answer: &Map<String, Value>, field: &str) -> Result<Vec<u8>, SigningAppError> {
    BASE64.decode(text(answer, field)?.as_bytes()).map_err(|_| SigningAppError::BadAnswer)
}

impl FromStr for TransactionId {
    type Err = InvalidTransactionId;

    /// Accepts 1 to 64 letters, digits, `-` and `_`: no sign that means something in a path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let harmless = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if (1..=64).contains(&text.len()) && text.chars().all(harmless) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTransactionId)
        }
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionId({self})")
    }
}

impl fmt::Debug for SigningApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningApp").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl fmt::Debug for AppSignature {
    /// The certificate holds name, address and birth date: none of them belongs into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppSignature").field("signature_length", &self.signature.len()).finish_non_exhaustive()
    }
}
