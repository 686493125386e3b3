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

/// What staff put right of somebody, as it is to be. Why somebody may use the library is not among it: that is proved by
/// documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightFacts {
    /// Name.
    pub name: PersonName,
    /// Reading.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// Address, if one is known.
    pub address: Option<PostalAddress>,
    /// Telephone, if one is known.
    pub phone: Option<Phone>,
    /// Where notices are announced, if that is known.
    pub email: Option<EmailAddress>,
}

impl PatronFacts {
    /// The facts as they are to be, and the names of those that are others than before.
    #[must_use]
    pub fn put_right(&self, right: RightFacts) -> (Self, Vec<&'static str>) {
        let RightFacts { name, kana, birth, address, phone, email } = right;
        let facts = Self {
            name,
            kana,
            birth,
            address,
            phone,
            email,
            category: self.category.clone(),
            branch: self.branch.clone(),
        };
        let others = [
            ("name", self.name != facts.name),
            ("kana", self.kana != facts.kana),
            ("birth", self.birth != facts.birth),
            ("address", self.address != facts.address),
            ("phone", self.phone != facts.phone),
            ("email", self.email != facts.email),
        ];
        let changed = others.into_iter().filter(|(_, is_other)| *is_other).map(|(name, _)| name).collect();
        (facts, changed)
    }
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

    #[test]
    fn what_is_put_right_is_named_and_the_rest_stays() {
        let facts: PatronFacts = serde_json::from_str(
            r#"{"name": "姫路　花子", "kana": "ヒメジ ハナコ", "birth": "1985-04-27", "phone": "0792221111",
                "email": "hanako@example.jp", "category": "resident", "branch": "jonai"}"#,
        )
        .unwrap();
        let as_it_is = || RightFacts {
            name: facts.name.clone(),
            kana: facts.kana.clone(),
            birth: facts.birth,
            address: facts.address.clone(),
            phone: facts.phone.clone(),
            email: facts.email.clone(),
        };
        assert_eq!(facts.put_right(as_it_is()), (facts.clone(), Vec::new()));
        let right = RightFacts { kana: "ヒメヂ ハナコ".parse().unwrap(), phone: None, ..as_it_is() };
        let (after, changed) = facts.put_right(right);
        assert_eq!(changed, ["kana", "phone"]);
        assert_eq!((after.kana.as_str(), after.phone, after.category), ("ヒメヂ　ハナコ", None, facts.category));
    }
}
