//! What colleagues do together on a file: holds, opinions, memos, two approvals, taking over, opening again.

use super::desk::Desk;
use crate::domain::application::{ApplicationState, Return};
use crate::domain::permission::Permission;
use crate::domain::review::{Opinion, ReopenEffect};
use crate::domain::staff::StaffMember;
use crate::http::filters::{Day, Moment};
use crate::http::staff::wording::name_of;
use crate::service::review::ReviewFile;

/// What the page lets this person do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// Answer a question.
    Answer,
    /// Write a memo.
    Note,
    /// Ask a colleague.
    Ask,
    /// Take a colleague's claim.
    TakeOver,
    /// Open the decision again.
    Reopen,
    /// Ask once more for the correction.
    AskOnceMore,
    /// Say what became of it in the library system.
    Confirm,
}

/// The part of the page about it.
pub(super) struct Teamwork {
    pub(super) hold: Option<HoldNote>,
    pub(super) first: Option<FirstNote>,
    pub(super) memos: Vec<Note>,
    pub(super) opinions: Vec<OpinionNote>,
    offers: Vec<Offer>,
    pub(super) desk: Desk,
}

/// Put aside.
pub(super) struct HoldNote {
    pub(super) until: Day,
    pub(super) by: String,
    pub(super) reason: String,
}

/// Approved once.
pub(super) struct FirstNote {
    pub(super) by: String,
    pub(super) is_mine: bool,
    pub(super) at: Moment,
}

/// Something that a colleague wrote.
pub(super) struct Note {
    pub(super) by: String,
    pub(super) at: Moment,
    pub(super) text: String,
}

/// A question to a colleague, and the answer.
pub(super) struct OpinionNote {
    pub(super) asked_by: String,
    pub(super) asked_of: String,
    pub(super) at: Moment,
    pub(super) question: String,
    pub(super) answer: Option<(Moment, String)>,
}

impl Teamwork {
    pub(super) fn of(file: &ReviewFile, me: &StaffMember, is_colleagues: bool, desk: Desk) -> Self {
        let application = &file.application;
        let may = |permission| application.must_be_for(me, permission).is_ok();
        let name = |id| name_of(&file.staff, id);
        let is_open = !application.state.is_final();
        let is_decided =
            matches!(application.state, ApplicationState::Issued { .. } | ApplicationState::Declined { .. });
        let is_awaited = matches!(application.state, ApplicationState::Approved { .. });
        let is_unanswered =
            matches!(application.state, ApplicationState::Lapsed { unanswered: Some(Return { .. }), .. });
        let is_asked = file.opinions.iter().any(|opinion| opinion.asked_of == me.id && opinion.answer.is_none());
        let offers = [
            (Offer::Answer, is_asked),
            (Offer::Note, may(Permission::Review)),
            (Offer::Ask, is_open && may(Permission::Review) && !desk.colleagues.is_empty()),
            (Offer::TakeOver, is_colleagues && may(Permission::TakeOver)),
            (Offer::Reopen, is_decided && may(Permission::Reopen)),
            (Offer::Confirm, is_awaited && may(Permission::Exchange)),
            (Offer::AskOnceMore, is_unanswered && may(Permission::Reopen)),
        ];
        Self {
            hold: file.hold.as_ref().map(|hold| HoldNote {
                until: Day(hold.until_on),
                by: name(hold.held_by),
                reason: hold.reason.as_str().to_owned(),
            }),
            first: file.first_approval.filter(|_| is_open).map(|first| FirstNote {
                by: name(first.approved_by),
                is_mine: first.approved_by == me.id,
                at: Moment(first.approved_at),
            }),
            memos: file
                .memos
                .iter()
                .rev()
                .map(|memo| Note {
                    by: name(memo.written_by),
                    at: Moment(memo.written_at),
                    text: memo.text.as_str().to_owned(),
                })
                .collect(),
            opinions: file.opinions.iter().rev().map(|opinion| OpinionNote::of(opinion, file)).collect(),
            offers: offers.into_iter().filter_map(|(offer, is_made)| is_made.then_some(offer)).collect(),
            desk,
        }
    }

    /// Tells whether the page lets this person do it.
    pub(super) fn offers(&self, offer: Offer) -> bool {
        self.offers.contains(&offer)
    }
}

impl OpinionNote {
    fn of(opinion: &Opinion, file: &ReviewFile) -> Self {
        Self {
            asked_by: name_of(&file.staff, opinion.asked_by),
            asked_of: name_of(&file.staff, opinion.asked_of),
            at: Moment(opinion.asked_at),
            question: opinion.question.as_str().to_owned(),
            answer: opinion.answer.as_ref().map(|answer| (Moment(answer.answered_at), answer.text.as_str().to_owned())),
        }
    }
}

/// What becomes of an issued card, in words.
pub(super) fn effects() -> [(&'static str, &'static str); 3] {
    ReopenEffect::ALL.map(|effect| match effect {
        ReopenEffect::Keep => (effect.as_str(), "カードとパスワードは、そのまま使えるようにしておく"),
        ReopenEffect::WithdrawPassword => {
            (effect.as_str(), "まだ受け取っていない初期パスワードを、受け取れないようにする")
        }
        ReopenEffect::StopCard => (effect.as_str(), "カードを止め、初期パスワードも受け取れないようにする"),
    })
}

/// The first row of a group of choices has the group's id, which the summary of errors links to.
pub(super) fn effect_id(value: &str) -> &str {
    match value {
        "keep" => "effect",
        "stop_card" => "effect-stop",
        _ => "effect-withdraw",
    }
}
