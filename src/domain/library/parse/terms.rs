//! Checks of the terms of procedures, and of the rules about people.

use super::{RuleFault, Step, entry, way};
use crate::domain::library::{LibraryRules, LibraryText, ProxyRules, Reach, RetentionRules, Span, UnreadRules};
use crate::domain::procedure::Procedure;
use std::ops::Range;

/// A fault, with the way to it through the file's tables.
type Found = Option<(Vec<Step>, RuleFault)>;

impl LibraryRules {
    pub(super) fn fault_of_terms(&self) -> Found {
        if is_repeated(&self.procedures) {
            return Some((way(["procedures"]), RuleFault::Repeated("procedures")));
        }
        self.fault_of_procedures()
            .or_else(|| self.fault_of_spans())
            .or_else(|| self.fault_of_days())
            .or_else(|| self.fault_of_reminders())
            .or_else(|| self.fault_of_unread())
            .or_else(|| self.fault_of_plastic_cards())
    }

    fn fault_of_procedures(&self) -> Found {
        for (procedure, terms) in &self.procedure {
            let fault = |field, fault| Some((way(["procedure", procedure.as_str(), field]), fault));
            if terms.promised_open_days == Some(0) {
                return fault("promised_open_days", RuleFault::NoDays("promised_open_days"));
            }
            if terms.automatic && *procedure != Procedure::Renewal {
                return fault("automatic", RuleFault::Automatic(*procedure));
            }
            for (field, text) in [("legal_basis", &terms.legal_basis), ("fee", &terms.fee)] {
                if text.as_ref().is_some_and(LibraryText::is_blank) {
                    return fault(field, RuleFault::EmptyText(field));
                }
            }
        }
        None
    }

    fn fault_of_spans(&self) -> Found {
        let renewal = &self.renewal;
        if renewal.open_before_expiry == Reach::Never && renewal.open_after_expiry == Reach::Never {
            return Some((way(["renewal"]), RuleFault::NeverRenewable));
        }
        let reaches =
            [("open_before_expiry", renewal.open_before_expiry), ("open_after_expiry", renewal.open_after_expiry)];
        if let Some((field, _)) = reaches.into_iter().find(|(_, reach)| !reach.is_sound()) {
            return Some((way(["renewal", field]), RuleFault::Span(field)));
        }
        let RetentionRules { issued, declined, withdrawn, lapsed, attachments, notices } = self.retention;
        let mut spans = vec![
            (way(["retention", "issued"]), Some(issued), "issued"),
            (way(["retention", "declined"]), Some(declined), "declined"),
            (way(["retention", "withdrawn"]), Some(withdrawn), "withdrawn"),
            (way(["retention", "lapsed"]), Some(lapsed), "lapsed"),
            (way(["retention", "attachments"]), Some(attachments), "attachments"),
            (way(["retention", "notices"]), Some(notices), "notices"),
            (way(["after_expiry", "erased_after"]), self.after_expiry.erased_after, "erased_after"),
        ];
        for (reason, terms) in [
            ("lost", &self.reissue.lost),
            ("damaged", &self.reissue.damaged),
            ("name_changed", &self.reissue.name_changed),
        ] {
            spans.push((way(["reissue", reason, "waits"]), terms.waits, "waits"));
            let younger = terms.waits_if_younger_than;
            spans.push((way(["reissue", reason, "waits_if_younger_than"]), younger, "waits_if_younger_than"));
        }
        let is_unsound = |span: Option<Span>| span.is_some_and(|span| !span.is_sound());
        let (path, _, field) = spans.into_iter().find(|(_, span, _)| is_unsound(*span))?;
        Some((path, RuleFault::Span(field)))
    }

    fn fault_of_days(&self) -> Found {
        let limit = self.password.reissue_limit;
        let days = [
            (way(["guardian", "children_at_once"]), Some(self.guardian.children_at_once), "children_at_once"),
            (way(["guardian", "cosign_days"]), Some(self.guardian.cosign_days), "cosign_days"),
            (way(["unsigned", "visit_slip_days"]), Some(self.unsigned.visit_slip_days), "visit_slip_days"),
            (way(["correction", "answer_days"]), Some(self.correction.answer_days), "answer_days"),
            (way(["correction", "hold_days"]), Some(self.correction.hold_days), "hold_days"),
            (way(["correction", "reopen_days"]), Some(self.correction.reopen_days), "reopen_days"),
            (way(["password", "initial_days"]), self.password.initial_days, "initial_days"),
            (way(["password", "reissue_limit", "times"]), limit.map(|limit| limit.times), "times"),
            (way(["password", "reissue_limit", "days"]), limit.map(|limit| limit.days), "days"),
        ];
        let (path, _, field) = days.into_iter().find(|(_, days, _)| *days == Some(0))?;
        Some((path, RuleFault::Zero(field)))
    }

