//! Documents that were shown: what they still prove the next time, and how far they let a card reach.

use super::answers::{Answers, DraftAnswers};
use super::attachment::Attached;
use super::library::{Category, CategoryCode, EvidenceDemand, LibraryRules, Proof, Renewed};
pub use super::library::{PlannedExpiry, ProofEnd, ProvedBefore, ShownProof};
use super::patron::PatronFacts;
use super::person::{BirthDate, PersonName, PostalAddress};
use super::visit::SightedDocument;
use time::Date;

/// What a patron showed before, and what the library knew of them then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierProofs {
    /// What was shown.
    pub shown: Vec<ShownProof>,
    /// What the library knows.
    pub facts: PatronFacts,
    /// The last day of the patron's card.
    pub card_expires_on: Date,
}

/// What is said of a person now, as far as documents prove it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Why this person may use the library.
    pub category: &'a CategoryCode,
    /// Name.
    pub name: Option<&'a PersonName>,
    /// Date of birth.
    pub birth: Option<BirthDate>,
    /// Address.
    pub address: Option<&'a PostalAddress>,
}

impl From<&Attached> for ShownProof {
    fn from(attached: &Attached) -> Self {
        Self { kind: attached.kind.clone(), counts_until: attached.expires_on }
    }
}

impl<'a> Said<'a> {
    /// What a draft says, once it says why.
    #[must_use]
    pub fn in_draft(answers: &'a DraftAnswers) -> Option<Self> {
        Some(Self {
            category: answers.category.as_ref()?,
            name: answers.name.as_ref(),
            birth: answers.birth,
            address: answers.address.as_ref(),
        })
    }

    /// What a whole set of answers says.
    #[must_use]
    pub const fn in_answers(answers: &'a Answers) -> Self {
        Self {
            category: &answers.category,
            name: Some(&answers.name),
            birth: Some(answers.birth),
            address: Some(&answers.address),
        }
    }

    /// Tells whether what a document was shown for is still so. Where one works or studies nobody is told but by the
    /// category: whoever stays in it and goes elsewhere shows a new document of their own accord.
    fn is_as_known(&self, proof: Proof, known: &PatronFacts) -> bool {
        match proof {
            Proof::Name => self.name == Some(&known.name),
            Proof::Birth => self.birth == Some(known.birth),
            Proof::Address => self.address.is_some() && self.address == known.address.as_ref(),
            Proof::Work | Proof::Study | Proof::Guardianship | Proof::Guarantee => {
                known.category.as_ref() == Some(self.category)
            }
        }
    }
}

/// What was shown by now: each kind once, what came later in place of what came before.
#[must_use]
pub fn put_together(parts: impl IntoIterator<Item = ShownProof>) -> Vec<ShownProof> {
    let mut all: Vec<ShownProof> = Vec::new();
    for shown in parts {
        match all.iter_mut().find(|other| other.kind == shown.kind) {
            Some(other) => *other = shown,
            None => all.push(shown),
        }
    }
    all
}

impl LibraryRules {
    /// What staff saw at the counter, with the last day on which it counts; none if it is no document, such as a guardian
    /// who came along.
    #[must_use]
    pub fn shown_at_the_counter(&self, document: &SightedDocument) -> Option<ShownProof> {
        let kind = self.evidence_kind(&document.kind)?;
        let counts_until = document.dated.and_then(|dated| kind.counts_until(dated));
        Some(ShownProof { kind: kind.code.clone(), counts_until })
    }

    /// The document shown before that meets a demand at a renewal, if what is said now is what it was shown for.
    #[must_use]
    pub fn proved_before<'a>(
        &'a self,
        demand: &EvidenceDemand,
        earlier: &EarlierProofs,
        said: Said<'_>,
        today: Date,
    ) -> Option<ProvedBefore<'a>> {
        let renewed =
            Renewed { category: said.category, shown: &earlier.shown, card_expires_on: earlier.card_expires_on };
        self.still_proved(demand, renewed, |proof| said.is_as_known(proof, &earlier.facts), today)
    }

    /// The last day that a card gets if it is issued `today`, or renewed after `earlier`.
    #[must_use]
    pub fn planned_expiry(
        &self,
        category: &Category,
        birth: BirthDate,
        earlier: Option<&EarlierProofs>,
        shown: &[ShownProof],
        today: Date,
    ) -> PlannedExpiry {
        let Some(earlier) = earlier else { return self.expiry_until(category, birth, today, shown) };
        let all = put_together(earlier.shown.iter().chain(shown).cloned());
        self.renewed_expiry_until(category, birth, (earlier.card_expires_on, today), &all)
    }
}

#[cfg(test)]
mod tests;
