//! Decisions, and the reasons that applicants read.

use super::application::Decider;
use super::ids::{ApplicationId, LibraryId};
use super::version::Version;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// The longest reason that is accepted, in characters.
pub const LONGEST_REASON: usize = 2000;

/// Why an application is declined: text that the applicant reads, never empty.
#[derive(Clone, PartialEq, Eq)]
pub struct DeclineReason(String);

/// The reason cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReason {
    /// Nothing but white space.
    #[error("the reason is empty")]
    Empty,
    /// More than [`LONGEST_REASON`] characters.
    #[error("the reason is too long")]
    TooLong,
}

impl FromStr for DeclineReason {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().replace("\r\n", "\n");
        match text.chars().count() {
            0 => Err(InvalidReason::Empty),
            length if length > LONGEST_REASON => Err(InvalidReason::TooLong),
            _ => Ok(Self(text)),
        }
    }
}

impl DeclineReason {
    /// The text as the applicant reads it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeclineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeclineReason(…)")
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Yes: a card number is issued.
    Approved,
    /// No, and why.
    Declined(DeclineReason),
}

impl Outcome {
    /// The name in storage.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined(_) => "declined",
        }
    }
}

/// A decision, bound to the version that the reviewer saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The library of the application.
    pub library_id: LibraryId,
    /// What was decided on.
    pub application_id: ApplicationId,
    /// The version and digest that the reviewer's page showed.
    pub version: Version,
    /// Yes or no.
    pub outcome: Outcome,
    /// Who.
    pub decided_by: Decider,
    /// When.
    pub decided_at: OffsetDateTime,
}
