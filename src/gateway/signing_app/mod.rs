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
//! Signing in is the same way without a transaction: [`SigningApp::sign_in_url`] and [`SigningApp::fetch_subject`].
//!
//! - `settings`, `fields`: what is configured, the names in the app's JSON among it; `discovery`: what need not be
//! - `exchange`: requests, their time limits, and which may be made a second time
//! - `assertion`, `pkce`: what the portal proves; `key_ring`, `id_token`: what the app proves
//! - `result`, `jwe`: what came of a transaction, plain or encrypted; `callback`: why nothing did
//!
//! The flow is written out here rather than taken from the `openidconnect` crate: that
//! crate brings in `rsa` (RUSTSEC-2023-0071), has no `private_key_jwt`, and knows nothing
//! of sign transactions; what remains of it is a few forms and one token.

mod assertion;
mod callback;
mod discovery;
mod error;
mod exchange;
mod fields;
mod id_token;
mod jwe;
mod key_ring;
mod pkce;
mod result;
mod settings;

pub use callback::CallbackError;
pub use error::{SigningAppError, UnsoundSettings};
pub use fields::{FieldPath, InvalidFieldPath, TransactionFields};
pub use pkce::{Pkce, random_token};
pub use settings::{DigestForm, SigningAppSettings};

use assertion::AssertionKey;
use data_encoding::BASE64;
use discovery::Directory;
use exchange::{Exchange, NoResult, within};
use id_token::Expected;
use jsonwebtoken::jwk::Jwk;
use jwe::DecryptionKey;
use key_ring::KeyRing;
use reqwest::Url;
use result::{ResultReader, Signed};
use serde::Deserialize;
use serde_json::Value;
use settings::endpoint;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// DER length of a `DigestInfo` with SHA-256 (RFC 8017 §9.2, note 1).
pub const DIGEST_INFO_LENGTH: usize = 51;

/// A client of one signing app.
pub struct SigningApp {
    settings: SigningAppSettings,
    directory: Directory,
    exchange: Exchange,
    assertion_key: AssertionKey,
    decryption_key: Option<DecryptionKey>,
    key_ring: KeyRing,
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
    pub subject: Subject,
}

