//! A time-stamping authority (RFC 3161), asked over HTTP.

use super::requests::{self, NoBody};
use crate::jpki::{Anchor, Imprint, Reason, Timestamp, Trust, pem_blocks, timestamp_request, verify_timestamp};
use crate::random;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Url};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use time::OffsetDateTime;

/// A token holds a few certificates; a longer answer is not read to its end.
const LONGEST_ANSWER: usize = 256 * 1024;
/// RFC 3161 §3.4.
const QUERY: HeaderValue = HeaderValue::from_static("application/timestamp-query");

/// Which authority vouches for the time of evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimestampSettings {
    /// Where it is asked, over https or on this machine.
    pub url: String,
    /// The roots of its certificates, PEM or DER files.
    pub anchors: Vec<PathBuf>,
    /// How long one request may take, in seconds; 10 unless said otherwise.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
}

const fn default_timeout() -> u64 {
    10
}

/// A client of one authority.
pub struct TimestampAuthority {
    url: Url,
    client: Client,
    trust: Trust,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TimestampError {
    /// Nobody answers, or not in time.
    #[error("the time-stamping authority cannot be reached")]
    Unreachable,
    /// The authority answers with an error of HTTP.
    #[error("the time-stamping authority refuses with status {0}")]
    Refused(u16),
    /// The answer is no token for what was asked.
    #[error("the time-stamp does not hold: {0}")]
    Invalid(Reason),
}

/// What keeps the settings from being used.
#[derive(Debug, thiserror::Error)]
pub enum UnsoundTimestampSettings {
    /// The address is neither https nor on this machine.
    #[error("timestamp.url must be https, or http on this machine")]
    Url,
    /// A root cannot be read.
    #[error("{}: {why}", path.display())]
    Anchor {
        /// Its file.
        path: PathBuf,
        /// The system's words, or the code of the rule that it breaks.
        why: String,
    },
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
}

impl TimestampAuthority {
    /// Makes a client; nothing is asked of the network yet.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn new(settings: &TimestampSettings) -> Result<Self, UnsoundTimestampSettings> {
        let mut anchors = Vec::new();
        for path in &settings.anchors {
            let unsound = |why: String| UnsoundTimestampSettings::Anchor { path: path.clone(), why };
            let bytes = std::fs::read(path).map_err(|error| unsound(error.to_string()))?;
            for block in pem_blocks(&bytes).unwrap_or_else(|| vec![Some(bytes)]) {
                let der = block.ok_or_else(|| unsound("unreadable PEM".to_owned()))?;
                anchors.push(Anchor::from_der(&der).map_err(|reason| unsound(reason.to_string()))?);
            }
        }
        Self::over(&settings.url, anchors, Duration::from_secs(settings.timeout_seconds))
    }

    /// A client that trusts these roots.
    ///
    /// # Errors
    /// If the address will not do.
    pub fn over(url: &str, anchors: Vec<Anchor>, timeout: Duration) -> Result<Self, UnsoundTimestampSettings> {
        let url = Url::parse(url).map_err(|_| UnsoundTimestampSettings::Url)?;
        if !requests::is_sheltered(&url) {
            return Err(UnsoundTimestampSettings::Url);
        }
        let client = requests::client([&url]).timeout(timeout).build()?;
        Ok(Self { url, client, trust: Trust::timestamping(anchors) })
    }

    /// The roots by which tokens are judged.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Has a digest time-stamped, and checks the token.
    ///
    /// # Errors
    /// Why there is no token; asking again later is always safe.
    pub async fn stamp(&self, sha256: &[u8; 32], now: OffsetDateTime) -> Result<Timestamp, TimestampError> {
        let nonce = random::bytes::<16>();
        let request = timestamp_request(sha256, Some(&nonce), None);
        let asked = self.client.post(self.url.clone()).header(CONTENT_TYPE, QUERY).body(request);
        let response = asked.send().await.map_err(|_| TimestampError::Unreachable)?;
        if !response.status().is_success() {
            return Err(TimestampError::Refused(response.status().as_u16()));
        }
        let answer = requests::body(response, LONGEST_ANSWER).await.map_err(|no_body| match no_body {
            NoBody::TooLong => TimestampError::Invalid(Reason::TooLarge),
            NoBody::Interrupted => TimestampError::Unreachable,
        })?;
        verify_timestamp(&answer, Imprint::Sha256(sha256), Some(&nonce), &self.trust, now)
            .map_err(TimestampError::Invalid)
    }
}
