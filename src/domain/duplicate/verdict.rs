//! Who may be the same person, and what a reviewer says about it.

use super::PersonFacts;
use crate::domain::card_number::CardNumber;
use crate::domain::ids::{ApplicationId, PatronId, StaffId};
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use std::fmt;
use std::str::FromStr;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// The longest note beside a verdict, in characters.
pub const LONGEST_NOTE: usize = 500;

/// Somebody who may be the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub owner: CandidateOwner,
    /// What the library knows, or what was declared.
    pub facts: PersonFacts,
}

/// What is known of somebody who may be the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CandidateOwner {
    /// A patron.
    Patron {
        /// Who.
        id: PatronId,
        /// The application that made this person a patron, if one did.
        application_id: Option<ApplicationId>,
        /// Since when.
        registered_at: OffsetDateTime,
        /// The newest card, if there ever was one: number and expiry date.
        card: Option<(CardNumber, Date)>,
    },
    /// Another application.
    Application {
        /// Which.
        id: ApplicationId,
        /// What people call it.
        reference: Reference,
        /// When it was signed.
        submitted_at: Option<OffsetDateTime>,
        /// False once it is decided.
        is_open: bool,
    },
}

impl CandidateOwner {
    /// The owner of the personal data.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Patron { id, .. } => id.as_uuid(),
            Self::Application { id, .. } => id.as_uuid(),
        }
    }

    /// True if `owner` is this candidate, or the application that made this patron: what was said of the one while its
    /// facts were these holds of the other.
    #[must_use]
    pub fn is_or_was(&self, owner: Uuid) -> bool {
        match self {
            Self::Patron { application_id: Some(application), .. } if application.as_uuid() == owner => true,
            _ => self.id() == owner,
        }
    }
}

/// What a reviewer says of two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DuplicateVerdict {
    /// One person.
    Same,
    /// Two people.
    Different,
    /// Cannot be told yet.
    Unsure,
}

/// No such verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such verdict")]
pub struct UnknownVerdict;

impl DuplicateVerdict {
    const ALL: [Self; 3] = [Self::Same, Self::Different, Self::Unsure];

    /// The name in storage and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Unsure => "unsure",
        }
    }
}

impl FromStr for DuplicateVerdict {
    type Err = UnknownVerdict;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == name).ok_or(UnknownVerdict)
    }
}

/// A note beside a verdict: never empty, at most [`LONGEST_NOTE`] characters. Personal data: not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct VerdictNote(String);

/// The note has more than [`LONGEST_NOTE`] characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the note is too long")]
pub struct NoteTooLong;

impl VerdictNote {
    /// Reads what was typed; `None` if that is nothing.
    ///
    /// # Errors
    /// [`NoteTooLong`].
    pub fn parse(text: &str) -> Result<Option<Self>, NoteTooLong> {
        let text = text.trim().replace("\r\n", "\n");
        match text.chars().count() {
            0 => Ok(None),
            length if length > LONGEST_NOTE => Err(NoteTooLong),
            _ => Ok(Some(Self(text))),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for VerdictNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerdictNote(…)")
    }
}

/// A verdict that stands: neither side has changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingVerdict {
    /// What was said.
    pub verdict: DuplicateVerdict,
    /// Why, in the reviewer's words.
    pub note: Option<VerdictNote>,
    /// Who said it.
    pub by: StaffId,
    /// When.
    pub at: OffsetDateTime,
}

/// Tells whether a candidate keeps an application from being approved. Only a procedure that makes a new patron can
/// make a second one; an application that was decided before makes none any more. Two open applications of one
/// person do not stop each other: the first that is approved makes a patron, who then stops the second.
#[must_use]
pub const fn holds(procedure: Procedure, candidate: &CandidateOwner, verdict: Option<DuplicateVerdict>) -> bool {
    if !matches!(procedure, Procedure::NewCard) {
        return false;
    }
    let is_answered = match candidate {
        CandidateOwner::Patron { .. } => matches!(verdict, Some(DuplicateVerdict::Different)),
        CandidateOwner::Application { is_open: false, .. } => true,
        CandidateOwner::Application { is_open: true, .. } => {
            matches!(verdict, Some(DuplicateVerdict::Different | DuplicateVerdict::Same))
        }
    };
    !is_answered
}
