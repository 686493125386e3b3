//! How staff look for a patron: by the card, or by facts that only somebody who has the person before them knows.
//!
//! One fact alone opens no list: nobody leafs through the registered people of a town.

use super::card_number::CardNumber;
use super::person::{BirthDate, EmailAddress, Kana, PersonName, Phone};

/// The most patrons that one search shows.
pub const MOST_FOUND: u32 = 50;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatronSearch {
    /// The card with this number.
    Card(CardNumber),
    /// Everybody of whom all these facts are true.
    Facts(SoughtFacts),
}

/// Facts about one person, at least two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoughtFacts(Vec<SoughtFact>);

/// A fact about the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoughtFact {
    /// The e-mail address.
    Email(EmailAddress),
    /// The telephone number.
    Phone(Phone),
    /// The date of birth.
    Birth(BirthDate),
    /// The whole name, however its characters are spaced.
    Name(PersonName),
    /// The beginning of the reading; its first eight signs count.
    Kana(Kana),
}

/// One fact is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at least two facts are needed")]
pub struct TooFewFacts;

impl SoughtFacts {
    /// Takes facts of different kinds.
    ///
    /// # Errors
    /// [`TooFewFacts`] for fewer than two.
    pub fn new(mut facts: Vec<SoughtFact>) -> Result<Self, TooFewFacts> {
        facts.sort_by_key(SoughtFact::rank);
        facts.dedup_by_key(|fact| fact.rank());
        if facts.len() < 2 { Err(TooFewFacts) } else { Ok(Self(facts)) }
    }

    /// The facts, those that the fewest people share first.
    #[must_use]
    pub fn as_slice(&self) -> &[SoughtFact] {
        &self.0
    }
}

impl SoughtFact {
    /// The name of its kind, in the record.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
            Self::Birth(_) => "birth",
            Self::Name(_) => "name",
            Self::Kana(_) => "kana",
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Email(_) => 0,
            Self::Phone(_) => 1,
            Self::Birth(_) => 2,
            Self::Name(_) => 3,
            Self::Kana(_) => 4,
        }
    }
}

impl PatronSearch {
    /// By which kinds of facts, for the record: never the facts.
    #[must_use]
    pub fn kinds(&self) -> String {
        match self {
            Self::Card(_) => "card".to_owned(),
            Self::Facts(facts) => facts.0.iter().map(SoughtFact::kind).collect::<Vec<_>>().join(" "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fact_opens_no_list_and_the_same_kind_twice_is_one() {
        let birth = || SoughtFact::Birth("1985-04-27".parse().unwrap());
        let kana = || SoughtFact::Kana("タカハシ".parse().unwrap());
        assert_eq!(SoughtFacts::new(Vec::new()), Err(TooFewFacts));
        assert_eq!(SoughtFacts::new(vec![birth(), birth()]), Err(TooFewFacts));
        let facts = SoughtFacts::new(vec![kana(), birth()]).unwrap();
        assert_eq!(facts.as_slice(), [birth(), kana()], "the rarer fact leads");
        assert_eq!(PatronSearch::Facts(facts).kinds(), "birth kana");
    }
}
