//! For whom the cards are that are applied for, and who therefore has to sign.

use super::answers::{Answers, DraftAnswers};
use super::duplicate::PersonFacts;
use super::guardianship::Child;
use super::library::{GuardianPart, LibraryRules};
use super::patron::PatronFacts;
use super::person::BirthDate;
use time::Date;

/// For whom a card is applied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardHolder {
    /// For the applicant.
    Applicant,
    /// For the applicant's children.
    Children,
}

impl DraftAnswers {
    /// Says for whom the card is. What was said of children is kept only as long as it is for them.
    pub fn apply_for(&mut self, holder: CardHolder) {
        match holder {
            CardHolder::Applicant => self.guardianship = None,
            CardHolder::Children => {
                self.guardianship.get_or_insert_default();
            }
        }
    }

    /// Tells whether the applicant cannot sign alone: the rules want a guardian's signature as well.
    #[must_use]
    pub fn needs_cosigner(&self, rules: &LibraryRules, today: Date) -> bool {
        let cosigns = |birth: BirthDate| rules.guardian_part(birth.age_on(today)) == GuardianPart::CoSigns;
        let is_own = self.card_holder() == CardHolder::Applicant && self.by_guardian.is_none();
        is_own && self.birth.is_some_and(cosigns)
    }

    /// For whom the card is.
    #[must_use]
    pub const fn card_holder(&self) -> CardHolder {
        if self.guardianship.is_some() { CardHolder::Children } else { CardHolder::Applicant }
    }
}

impl Answers {
    /// The children that get cards; none if the applicant gets one.
    #[must_use]
    pub fn children(&self) -> &[Child] {
        self.guardianship.as_ref().map_or(&[], |guardianship| &guardianship.children)
    }

    /// Everybody who gets a card, as people are compared.
    #[must_use]
    pub fn card_holders(&self) -> Vec<PersonFacts> {
        if self.guardianship.is_none() {
            return vec![PersonFacts::from(self)];
        }
        self.children().iter().map(|child| PersonFacts::from(&self.facts_of_child(child))).collect()
    }

    /// What the library keeps of a child: its own facts, and where its guardian is reached.
    #[must_use]
    pub fn facts_of_child(&self, child: &Child) -> PatronFacts {
        PatronFacts {
            name: child.name.clone(),
            kana: child.kana.clone(),
            birth: child.birth,
            address: Some(child.address.clone().unwrap_or_else(|| self.address.clone())),
            phone: self.phone.clone(),
            email: self.email.clone(),
            category: Some(self.category.clone()),
            branch: Some(self.branch.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn between_the_two_ages_nobody_signs_alone() {
        let rules = LibraryRules::parse(include_str!("../../deploy/libraries/shiomi.toml")).unwrap();
        let today = date!(2026 - 11 - 20);
        let born = |birth: &str| DraftAnswers { birth: Some(birth.parse().unwrap()), ..DraftAnswers::default() };
        assert!(born("2010-01-01").needs_cosigner(&rules, today), "sixteen");
        assert!(!born("2008-11-20").needs_cosigner(&rules, today), "eighteen");
        let mut for_children = born("2010-01-01");
        for_children.apply_for(CardHolder::Children);
        assert!(!for_children.needs_cosigner(&rules, today), "that is another question");
    }
}
