//! What documents that were shown are worth by a library's rules: what they prove still, and how far they let a card
//! reach.

use super::{
    Category, CategoryCode, EvidenceAgain, EvidenceCode, EvidenceDemand, EvidenceKind, EvidenceValidity, LibraryRules,
    LibraryText, Proof,
};
use crate::domain::person::BirthDate;
use time::Date;

/// A document that somebody showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownProof {
    /// Which kind, by the library's rules.
    pub kind: EvidenceCode,
    /// The last day on which it counts, if it does not count for ever.
    pub counts_until: Option<Date>,
}

/// A card that is renewed, and what its holder showed before.
#[derive(Debug, Clone, Copy)]
pub(in crate::domain) struct Renewed<'a> {
    /// Why its holder may use the library.
    pub(in crate::domain) category: &'a CategoryCode,
    /// What was shown.
    pub(in crate::domain) shown: &'a [ShownProof],
    /// Its last day.
    pub(in crate::domain) card_expires_on: Date,
}

/// A document that was shown before and meets a demand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvedBefore<'a> {
    /// Its kind.
    pub kind: &'a EvidenceKind,
    /// The last day on which it counts, if it does not count for ever.
    pub until: Option<Date>,
}

/// The end that a document sets to a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofEnd<'a> {
    /// Its kind.
    pub kind: &'a EvidenceKind,
    /// Its own last day.
    pub ends_on: Date,
}

/// The last day that a card gets, and what sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedExpiry {
    /// The last day.
    pub expires_on: Date,
    /// What the library calls the document whose end it is; none if the term ends before.
    pub ends_with: Option<LibraryText>,
}

impl LibraryRules {
    /// The document shown before that meets a demand at a renewal, so that nothing is asked for: it counts on `today`,
    /// what it was shown for is as known, and where cards end with it, it reaches beyond the card that is renewed.
    pub(in crate::domain) fn still_proved<'a>(
        &'a self,
        demand: &EvidenceDemand,
        renewed: Renewed<'_>,
        is_as_known: impl Fn(Proof) -> bool,
        today: Date,
    ) -> Option<ProvedBefore<'a>> {
        if self.renewal.evidence_again == EvidenceAgain::Always {
            return None;
        }
        let bounds = self.category(renewed.category).is_some_and(|category| category.is_bounded_by(demand));
        let found = renewed.shown.iter().filter_map(|shown| {
            let kind = self.evidence_kind(&shown.kind).filter(|kind| kind.is_accepted_on(today))?;
            let still = |proof: &Proof| kind.proves.contains(proof) && is_as_known(*proof);
            let reaches = match shown.counts_until {
                Some(until) if bounds && kind.sets_an_end() => until > renewed.card_expires_on && until >= today,
                Some(until) => until >= today,
                None => true,
            };
            (reaches && demand.proves.iter().any(still)).then_some(ProvedBefore { kind, until: shown.counts_until })
        });
        // What counts for ever comes last of all.
        found.max_by_key(|found| found.until.unwrap_or(Date::MAX))
    }

    /// The end that documents set to a card in a category whose cards end with them: the earliest of what its demands
    /// set, each by the best document that meets it. What has run out by `today` sets none.
    #[must_use]
    pub fn end_by_proof<'a>(&'a self, category: &Category, shown: &[ShownProof], today: Date) -> Option<ProofEnd<'a>> {
        let bounding = category.evidence_asked.iter().filter(|demand| category.is_bounded_by(demand));
        bounding.filter_map(|demand| self.end_by(demand, shown, today)).min_by_key(|end| end.ends_on)
    }

    fn end_by<'a>(&'a self, demand: &EvidenceDemand, shown: &[ShownProof], today: Date) -> Option<ProofEnd<'a>> {
        let meets = |shown: &ShownProof| {
            let kind = self.evidence_kind(&shown.kind).filter(|kind| demand.is_met_by(kind))?;
            let counts = shown.counts_until.is_none_or(|until| until >= today);
            counts.then_some((kind, shown.counts_until.filter(|_| kind.sets_an_end())))
        };
        let mut latest: Option<ProofEnd<'a>> = None;
        for (kind, ends_on) in shown.iter().filter_map(meets) {
            // One without an end of its own is enough for the whole term.
            let ends_on = ends_on?;
            if latest.is_none_or(|latest| latest.ends_on < ends_on) {
                latest = Some(ProofEnd { kind, ends_on });
            }
        }
        latest
    }

    /// The last day of a card issued on `issued_on` to somebody who showed this.
    #[must_use]
    pub fn expiry_until(
        &self,
        category: &Category,
        birth: BirthDate,
        issued_on: Date,
        shown: &[ShownProof],
    ) -> PlannedExpiry {
        let end = self.end_by_proof(category, shown, issued_on);
        bounded(self.expiry_for(category, birth, issued_on), end, issued_on)
    }

    /// The last day after a renewal on `renewed_on`, of a card that ended on `old_expiry`: never earlier than that.
    #[must_use]
    pub fn renewed_expiry_until(
        &self,
        category: &Category,
        birth: BirthDate,
        (old_expiry, renewed_on): (Date, Date),
        shown: &[ShownProof],
    ) -> PlannedExpiry {
        let end = self.end_by_proof(category, shown, renewed_on);
        let planned = bounded(self.renewed_expiry(category, birth, old_expiry, renewed_on), end, renewed_on);
        if planned.expires_on >= old_expiry {
            return planned;
        }
        PlannedExpiry { expires_on: old_expiry, ends_with: None }
    }
}

/// The term, or the end of a document if that comes first. A card is valid on the day after its issue at least.
fn bounded(term: Date, end: Option<ProofEnd<'_>>, issued_on: Date) -> PlannedExpiry {
    match end {
        Some(end) if end.ends_on < term => PlannedExpiry {
            expires_on: end.ends_on.max(issued_on.next_day().unwrap_or(issued_on)),
            ends_with: Some(end.kind.label.clone()),
        },
        _ => PlannedExpiry { expires_on: term, ends_with: None },
    }
}

impl Category {
    /// Tells whether its cards end with the documents that meet this demand: one of its own, not one that is made of
    /// everybody, for a driving licence says nothing about how long somebody studies.
    #[must_use]
    pub fn is_bounded_by(&self, demand: &EvidenceDemand) -> bool {
        self.ends_with_proof && self.evidence_asked.contains(demand)
    }
}

impl EvidenceKind {
    /// Tells whether the day that stands on it is the end of what it proves. A letter that counts for so many days says
    /// nothing about how long somebody works.
    #[must_use]
    pub fn sets_an_end(&self) -> bool {
        self.valid_for == EvidenceValidity::OwnExpiry
    }
}
