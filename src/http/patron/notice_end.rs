//! What stands under every notice: how anybody can find out that it is genuine, and its files.

use crate::document::wording::words_of;
use crate::domain::language::Language;
use crate::domain::notice::Notice;
use crate::domain::verification::VerificationCode;
use crate::http::page::Layout;
use crate::words::Phrase;

/// The end of a notice's page.
pub(super) struct NoticeEnd {
    /// The file.
    pub(super) document_url: String,
    /// The file in large type.
    pub(super) large_url: String,
    /// The code on it.
    pub(super) code: String,
    /// The page where the code is typed, as it is said to others.
    pub(super) verify_address: String,
    /// The language of the files, if the page speaks another one.
    pub(super) other_language: Option<Phrase>,
}

impl NoticeEnd {
    pub(super) fn of(layout: &Layout, notice: &Notice, code: &VerificationCode) -> Self {
        let words = layout.words;
        let document_url = layout.urls.notice_document(notice.id);
        let other_language = (words.lang() != words_of(notice.language).lang()).then(|| match notice.language {
            Language::Ja => words.patron_notice_in_ja(),
            Language::JaSimple => words.patron_notice_in_ja_simple(),
            Language::En => words.patron_notice_in_en(),
        });
        Self {
            large_url: format!("{document_url}?size=large"),
            document_url,
            code: code.to_string(),
            verify_address: layout.absolute(&layout.urls.verify()),
            other_language,
        }
    }
}

#[cfg(test)]
impl From<&str> for NoticeEnd {
    fn from(document_url: &str) -> Self {
        Self {
            document_url: document_url.to_owned(),
            large_url: format!("{document_url}?size=large"),
            code: "7KQF-2M9X-0ZT4-B6RC".to_owned(),
            verify_address: "https://card.example.jp/aozora/ja/verify".to_owned(),
            other_language: None,
        }
    }
}
