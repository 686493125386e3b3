//! What was just done with the card, said first on the page that follows.

use crate::domain::card::{CardState, StopReason};
use crate::domain::procedure::Procedure;
use crate::http::filters::Day;
use crate::http::procedure_wording as wording;
use crate::service::procedures::MyCard;
use crate::words::{Phrase, Words};
use serde::Deserialize;
use time::Date;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Done {
    Stopped,
    Found,
    Unlinked,
}

/// What the address of the page says of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct JustNow {
    done: String,
}

impl JustNow {
    pub(super) fn done(&self) -> Option<Done> {
        [Done::Stopped, Done::Found, Done::Unlinked].into_iter().find(|done| done.as_str() == self.done)
    }
}

/// The words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Banner {
    pub(super) heading: Phrase,
    pub(super) sentences: Vec<Phrase>,
}

impl Done {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Found => "found",
            Self::Unlinked => "unlinked",
        }
    }

    /// What is said of it, as long as it is so: an address can be opened again on another day.
    pub(super) fn banner(self, words: Words, card: &MyCard, today: Date) -> Option<Banner> {
        match (self, card.card.state) {
            (Self::Stopped, CardState::Stopped { reason: StopReason::Lost, .. }) => {
                let reissue = wording::title(words, Procedure::Reissue);
                let from = card.reissued_from.filter(|from| *from > today);
                let next = from.map(|from| words.patron_holder_done_stopped_next(Day(from), reissue));
                let sentences = [words.patron_holder_done_stopped()].into_iter().chain(next).collect();
                Some(Banner { heading: words.patron_holder_done_stopped_title(), sentences })
            }
            (Self::Found, CardState::Active) => Some(Banner {
                heading: words.patron_holder_done_found_title(),
                sentences: vec![words.patron_holder_done_found(Day(card.card.expires_on))],
            }),
            (Self::Unlinked, _) if !card.is_linked => Some(Banner {
                heading: words.patron_holder_done_unlinked_title(),
                sentences: vec![words.patron_holder_done_unlinked()],
            }),
            _ => None,
        }
    }
}
