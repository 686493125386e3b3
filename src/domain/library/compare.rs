//! What a changed rule file would treat differently, case by case.

use super::{
    BranchCode, CategoryCode, EvidenceDemand, EvidenceKind, LibraryRules, RenewalWindow, Renewed, ShownProof, Signing,
};
use crate::domain::person::{BirthDate, PostalAddress};
use crate::domain::procedure::Procedure;
use time::Date;

/// Something in which two rules differ about one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difference {
    /// Whether this person may apply online.
    Eligibility,
    /// The last day of use, of a card issued or renewed.
    Expiry,
    /// When the card may be renewed.
    RenewalWindow,
    /// How many items may be borrowed.
    LoanLimit,
    /// What has to be proved, and with what.
    Evidence,
    /// Whether it is decided by rule.
    AutomaticDecision,
    /// The branch is no longer there.
    Branch,
}

impl Difference {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::Eligibility,
        Self::Expiry,
        Self::RenewalWindow,
        Self::LoanLimit,
        Self::Evidence,
        Self::AutomaticDecision,
        Self::Branch,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibility",
            Self::Expiry => "expiry",
            Self::RenewalWindow => "renewal window",
            Self::LoanLimit => "loan limit",
            Self::Evidence => "evidence",
            Self::AutomaticDecision => "automatic decision",
            Self::Branch => "branch",
        }
    }
}

/// The facts about a person on which rules depend.
#[derive(Debug, Clone, Copy)]
pub struct RuledPerson<'a> {
    /// Why this person may use the library.
    pub category: &'a CategoryCode,
    /// Date of birth.
    pub birth: BirthDate,
    /// Address, if known; an unknown one lies in every area.
    pub address: Option<&'a PostalAddress>,
    /// The branch used most, if known.
    pub branch: Option<&'a BranchCode>,
    /// What this person showed: of a patron everything that was kept, of an applicant what belongs to the application.
    pub shown: &'a [ShownProof],
}

/// A card that exists.
#[derive(Debug, Clone, Copy)]
pub struct RuledCard {
    /// Its last day of use.
    pub expires_on: Date,
    /// Whether a My Number card is linked to it.
    pub linked: bool,
}

impl LibraryRules {
    /// In what `new` rules would treat an open application differently, were it begun on `today`.
    #[must_use]
    pub fn differences_for_application(
        &self,
        new: &Self,
        procedure: Procedure,
        person: RuledPerson<'_>,
        today: Date,
    ) -> Vec<Difference> {
        let differs = |difference: &Difference| match difference {
            Difference::Eligibility => self.admits(person, today) != new.admits(person, today),
            Difference::Expiry => self.expiry_of(person, today) != new.expiry_of(person, today),
            Difference::RenewalWindow => false,
            Difference::LoanLimit => self.limits_of(person) != new.limits_of(person),
            Difference::Evidence => {
                self.asked(procedure, person, None, today) != new.asked(procedure, person, None, today)
            }
            Difference::AutomaticDecision => {
                self.may_decide_automatically(procedure) != new.may_decide_automatically(procedure)
            }
            Difference::Branch => self.knows_branch(person) != new.knows_branch(person),
        };
        Difference::ALL.into_iter().filter(differs).collect()
    }

