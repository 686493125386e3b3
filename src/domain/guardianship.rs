//! A guardian (保護者): who applies for small children, signs, and they get the cards; or who signs beside a young applicant.

use super::library::{Category, GuardianPart, Ineligible, LibraryRules, LibraryText, RelationCode};
use super::person::{BirthDate, EmailAddress, Kana, PersonName, PostalAddress};
use serde::{Deserialize, Serialize};
use time::Date;

/// The age from which one is of age (民法4条): a parent below it does not act for a child (民法833条).
pub const AGE_OF_MAJORITY: u32 = 18;

/// A child that gets a card. Personal data: not for logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Child {
    /// Name, byte for byte as typed.
    pub name: PersonName,
    /// Reading of the name.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// Address, if it is not the guardian's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<PostalAddress>,
}

/// The guardian's part of the answers: the rest of them is about the guardian's own person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardianship {
    /// What the guardian is to the children.
    pub relation: RelationCode,
    /// The children, at least one; an approval numbers them from 1.
    pub children: Vec<Child>,
}

/// The guardian's part as far as it is answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftGuardianship {
    /// What the guardian is to the children.
    pub relation: Option<RelationCode>,
    /// The children so far.
    pub children: Vec<Child>,
}

impl DraftGuardianship {
    /// The whole part, if it is whole under `rules`.
    #[must_use]
    pub fn complete(&self, rules: &LibraryRules) -> Option<Guardianship> {
        let relation = self.relation.clone().filter(|relation| rules.relation(relation).is_some())?;
        let fits = !self.children.is_empty() && self.children.len() <= rules.guardian.children_at_once as usize;
        fits.then(|| Guardianship { relation, children: self.children.clone() })
    }

    /// Puts a child in its place, counted from 1; any place behind the last one adds it.
    pub fn put(&mut self, number: usize, child: Child) {
        match number.checked_sub(1).and_then(|place| self.children.get_mut(place)) {
            Some(place) => *place = child,
            None => self.children.push(child),
        }
    }

    /// Takes a child out, counted from 1.
    pub fn remove(&mut self, number: usize) {
        if (1..=self.children.len()).contains(&number) {
            self.children.remove(number - 1);
        }
    }
}

/// The guardian who signs about a child's card: the one who applied for it. All else is then about the child. Personal
/// data: not for logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningGuardian {
    /// Name, as it was signed when the card was applied for.
    pub name: PersonName,
    /// Reading of the name.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// What they are to the child.
    pub relation: RelationCode,
}

impl Guardianship {
    /// Tells the children of one application from those of another of the same guardian's: their names and birth
    /// dates, in whatever order they were written.
    #[must_use]
    pub fn identity(&self) -> Vec<String> {
        let mut identity: Vec<String> =
            self.children.iter().map(|child| child_line(&child.name, child.birth)).collect();
        identity.sort_unstable();
        identity
    }
}

/// The guardian whom an applicant names. Personal data: not for logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosigner {
    /// Name, as the applicant writes it.
    pub name: PersonName,
    /// What they are to the applicant.
    pub relation: RelationCode,
    /// Where they are asked. A family may share one address: it proves nothing here.
    pub email: EmailAddress,
}

/// What tells a child from another of the same guardian's, in whatever spacing its name was written.
#[must_use]
pub fn child_line(name: &PersonName, birth: BirthDate) -> String {
    let name: String = name.as_str().chars().filter(|c| !c.is_whitespace()).collect();
    format!("{name}\n{birth}")
}

impl LibraryRules {
    /// The label of what a guardian is to a child.
    #[must_use]
    pub fn relation(&self, code: &RelationCode) -> Option<&LibraryText> {
        let relation = self.guardian.relations.iter().find(|relation| relation.code == *code);
        relation.map(|relation| &relation.label)
    }

    /// Tells whether guardians apply online for children.
    #[must_use]
    pub fn guardians_apply(&self) -> bool {
        self.guardian.signs_below_age > 0 && !self.guardian.relations.is_empty()
    }

    /// Tells whether it is a guardian who signs for whoever was born on `birth`, and nobody else.
    #[must_use]
    pub fn guardian_signs_for(&self, birth: BirthDate, today: Date) -> bool {
        self.guardian_part(birth.age_on(today)) == GuardianPart::Signs
    }

    /// Tells whether a guardian applies for a child of this category born on `birth`.
    ///
    /// # Errors
    /// [`Ineligible::TooYoung`] or [`Ineligible::TooOld`] with the age that is needed.
    pub fn eligible_child(&self, category: &Category, birth: BirthDate, today: Date) -> Result<(), Ineligible> {
        let age = birth.age_on(today);
        if age < category.lowest_age {
            return Err(Ineligible::TooYoung { minimum: category.lowest_age });
        }
        let oldest = self.guardian.signs_below_age.saturating_sub(1);
        let maximum = category.maximum_age.map_or(oldest, |maximum| maximum.min(oldest));
        if age > maximum || self.guardian_part(age) != GuardianPart::Signs {
            return Err(Ineligible::TooOld { maximum });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../deploy/libraries/himeji.toml")).unwrap()
    }

    fn child(name: &str, birth: &str) -> Child {
        Child {
            name: name.parse().unwrap(),
            kana: "ヒメジ　サクラ".parse().unwrap(),
            birth: birth.parse().unwrap(),
            address: None,
        }
    }

    #[test]
    fn a_child_is_whoever_is_below_the_age_of_the_rules() {
        let rules = rules();
        let category = rules.categories[0].clone();
        let today = date!(2026 - 11 - 20);
        let on = |birth: &str| rules.eligible_child(&category, birth.parse().unwrap(), today);
        assert_eq!(on("2020-01-01"), Ok(()));
        assert_eq!(on("2011-11-22"), Ok(()), "not yet fifteen");
        assert_eq!(on("2011-11-20"), Err(Ineligible::TooOld { maximum: 14 }));
        let from_six = Category { lowest_age: 6, ..category };
        let born = "2021-01-01".parse().unwrap();
        assert_eq!(rules.eligible_child(&from_six, born, today), Err(Ineligible::TooYoung { minimum: 6 }));
    }

    #[test]
    fn it_is_whole_with_a_relation_of_the_rules_and_as_many_children_as_they_let_in() {
        let rules = rules();
        let mut draft = DraftGuardianship { relation: Some("parent".parse().unwrap()), children: Vec::new() };
        assert_eq!(draft.complete(&rules), None);
        for number in 1..=5 {
            draft.put(number, child("姫路　さくら", "2020-01-01"));
            assert!(draft.complete(&rules).is_some(), "{number}");
        }
        draft.put(9, child("姫路　六郎", "2020-01-01"));
        assert_eq!((draft.children.len(), draft.complete(&rules)), (6, None));
        draft.remove(6);
        draft.remove(9);
        draft.remove(0);
        assert!(draft.complete(&rules).is_some());
        draft.relation = Some("neighbour".parse().unwrap());
        assert_eq!(draft.complete(&rules), None);
    }

    #[test]
    fn the_same_children_are_the_same_in_any_order_and_spacing() {
        let of = |children: Vec<Child>| Guardianship { relation: "parent".parse().unwrap(), children }.identity();
        let (one, other) = (child("姫路　さくら", "2020-01-01"), child("姫路　太郎", "2022-02-02"));
        assert_eq!(of(vec![one.clone(), other.clone()]), of(vec![other.clone(), child("姫路 さくら", "2020-01-01")]));
        assert_ne!(of(vec![one]), of(vec![other]));
    }
}
