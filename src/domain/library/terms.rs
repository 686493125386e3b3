//! The terms on which procedures are handled: promises, fees, second persons, plastic cards, stops, deadlines.

use super::{BlockCode, BranchCode, LibraryRules, LibraryText, Span};
use crate::domain::application::Ending;
use crate::domain::procedure::Procedure;
use serde::{Deserialize, Serialize};
use time::Date;

/// What is particular to one procedure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProcedureTerms {
    /// In how many open days it is answered, if not in the library's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_open_days: Option<u32>,
    /// The rule on which it rests, such as an article of the library's regulations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LibraryText>,
    /// What it costs, in words. `None`: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<LibraryText>,
    /// True if it is decided by rule when nothing changed and nothing stands against it.
    pub automatic: bool,
}

/// When a second person has to approve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FourEyes {
    /// In these procedures always.
    pub procedures: Vec<Procedure>,
    /// Under these circumstances, in any procedure.
    pub circumstances: Vec<Circumstance>,
}

/// Something about an application that may call for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circumstance {
    /// A warning is set aside: a signature that could not be checked, or facts that differ from the certificate.
    Override,
    /// It is not signed.
    Unsigned,
    /// A guardian signed it for a child.
    Guardian,
    /// Somebody else applied.
    Proxy,
    /// A member of staff typed it in.
    StaffEntered,
    /// Another patron or application resembles it.
    Duplicate,
    /// It had been decided before.
    Reopened,
}

/// Why one person alone cannot approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondBecause {
    /// Whoever looks only proposes.
    Role,
    /// The rules want two persons for the procedure.
    Procedure,
    /// The rules want two persons because of this.
    Circumstance(Circumstance),
}

/// Plastic cards.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlasticCardRules {
    /// Who gets one.
    pub offered: PlasticCards,
    /// Where it can be picked up; empty means at every branch.
    pub pick_up_branches: Vec<BranchCode>,
}

/// Who gets a plastic card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlasticCards {
    /// Who asks for one.
    #[default]
    OnRequest,
    /// Nobody who applies online.
    Never,
    /// Everybody.
    Always,
}

/// A reason for which staff stop procedures of a patron. The portal knows no loans; staff set the flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockKind {
    /// Its code.
    pub code: BlockCode,
    /// What staff read.
    pub label: String,
    /// The procedures that it stops.
    pub stops: Vec<Procedure>,
    /// What the patron reads online. `None`: only that the procedure is done at the counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<LibraryText>,
    /// True if the patron's record is not erased while the block is in place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_record: bool,
}

/// Corrections asked of applicants, and applications put on hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectionRules {
    /// Within how many days the applicant answers.
    pub answer_days: u32,
    /// How many days before the end of that time the applicant is reminded, the longest first.
    pub reminder_days: Vec<u16>,
    /// For how many days staff may put an application on hold.
    pub hold_days: u32,
    /// Within how many days after a decision a supervisor may reopen it.
    pub reopen_days: u32,
}

impl Default for CorrectionRules {
    fn default() -> Self {
        Self { answer_days: 14, reminder_days: vec![7, 3, 1], hold_days: 30, reopen_days: 90 }
    }
}

/// Notices that nobody opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnreadRules {
    /// After how many days without a reading the patron is reminded by mail, the shortest first.
    pub reminder_days: Vec<u16>,
    /// After how many days without a reading the notice goes on paper; 0: it never does.
    pub paper_after: u16,
}

impl Default for UnreadRules {
    fn default() -> Self {
        Self { reminder_days: vec![3, 7], paper_after: 14 }
    }
}

impl UnreadRules {
    /// What has waited for more days is left alone: whoever sets days for the first time wants no flood of old things.
    pub const LOOKED_BACK_DAYS: u16 = 90;

    /// The days on which something is done about a notice that nobody has opened, the longest first; `None` is paper.
    #[must_use]
    pub fn steps(&self) -> Vec<(u16, Option<u16>)> {
        let paper = Some(self.paper_after).filter(|days| *days > 0);
        let mut reminders = self.reminder_days.clone();
        // What is on paper is not reminded of any more.
        reminders.retain(|days| *days > 0 && paper.is_none_or(|paper| *days < paper));
        reminders.sort_unstable_by(|one, other| other.cmp(one));
        let reminders = reminders.into_iter().map(|days| (days, Some(days)));
        paper.map(|days| (days, None)).into_iter().chain(reminders).collect()
    }
}