    /// In what `new` rules would treat the holder of a card differently, who came to renew it on `today`.
    #[must_use]
    pub fn differences_for_card(
        &self,
        new: &Self,
        person: RuledPerson<'_>,
        card: RuledCard,
        today: Date,
    ) -> Vec<Difference> {
        let renewal = Procedure::Renewal;
        let renewed = |rules: &Self| {
            let category = rules.category(person.category)?;
            let days = (card.expires_on, today);
            Some(rules.renewed_expiry_until(category, person.birth, days, person.shown).expires_on)
        };
        let limit = |rules: &Self| Some(rules.loan_limit(rules.category(person.category)?, card.linked));
        let window = |rules: &Self| rules.renewal_window(card.expires_on, today);
        // Who comes with nothing changed.
        let renewed_now = Renewed { category: person.category, shown: person.shown, card_expires_on: card.expires_on };
        let decides = |rules: &Self| {
            let required = rules.required_evidence(renewal, person.category, Signing::Signed);
            rules.may_decide_automatically(renewal)
                && matches!(window(rules), RenewalWindow::Open { .. })
                && required.iter().all(|demand| rules.still_proved(demand, renewed_now, |_| true, today).is_some())
        };
        let asked = |rules: &'_ Self| {
            let (demands, kinds) = rules.asked(renewal, person, Some(renewed_now), today);
            (demands.into_iter().cloned().collect::<Vec<_>>(), kinds)
        };
        let differs = |difference: &Difference| match difference {
            Difference::Eligibility => self.admits(person, today) != new.admits(person, today),
            Difference::Expiry => renewed(self) != renewed(new),
            Difference::RenewalWindow => window(self) != window(new),
            Difference::LoanLimit => limit(self) != limit(new),
            Difference::Evidence => asked(self) != asked(new),
            Difference::AutomaticDecision => decides(self) != decides(new),
            Difference::Branch => self.knows_branch(person) != new.knows_branch(person),
        };
        Difference::ALL.into_iter().filter(differs).collect()
    }

    fn admits(&self, person: RuledPerson<'_>, today: Date) -> bool {
        self.category(person.category).is_some_and(|category| {
            category.online
                && self.eligible_age(category, person.birth, today).is_ok()
                && person.address.is_none_or(|address| category.covers(address))
        })
    }

    fn expiry_of(&self, person: RuledPerson<'_>, today: Date) -> Option<Date> {
        let category = self.category(person.category)?;
        Some(self.expiry_until(category, person.birth, today, person.shown).expires_on)
    }

    fn limits_of(&self, person: RuledPerson<'_>) -> Option<(u32, u32)> {
        let category = self.category(person.category)?;
        Some((self.loan_limit(category, false), self.loan_limit(category, true)))
    }

    fn asked(
        &self,
        procedure: Procedure,
        person: RuledPerson<'_>,
        renewed: Option<Renewed<'_>>,
        today: Date,
    ) -> (Vec<&EvidenceDemand>, Vec<EvidenceKind>) {
        let is_proved = |demand: &&EvidenceDemand| {
            renewed.is_some_and(|renewed| self.still_proved(demand, renewed, |_| true, today).is_some())
        };
        let demands = self.evidence_demands(procedure, person.category).filter(|demand| !is_proved(demand)).collect();
        let kinds = self.evidence_for(procedure, person.category);
        // The same document in the words of another language is the same document.
        let accepted = kinds.into_iter().filter(|kind| kind.is_accepted_on(today));
        (demands, accepted.map(EvidenceKind::untranslated).collect())
    }

    fn knows_branch(&self, person: RuledPerson<'_>) -> bool {
        person.branch.is_none_or(|code| self.branch(code).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::TypedAddress;
    use time::macros::date;

    const HIMEJI: &str = include_str!("../../../deploy/libraries/himeji.toml");
    const TODAY: Date = date!(2026 - 11 - 20);

    /// What changes for a resident of Himeji, once for an application and once for a card.
    fn differences(old: &str, new: &str) -> (Vec<Difference>, Vec<Difference>) {
        assert!(HIMEJI.contains(old), "the sample has no {old}");
        // The codes of the library system name every branch and are not what is compared here.
        let (start, end) = (HIMEJI.find("[exchange]").unwrap(), HIMEJI.find("[[branches]]").unwrap());
        let sample =
            if start < end { format!("{}{}", &HIMEJI[..start], &HIMEJI[end..]) } else { HIMEJI[..start].to_owned() };
        let before = LibraryRules::parse(&sample).unwrap();
        let after = LibraryRules::parse(&sample.replace(old, new)).unwrap();
        let typed =
            TypedAddress { postcode: "6700012", prefecture: "28", municipality: "姫路市", line1: "1-1", line2: "" };
        let address = PostalAddress::parse(typed).unwrap();
        let (category, branch) = ("resident".parse().unwrap(), "aboshi".parse().unwrap());
        let birth = "2011-04-27".parse().unwrap();
        let (address, branch) = (Some(&address), Some(&branch));
        let person = RuledPerson { category: &category, birth, address, branch, shown: &[] };
        let card = RuledCard { expires_on: date!(2027 - 01 - 10), linked: true };
        (
            before.differences_for_application(&after, Procedure::NewCard, person, TODAY),
            before.differences_for_card(&after, person, card, TODAY),
        )
    }

    #[test]
    fn what_was_shown_before_is_looked_at() {
        use Difference::{AutomaticDecision, Evidence, Expiry};
        let rules = |changes: &[(&str, &str)]| {
            let required = HIMEJI.replace("\"renewal\"], signed = \"optional\"", "\"renewal\"], signed = \"required\"");
            LibraryRules::parse(&changes.iter().fold(required, |text, (old, new)| text.replace(old, new))).unwrap()
        };
        let differences = |counts_until: Date, changes: &[(&str, &str)]| {
            let category = "commuter-student".parse().unwrap();
            let shown = [ShownProof { kind: "student-card".parse().unwrap(), counts_until: Some(counts_until) }];
            let birth = "1985-04-27".parse().unwrap();
            let person = RuledPerson { category: &category, birth, address: None, branch: None, shown: &shown };
            let card = RuledCard { expires_on: date!(2027 - 01 - 10), linked: true };
            let (before, after) = (rules(&[]), rules(changes));
            assert!(
                before
                    .differences_for_application(&after, Procedure::Renewal, person, TODAY)
                    .iter()
                    .all(|one| *one == Expiry)
            );
            before.differences_for_card(&after, person, card, TODAY)
        };
        let (always, bounded) =
            (("\"when_ended\"", "\"always\""), ("ends_with_proof = false", "ends_with_proof = true"));
        let long = date!(2028 - 03 - 31);
        assert_eq!(differences(long, &[always]), [Evidence, AutomaticDecision]);
        assert_eq!(differences(TODAY.previous_day().unwrap(), &[always]), [], "it is asked for in any case");
        assert_eq!(differences(long, &[bounded]), [Expiry]);
        let no_longer = [Expiry, Evidence, AutomaticDecision];
        assert_eq!(differences(date!(2027 - 01 - 10), &[bounded]), no_longer, "it ends with the card that is renewed");
    }

    #[test]
    fn each_change_is_told_by_its_kind() {
        use Difference::{AutomaticDecision, Branch, Eligibility, Evidence, Expiry, LoanLimit, RenewalWindow};
        for (old, new, application, card) in [
            ("draft_days = 7", "draft_days = 8", &[][..], &[][..]),
            ("en = \"Driving licence", "en = \"Driver’s license", &[], &[]),
            ("ja = \"運転免許証", "ja = \"免許証", &[Evidence], &[]),
            ("minimum_age = 15\npromised", "minimum_age = 16\npromised", &[Eligibility], &[Eligibility]),
            ("areas = [\"兵庫県姫路市\"]", "areas = [\"兵庫県神戸市\"]", &[Eligibility], &[Eligibility]),
            ("years = 3 }", "years = 5 }", &[Expiry], &[Expiry]),
            ("{ months = 2 }", "{ months = 1 }", &[], &[RenewalWindow, AutomaticDecision]),
            ("loan_limit_linked = 12", "loan_limit_linked = 10", &[LoanLimit], &[LoanLimit]),
            ("loan_limit = 6", "loan_limit = 7", &[LoanLimit], &[]),
            ("[\"name\"], signed = \"none\"", "[\"name\"], signed = \"optional\"", &[Evidence], &[]),
            ("automatic = true", "automatic = false", &[], &[AutomaticDecision]),
            ("code = \"aboshi\"", "code = \"aboshi-2\"", &[Branch], &[Branch]),
            (
                "code = \"resident\"",
                "code = \"dweller\"",
                &[Eligibility, Expiry, LoanLimit],
                &[Eligibility, Expiry, LoanLimit],
            ),
        ] {
            assert_eq!(differences(old, new), (application.to_vec(), card.to_vec()), "{old} → {new}");
        }
    }
}
