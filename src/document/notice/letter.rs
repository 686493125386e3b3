//! The notices that are letters: a refusal, a request for correction, a decision that was opened again.

use super::{Head, Letterhead, Press, Texts};
use crate::document::dates::{PrintedDate, in_words};
use crate::document::fonts::{Line, Printed};
use crate::document::{DocumentError, ToldOfCard, wording};
use crate::domain::correction::AskedItem;
use crate::domain::notice::{CardNotice, DeclinedNotice, ReopenedNotice, ReturnedNotice};
use crate::domain::review::ReopenEffect;
use crate::words::{Lang, Words};
use serde::Serialize;

#[derive(Serialize)]
struct DeclinedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    texts: Texts,
    reason: Vec<Printed>,
    /// What the law says of remedies, in Japanese, under its translation.
    law: Option<Line>,
}

#[derive(Serialize)]
struct ReopenedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    texts: Texts,
    effect: Option<&'static str>,
}

#[derive(Serialize)]
struct CardNewsPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    texts: Texts,
    card_number: Printed,
    expires_on: PrintedDate,
    next: Vec<Line>,
}

#[derive(Serialize)]
struct ReturnedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    texts: Texts,
    opening: Vec<Printed>,
    items: Vec<PrintedItem>,
}

#[derive(Serialize)]
struct PrintedItem {
    label: Line,
    why: Line,
    words: Vec<Printed>,
}

impl Press<'_> {
    pub(super) fn declined(&self, notice: &DeclinedNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let head = Head {
            document_number: &notice.document_number,
            day: notice.decided_on,
            library: &notice.library_name,
            issuer: &notice.issuer,
            contact: &notice.contact,
            name: &notice.name,
            library_words: notice.library_words.as_ref(),
        };
        let own = [
            ("title", words.patron_notice_declined_title()),
            ("lead", words.patron_notice_declined_lead(notice.reference.to_string())),
            ("reason", words.patron_notice_reason()),
            ("again", words.patron_notice_again()),
            ("again_what", words.patron_notice_again_what()),
            ("object", words.patron_notice_object()),
            ("ask", words.patron_notice_object_ask()),
            ("object_again", words.patron_notice_object_again()),
            ("law", words.patron_notice_object_law()),
            ("law_counts", words.document_letter_law_counts()),
            ("issuer", words.patron_notice_decider()),
        ];
        let in_law = Words::new(Lang::Ja).patron_notice_object_law();
        let page = DeclinedPage {
            letterhead: self.letterhead(&head, Words::patron_notice_declined_title),
            texts: self.texts(&head, own),
            reason: self.typesetter.fonts.paragraphs(&notice.reason),
            law: (!words.is_everyday_japanese()).then(|| self.line(&in_law)),
        };
        self.set("declined.typ", page, &head)
    }

    pub(super) fn reopened(&self, notice: &ReopenedNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let head = Head {
            document_number: &notice.document_number,
            day: notice.reopened_on,
            library: &notice.library_name,
            issuer: &notice.issuer,
            contact: &notice.contact,
            name: &notice.name,
            library_words: notice.library_words.as_ref(),
        };
        let answer_by = in_words(words, notice.answer_by);
        let own = [
            ("title", words.patron_notice_reopened_title()),
            ("lead", words.patron_notice_reopened_lead(notice.reference.to_string(), answer_by)),
            ("now", words.patron_notice_now()),
            ("stopped", words.patron_notice_now_stopped()),
            ("kept", words.patron_notice_now_kept()),
            ("password", words.patron_notice_now_password()),
            ("questions", words.patron_notice_ask()),
            ("ask", words.patron_notice_object_ask()),
            ("issuer", words.patron_notice_teller()),
        ];
        let page = ReopenedPage {
            letterhead: self.letterhead(&head, Words::patron_notice_reopened_title),
            texts: self.texts(&head, own),
            effect: notice.effect.map(ReopenEffect::as_str),
        };
        self.set("reopened.typ", page, &head)
    }

    pub(super) fn of_card(&self, notice: &CardNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let head = Head {
            document_number: &notice.document_number,
            day: notice.placed_on,
            library: &notice.library_name,
            issuer: &notice.issuer,
            contact: &notice.contact,
            name: &notice.name,
            library_words: notice.library_words.as_ref(),
        };
        let told = ToldOfCard::of(words, notice);
        let own = [
            ("title", (told.title)(words)),
            ("lead", told.lead),
            ("card", words.patron_notice_card()),
            ("card_number", words.patron_page_card_number()),
            ("expires", words.patron_page_expires()),
            ("next", words.patron_notice_next()),
            ("care", words.patron_notice_care()),
            ("strange", words.patron_notice_care_strange()),
            ("issuer", words.patron_notice_teller()),
        ];
        let page = CardNewsPage {
            letterhead: self.letterhead(&head, told.title),
            texts: self.texts(&head, own),
            card_number: self.typesetter.fonts.printed(&notice.card_number_grouped),
            expires_on: self.day(notice.expires_on),
            next: told.next.iter().map(|sentence| self.line(sentence)).collect(),
        };
        self.set("card_news.typ", page, &head)
    }

    pub(super) fn returned(&self, notice: &ReturnedNotice) -> Result<Vec<u8>, DocumentError> {
        let (words, fonts) = (self.words, &self.typesetter.fonts);
        let head = Head {
            document_number: &notice.document_number,
            day: notice.asked_on,
            library: &notice.library_name,
            issuer: &notice.issuer,
            contact: &notice.contact,
            name: &notice.name,
            library_words: notice.library_words.as_ref(),
        };
        let answer_by = in_words(words, notice.answer_by);
        let own = [
            ("title", words.patron_notice_returned_title()),
            ("lead", words.document_letter_returned_lead(notice.reference.to_string(), answer_by)),
            ("late", words.document_letter_late()),
            ("late_what", words.document_letter_late_what()),
            ("issuer", words.patron_notice_asker()),
        ];
        let item = |item: &AskedItem| PrintedItem {
            label: self.line(&wording::of_field(words, item.field)),
            why: self.line(&words.document_letter_asked_why(wording::of_correction(words, item.reason))),
            words: fonts.paragraphs(item.text.as_str()),
        };
        let page = ReturnedPage {
            letterhead: self.letterhead(&head, Words::patron_notice_returned_title),
            texts: self.texts(&head, own),
            opening: notice.text.as_ref().map(|text| fonts.paragraphs(text.as_str())).unwrap_or_default(),
            items: notice.items.iter().map(item).collect(),
        };
        self.set("returned.typ", page, &head)
    }
}
