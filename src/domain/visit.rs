//! The way of people who cannot sign: a visit slip (来館票) for the counter, and what staff saw there.

use super::answers::DraftAnswers;
use super::ids::{ApplicationId, LibraryId, StaffId};
use super::iso_date;
use super::library::{
    EvidenceCode, EvidenceDemand, EvidenceKind, GuardianPart, LibraryRules, LibraryText, Proof, Signing,
};
use super::procedure::Procedure;
use super::reference::Reference;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// How many open days a slip names.
const OPEN_DAYS_NAMED: usize = 5;
/// How far ahead open days are looked for.
const LOOK_AHEAD: usize = 60;

/// That a draft became a visit slip, and until when it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlipTerm {
    /// The library.
    pub library_id: LibraryId,
    /// The draft.
    pub application_id: ApplicationId,
    /// Since when.
    pub made_at: OffsetDateTime,
    /// Until when the draft is kept for it.
    pub valid_until: OffsetDateTime,
}

/// What a visitor takes to the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitSlip {
    /// The library's name.
    pub library_name: LibraryText,
    /// The draft's public number.
    pub reference: Reference,
    /// The branch that was chosen.
    pub branch: LibraryText,
    /// What has to be proved, and with which documents.
    pub bring: Vec<BringAlong>,
    /// The next days on which the branch is open.
    pub open_on: Vec<Date>,
    /// Opening hours, in words.
    pub hours: LibraryText,
    /// The library's telephone number.
    pub telephone: String,
    /// The library's address.
    pub address: LibraryText,
    /// The last day on which the slip can be used, in Japan.
    pub valid_until: Date,
}

/// One thing to prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BringAlong {
    /// What; one of these is enough.
    pub proves: Vec<Proof>,
    /// The labels of the documents that prove it; one of them is enough.
    pub kinds: Vec<LibraryText>,
}

/// A document that staff saw at the counter. Neither its number nor a copy is kept (番号利用法・住民基本台帳法 ask for
/// neither, and nothing needs them).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SightedDocument {
    /// The kind, by the library's rules.
    pub kind: EvidenceCode,
    /// What the library calls it.
    pub label: String,
    /// The day that stands on it, if its kind has one.
    #[serde(with = "iso_date::option", skip_serializing_if = "Option::is_none", default)]
    pub dated: Option<Date>,
}

/// In place of a signature: who saw which documents of the visitor, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The library.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The version that was entered on the strength of it.
    pub version_number: u32,
    /// What was seen.
    pub documents: Vec<SightedDocument>,
    /// By whom.
    pub sighted_by: StaffId,
    /// When.
    pub sighted_at: OffsetDateTime,
}

impl LibraryRules {
    /// What a draft's visitor is told, on `today`.
    #[must_use]
    pub fn visit_slip(
        &self,
        procedure: Procedure,
        answers: &DraftAnswers,
        reference: &Reference,
        valid_until: Date,
        today: Date,
    ) -> VisitSlip {
        let branch = answers.branch.as_ref().unwrap_or(&self.head_branch);
        let open_days = self.open_days_of(branch);
        let days = std::iter::successors(Some(today), |day| day.next_day()).take(LOOK_AHEAD);
        VisitSlip {
            library_name: self.name.clone(),
            reference: reference.clone(),
            branch: self.branch(branch).map(|branch| branch.name.clone()).unwrap_or_default(),
            bring: self
                .asked_at_the_counter(procedure, answers)
                .map(|demand| self.bring_along(demand, today))
                .collect(),
            open_on: days.filter(|day| *day <= valid_until && open_days.is_open(*day)).take(OPEN_DAYS_NAMED).collect(),
            hours: self.contact.hours.clone(),
            telephone: self.contact.telephone.clone(),
            address: self.contact.address.clone(),
            valid_until,
        }
    }