    fn fault_of_reminders(&self) -> Found {
        // A card can be used on its last day, and renewed; whatever else ends is too late to be done on its own.
        let lists = [
            ("renewal", &self.renewal.reminder_days, 0..u32::MAX),
            ("card_link", &self.card_link.reminder_days, 1..u32::MAX),
            ("guardian", &self.guardian.reminder_days, 1..self.guardian.cosign_days),
            ("correction", &self.correction.reminder_days, 1..self.correction.answer_days),
        ];
        let is_sound = |days: &[u16], within: &Range<u32>| {
            days.is_sorted_by(|longer, shorter| longer > shorter)
                && days.iter().all(|days| within.contains(&u32::from(*days)))
        };
        let (table, ..) = lists.into_iter().find(|(_, days, within)| !is_sound(days, within))?;
        Some((way([table, "reminder_days"]), RuleFault::Reminders("reminder_days")))
    }

    fn fault_of_unread(&self) -> Found {
        let UnreadRules { reminder_days, paper_after } = &self.unread;
        if *paper_after >= UnreadRules::LOOKED_BACK_DAYS {
            return Some((way(["unread", "paper_after"]), RuleFault::UnreadTooLate("paper_after")));
        }
        // What is on paper is not reminded of any more.
        let end = Some(*paper_after).filter(|days| *days > 0).unwrap_or(UnreadRules::LOOKED_BACK_DAYS);
        let is_sound = reminder_days.is_sorted_by(|shorter, longer| shorter < longer)
            && reminder_days.iter().all(|days| (1..end).contains(days));
        (!is_sound).then(|| (way(["unread", "reminder_days"]), RuleFault::UnreadReminders("reminder_days")))
    }

    fn fault_of_plastic_cards(&self) -> Found {
        let unknown = self.plastic_card.pick_up_branches.iter().find(|code| self.branch(code).is_none())?;
        Some((way(["plastic_card", "pick_up_branches"]), RuleFault::UnknownBranch(unknown.clone())))
    }

    pub(super) fn fault_of_people(&self) -> Found {
        let guardian = &self.guardian;
        if guardian.signs_below_age > self.minimum_age {
            return Some((way(["guardian", "signs_below_age"]), RuleFault::GuardianAges));
        }
        if (1..=guardian.signs_below_age).contains(&guardian.cosigns_below_age) {
            return Some((way(["guardian", "cosigns_below_age"]), RuleFault::GuardianAges));
        }
        if guardian.relations.is_empty() && guardian.signs_below_age.max(guardian.cosigns_below_age) > 0 {
            return Some((way(["guardian", "relations"]), RuleFault::EmptyList("relations")));
        }
        for (index, relation) in guardian.relations.iter().enumerate() {
            let fault = |field, fault| {
                let steps = [Step::Field("guardian"), Step::Field("relations"), Step::Entry(index), Step::Field(field)];
                Some((steps.into(), fault))
            };
            if relation.label.is_blank() {
                return fault("label", RuleFault::EmptyText("label"));
            }
            if guardian.relations[..index].iter().any(|earlier| earlier.code == relation.code) {
                return fault("code", RuleFault::RepeatedCode("relations", relation.code.to_string()));
            }
        }
        self.fault_of_proxies().or_else(|| self.fault_of_blocks())
    }

    fn fault_of_proxies(&self) -> Found {
        let ProxyRules::WithLetter { only_for } = &self.proxy else { return None };
        let blank = only_for.iter().position(LibraryText::is_blank)?;
        let steps = [Step::Field("proxy"), Step::Field("only_for"), Step::Entry(blank)];
        Some((steps.into(), RuleFault::EmptyText("only_for")))
    }

    fn fault_of_blocks(&self) -> Found {
        for (index, block) in self.blocks.iter().enumerate() {
            let fault = |field, fault| Some((entry("blocks", index, field), fault));
            if block.label.trim().is_empty() {
                return fault("label", RuleFault::EmptyText("label"));
            }
            if block.stops.is_empty() {
                return fault("stops", RuleFault::EmptyList("stops"));
            }
            if is_repeated(&block.stops) {
                return fault("stops", RuleFault::Repeated("stops"));
            }
            if block.stops.contains(&Procedure::NewCard) {
                return fault("stops", RuleFault::BlockedNewCard);
            }
            if block.explanation.as_ref().is_some_and(LibraryText::is_blank) {
                return fault("explanation", RuleFault::EmptyText("explanation"));
            }
            if self.blocks[..index].iter().any(|earlier| earlier.code == block.code) {
                return fault("code", RuleFault::RepeatedCode("blocks", block.code.to_string()));
            }
        }
        None
    }
}

fn is_repeated<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(index, item)| list[..index].contains(item))
}
