//! One person or two? What two people declared, fact by fact, and what a reviewer says about them.
//!
//! Facts that agree are reasons to look, never a score. A family shares address, telephone and
//! e-mail; twins share the birth date too; whoever marries keeps all of it but a name; whoever moves
//! keeps the name. So no single fact makes a candidate, and which ones do is written down here once.

mod verdict;

pub use verdict::{
    Candidate, CandidateOwner, DuplicateVerdict, LONGEST_NOTE, NoteTooLong, StandingVerdict, UnknownVerdict,
    VerdictNote, holds,
};

use super::answers::{Answers, DraftAnswers};
use super::guardianship::Child;
use super::match_key::{
    Comparison, Difference, Likeness, PartialDate, are_alike, compare_address, compare_birth, compare_name, kana_key,
};
use super::patron::PatronFacts;
use super::person::{BirthDate, EmailAddress, Kana, PersonName, Phone, PostalAddress};
use std::fmt;
use time::Date;

/// The facts by which people are compared. Personal data: not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonFacts {
    /// Name.
    pub name: PersonName,
    /// Reading.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// Address, if known.
    pub address: Option<PostalAddress>,
    /// Telephone, if given.
    pub phone: Option<Phone>,
    /// E-mail address, if known.
    pub email: Option<EmailAddress>,
}

impl fmt::Debug for PersonFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonFacts(…)")
    }
}

impl From<&Answers> for PersonFacts {
    fn from(answers: &Answers) -> Self {
        Self {
            name: answers.name.clone(),
            kana: answers.kana.clone(),
            birth: answers.birth,
            address: Some(answers.address.clone()),
            phone: answers.phone.clone(),
            email: answers.email.clone(),
        }
    }
}

impl From<&PatronFacts> for PersonFacts {
    fn from(facts: &PatronFacts) -> Self {
        Self {
            name: facts.name.clone(),
            kana: facts.kana.clone(),
            birth: facts.birth,
            address: facts.address.clone(),
            phone: facts.phone.clone(),
            email: facts.email.clone(),
        }
    }
}

impl PersonFacts {
    /// The facts of a draft; `None` while one of the four that everybody has is missing.
    #[must_use]
    pub fn of_draft(answers: &DraftAnswers) -> Option<Self> {
        Some(Self {
            name: answers.name.clone()?,
            kana: answers.kana.clone()?,
            birth: answers.birth?,
            address: Some(answers.address.clone()?),
            phone: answers.phone.clone(),
            email: answers.email.clone().filter(|_| answers.email_confirmed),
        })
    }

    /// The facts of whoever gets the card that a draft is about: of the first child, where a guardian applies.
    #[must_use]
    pub fn of_card_holder(answers: &DraftAnswers) -> Option<Self> {
        let applicant = Self::of_draft(answers)?;
        let Some(guardianship) = &answers.guardianship else { return Some(applicant) };
        Some(applicant.of_child(guardianship.children.first()?))
    }

    /// Everybody whom a draft is about: the applicant, each child for whom a guardian applies, and the guardian who signs
    /// about a child's card.
    #[must_use]
    pub fn everybody_in(answers: &DraftAnswers) -> Vec<Self> {
        let Some(applicant) = Self::of_draft(answers) else { return Vec::new() };
        let children = answers.guardianship.iter().flat_map(|guardianship| &guardianship.children);
        let children: Vec<Self> = children.map(|child| applicant.of_child(child)).collect();
        let guardian = answers.by_guardian.iter().map(|guardian| Self {
            name: guardian.name.clone(),
            kana: guardian.kana.clone(),
            birth: guardian.birth,
            ..applicant.clone()
        });
        let guardian: Vec<Self> = guardian.collect();
        [vec![applicant], children, guardian].concat()
    }

    fn of_child(&self, child: &Child) -> Self {
        Self {
            name: child.name.clone(),
            kana: child.kana.clone(),
            birth: child.birth,
            address: child.address.clone().or_else(|| self.address.clone()),
            ..self.clone()
        }
    }

    /// Everything that is compared, for the keyed digest that a verdict is bound to: the least change is another one.
    #[must_use]
    pub fn parts(&self) -> [String; 7] {
        [
            self.name.as_str().to_owned(),
            self.kana.as_str().to_owned(),
            self.birth.to_string(),
            self.address.as_ref().map(|address| address.postcode().digits().to_owned()).unwrap_or_default(),
            line_of(self),
            self.phone.as_ref().map(|phone| phone.digits().to_owned()).unwrap_or_default(),
            self.email.as_ref().map(EmailAddress::match_token).unwrap_or_default(),
        ]
    }
}

/// A fact that two people may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SharedFact {
    /// 氏名.
    Name,
    /// フリガナ.
    Kana,
    /// 生年月日.
    Birth,
    /// 住所.
    Address,
    /// 電話番号.
    Phone,
    /// メールアドレス.
    Email,
}

/// One fact of two people, side by side. Personal data: not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct FactPair {
    /// Which fact.
    pub fact: SharedFact,
    /// As the first person has it; empty if not given.
    pub mine: String,
    /// As the other person has it; empty if not given.
    pub theirs: String,
    /// How they compare.
    pub likeness: Likeness,
    /// The places that differ, in order: `declared` is the first person's.
    pub differences: Vec<Difference>,
}

impl fmt::Debug for FactPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FactPair({:?}, {:?})", self.fact, self.likeness)
    }
}

