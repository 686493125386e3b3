//! What the applicant was asked to put right, in whose words, and what they answered or changed.

use crate::domain::correction::{Correction, Field};
use crate::domain::staff::StaffMember;
use crate::domain::statement::Statement;
use crate::http::apply::answers_list;
use crate::http::asked::AskedLine;
use crate::http::filters::Moment;
use crate::http::staff::wording::name_of;
use crate::service::review::CorrectionRound;
use crate::words::Words;

/// What was asked at once.
pub(super) struct Round {
    pub(super) by: String,
    pub(super) at: Moment,
    pub(super) text: Option<String>,
    pub(super) items: Vec<Item>,
}

/// One thing that was asked.
pub(super) struct Item {
    pub(super) asked: AskedLine,
    pub(super) outcome: &'static str,
    /// The applicant's own words.
    pub(super) answer: Option<String>,
    pub(super) changes: Vec<Change>,
}

/// What was written differently for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) label: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// All rounds, the newest first.
pub(super) fn newest_first(rounds: &[CorrectionRound], staff: &[StaffMember]) -> Vec<Round> {
    let round = |round: &CorrectionRound| Round {
        by: name_of(staff, round.asked_by),
        at: Moment(round.asked_at),
        text: round.text.as_ref().map(|text| text.as_str().to_owned()),
        items: round.items.iter().map(|item| Item::of(item, round)).collect(),
    };
    rounds.iter().rev().map(round).collect()
}

impl Item {
    fn of(correction: &Correction, round: &CorrectionRound) -> Self {
        let changes = match (&round.before, &round.after) {
            (Some(before), Some(after)) => changes(correction.item.field, before, after),
            _ => Vec::new(),
        };
        // What is written while it is still open is a draft: nothing that was sent.
        let answer = correction.answer.as_ref().filter(|_| correction.resolved_version.is_some());
        let outcome = match (correction.resolved_at, correction.resolved_version) {
            (None, _) => "申込者の返事を待っています",
            (Some(_), None) => "返事のないまま終わりました",
            (Some(_), Some(_)) if answer.is_some() && changes.is_empty() => "「このままで正しい」との返事です",
            (Some(_), Some(_)) if changes.is_empty() => "変わっていません",
            (Some(_), Some(_)) => "直して送られました",
        };
        Self {
            asked: AskedLine::of(Words::default(), &correction.item),
            outcome,
            answer: answer.map(|text| text.as_str().to_owned()),
            changes,
        }
    }
}

/// The rows of one field that are written differently.
fn changes(field: Field, before: &Statement, after: &Statement) -> Vec<Change> {
    let (before, after) = (values_of(field, before), values_of(field, after));
    let labels = before.iter().chain(&after).map(|(label, _)| label);
    let mut changes: Vec<Change> = Vec::new();
    for label in labels {
        let of = |rows: &[(String, String)]| {
            let values: Vec<&str> = rows.iter().filter(|row| row.0 == *label).map(|row| row.1.as_str()).collect();
            values.join("\n")
        };
        let change = Change { label: label.clone(), before: of(&before), after: of(&after) };
        if change.before != change.after && !changes.contains(&change) {
            changes.push(change);
        }
    }
    changes
}

/// What stands in a signed document about a field: label and value.
pub(in crate::http::staff) fn values_of(field: Field, statement: &Statement) -> Vec<(String, String)> {
    let rows = answers_list::of_statement(statement, None).into_iter();
    rows.filter(|row| row.question == field.question()).map(|row| (row.label.plain(), row.value.plain())).collect()
}
