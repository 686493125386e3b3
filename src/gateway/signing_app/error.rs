//! Why the signing app gave no signature, and why its settings cannot be used.

use super::callback::CallbackError;
use crate::gateway::secret::UnreadableSecret;

/// Why there is no signature. None of these carries text of the app's server: that text is not ours to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningAppError {
    /// The request could not be put together: the system has no randomness to give, or the key fails.
    #[error("the request to the signing app could not be made")]
    NotAsked,
    /// The server is down, too slow, or says that it cannot now; worth trying again.
    #[error("the signing app's server cannot be reached")]
    Unreachable,
    /// The server refuses the request, the client or the code.
    #[error("the signing app's server refuses (HTTP {status})")]
    Refused {
        /// The HTTP status of the refusal.
        status: u16,
    },
    /// The app says why the card did not sign.
    #[error("the signing app stopped: {0:?}")]
    Stopped(CallbackError),
    /// The ID token does not hold.
    #[error("the ID token is not valid: {why}")]
    InvalidToken {
        /// The check that failed.
        why: &'static str,
    },
    /// The server has no signature for this transaction.
    #[error("the transaction was not signed")]
    NotSigned,
    /// The answer is too long, not JSON, or lacks what is needed.
    #[error("the signing app's server answers in an unknown form")]
    BadAnswer,
    /// What is encrypted for the portal does not open.
    #[error("the encrypted result cannot be opened: {why}")]
    Undecipherable {
        /// The step that failed.
        why: &'static str,
    },
    /// The discovery document cannot be used.
    #[error("the discovery document cannot be used: {why}")]
    Undiscovered {
        /// What in it.
        why: &'static str,
    },
}

/// Why the settings of the signing app cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnsoundSettings {
    /// Neither https nor this machine itself.
    #[error("{setting}: must be an https address (plain http only to this machine)")]
    Address {
        /// The setting's name.
        setting: &'static str,
    },
    /// A value that the protocol does not allow.
    #[error("{setting}: {rule}")]
    Value {
        /// The setting's name.
        setting: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// A key's file cannot be read.
    #[error("{setting}: {source}")]
    KeyFile {
        /// The setting's name.
        setting: &'static str,
        /// Why.
        source: UnreadableSecret,
    },
    /// The key is neither a P-256 nor an RSA key in PKCS #8 PEM.
    #[error("assertion_key: neither a P-256 nor an RSA private key in PKCS #8 PEM")]
    Key,
    /// The key is no RSA key of 2048 bits or more in PKCS #8 PEM.
    #[error("decryption_key: not an RSA private key of at least 2048 bits in PKCS #8 PEM")]
    DecryptionKey,
    /// The TLS library cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    HttpClient(#[from] reqwest::Error),
}