/// How long contents are kept once an application is over; afterwards only its reference, dates and outcome remain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionRules {
    /// Of applications that were granted.
    pub issued: Span,
    /// Of applications that were declined.
    pub declined: Span,
    /// Of applications that were withdrawn.
    pub withdrawn: Span,
    /// Of applications whose time ran out.
    pub lapsed: Span,
    /// Of attached pictures, after the decision.
    pub attachments: Span,
    /// Of notices about a card for which nobody applied, such as that it was stopped.
    pub notices: Span,
}

impl Default for RetentionRules {
    fn default() -> Self {
        Self {
            issued: Span::Years(1),
            declined: Span::Months(6),
            withdrawn: Span::Months(1),
            lapsed: Span::Months(1),
            attachments: Span::Days(30),
            notices: Span::Years(1),
        }
    }
}

impl RetentionRules {
    /// How long the contents of an application are kept that ended so.
    #[must_use]
    pub const fn of(&self, ending: Ending) -> Span {
        match ending {
            Ending::Issued => self.issued,
            Ending::Declined => self.declined,
            Ending::Withdrawn => self.withdrawn,
            Ending::Lapsed => self.lapsed,
        }
    }
}

impl FourEyes {
    /// Why a second person has to approve under these circumstances; nothing if one is enough.
    pub fn reasons(&self, procedure: Procedure, circumstances: &[Circumstance]) -> impl Iterator<Item = SecondBecause> {
        let by_procedure = self.procedures.contains(&procedure).then_some(SecondBecause::Procedure);
        let found = circumstances.iter().filter(|found| self.circumstances.contains(found));
        by_procedure.into_iter().chain(found.copied().map(SecondBecause::Circumstance))
    }
}

impl LibraryRules {
    /// Tells whether the procedure can be done online.
    #[must_use]
    pub fn offers(&self, procedure: Procedure) -> bool {
        self.procedures.contains(&procedure)
    }

    /// In how many open days the procedure is answered.
    #[must_use]
    pub fn promised_open_days_for(&self, procedure: Procedure) -> u32 {
        self.terms_of(procedure).and_then(|terms| terms.promised_open_days).unwrap_or(self.promised_open_days)
    }

    /// The day by which an application for `procedure` received on `received_on` should be answered.
    #[must_use]
    pub fn answer_promised_for(&self, procedure: Procedure, received_on: Date) -> Date {
        self.open_days.after(received_on, self.promised_open_days_for(procedure))
    }

    /// The same for what cannot be granted before `allowed_from`: the days are counted from there, for nobody can
    /// answer while something is still waited for.
    #[must_use]
    pub fn answer_promised_from(&self, procedure: Procedure, received_on: Date, allowed_from: Option<Date>) -> Date {
        self.answer_due(self.promised_open_days_for(procedure), received_on, allowed_from)
    }

    /// The day by which `open_days` of the library's time are over that began on `begun_on`, or with `allowed_from` if
    /// that is later.
    #[must_use]
    pub fn answer_due(&self, open_days: u32, begun_on: Date, allowed_from: Option<Date>) -> Date {
        let waited = allowed_from.and_then(Date::previous_day);
        self.open_days.after(waited.map_or(begun_on, |day| day.max(begun_on)), open_days)
    }

    /// The rule on which the procedure rests.
    #[must_use]
    pub fn legal_basis(&self, procedure: Procedure) -> Option<&LibraryText> {
        self.terms_of(procedure)?.legal_basis.as_ref()
    }

    /// What the procedure costs, in words; `None` if nothing.
    #[must_use]
    pub fn fee(&self, procedure: Procedure) -> Option<&LibraryText> {
        self.terms_of(procedure)?.fee.as_ref()
    }

    /// Tells whether the procedure may be decided by rule.
    #[must_use]
    pub fn may_decide_automatically(&self, procedure: Procedure) -> bool {
        self.terms_of(procedure).is_some_and(|terms| terms.automatic)
    }

    /// The branches at which plastic cards are picked up.
    pub fn pick_up_branches(&self) -> impl Iterator<Item = &super::Branch> {
        let chosen = &self.plastic_card.pick_up_branches;
        self.branches.iter().filter(move |branch| chosen.is_empty() || chosen.contains(&branch.code))
    }

    /// The reasons for which staff can stop the procedure.
    pub fn blocks_of(&self, procedure: Procedure) -> impl Iterator<Item = &BlockKind> {
        self.blocks.iter().filter(move |block| block.stops.contains(&procedure))
    }

    fn terms_of(&self, procedure: Procedure) -> Option<&ProcedureTerms> {
        self.procedure.get(&procedure)
    }
}
