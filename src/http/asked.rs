//! Words for what reviewers ask applicants to put right.

use super::wording::Wording;
use crate::domain::correction::{AskedItem, CorrectionReason, Field};
use crate::domain::message::InvalidText;
use crate::words::{AsWritten, Phrase, Words};

/// What a field is called.
pub(super) fn label_of(words: Words, field: Field) -> Phrase {
    match field {
        Field::Category => words.apply_label_category(),
        Field::Email => words.apply_label_email(),
        Field::Name => words.apply_asked_name(),
        Field::Birth => words.apply_label_birth(),
        Field::Address => words.apply_label_address(),
        Field::Children => words.apply_label_children(),
        Field::Contact => words.apply_asked_contact(),
        Field::Documents => words.apply_asked_documents(),
        Field::Delivery => words.apply_asked_delivery(),
    }
}

/// Why it is asked about, in a few words that the applicant reads.
pub(super) fn reason_of(words: Words, reason: CorrectionReason) -> Phrase {
    match reason {
        CorrectionReason::Incorrect => words.apply_asked_incorrect(),
        CorrectionReason::Incomplete => words.apply_asked_incomplete(),
        CorrectionReason::Unreadable => words.apply_asked_unreadable(),
        CorrectionReason::Mismatch => words.apply_asked_mismatch(),
        CorrectionReason::Other => words.apply_asked_other(),
    }
}

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