    /// What a visitor must prove at the counter.
    pub fn asked_at_the_counter<'a>(
        &'a self,
        procedure: Procedure,
        answers: &DraftAnswers,
    ) -> impl Iterator<Item = &'a EvidenceDemand> {
        let demands = answers.category.as_ref().map(|code| self.required_evidence(procedure, code, Signing::Unsigned));
        demands.unwrap_or_default().into_iter()
    }

    /// Tells whether these documents prove all that a visitor must prove, on `today`.
    #[must_use]
    pub fn is_proved(
        &self,
        procedure: Procedure,
        answers: &DraftAnswers,
        seen: &[SightedDocument],
        today: Date,
    ) -> bool {
        let counts = |document: &SightedDocument, demand: &EvidenceDemand| {
            self.evidence_kind(&document.kind).is_some_and(|kind| {
                kind.shown(document.dated, today).is_ok() && kind.is_accepted_on(today) && demand.is_met_by(kind)
            })
        };
        self.asked_at_the_counter(procedure, answers).all(|demand| seen.iter().any(|document| counts(document, demand)))
    }

    /// Tells whether a visitor is a child for whom a guardian has to come along.
    #[must_use]
    pub fn wants_guardian_at_the_counter(&self, procedure: Procedure, answers: &DraftAnswers, today: Date) -> bool {
        procedure == Procedure::NewCard
            && answers.guardianship.is_none()
            && answers.birth.is_some_and(|birth| self.guardian_part(birth.age_on(today)) != GuardianPart::None)
    }

    fn bring_along(&self, demand: &EvidenceDemand, today: Date) -> BringAlong {
        let kinds = self.evidence.iter().filter(|kind| demand.is_met_by(kind) && kind.is_accepted_on(today));
        BringAlong { proves: demand.proves.clone(), kinds: kinds.map(|kind| kind.label.clone()).collect() }
    }
}

/// By what it was checked who asks for something at the counter: a kind of document of the library's, or another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityProof {
    /// A document that the rules name.
    Document(EvidenceCode),
    /// Another document that shows who somebody is.
    Other,
}

impl IdentityProof {
    /// The name under which [`Other`](Self::Other) is stored and sent. No code has a dot.
    const OTHER: &str = ".other";

    /// The name in storage and forms.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Document(code) => code.as_str(),
            Self::Other => Self::OTHER,
        }
    }

    /// Reads such a name; `None` for what the library does not accept as proof of a name on `today`.
    #[must_use]
    pub fn parse(name: &str, rules: &LibraryRules, today: Date) -> Option<Self> {
        if name == Self::OTHER {
            return Some(Self::Other);
        }
        let kind = rules.proofs_of_identity(today).find(|kind| kind.code.as_str() == name)?;
        Some(Self::Document(kind.code.clone()))
    }
}

impl LibraryRules {
    /// The kinds of documents that show on `today` who somebody is.
    pub fn proofs_of_identity(&self, today: Date) -> impl Iterator<Item = &EvidenceKind> {
        self.evidence.iter().filter(move |kind| kind.proves.contains(&Proof::Name) && kind.is_accepted_on(today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 20);

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../deploy/libraries/himeji.toml")).unwrap()
    }

    fn resident() -> DraftAnswers {
        DraftAnswers {
            category: Some("resident".parse().unwrap()),
            branch: Some("jonai".parse().unwrap()),
            ..DraftAnswers::default()
        }
    }

    #[test]
    fn a_slip_says_what_to_bring_and_when_it_is_open() {
        let slip = rules().visit_slip(
            Procedure::NewCard,
            &resident(),
            &Reference::from_random(1),
            date!(2026 - 12 - 20),
            TODAY,
        );
        assert_eq!(slip.bring.len(), 2, "name and address");
        assert!(slip.bring.iter().all(|one| !one.kinds.is_empty()));
        assert_eq!(slip.open_on.len(), 5);
        assert!(!slip.open_on.contains(&date!(2026 - 11 - 23)), "closed on Mondays");
        let short = rules().visit_slip(Procedure::NewCard, &resident(), &Reference::from_random(1), TODAY, TODAY);
        assert!(short.open_on.iter().all(|day| *day <= TODAY), "not after the slip has ended");
    }

    #[test]
    fn everything_asked_must_be_proved_by_what_still_counts() {
        let rules = rules();
        let proved = |seen: &[SightedDocument]| rules.is_proved(Procedure::NewCard, &resident(), seen, TODAY);
        assert!(!proved(&[]));
        let kind = rules.evidence.iter().find(|kind| {
            kind.proves.contains(&Proof::Name) && kind.proves.contains(&Proof::Address) && kind.asks_date()
        });
        let kind = kind.expect("a document with a date that proves both");
        let seen = |dated| SightedDocument { kind: kind.code.clone(), label: kind.label.as_str().to_owned(), dated };
        assert!(proved(&[seen(Some(date!(2030 - 01 - 01)))]));
        assert!(!proved(&[seen(Some(date!(2020 - 01 - 01)))]), "it has run out");
        assert!(!proved(&[seen(None)]), "the day that stands on it is asked for");
    }
}
