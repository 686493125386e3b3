//! What the pages of a card say of its state and of the procedures, in the language of the page.

use crate::domain::card::{Card, CardState, StopReason};
use crate::http::filters::Day;
use crate::service::procedures::{LinkedEnd, MyCard};
use crate::words::{Phrase, Words};
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
