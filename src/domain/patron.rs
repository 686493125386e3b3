//! Patrons: people who hold, or held, a card of one library.

use super::ids::{ApplicationId, LibraryId, PatronId};
use super::library::{BranchCode, CategoryCode};
use super::person::{BirthDate, EmailAddress, Kana, PersonName, Phone, PostalAddress};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A person known to the library by an issued card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patron {
    /// Internal identity.
    pub id: PatronId,
    /// The library.
    pub library_id: LibraryId,
    /// The application that made this person a patron; none for whoever was one before the portal.
    pub application_id: Option<ApplicationId>,
    /// What the library knows.
    pub facts: PatronFacts,
    /// Since when.
    pub registered_at: OffsetDateTime,
    /// Counts every change; a save names the value it read.
    pub row_version: i64,
}

/// What the library keeps of a patron: what lending needs, and nothing of My Number or loans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatronFacts {
    /// Name as declared and signed.
    pub name: PersonName,
    /// Reading.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// Address.
    pub address: PostalAddress,
    /// Telephone, if given.
    pub phone: Option<Phone>,
    /// Where notices are announced.
    pub email: EmailAddress,
    /// Why this person may use the library; not known of patrons who were registered before it was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub category: Option<CategoryCode>,
    /// The branch used most; not known of the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub branch: Option<BranchCode>,
}
