//! Patrons: people who hold, or held, a card of one library.

use super::ids::{ApplicationId, LibraryId, PatronId};
use super::language::Language;
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
    /// Which of a guardian's children in that application, from 1; 0 for the applicant.
    pub child_number: u32,
    /// What the library knows.
    pub facts: PatronFacts,
    /// The language in which they read, as far as they have shown it.
    pub language: Language,
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
    /// Address; the library system may not have told it of an imported patron.
    #[serde(default)]
    pub address: Option<PostalAddress>,
    /// Telephone, if given.
    pub phone: Option<Phone>,
    /// Where notices are announced; the library system may not know it of an imported patron.
    #[serde(default)]
    pub email: Option<EmailAddress>,
    /// Why this person may use the library; not known of patrons who were registered before it was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub category: Option<CategoryCode>,
    /// The branch used most; not known of the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub branch: Option<BranchCode>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_from_before_imports_are_still_read() {
        let facts: PatronFacts = serde_json::from_str(
            r#"{"name": "姫路　花子", "kana": "ヒメジ ハナコ", "birth": "1985-04-27", "phone": null,
                "address": {"postcode": "6700012", "prefecture": "28", "municipality": "姫路市", "line1": "本町68"},
                "email": "hanako@example.jp"}"#,
        )
        .unwrap();
        assert!(facts.address.is_some() && facts.email.is_some() && facts.category.is_none() && facts.branch.is_none());
        let json = serde_json::to_string(&PatronFacts { email: None, ..facts.clone() }).unwrap();
        assert_eq!(serde_json::from_str::<PatronFacts>(&json).unwrap(), PatronFacts { email: None, ..facts });
    }
}
