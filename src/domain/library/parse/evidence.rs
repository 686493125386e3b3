//! Checks of the evidence that is accepted and asked for.

use super::{RuleFault, Step, entry};
use crate::domain::library::{Demand, EvidenceDemand, EvidenceValidity, LibraryRules, LibraryText};

impl LibraryRules {
    pub(super) fn fault_of_evidence(&self) -> Option<(Vec<Step>, RuleFault)> {
        self.fault_of_kinds().or_else(|| self.fault_of_demands()).or_else(|| self.fault_of_ends())
    }

    /// A category whose cards end with a document asks for one that has an end.
    fn fault_of_ends(&self) -> Option<(Vec<Step>, RuleFault)> {
        let has_end =
            |demand: &EvidenceDemand| self.evidence.iter().any(|kind| kind.sets_an_end() && demand.is_met_by(kind));
        let mut categories = self.categories.iter().enumerate();
        let (index, category) = categories
            .find(|(_, category)| category.ends_with_proof && !category.evidence_asked.iter().any(has_end))?;
        Some((entry("categories", index, "ends_with_proof"), RuleFault::NoEndOfProof(category.code.clone())))
    }

    fn fault_of_kinds(&self) -> Option<(Vec<Step>, RuleFault)> {
        for (index, kind) in self.evidence.iter().enumerate() {
            let fault = |field, fault| Some((entry("evidence", index, field), fault));
            if kind.label.is_blank() {
                return fault("label", RuleFault::EmptyText("label"));
            }
            if kind.hint.as_ref().is_some_and(LibraryText::is_blank) {
                return fault("hint", RuleFault::EmptyText("hint"));
            }
            if kind.proves.is_empty() {
                return fault("proves", RuleFault::EmptyList("proves"));
            }
            if self.evidence[..index].iter().any(|earlier| earlier.code == kind.code) {
                return fault("code", RuleFault::RepeatedCode("evidence", kind.code.to_string()));
            }
            if matches!(
                kind.valid_for,
                EvidenceValidity::Days(0) | EvidenceValidity::Months(0) | EvidenceValidity::Years(0)
            ) {
                return fault("valid_for", RuleFault::Span("valid_for"));
            }
            if kind.accepted_from.zip(kind.accepted_until).is_some_and(|(from, until)| from > until) {
                return fault("accepted_from", RuleFault::AcceptedDates(kind.code.clone()));
            }
        }
        None
    }

    fn fault_of_demands(&self) -> Option<(Vec<Step>, RuleFault)> {
        let of_all = self
            .evidence_asked
            .iter()
            .enumerate()
            .map(|(index, demand)| (vec![Step::Field("evidence_asked"), Step::Entry(index)], demand));
        let of_categories = self.categories.iter().enumerate().flat_map(|(category, rules)| {
            rules.evidence_asked.iter().enumerate().map(move |(index, demand)| {
                let mut path = entry("categories", category, "evidence_asked");
                path.push(Step::Entry(index));
                (path, demand)
            })
        });
        of_all.chain(of_categories).find_map(|(mut path, demand)| {
            let (field, fault) = self.fault_of_demand(demand)?;
            path.push(Step::Field(field));
            Some((path, fault))
        })
    }

    fn fault_of_demand(&self, demand: &EvidenceDemand) -> Option<(&'static str, RuleFault)> {
        if demand.proves.is_empty() {
            return Some(("proves", RuleFault::EmptyList("proves")));
        }
        if demand.procedures.is_empty() {
            return Some(("procedures", RuleFault::EmptyList("procedures")));
        }
        let is_made = demand.signed.max(demand.unsigned) > Demand::None;
        let is_met = self.evidence.iter().any(|kind| demand.is_met_by(kind));
        (is_made && !is_met).then_some(("proves", RuleFault::NoEvidence))
    }
}
