//! Words for what reviewers ask applicants to put right.

pub(super) use crate::document::wording::{of_correction as reason_of, of_field as label_of};

use super::wording::Wording;
use crate::domain::correction::AskedItem;
use crate::domain::message::InvalidText;
use crate::words::{AsWritten, Phrase, Words};

/// One thing that is asked, as it is read.
pub(super) struct AskedLine {
    /// The field.
    pub(super) label: Phrase,
    /// Why.
    pub(super) reason: Phrase,
    /// What to do about it.
    pub(super) text: AsWritten,
}

impl AskedLine {
    /// The words for one item.
    pub(super) fn of(words: Words, item: &AskedItem) -> Self {
        Self {
            label: label_of(words, item.field),
            reason: reason_of(words, item.reason),
            text: item.text.as_str().into(),
        }
    }
}

impl Wording for InvalidText {
    fn wording(&self) -> Phrase {
        let words = Words::default();
        match self {
            Self::Empty => words.patron_message_empty(),
            Self::TooLong => words.patron_message_too_long(),
            Self::Unprintable => words.patron_message_unprintable(),
        }
    }
}
