//! Documents that prove something, and who is asked for them.

use super::{CategoryCode, EvidenceCode, LibraryRules, LibraryText, Span};
use crate::domain::iso_date;
use crate::domain::procedure::Procedure;
use serde::{Deserialize, Serialize};
use time::Date;

/// What a document can prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Where one lives.
    Address,
    /// Where one works.
    Work,
    /// Where one studies.
    Study,
    /// One's name.
    Name,
    /// One's date of birth.
    Birth,
    /// That one is a child's guardian.
    Guardianship,
    /// That somebody else stands surety (保証書).
    Guarantee,
}

/// A kind of document that the library accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceKind {
    /// Its code.
    pub code: EvidenceCode,
    /// What the form calls it.
    pub label: LibraryText,
    /// A line under the label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<LibraryText>,
    /// What it proves.
    pub proves: Vec<Proof>,
    /// The first day on which it is accepted, if not always.
    #[serde(with = "iso_date::option", skip_serializing_if = "Option::is_none", default)]
    pub accepted_from: Option<Date>,
    /// The last day on which it is accepted, for documents that are being abolished.
    #[serde(with = "iso_date::option", skip_serializing_if = "Option::is_none", default)]
    pub accepted_until: Option<Date>,
    /// For how long it counts.
    #[serde(default)]
    pub valid_for: EvidenceValidity,
    /// True if only its front may be shown.
    #[serde(default)]
    pub front_only: bool,
    /// What must not be seen on a picture of it.
    #[serde(default)]
    pub must_not_show: Vec<Forbidden>,
}

/// For how long a document counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceValidity {
    /// Without end.
    #[default]
    Unlimited,
    /// Until a day that stands on it, which is asked for.
    OwnExpiry,
    /// Days from its own date, which is asked for.
    Days(u16),
    /// Months from its own date, which is asked for.
    Months(u16),
    /// Years from its own date, which is asked for.
    Years(u16),
}

/// Why a document does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayFault {
    /// The day that stands on it is not known.
    #[error("the day on the document is missing")]
    Missing,
    /// It has run out.
    #[error("the document counted until {until}")]
    Over {
        /// Its last day.
        until: Date,
    },
}

/// What must not be seen on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forbidden {
    /// The back of a My Number card, with the Individual Number (番号利用法15条・20条).
    MyNumberCardBack,
    /// Symbol, number and insurer's number of a health insurance document (健康保険法194条の2).
    InsuranceNumber,
}

/// A demand for evidence: any one document that proves one of these things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceDemand {
    /// What has to be proved; one of these is enough.
    pub proves: Vec<Proof>,
    /// In which procedures.
    #[serde(default = "new_card")]
    pub procedures: Vec<Procedure>,
    /// Of those who sign with their My Number card.
    #[serde(default)]
    pub signed: Demand,
    /// Of those who do not.
    #[serde(default = "required")]
    pub unsigned: Demand,
}

fn new_card() -> Vec<Procedure> {
    vec![Procedure::NewCard]
}

const fn required() -> Demand {
    Demand::Required
}

/// How strongly evidence is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Not at all.
    #[default]
    None,
    /// It may be added.
    Optional,
    /// The application is not complete without it.
    Required,
}

/// Whether the applicant signs with the My Number card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signing {
    /// With the card.
    Signed,
    /// Without.
    Unsigned,
}

impl EvidenceKind {
    /// The same in Japanese only, to compare what it is.
    #[must_use]
    pub fn untranslated(&self) -> Self {
        Self {
            label: self.label.untranslated(),
            hint: self.hint.as_ref().map(LibraryText::untranslated),
            ..self.clone()
        }
    }

    /// Tells whether it is accepted on `today`.
    #[must_use]
    pub fn is_accepted_on(&self, today: Date) -> bool {
        self.accepted_from.is_none_or(|from| from <= today) && self.accepted_until.is_none_or(|until| today <= until)
    }

    /// The last day on which a document counts; `dated` is the day that stands on it: its own expiry, or its issue.
    /// `None` if it counts without end.
    #[must_use]
    pub fn counts_until(&self, dated: Date) -> Option<Date> {
        match self.valid_for {
            EvidenceValidity::Unlimited => None,
            EvidenceValidity::OwnExpiry => Some(dated),
            EvidenceValidity::Days(days) => Some(Span::Days(days).after(dated)),
            EvidenceValidity::Months(months) => Some(Span::Months(months).after(dated)),
            EvidenceValidity::Years(years) => Some(Span::Years(years).after(dated)),
        }
    }

    /// The last day on which a document counts that is shown on `today`, with the day that stands on it. `None` if it
    /// counts without end.
    ///
    /// # Errors
    /// The day is missing, or it has run out.
    pub fn shown(&self, dated: Option<Date>, today: Date) -> Result<Option<Date>, DayFault> {
        if !self.asks_date() {
            return Ok(None);
        }
        match self.counts_until(dated.ok_or(DayFault::Missing)?) {
            Some(until) if until < today => Err(DayFault::Over { until }),
            until => Ok(until),
        }
    }

    /// Tells whether a day that stands on it is asked for.
    #[must_use]
    pub fn asks_date(&self) -> bool {
        self.valid_for != EvidenceValidity::Unlimited
    }
}

impl EvidenceDemand {
    /// How strongly it is made of people who sign in this way.
    #[must_use]
    pub const fn of(&self, signing: Signing) -> Demand {
        match signing {
            Signing::Signed => self.signed,
            Signing::Unsigned => self.unsigned,
        }
    }

    /// Tells whether a document of this kind meets it.
    #[must_use]
    pub fn is_met_by(&self, kind: &EvidenceKind) -> bool {
        self.proves.iter().any(|proof| kind.proves.contains(proof))
    }
}

impl LibraryRules {
    /// The kind of document with this code.
    #[must_use]
    pub fn evidence_kind(&self, code: &EvidenceCode) -> Option<&EvidenceKind> {
        self.evidence.iter().find(|kind| kind.code == *code)
    }

    /// What people of a category are asked to prove in a procedure: the library's demands, then the category's own.
    pub fn evidence_demands(
        &self,
        procedure: Procedure,
        category: &CategoryCode,
    ) -> impl Iterator<Item = &EvidenceDemand> {
        let own = self.category(category).map_or(&[][..], |category| &category.evidence_asked);
        self.evidence_asked.iter().chain(own).filter(move |demand| demand.procedures.contains(&procedure))
    }

    /// The kinds of documents that meet a demand made of people of a category in a procedure, in the file's order.
    /// Which of them are accepted today, each kind tells itself.
    #[must_use]
    pub fn evidence_for(&self, procedure: Procedure, category: &CategoryCode) -> Vec<&EvidenceKind> {
        self.evidence
            .iter()
            .filter(|kind| self.evidence_demands(procedure, category).any(|demand| demand.is_met_by(kind)))
            .collect()
    }

    /// Tells whether whoever signs is asked for any document in a procedure.
    #[must_use]
    pub fn asks_signers(&self, procedure: Procedure, category: &CategoryCode) -> bool {
        self.evidence_demands(procedure, category).any(|demand| demand.of(Signing::Signed) != Demand::None)
    }

    /// The demands without which an application that is signed in this way is not complete.
    #[must_use]
    pub fn required_evidence(
        &self,
        procedure: Procedure,
        category: &CategoryCode,
        signing: Signing,
    ) -> Vec<&EvidenceDemand> {
        self.evidence_demands(procedure, category).filter(|demand| demand.of(signing) == Demand::Required).collect()
    }
}
