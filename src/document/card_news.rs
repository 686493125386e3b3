//! What a notice about a card says for which nobody applied: its page and its paper say the same.

use super::dates::in_words;
use crate::domain::notice::{CardNews, CardNotice, RenewalWay, Stopper};
use crate::words::{Phrase, Words};

/// What such a notice says.
pub struct ToldOfCard {
    /// Its heading, in any language.
    pub title: fn(Words) -> Phrase,
    /// Its first sentence.
    pub lead: Phrase,
    /// What follows from it, sentence by sentence.
    pub next: Vec<Phrase>,
}

impl ToldOfCard {
    /// The texts of a notice, in the language of `words`.
    #[must_use]
    pub fn of(words: Words, notice: &CardNotice) -> Self {
        match notice.news {
            CardNews::Stopped { by } => {
                let (lead, then) = match by {
                    Stopper::Holder => (words.patron_notice_stopped_by_holder(), words.patron_notice_stopped_found()),
                    Stopper::Library => (words.patron_notice_stopped_by_library(), words.patron_notice_stopped_why()),
                };
                let next = vec![words.patron_notice_stopped_until(), then];
                Self { title: Words::patron_notice_stopped_title, lead, next }
            }
            CardNews::Released => Self {
                title: Words::patron_notice_released_title,
                lead: words.patron_notice_released(),
                next: vec![words.patron_notice_released_same()],
            },
            CardNews::Expiring { renewal } => {
                let then = match renewal {
                    RenewalWay::Online(from) => words.patron_notice_expiring_from(in_words(words, from)),
                    RenewalWay::Counter => words.patron_notice_expiring_counter(),
                };
                Self {
                    title: Words::patron_notice_expiring_title,
                    lead: words.patron_notice_expiring(),
                    next: vec![words.patron_notice_expiring_over(), then],
                }
            }
        }
    }
}
