//! What was just done with the card, or why it cannot be done, said first on the page that follows.

use crate::domain::card::{CardState, StopReason};
use crate::domain::procedure::Procedure;
use crate::http::filters::Day;
use crate::http::procedure_wording::title;
use crate::service::procedures::MyCard;
use crate::words::{Phrase, Words};
use serde::Deserialize;
use time::Date;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Stopped,
    Found,
    Unlinked,
}

/// What the address of the page says of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct JustNow {
    done: String,
    why: String,
}

/// Why a page of the card's leads back to it: there is nothing to do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hindrance {
    NotInUse,
    NotLost,
    NotLinked,
    NoChildren,
}

impl JustNow {
    pub(super) fn done(&self) -> Option<Done> {
        [Done::Stopped, Done::Found, Done::Unlinked].into_iter().find(|done| done.as_str() == self.done)
    }

    pub(super) fn why(&self) -> Option<Hindrance> {
        use Hindrance::{NoChildren, NotInUse, NotLinked, NotLost};
        [NotInUse, NotLost, NotLinked, NoChildren].into_iter().find(|why| why.as_str() == self.why)
    }

    /// What the page says first, if there is something to say.
    pub(super) fn banner(&self, words: Words, my: &MyCard, is_mailed: bool, today: Date) -> Option<Banner> {
        let done = self.done().and_then(|done| done.banner(words, my, is_mailed, today));
        done.or_else(|| self.why().and_then(|why| why.banner(words, my)))
    }
}

/// The words.
pub(super) struct Banner {
    /// Its colour and its sign.
    pub(super) tone: &'static str,
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
    pub(super) fn banner(self, words: Words, my: &MyCard, is_mailed: bool, today: Date) -> Option<Banner> {
        let mail = is_mailed.then(|| words.card_deed_stopped_mail());
        let (heading, sentences) = match (self, my.card.state) {
            (Self::Stopped, CardState::Stopped { reason: StopReason::Lost, .. }) => {
                let from = my.reissued_from.filter(|from| *from > today);
                let next = from.map(|from| words.card_deed_stopped_next(Day(from), title(words, Procedure::Reissue)));
                let sentences = [words.card_deed_stopped_what()].into_iter().chain(mail).chain(next);
                (words.card_deed_stopped(), sentences.collect())
            }
            (Self::Found, CardState::Active) if my.card.expires_on < today => {
                (words.card_deed_lifted(), [words.card_deed_find_expired()].into_iter().chain(mail).collect())
            }
            (Self::Found, CardState::Active) => {
                let until = words.card_deed_until(Day(my.card.expires_on));
                (words.card_deed_found(), [until].into_iter().chain(mail).collect())
            }
            (Self::Unlinked, _) if !my.is_linked => {
                let what = words.card_deed_unlinked_what();
                (words.card_deed_unlinked(), [what].into_iter().chain(mail).collect())
            }
            _ => return None,
        };
        Some(Banner { tone: "ok", heading, sentences })
    }
}

impl Hindrance {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::NotInUse => "not-in-use",
            Self::NotLost => "not-lost",
            Self::NotLinked => "not-linked",
            Self::NoChildren => "no-children",
        }
    }

    /// What is said of it, as long as it is so.
    fn banner(self, words: Words, my: &MyCard) -> Option<Banner> {
        let (heading, sentence) = match self {
            Self::NotInUse if !my.card.is_active() => (words.card_deed_not_in_use(), words.card_deed_not_in_use_what()),
            Self::NotLost if my.may_be_found => return None,
            Self::NotLost if my.card.lost_since().is_some() => {
                (words.card_deed_found_by_staff(), words.card_deed_found_by_staff_what())
            }
            Self::NotLost => (words.card_deed_not_lost(), words.card_deed_not_lost_what()),
            Self::NotLinked if !my.is_linked => (words.card_deed_not_linked(), words.card_deed_not_linked_what()),
            Self::NoChildren => (words.card_family_nobody(), words.card_family_nobody_what()),
            Self::NotInUse | Self::NotLinked => return None,
        };
        Some(Banner { tone: "info", heading, sentences: vec![sentence] })
    }
}
