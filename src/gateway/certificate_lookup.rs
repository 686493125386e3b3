//! The authority's register: the number of the user-authentication certificate that belongs to a signing certificate
//! (公的個人認証法 18条5項). Its protocol is not public, so a go-between of the library's speaks it, and is asked in JSON
//! whose field names are settings.

use super::requests::{self, NoBody};
use super::secret::{SecretSource, UnreadableSecret};
use crate::domain::certificate_number::CertificateNumber;
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// No answer comes near this size.
const LONGEST_ANSWER: usize = 16 * 1024;

/// The go-between and its language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateLookupSettings {
    /// Where questions are posted.
    pub url: Url,
    /// Sent as a bearer token, if the go-between wants one.
    pub token: Option<SecretSource>,
    /// The field of the question with the signing certificate's serial number, in hexadecimal.
    #[serde(default = "serial_field")]
    pub serial_field: String,
    /// The field of the question with the name of the signing certificate's issuer.
    #[serde(default = "issuer_field")]
    pub issuer_field: String,
    /// The field of the answer with the user-authentication certificate's serial number, in hexadecimal.
    #[serde(default = "number_field")]
    pub number_field: String,
    /// How long an answer may take.
    #[serde(default = "ten_seconds")]
    pub timeout_seconds: u64,
}

fn serial_field() -> String {
    "signing_certificate_serial".to_owned()
}

fn issuer_field() -> String {
    "signing_certificate_issuer".to_owned()
}

fn number_field() -> String {
    "user_authentication_certificate_serial".to_owned()
}

const fn ten_seconds() -> u64 {
    10
}

impl CertificateLookupSettings {
    /// Makes a relative path one below `folder`.
    pub fn resolve(&mut self, folder: &Path) {
        if let Some(token) = &mut self.token {
            token.resolve(folder);
        }
    }
}

/// Who knows the numbers.
#[derive(Debug, Default)]
pub enum CertificateLookup {
    /// Nobody: numbers are noted by staff.
    #[default]
    None,
    /// A table from signing to user-authentication serial numbers, for stories.
    Fixture(HashMap<String, CertificateNumber>),
    /// A go-between.
    Http(Box<GoBetween>),
}

/// The client of a go-between.
#[derive(Debug)]
pub struct GoBetween {
    client: Client,
    settings: CertificateLookupSettings,
    token: Option<SecretString>,
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusableLookup {
    /// The token cannot be read.
    #[error(transparent)]
    Token(#[from] UnreadableSecret),
    /// The client cannot be set up.
    #[error("the client for the certificate lookup cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// No connection, or no answer in time.
    #[error("the go-between cannot be reached")]
    Unreachable,
    /// A refusal with this status.
    #[error("the go-between answered with status {0}")]
    Status(u16),
    /// An answer that is none.
    #[error("the go-between's answer is not understood")]
    BadAnswer,
}

impl CertificateLookup {
    /// The go-between that the settings name, if they do.
    ///
    /// # Errors
    /// If its token cannot be read.
    pub fn new(settings: Option<&CertificateLookupSettings>) -> Result<Self, UnusableLookup> {
        let Some(settings) = settings else { return Ok(Self::None) };
        let client =
            requests::client([&settings.url]).timeout(Duration::from_secs(settings.timeout_seconds)).build()?;
        let token = settings.token.as_ref().map(SecretSource::read).transpose()?;
        Ok(Self::Http(Box::new(GoBetween { client, settings: settings.clone(), token })))
    }

    /// Whether there is anybody to ask.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Asks for the number that belongs to a signing certificate, by its serial number (lower-case hexadecimal) and
    /// the name of its issuer. `None` if the register does not know it (yet).
    ///
    /// # Errors
    /// [`LookupError`], each worth another try.
    pub async fn find(&self, serial: &str, issuer: &str) -> Result<Option<CertificateNumber>, LookupError> {
        match self {
            Self::None => Ok(None),
            Self::Fixture(numbers) => Ok(numbers.get(serial).cloned()),
            Self::Http(go_between) => go_between.find(serial, issuer).await,
        }
    }
}

impl GoBetween {
    async fn find(&self, serial: &str, issuer: &str) -> Result<Option<CertificateNumber>, LookupError> {
        let settings = &self.settings;
        let question: Map<String, Value> =
            [(settings.serial_field.clone(), serial.into()), (settings.issuer_field.clone(), issuer.into())]
                .into_iter()
                .collect();
        let mut request = self.client.post(settings.url.clone()).json(&question);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let response = request.send().await.map_err(|_| LookupError::Unreachable)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            other => return Err(LookupError::Status(other.as_u16())),
        }
        let body = requests::body(response, LONGEST_ANSWER).await.map_err(|no_body| match no_body {
            NoBody::TooLong => LookupError::BadAnswer,
            NoBody::Interrupted => LookupError::Unreachable,
        })?;
        let answer: Map<String, Value> = serde_json::from_slice(&body).map_err(|_| LookupError::BadAnswer)?;
        match answer.get(&settings.number_field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(number)) => number.parse().map(Some).map_err(|_| LookupError::BadAnswer),
            Some(_) => Err(LookupError::BadAnswer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Asks a server that gives one answer; returns what came of it and what it was asked.
    async fn asked(head: &str, body: &str) -> (Result<Option<CertificateNumber>, LookupError>, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/numbers", listener.local_addr().unwrap());
        let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        let question = Arc::new(Mutex::new(String::new()));
        let asked = Arc::clone(&question);
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            *asked.lock().unwrap() = String::from_utf8_lossy(&request[..length]).into_owned();
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        });
        let settings = format!(
            "url = '{url}'\ntoken = {{ value = 'secret' }}\nserial_field = 'sign_no'\nnumber_field = 'auth_no'"
        );
        let settings = toml::from_str(&settings).unwrap();
        let lookup = CertificateLookup::new(Some(&settings)).unwrap();
        let found = lookup.find("0a1b", "C=JP, O=JPKI").await;
        let question = question.lock().unwrap().clone();
        (found, question)
    }

    #[tokio::test]
    async fn the_question_and_the_answer_use_the_configured_names() {
        let (found, question) = asked("200 OK", r#"{"auth_no":"0C1D"}"#).await;
        assert_eq!(found, Ok(Some("c1d".parse().unwrap())));
        assert!(question.contains(r#""sign_no":"0a1b""#) && question.contains("C=JP, O=JPKI"), "{question}");
        assert!(question.to_lowercase().contains("authorization: bearer secret"), "{question}");
    }

    #[tokio::test]
    async fn not_yet_is_told_from_out_of_order() {
        assert_eq!(asked("404 Not Found", "").await.0, Ok(None));
        assert_eq!(asked("200 OK", "{}").await.0, Ok(None));
        assert_eq!(asked("200 OK", r#"{"auth_no":null}"#).await.0, Ok(None));
        assert_eq!(asked("503 Service Unavailable", "").await.0, Err(LookupError::Status(503)));
        for nonsense in ["<html>", r#"{"auth_no":7}"#, r#"{"auth_no":"xyz"}"#, "[]"] {
            assert_eq!(asked("200 OK", nonsense).await.0, Err(LookupError::BadAnswer), "{nonsense}");
        }
    }
}
