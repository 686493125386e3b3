//! Which documents an applicant is asked for, and whether those that are attached will do.

use super::answers::DraftAnswers;
use super::attachment::Attached;
use super::library::{Demand, EvidenceKind, LibraryRules, Proof, Signing};
use super::procedure::Procedure;
use super::proof::{EarlierProofs, ProvedBefore, Said};
use time::Date;

/// What is asked for in one demand of the rules, on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What has to be proved; one of these is enough.
    pub proves: &'a [Proof],
    /// False if the application is complete without.
    pub is_required: bool,
    /// The kinds of documents that prove it and are accepted today.
    pub kinds: Vec<&'a EvidenceKind>,
    /// What was shown before and proves it still: then nothing is asked for, and a newer document may be added.
    pub before: Option<ProvedBefore<'a>>,
}

impl DraftAnswers {
    /// How the applicant means to answer for what is written.
    #[must_use]
    pub const fn signing(&self) -> Signing {
        if self.unsigned { Signing::Unsigned } else { Signing::Signed }
    }

    /// Tells whether pictures of documents may take the place of the signature: the library allows it, they prove
    /// something at least, and no guardian has to sign as well.
    #[must_use]
    pub fn may_send_pictures(&self, procedure: Procedure, rules: &LibraryRules, today: Date) -> bool {
        let proves_something = |code| !rules.required_evidence(procedure, code, Signing::Unsigned).is_empty();
        rules.unsigned.upload
            && self.category.as_ref().is_some_and(proves_something)
            && !self.needs_cosigner(rules, today)
            && self.by_guardian.is_none()
    }

    /// The documents that the applicant is asked for on `today`, in the order of the rules; `earlier` is what they
    /// showed before, where that is known. Of whoever does not sign it counts for nothing: their documents say who they
    /// are.
    #[must_use]
    pub fn asked_evidence<'a>(
        &self,
        procedure: Procedure,
        rules: &'a LibraryRules,
        earlier: Option<&EarlierProofs>,
        today: Date,
    ) -> Vec<Asked<'a>> {
        let (Some(category), Some(said)) = (&self.category, Said::in_draft(self)) else { return Vec::new() };
        let earlier = earlier.filter(|_| self.signing() == Signing::Signed);
        let kinds = rules.evidence_for(procedure, category);
        rules
            .evidence_demands(procedure, category)
            .filter(|demand| demand.of(self.signing()) != Demand::None)
            .map(|demand| {
                let before = earlier.and_then(|earlier| rules.proved_before(demand, earlier, said, today));
                Asked {
                    proves: &demand.proves,
                    is_required: demand.of(self.signing()) == Demand::Required && before.is_none(),
                    kinds: kinds
                        .iter()
                        .copied()
                        .filter(|kind| demand.is_met_by(kind) && kind.is_accepted_on(today))
                        .collect(),
                    before,
                }
            })
            .collect()
    }

    /// True if a demanded document is neither attached, nor shown before, nor still good on `today`.
    #[must_use]
    pub fn lacks_evidence(
        &self,
        procedure: Procedure,
        rules: &LibraryRules,
        earlier: Option<&EarlierProofs>,
        today: Date,
    ) -> bool {
        self.asked_evidence(procedure, rules, earlier, today)
            .iter()
            .any(|asked| asked.is_required && !asked.is_met_by(&self.attachments, today))
    }
}

