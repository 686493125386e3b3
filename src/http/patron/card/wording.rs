//! What the pages of a card say of its state and of the procedures, in the language of the page.

use crate::domain::card::{Card, CardState, StopReason};
use crate::domain::obstacle::Obstacle;
use crate::domain::procedure::Procedure;
use crate::http::filters::Day;
use crate::service::procedures::{LinkedEnd, MyCard};
use crate::words::{AsWritten, Phrase, Words};
use time::Date;

/// Colour, mark and word of a state.
pub(super) type Chip = (&'static str, &'static str, Phrase);

/// The card's state.
pub(super) fn chip(words: Words, card: &Card, today: Date) -> Chip {
    match card.state {
        CardState::Active if card.expires_on < today => ("orange", "!", words.card_state_expired()),
        CardState::Active => ("green", "✓", words.card_state_usable()),
        CardState::Pending => ("blue", "◐", words.card_state_pending()),
        CardState::Stopped { reason: StopReason::Lost, .. } => ("red", "✕", words.card_state_stopped()),
        CardState::Stopped { reason: StopReason::ByLibrary, .. } => ("red", "✕", words.card_state_stopped_by_library()),
        CardState::Replaced { .. } => ("grey", "―", words.card_state_replaced()),
    }
}

/// What to know about a card that cannot be used; empty for one that can.
pub(super) fn sentence(words: Words, my: &MyCard, today: Date) -> Phrase {
    match my.card.state {
        CardState::Active if my.card.expires_on < today => words.card_state_expired_what(),
        CardState::Active => Phrase::default(),
        CardState::Pending => words.card_state_pending_what(),
        CardState::Stopped { reason: StopReason::Lost, .. } => match my.reissued_from.filter(|from| *from > today) {
            Some(from) => words.card_state_searching(Day(from)),
            None => words.card_state_stopped_what(),
        },
        CardState::Stopped { reason: StopReason::ByLibrary, .. } => words.card_state_stopped_by_library_what(),
        CardState::Replaced { .. } => words.card_state_replaced_what(),
    }
}

/// How many items, and how many with the My Number card: said once. Empty if nobody knows.
pub(super) fn limit(words: Words, my: &MyCard) -> Phrase {
    match (my.loan_limit, my.loan_limit_linked) {
        (None, _) => Phrase::default(),
        (Some(limit), None) => words.card_home_limit(limit),
        (Some(limit), Some(linked)) => words.card_home_limit_linked(limit, linked),
    }
}

/// Why the My Number card should be linked again.
pub(super) fn linked_end(words: Words, end: LinkedEnd, today: Date) -> Phrase {
    match end {
        LinkedEnd::Ends(on) if on < today => words.card_home_link_ended(Day(on)),
        LinkedEnd::Ends(on) => words.card_home_link_ends(Day(on)),
        LinkedEnd::Revoked => words.card_home_link_revoked(),
    }
}

/// What the holder presses to begin a procedure.
pub(super) fn button(words: Words, procedure: Procedure) -> Phrase {
    match procedure {
        Procedure::NewCard => words.card_home_begin_new_card(),
        Procedure::Renewal => words.card_home_begin_renewal(),
        Procedure::CardLink => words.card_home_begin_card_link(),
        Procedure::Reissue => words.card_home_begin_reissue(),
        Procedure::PasswordIssue => words.card_home_begin_password_issue(),
        Procedure::Change => words.card_home_begin_change(),
    }
}

/// Why it cannot be done, or not now.
pub(super) fn of_obstacle(words: Words, obstacle: &Obstacle) -> Phrase {
    match obstacle {
        Obstacle::NotOffered => words.card_obstacle_not_offered(),
        Obstacle::CounterOnly => words.card_obstacle_counter_only(),
        Obstacle::NotMatched => words.card_obstacle_not_matched(),
        Obstacle::Stopped => words.card_obstacle_stopped(),
        Obstacle::Replaced => words.card_obstacle_replaced(),
        Obstacle::TooEarly { from } => words.card_obstacle_too_early(Day(*from)),
        Obstacle::TooLate { ended_on } => words.card_obstacle_too_late(Day(*ended_on)),
        Obstacle::Waiting { from } => words.card_obstacle_waiting(Day(*from)),
        Obstacle::TooOften => words.card_obstacle_too_often(),
        Obstacle::FoundAgain => words.card_obstacle_found_again(),
        // The reason is nobody's business on a screen that others may see.
        Obstacle::Blocked { explanation: Some(explanation) } => words.say(AsWritten(explanation.clone())),
        Obstacle::Blocked { explanation: None } => words.card_obstacle_blocked(),
    }
}
