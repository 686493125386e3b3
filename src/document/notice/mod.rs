//! The notices on paper, in the language in which their reader reads.
//!
//! A template knows where things stand; every text comes from [`Words`](crate::words::Words). What a paper says in law
//! stays Japanese, whatever it speaks beside: its name stands under its heading, and what a refusal says of remedies
//! (教示, 行政不服審査法第82条) follows its translation with the remark that the Japanese counts. There is no such remark on
//! the whole paper: it would point its reader to a text that nobody gave to them, and an act says what was notified.

mod card;
mod letter;

use super::DocumentError;
use super::dates::PrintedDate;
use super::edition::Edition;
use super::fonts::{Line, Printed};
use super::typesetter::{Order, Typesetter};
use crate::clock::start_of_day;
use crate::domain::library_text::LibraryText;
use crate::domain::notice::NoticeContent;
use crate::domain::person::PersonName;
use crate::words::{AsWritten, Lang, Phrase, Words};
use serde::Serialize;
use std::collections::BTreeMap;
use time::Date;
use typst_pdf::PdfStandard;

/// The texts of a template, by the names that it calls them.
type Texts = BTreeMap<&'static str, Line>;

/// What every notice prints at its head and foot.
#[derive(Serialize)]
struct Letterhead {
    /// The file's title.
    title: String,
    /// What the paper is called in law, under a heading in another language.
    official: Option<Line>,
    document_number: Printed,
    dated: PrintedDate,
    library: Line,
    issuer: Line,
    contact: Vec<Line>,
    name: Printed,
    /// What the library itself says, paragraph by paragraph.
    library_words: Vec<Line>,
}

/// The facts of a letterhead, and what tells its file from all others.
struct Head<'a> {
    document_number: &'a str,
    day: Date,
    library: &'a LibraryText,
    issuer: &'a LibraryText,
    contact: &'a LibraryText,
    name: &'a PersonName,
    library_words: Option<&'a LibraryText>,
}

impl Typesetter {
    /// Sets a notice as PDF/A-2a + PDF/UA-1, A4, in Japanese. Its time is the start of its own day in Japan.
    ///
    /// # Errors
    /// [`DocumentError::Barcode`] for barcode data that are not NW-7; [`DocumentError::NotSet`]
    /// is a fault of ours, whatever the notice says.
    pub fn notice(&self, notice: &NoticeContent) -> Result<Vec<u8>, DocumentError> {
        self.notice_as(notice, &Edition::default())
    }

    /// The same in one edition: how large, in which language, and how its reader can find out that it is genuine.
    ///
    /// # Errors
    /// As [`Self::notice`], and [`DocumentError::QrCode`] for an address too long.
    pub fn notice_as(&self, notice: &NoticeContent, edition: &Edition) -> Result<Vec<u8>, DocumentError> {
        let press = Press { typesetter: self, edition, words: edition.words };
        press.notice(notice)
    }
}

/// One edition being made.
struct Press<'a> {
    typesetter: &'a Typesetter,
    edition: &'a Edition,
    words: Words,
}

impl Press<'_> {
    fn notice(&self, notice: &NoticeContent) -> Result<Vec<u8>, DocumentError> {
        match notice {
            NoticeContent::Issued(issued) => self.issued(issued),
            NoticeContent::IssuedToChildren(children) => self.issued_to_children(children),
            NoticeContent::Declined(declined) => self.declined(declined),
            NoticeContent::Returned(returned) => self.returned(returned),
            NoticeContent::Reopened(reopened) => self.reopened(reopened),
            NoticeContent::Renewed(renewed) => self.renewed(renewed),
            NoticeContent::Reissued(reissued) => self.reissued(reissued),
            NoticeContent::Linked(linked) => self.linked(linked),
            NoticeContent::PasswordIssued(issued) => self.password_issued(issued),
            NoticeContent::Changed(changed) => self.changed(changed),
            NoticeContent::OfCard(notice) => self.of_card(notice),
        }
    }

    fn line(&self, phrase: &Phrase) -> Line {
        self.typesetter.fonts.line(phrase)
    }

    fn paragraphs(&self, text: &LibraryText) -> Vec<Line> {
        let paragraphs = AsWritten::from(text).paragraphs(self.words);
        paragraphs.into_iter().map(|paragraph| self.line(&self.words.say(paragraph))).collect()
    }

    fn day(&self, day: Date) -> PrintedDate {
        PrintedDate::of(day, self.words, &self.typesetter.fonts)
    }

    /// What any notice says, and `own`.
    fn texts<const N: usize>(&self, head: &Head<'_>, own: [(&'static str, Phrase); N]) -> Texts {
        let words = self.words;
        let shared = [
            ("document_number", words.patron_notice_document_number()),
            ("dear", words.patron_notice_dear(words.typed(head.name.as_str()))),
            ("contact", words.patron_notice_contact()),
        ];
        shared.into_iter().chain(own).map(|(name, phrase)| (name, self.line(&phrase))).collect()
    }

    /// `title` is the notice's own in any language.
    fn letterhead(&self, head: &Head<'_>, title: fn(Words) -> Phrase) -> Letterhead {
        let fonts = &self.typesetter.fonts;
        let is_translated = !self.words.is_everyday_japanese();
        let contact = AsWritten::from(head.contact).lines(self.words);
        Letterhead {
            title: format!("{} {}", title(self.words).plain(), fonts.printed(head.document_number).text()),
            official: is_translated.then(|| self.line(&title(Words::new(Lang::Ja)))),
            document_number: fonts.printed(head.document_number),
            dated: self.day(head.day),
            library: self.line(&self.words.say(head.library)),
            issuer: self.line(&self.words.with_original(head.issuer)),
            contact: contact.into_iter().map(|line| self.line(&self.words.say(line))).collect(),
            name: fonts.printed(head.name.as_str()),
            library_words: head.library_words.map(|text| self.paragraphs(text)).unwrap_or_default(),
        }
    }

    fn set<T: Serialize>(&self, template: &str, data: T, head: &Head<'_>) -> Result<Vec<u8>, DocumentError> {
        self.typesetter.set(Order {
            template,
            edition: self.edition,
            data,
            statement: None,
            archival: PdfStandard::A_2a,
            identity: format!("{} {}", head.library.as_str(), head.document_number),
            dated: start_of_day(head.day),
        })
    }
}