impl Asked<'_> {
    /// Tells whether one of these documents meets the demand on `today`.
    #[must_use]
    pub fn is_met_by(&self, attachments: &[Attached], today: Date) -> bool {
        let is_good = |attached: &&Attached| attached.expires_on.is_none_or(|day| today <= day);
        attachments.iter().filter(is_good).any(|attached| self.kinds.iter().any(|kind| kind.code == attached.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::version::Digest;
    use time::macros::date;

    fn rules(signed: &str) -> LibraryRules {
        let himeji = include_str!("../../deploy/libraries/himeji.toml");
        let demand = r#"proves = ["work", "study"], procedures = ["new_card", "renewal"], signed = "#;
        assert!(himeji.contains(demand), "the rule file has moved on");
        LibraryRules::parse(&himeji.replace(&format!("{demand}\"optional\""), &format!("{demand}\"{signed}\"")))
            .unwrap()
    }

    fn attached(kind: &str, expires_on: Option<Date>) -> DraftAnswers {
        let attached = Attached {
            kind: kind.parse().unwrap(),
            label: "書類".into(),
            sha256: Digest::from_bytes([1; 32]),
            size: 1,
            expires_on,
        };
        let category = Some("commuter-student".parse().unwrap());
        DraftAnswers { category, attachments: vec![attached], ..DraftAnswers::default() }
    }

    const TODAY: Date = date!(2026 - 11 - 20);

    #[test]
    fn what_is_asked_for_hangs_on_the_category_and_the_rules() {
        let kinds = |category: &str, rules: &LibraryRules| {
            let answers = DraftAnswers { category: Some(category.parse().unwrap()), ..DraftAnswers::default() };
            let asked = answers.asked_evidence(Procedure::NewCard, rules, None, TODAY);
            asked.iter().flat_map(|asked| &asked.kinds).map(|kind| kind.code.to_string()).collect::<Vec<_>>()
        };
        let rules = rules("optional");
        assert_eq!(kinds("commuter-student", &rules), ["staff-card", "student-card"]);
        assert_eq!(kinds("resident", &rules), [""; 0], "who signs need not show who they are");
        assert_eq!(kinds("commuter-student", &self::rules("none")), [""; 0]);
        assert!(DraftAnswers::default().asked_evidence(Procedure::NewCard, &rules, None, TODAY).is_empty());
    }

    #[test]
    fn who_does_not_sign_shows_who_they_are() {
        let himeji = rules("optional");
        let resident =
            DraftAnswers { category: Some("resident".parse().unwrap()), unsigned: true, ..DraftAnswers::default() };
        let asked = resident.asked_evidence(Procedure::NewCard, &himeji, None, TODAY);
        assert_eq!(asked.iter().filter(|one| one.is_required).count(), 2, "name and address");
        assert!(resident.lacks_evidence(Procedure::NewCard, &himeji, None, TODAY));
        let both =
            DraftAnswers { category: resident.category.clone(), unsigned: true, ..attached("driving-licence", None) };
        assert!(!both.lacks_evidence(Procedure::NewCard, &himeji, None, TODAY));
        let signing = DraftAnswers { unsigned: false, ..resident };
        assert!(!signing.lacks_evidence(Procedure::NewCard, &himeji, None, TODAY));
    }

    #[test]
    fn pictures_take_the_place_of_a_signature_only_where_they_prove_something() {
        let shiomi = LibraryRules::parse(include_str!("../../deploy/libraries/shiomi.toml")).unwrap();
        let of = |category: &str, birth: &str| DraftAnswers {
            category: Some(category.parse().unwrap()),
            birth: Some(birth.parse().unwrap()),
            ..DraftAnswers::default()
        };
        let may =
            |answers: &DraftAnswers, rules: &LibraryRules| answers.may_send_pictures(Procedure::NewCard, rules, TODAY);
        let grown = of("townspeople", "1985-04-27");
        assert!(may(&grown, &shiomi));
        assert!(!may(&of("townspeople", "2010-01-01"), &shiomi), "a guardian has to sign as well");
        assert!(!may(&DraftAnswers::default(), &shiomi));
        assert!(!may(&of("resident", "1985-04-27"), &rules("optional")), "姫路 has them come to the counter");
        let mut lax = shiomi.clone();
        lax.categories.iter_mut().for_each(|category| category.evidence_asked.clear());
        assert!(!may(&grown, &lax), "nothing would prove who they are");
    }

    #[test]
    fn only_a_good_document_of_the_right_kind_meets_a_demand() {
        let lacks = |answers: &DraftAnswers, signed: &str| {
            answers.lacks_evidence(Procedure::NewCard, &rules(signed), None, TODAY)
        };
        let nothing = DraftAnswers { attachments: Vec::new(), ..attached("staff-card", None) };
        assert!(lacks(&nothing, "required") && !lacks(&nothing, "optional"));
        assert!(!lacks(&attached("staff-card", None), "required"));
        assert!(!lacks(&attached("student-card", Some(TODAY)), "required"));
        assert!(lacks(&attached("student-card", TODAY.previous_day()), "required"), "it has run out");
        assert!(lacks(&attached("driving-licence", None), "required"), "it proves something else");
    }

    #[test]
    fn the_declaration_says_nothing_of_a_day_where_there_is_none() {
        let attached = Attached {
            kind: "licence".parse().unwrap(),
            label: "運転免許証".into(),
            sha256: Digest::from_bytes([0xAB; 32]),
            size: 4711,
            expires_on: None,
        };
        let json = serde_json::to_string(&attached).unwrap();
        assert!(!json.contains("expires_on") && json.contains(&format!("\"sha256\":\"{}\"", "ab".repeat(32))));
        assert_eq!(serde_json::from_str::<Attached>(&json).unwrap(), attached);
    }
}
