//! What the pages of a card say of its state and of the procedures, in the language of the page.

use crate::domain::card::{Card, CardState, StopReason};
use crate::domain::obstacle::Obstacle;
use crate::domain::patron_request::{RequestKind, RequestState};
use crate::domain::procedure::Procedure;
use crate::http::filters::Day;
use crate::service::procedures::{LinkedEnd, MyCard};
use crate::words::{Phrase, Words};
use time::Date;

/// Colour, mark and word of a state.
pub(in crate::http::patron) type Chip = (&'static str, &'static str, Phrase);

/// The card's state.
pub(in crate::http::patron) fn chip(words: Words, card: &Card, today: Date) -> Chip {
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
pub(in crate::http::patron) fn sentence(words: Words, my: &MyCard, today: Date) -> Phrase {
    match my.card.state {
        CardState::Active if my.card.expires_on < today && is_too_late(my) => words.card_state_expired_over(),
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

/// What is asked of the library.
pub(super) fn of_request(words: Words, kind: RequestKind) -> Phrase {
    match kind {
        RequestKind::Closing => words.card_requests_closing(),
        RequestKind::Erasure => words.card_requests_erasure(),
        RequestKind::Correction => words.card_requests_correction(),
    }
}

/// What became of it.
pub(super) fn of_request_state(words: Words, state: &RequestState) -> Chip {
    match state {
        RequestState::Open => ("blue", "◐", words.card_requests_open()),
        RequestState::Done(_) => ("green", "✓", words.card_requests_done()),
        RequestState::Refused(_) => ("red", "✕", words.card_requests_refused()),
        RequestState::TakenBack { .. } => ("grey", "―", words.card_requests_taken_back()),
    }
}

/// True if the card has ended and is not renewed any more: another one is applied for.
pub(super) fn is_too_late(my: &MyCard) -> bool {
    let renewal = my.offers.iter().find(|offer| offer.procedure == Procedure::Renewal);
    renewal.is_some_and(|offer| matches!(offer.obstacle, Some(Obstacle::TooLate { .. })))
}

/// How many items, and how many with the My Number card: said once. Empty if nobody knows.
pub(in crate::http::patron) fn limit(words: Words, my: &MyCard) -> Phrase {
    match (my.loan_limit, my.loan_limit_linked) {
        (None, _) => Phrase::default(),
        (Some(limit), None) => words.card_home_limit(limit),
        (Some(limit), Some(linked)) => words.card_home_limit_linked(limit, linked),
    }
}

/// Why the My Number card should be linked again.
pub(in crate::http::patron) fn linked_end(words: Words, end: LinkedEnd, today: Date) -> Phrase {
    match end {
        LinkedEnd::Ends(on) if on < today => words.card_home_link_ended(Day(on)),
        LinkedEnd::Ends(on) => words.card_home_link_ends(Day(on)),
        LinkedEnd::Revoked => words.card_home_link_revoked(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;
    use time::macros::date;

    #[test]
    fn the_end_of_a_linked_certificate_is_told_in_its_tense() {
        let words = |end| linked_end(Words::new(Lang::Ja), end, date!(2026 - 11 - 20)).plain();
        assert!(words(LinkedEnd::Ends(date!(2026 - 11 - 20))).contains("2026年11月20日(金)に切れます"));
        assert!(words(LinkedEnd::Ends(date!(2026 - 11 - 19))).contains("2026年11月19日(木)に切れました"));
        assert!(words(LinkedEnd::Revoked).contains("失効しています"));
    }
}
