//! Why a letter was not handed over, and why the settings of mail cannot be used.

use super::bounce::{enhanced_status, names_nobody};
use crate::gateway::secret::UnreadableSecret;
use lettre::transport::smtp;
use std::path::PathBuf;

/// Why a letter was not handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Another try cannot help.
    #[error("refused for good: {0}")]
    Permanent(MailFault),
    /// Worth trying again.
    #[error("not now: {0}")]
    Transient(MailFault),
}

/// What went wrong. The mail server's own words are left out: they like to repeat the
/// recipient's address, which belongs into no log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// The mail server's reply code (RFC 5321 §4.2).
    #[error("the mail server replies {0}")]
    Reply(u16),
    /// The same, and its enhanced status code (RFC 3463) says that nobody is at the address.
    #[error("the mail server replies {0}: nobody is at the address")]
    Nobody(u16),
    /// What failed on our side of the way.
    #[error("{0}")]
    Local(&'static str),
}

impl MailError {
    /// Something on our side that another try cannot help.
    pub(super) const fn permanent(what: &'static str) -> Self {
        Self::Permanent(MailFault::Local(what))
    }

    /// Something on our side that may pass.
    pub(super) const fn transient(what: &'static str) -> Self {
        Self::Transient(MailFault::Local(what))
    }
}

impl From<smtp::Error> for MailError {
    /// Only a reply that the server calls permanent is taken so; what fails before a reply
    /// (network, TLS, an answer cut short) is neither in lettre's eyes, and worth another try.
    fn from(error: smtp::Error) -> Self {
        match error.status().map(u16::from) {
            // RFC 4954 §6: these are about our credentials, not about the letter. They must
            // not cost the whole outbox when somebody changes a password.
            Some(code @ (530 | 534 | 535 | 538)) => Self::Transient(MailFault::Reply(code)),
            Some(code) if error.is_permanent() && says_nobody(&error) => Self::Permanent(MailFault::Nobody(code)),
            Some(code) if error.is_permanent() => Self::Permanent(MailFault::Reply(code)),
            Some(code) => Self::Transient(MailFault::Reply(code)),
            None if error.is_tls() => Self::transient("TLS failed"),
            None if error.is_timeout() => Self::transient("the mail server is too slow"),
            None => Self::transient("the connection to the mail server failed"),
        }
    }
}

/// Of the reply's words only the status code is looked at.
fn says_nobody(error: &smtp::Error) -> bool {
    enhanced_status(&error.to_string()).is_some_and(|status| names_nobody(&status))
}

/// Why the settings of mail cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnsoundMailSettings {
    /// Mail in clear would leave this machine.
    #[error("security = \"plain\" is only for a mail server on this machine")]
    PlainToElsewhere,
    /// A user name without a password, or the reverse.
    #[error("username and password belong together")]
    HalfCredentials,
    /// The password's file cannot be read.
    #[error("password: {0}")]
    Password(#[from] UnreadableSecret),
    /// The file of the private certification authority cannot be read.
    #[error("ca_file {path}: {source}")]
    CaFile {
        /// The file that the settings name.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(#[from] smtp::Error),
}
