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
    /// The same, and it is about us or the server, whoever the recipient is.
    #[error("the mail server replies {0}: it takes nothing from here")]
    Unwelcome(u16),
    /// What failed on our side of the way.
    #[error("{0}")]
    Local(&'static str),
}

impl MailFault {
    /// True if it is no matter of one recipient's: no other mail would have gone out either.
    #[must_use]
    pub const fn is_obstruction(&self) -> bool {
        matches!(self, Self::Unwelcome(_) | Self::Local(_))
    }
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

/// How far the handing over of a mail had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing was said of the recipient yet.
    Opening,
    /// The recipient was named.
    Recipient,
    /// The recipient was accepted.
    Contents,
}

impl MailError {
    /// Only a reply to the recipient or the contents can be permanent. What fails before a reply (network, TLS, an answer
    /// cut short) may pass, and what the server has against us must not cost the outbox: somebody puts it right.
    pub(super) fn at(step: Step, error: &smtp::Error) -> Self {
        let Some(code) = error.status().map(u16::from) else {
            return Self::transient(if error.is_tls() {
                "TLS failed"
            } else if error.is_timeout() {
                "the mail server is too slow"
            } else {
                "the connection to the mail server failed"
            });
        };
        // Of the reply's words only the status code is looked at.
        let status = enhanced_status(&error.to_string());
        if step == Step::Opening || is_about_us(code, status.as_deref()) {
            return Self::Transient(MailFault::Unwelcome(code));
        }
        if !error.is_permanent() {
            return Self::Transient(MailFault::Reply(code));
        }
        Self::Permanent(match status {
            Some(status) if names_nobody(&status) => MailFault::Nobody(code),
            _ => MailFault::Reply(code),
        })
    }
}

/// Commands that the server does not take (RFC 5321 §4.2.2), who we are (RFC 4954 §6) and, by the enhanced status code
/// (RFC 3463), our sender's address, the way on, the protocol and every kind of policy.
fn is_about_us(code: u16, status: Option<&str>) -> bool {
    let is_ours = |status: &str| {
        matches!(status, "5.1.7" | "5.1.8" | "5.4.5") || status.starts_with("5.5.") || status.starts_with("5.7.")
    };
    matches!(code, 421 | 500..=504 | 530 | 534 | 535 | 538) || status.is_some_and(is_ours)
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
