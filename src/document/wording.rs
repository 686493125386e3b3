//! What papers and pages call the things of the domain.

use crate::domain::correction::{CorrectionReason, Field};
use crate::domain::language::Language;
use crate::domain::library::Proof;
use crate::domain::library_text::LibraryText;
use crate::domain::notice::IssuedNotice;
use crate::domain::password_way::PasswordWay;
use crate::domain::request::Changed;
use crate::words::{AsWritten, Lang, Phrase, Said, Value, Words};

/// The words in which somebody is written to.
#[must_use]
pub const fn words_of(language: Language) -> Words {
    Words::new(match language {
        Language::Ja => Lang::Ja,
        Language::JaSimple => Lang::JaSimple,
        Language::En => Lang::En,
    })
}

impl From<&LibraryText> for AsWritten {
    fn from(text: &LibraryText) -> Self {
        let known = text.translations().filter_map(|(name, text)| Some((name.parse().ok()?, text)));
        known.fold(text.as_str().into(), |written: Self, (lang, text)| written.or_in(lang, text))
    }
}

impl Value for LibraryText {
    fn said(self, words: Words) -> Said {
        AsWritten::from(&self).said(words)
    }
}

/// What a field is called when it is asked about.
#[must_use]
pub fn of_field(words: Words, field: Field) -> Phrase {
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
#[must_use]
pub fn of_correction(words: Words, reason: CorrectionReason) -> Phrase {
    match reason {
        CorrectionReason::Incorrect => words.apply_asked_incorrect(),
        CorrectionReason::Incomplete => words.apply_asked_incomplete(),
        CorrectionReason::Unreadable => words.apply_asked_unreadable(),
        CorrectionReason::Mismatch => words.apply_asked_mismatch(),
        CorrectionReason::Other => words.apply_asked_other(),
    }
}

/// What a document has to show.
#[must_use]
pub fn of_proof(words: Words, proof: Proof) -> Phrase {
    match proof {
        Proof::Address => words.apply_documents_address(),
        Proof::Work => words.apply_documents_work(),
        Proof::Study => words.apply_documents_study(),
        Proof::Name => words.apply_documents_name(),
        Proof::Birth => words.apply_documents_birth(),
        Proof::Guardianship => words.apply_documents_guardianship(),
        Proof::Guarantee => words.apply_documents_guarantee(),
    }
}

/// The things of which a document has to show one.
#[must_use]
pub fn of_proofs(words: Words, proves: &[Proof]) -> Phrase {
    words.join(proves.iter().map(|proof| of_proof(words, *proof)), words.apply_documents_or())
}

/// Where the first password is collected and what opens it, sentence by sentence: a page and its paper say the same.
#[must_use]
pub fn of_first_password(words: Words, notice: &IssuedNotice, is_for_children: bool) -> Vec<Phrase> {
    if notice.password_at_counter && !is_for_children {
        return vec![words.patron_notice_first_password_at_counter()];
    }
    let what = if is_for_children {
        words.patron_notice_first_password_children()
    } else {
        words.patron_notice_first_password_what()
    };
    vec![what, of_password_way(words, notice.password_way)]
}

/// The same of another password, which can be collected `until` some day.
#[must_use]
pub fn of_password(words: Words, notice: &IssuedNotice, until: impl Value) -> Vec<Phrase> {
    if notice.password_at_counter {
        return vec![words.patron_notice_password_at_counter()];
    }
    vec![words.patron_notice_password_where(until), of_password_way(words, notice.password_way)]
}

fn of_password_way(words: Words, way: Option<PasswordWay>) -> Phrase {
    match way {
        Some(PasswordWay::Code) => words.patron_notice_collect_by_code(),
        // Notices that do not say which are from when every library had both.
        Some(PasswordWay::CodeOrCard) | None => words.patron_notice_collect_by_either(),
        Some(PasswordWay::Card) => words.patron_notice_collect_by_card(),
    }
}

/// A fact that has changed.
#[must_use]
pub fn of_changed(words: Words, changed: Changed) -> Phrase {
    match changed {
        Changed::Address => words.apply_label_address(),
        Changed::Name => words.apply_label_name(),
        Changed::Phone => words.apply_label_phone(),
        Changed::Email => words.apply_label_email(),
    }
}

/// Several facts that have changed.
#[must_use]
pub fn of_changes(words: Words, changed: &[Changed]) -> Phrase {
    words.join(changed.iter().map(|fact| of_changed(words, *fact)), words.ways_comma())
}
