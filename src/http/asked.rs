//! Japanese words for what reviewers ask applicants to put right.

use super::wording::Wording;
use crate::domain::correction::{AskedItem, CorrectionReason, Field};
use crate::domain::message::InvalidText;
use crate::words::{Phrase, Words};

/// What a field is called.
pub(super) const fn label_of(field: Field) -> &'static str {
    match field {
        Field::Category => "図書館を使う理由",
        Field::Email => "メールアドレス",
        Field::Name => "氏名とフリガナ",
        Field::Birth => "生年月日",
        Field::Address => "住所",
        Field::Children => "カードを作る子ども",
        Field::Contact => "電話番号とよく使う図書館",
        Field::Documents => "確認のための書類の画像",
        Field::Delivery => "お知らせの受け取り方とカードの希望",
    }
}

/// Why it is asked about, in a few words that the applicant reads.
pub(super) const fn reason_of(reason: CorrectionReason) -> &'static str {
    match reason {
        CorrectionReason::Incorrect => "まちがいがあるようです",
        CorrectionReason::Incomplete => "足りないところがあります",
        CorrectionReason::Unreadable => "読み取れません",
        CorrectionReason::Mismatch => "カードの記載などとちがっています",
        CorrectionReason::Other => "確認したいことがあります",
    }
}

/// The same, for the page of the field itself.
pub(super) fn reason_in(words: Words, reason: CorrectionReason) -> Phrase {
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
    pub(super) label: &'static str,
    /// Why.
    pub(super) reason: &'static str,
    /// What to do about it.
    pub(super) text: String,
}

impl AskedLine {
    /// The words for one item.
    pub(super) fn of(item: &AskedItem) -> Self {
        Self { label: label_of(item.field), reason: reason_of(item.reason), text: item.text.as_str().to_owned() }
    }
}

impl Wording for InvalidText {
    fn wording(&self) -> Phrase {
        let words = match self {
            Self::Empty => "文を入力してください",
            Self::TooLong => "文は1000文字までです",
            Self::Unprintable => "表示できない文字があります。近い文字で入力してください",
        };
        words.into()
    }
}