/// How much speaks for one person. A word for sorting and for the reviewer's eye; the facts stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// Name, reading and birth date agree, and a way to reach the person.
    Same,
    /// The birth date agrees, and a name; or only the family name has changed.
    Likely,
    /// Worth a look: twins, a mistyped birth date.
    Possible,
}

/// How two people resemble each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resemblance {
    /// How much speaks for one person; `None` if too little does.
    pub strength: Option<Strength>,
    /// All six facts in the order of [`SharedFact`].
    pub facts: Vec<FactPair>,
}

/// Compares two people.
#[must_use]
pub fn resemblance(mine: &PersonFacts, theirs: &PersonFacts) -> Resemblance {
    let facts = vec![
        pair(
            SharedFact::Name,
            (mine.name.as_str().to_owned(), theirs.name.as_str().to_owned()),
            compare_name(&mine.name, theirs.name.as_str(), &[]),
        ),
        plain_pair(SharedFact::Kana, mine.kana.as_str(), theirs.kana.as_str(), kana_key),
        pair(
            SharedFact::Birth,
            (mine.birth.to_string(), theirs.birth.to_string()),
            compare_birth(mine.birth, whole(theirs.birth.date())),
        ),
        match (&mine.address, &theirs.address) {
            (Some(ours), Some(_)) => pair(
                SharedFact::Address,
                (line_of(mine), line_of(theirs)),
                compare_address(ours, &line_of(theirs), &[]),
            ),
            _ => plain_pair(SharedFact::Address, &line_of(mine), &line_of(theirs), ToOwned::to_owned),
        },
        plain_pair(SharedFact::Phone, text_of(mine.phone.as_ref()), text_of(theirs.phone.as_ref()), |phone| {
            phone.parse::<Phone>().map(|phone| phone.digits().to_owned()).unwrap_or_default()
        }),
        plain_pair(SharedFact::Email, mail_of(mine), mail_of(theirs), |email| {
            email.parse::<EmailAddress>().map(|email| email.match_token()).unwrap_or_default()
        }),
    ];
    let agrees = |fact: SharedFact| {
        let likeness = facts.iter().find(|pair| pair.fact == fact).map(|pair| pair.likeness);
        matches!(likeness, Some(Likeness::Same | Likeness::WrittenDifferently))
    };
    let strength = strength(agrees, shares_given_name(mine, theirs));
    Resemblance { strength, facts }
}

/// The combinations that make a candidate; one fact alone makes none.
fn strength(agrees: impl Fn(SharedFact) -> bool, same_given_name: bool) -> Option<Strength> {
    let [name, kana, birth, address, phone, email] = [
        SharedFact::Name,
        SharedFact::Kana,
        SharedFact::Birth,
        SharedFact::Address,
        SharedFact::Phone,
        SharedFact::Email,
    ]
    .map(agrees);
    let reached = address || phone || email;
    match (name, kana, birth) {
        (true, true, true) if reached => Some(Strength::Same),
        // Moved; or another way of writing or reading the name.
        (true, _, true) | (_, true, true) => Some(Strength::Likely),
        // Another family name since (marriage, adoption); twins have other given names.
        (false, false, true) if reached && same_given_name => Some(Strength::Likely),
        // Or a mistyped birth date; or a parent and a child of one name.
        (false, false, true) | (true, _, false) | (_, true, false) if reached => Some(Strength::Possible),
        _ => None,
    }
}

/// True if the given names agree in writing or reading: the last parts, or any part of names in Latin letters.
fn shares_given_name(mine: &PersonFacts, theirs: &PersonFacts) -> bool {
    let parts = |text: &str| -> Vec<String> { text.split_whitespace().map(ToOwned::to_owned).collect() };
    let same_last = |one: &[String], other: &[String], same: &dyn Fn(&str, &str) -> bool| match (one, other) {
        ([_, .., mine], [_, .., theirs]) => same(mine, theirs),
        _ => false,
    };
    let names = (parts(mine.name.as_str()), parts(theirs.name.as_str()));
    let readings = (parts(mine.kana.as_str()), parts(theirs.kana.as_str()));
    same_last(&names.0, &names.1, &are_alike)
        || same_last(&readings.0, &readings.1, &|one, other| kana_key(one) == kana_key(other))
}

fn pair(fact: SharedFact, (mine, theirs): (String, String), comparison: Comparison) -> FactPair {
    FactPair { fact, mine, theirs, likeness: comparison.likeness, differences: comparison.differences }
}

/// A fact of which only the keys are compared; one that somebody did not give is not known.
fn plain_pair(fact: SharedFact, mine: &str, theirs: &str, key: impl Fn(&str) -> String) -> FactPair {
    let likeness = if mine.is_empty() || theirs.is_empty() {
        Likeness::NotKnown
    } else if mine == theirs {
        Likeness::Same
    } else if key(mine) == key(theirs) {
        Likeness::WrittenDifferently
    } else {
        Likeness::Different
    };
    FactPair { fact, mine: mine.to_owned(), theirs: theirs.to_owned(), likeness, differences: Vec::new() }
}

fn text_of(phone: Option<&Phone>) -> &str {
    phone.map_or("", Phone::as_str)
}

/// The address in one line; empty if it is not known.
fn line_of(facts: &PersonFacts) -> String {
    facts.address.as_ref().map(PostalAddress::one_line).unwrap_or_default()
}

fn mail_of(facts: &PersonFacts) -> &str {
    facts.email.as_ref().map_or("", EmailAddress::as_str)
}

fn whole(date: Date) -> PartialDate {
    PartialDate { year: Some(date.year()), month: Some(u8::from(date.month())), day: Some(date.day()) }
}

#[cfg(test)]
mod tests;