/// The app's pairwise name for a person (`sub`): the same at every sign-in to this portal, unknown anywhere else.
/// It may change with the card.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// The name, at most 255 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        let directory = Directory::of(&settings)?;
        let sign_transactions_endpoint = endpoint("sign_transactions_endpoint", &settings.sign_transactions_endpoint)?;
        let endpoints = directory.given().chain([&sign_transactions_endpoint]);
        Ok(Self {
            exchange: Exchange::new(settings.timeout(), endpoints)?,
            assertion_key: AssertionKey::read(&settings)?,
            decryption_key: settings.decryption_key.as_ref().map(DecryptionKey::read).transpose()?,
            key_ring: KeyRing::default(),
            directory,
            sign_transactions_endpoint,
            settings,
        })
    }

    /// Where the app sends the applicant back to, as it is registered there.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.settings.redirect_uri
    }

    /// The app's own name, beside which its names for people mean something.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The public half of the assertions' key: what is registered with the app.
    #[must_use]
    pub const fn public_key(&self) -> &Jwk {
        self.assertion_key.public()
    }

    /// The public half of the key for encrypted results, if there is one: registered with the app, too.
    #[must_use]
    pub fn encryption_key(&self) -> Option<&Jwk> {
        self.decryption_key.as_ref().map(DecryptionKey::public)
    }

    /// What the `error` of a callback means: as configured, or as the standards say.
    #[must_use]
    pub fn callback_error(&self, code: &str) -> CallbackError {
        self.settings.errors.get(code).copied().unwrap_or_else(|| CallbackError::from_code(code))
    }

    /// The scheme, host and port of the page where the applicant is sent; a form that
    /// redirects there needs it in the page's `form-action`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.directory.authorization_origin()
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
        within(self.settings.overall(), async {
            let mut form = vec![("grant_type", "client_credentials")];
            form.extend(self.settings.client_credentials_scope.as_deref().map(|scope| ("scope", scope)));
            let token = self.token(form, now).await?;
            let digest = match self.settings.digest_form {
                DigestForm::DigestInfo => BASE64.encode(digest_info),
                DigestForm::Hash => BASE64.encode(&digest_info[DIGEST_INFO_LENGTH - 32..]),
            };
            let order = self.settings.order_for(digest).map_err(|_| SigningAppError::NotAsked)?;
            let address = self.sign_transactions_endpoint.clone();
            let answer: Value = self.exchange.post_json(address, &token.access_token, &order).await?;
            let id = self.settings.fields.id.text(&answer).ok_or(SigningAppError::BadAnswer)?;
            id.parse().map_err(|_| SigningAppError::BadAnswer)
        })
        .await
    }

    /// The address that leads the applicant to the app to sign.
    ///
    /// # Errors
    /// If the address must be discovered first and cannot be.
    pub async fn authorization_url(
        &self,
        transaction: &str,
        state: &str,
        nonce: &str,
        code_challenge: &str,
    ) -> Result<String, SigningAppError> {
        let mut url = self.way_to_app(&self.settings.scope, state, nonce, code_challenge).await?;
        url.query_pairs_mut().append_pair("sign_transaction_id", transaction);
        Ok(url.into())
    }

    /// The address that leads a person to the app to sign in with the card.
    ///
    /// # Errors
    /// If the address must be discovered first and cannot be.
    pub async fn sign_in_url(&self, state: &str, nonce: &str, code_challenge: &str) -> Result<String, SigningAppError> {
        Ok(self.way_to_app(&self.settings.sign_in_scope, state, nonce, code_challenge).await?.into())
    }

    async fn way_to_app(
        &self,
        scope: &str,
        state: &str,
        nonce: &str,
        code_challenge: &str,
    ) -> Result<Url, SigningAppError> {
        let mut url = self.directory.endpoints(&self.exchange).await?.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("scope", scope)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", code_challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(acr_values) = &self.settings.acr_values {
            url.query_pairs_mut().append_pair("acr_values", acr_values);
        }
        Ok(url)
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
        within(self.settings.overall(), async {
            let (access_token, subject) = self.redeem(code, code_verifier, nonce, now).await?;
            let body = self.exchange.fetch_result(self.result_url(&transaction)?, &access_token).await;
            let body = body.map_err(|failure| match failure {
                // Only what is configured counts here: 404 and the like are no words of the standards.
                NoResult::Refused(code) => match code.and_then(|code| self.settings.errors.get(&code)) {
                    Some(meaning) => SigningAppError::Stopped(*meaning),
                    None => SigningAppError::NotSigned,
                },
                NoResult::Failed(error) => error,
            })?;
            let reader = ResultReader { fields: &self.settings.fields, key: self.decryption_key.as_ref() };
            let Signed { signature, certificate } = reader.read(&body)?;
            Ok(AppSignature { signature, certificate, subject })
        })
        .await
    }

    /// Redeems the code of a callback after [`Self::sign_in_url`]: who has signed in.
    ///
    /// # Errors
    /// If the server cannot be reached, refuses the code, or sends an ID token that does not hold.
    pub async fn fetch_subject(
        &self,
        code: &str,
        code_verifier: &str,
        nonce: &str,
        now: OffsetDateTime,
    ) -> Result<Subject, SigningAppError> {
        let redeemed = within(self.settings.overall(), self.redeem(code, code_verifier, nonce, now)).await?;
        Ok(redeemed.1)
    }

    /// Turns a code into an access token and the person whom the ID token beside it names.
    async fn redeem(
        &self,
        code: &str,
        code_verifier: &str,
        nonce: &str,
        now: OffsetDateTime,
    ) -> Result<(String, Subject), SigningAppError> {
        let form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.settings.redirect_uri),
            ("code_verifier", code_verifier),
        ];
        let token = self.token(form, now).await?;
        let id_token = token.id_token.as_deref().ok_or(SigningAppError::InvalidToken { why: "missing" })?;
        let kid = id_token::key_name(id_token)?;
        let jwks_uri = &self.directory.endpoints(&self.exchange).await?.jwks;
        let jwk = self.key_ring.find(&self.exchange, jwks_uri, &kid, now).await?;
        let expected = Expected { settings: &self.settings, nonce, access_token: &token.access_token, now };
        let subject = id_token::verify(id_token, &jwk, &expected)?;
        Ok((token.access_token, Subject(subject)))
    }

    /// Asks the token endpoint, as the registered client.
    async fn token(&self, mut form: Vec<(&str, &str)>, now: OffsetDateTime) -> Result<TokenAnswer, SigningAppError> {
        let endpoint = &self.directory.endpoints(&self.exchange).await?.token;
        let client_id = &self.settings.client_id;
        let assertion = self.assertion_key.assertion(client_id, endpoint.as_str(), now)?;
        form.extend([
            ("client_id", client_id.as_str()),
            ("client_assertion_type", assertion::TYPE),
            ("client_assertion", &assertion),
        ]);
        self.exchange.post_form(endpoint.clone(), &form).await
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

impl fmt::Debug for Subject {
    /// Whoever knows it can recognise the person in the portal's records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(…)")
    }
}

impl fmt::Debug for AppSignature {
    /// The certificate holds name, address and birth date: none of them belongs into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppSignature").field("signature_length", &self.signature.len()).finish_non_exhaustive()
    }
}
