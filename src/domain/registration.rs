//! What the library system has to take in before an approval is in force, or what it has to know of afterwards: a new
//! number, a later last day, other facts.

use super::ids::{ApplicationId, CardId, LibraryId, RegistrationId};
use super::patron::PatronFacts;
use super::procedure::Procedure;
use time::{Date, OffsetDateTime};

/// Something registered by an approval that is not in force yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Internal identity.
    pub id: RegistrationId,
    /// The library.
    pub library_id: LibraryId,
    /// The application that was approved.
    pub application_id: ApplicationId,
    /// The card that it is about: a new one, or one that changes.
    pub card_id: CardId,
    /// When.
    pub registered_at: OffsetDateTime,
    /// The last day that the card gets, if it gets another.
    pub expires_on: Option<Date>,
    /// What is to be known of the holder, if that changes.
    pub facts: Option<PatronFacts>,
    /// When the library system was found to have it.
    pub confirmed_at: Option<OffsetDateTime>,
}

impl Procedure {
    /// True if what it grants stands in the record that the library system keeps: the number, its last day, the
    /// holder's facts. Passwords and the link of the My Number card are the portal's own.
    #[must_use]
    pub const fn changes_outside_record(self) -> bool {
        match self {
            Self::NewCard | Self::Renewal | Self::Reissue | Self::Change => true,
            Self::CardLink | Self::PasswordIssue => false,
        }
    }
}
