//! The notice that a decision would place, as its reader will read it: drawn by what draws theirs.

use crate::domain::language::Language;
use crate::http::patron::letter::Sheet;
use crate::service::review::NoticePreview;

/// The notice before it is sent.
pub(super) struct TheirLetter {
    /// In Japanese, and in its reader's language if that is another; none where it could not be made.
    pub(super) sheets: Vec<Sheet>,
    /// What staff call the language of its reader, unless that is Japanese.
    pub(super) language: Option<&'static str>,
}

impl TheirLetter {
    pub(super) fn of(preview: Option<&NoticePreview>) -> Self {
        Self {
            sheets: preview.map(Sheet::all_before).unwrap_or_default(),
            language: preview.and_then(|preview| name_of(preview.language)),
        }
    }
}

/// What staff call a language that is not theirs.
pub(super) const fn name_of(language: Language) -> Option<&'static str> {
    match language {
        Language::Ja => None,
        Language::JaSimple => Some("やさしい日本語"),
        Language::En => Some("英語"),
    }
}
