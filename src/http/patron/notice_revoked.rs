//! A notice that counts no more: what it was about, when it came, and that it was taken back.

use super::notice_title::title_of;
use crate::domain::notice::{Notice, NoticeContent};
use crate::domain::reference::Reference;
use crate::http::filters::Moment;
use crate::http::page::Layout;
use crate::words::{Phrase, Words};
use askama::Template;
use time::OffsetDateTime;

/// The page.
#[derive(Template)]
#[template(path = "patron/notice_revoked.html")]
pub(super) struct RevokedPage {
    layout: Layout,
    title: Phrase,
    placed_at: Moment,
    revoked_at: Moment,
    /// What it said, as far as it can be told in a line each.
    facts: Vec<(Phrase, Phrase)>,
}

pub(super) fn draw(layout: Layout, notice: &Notice, revoked_at: OffsetDateTime) -> RevokedPage {
    RevokedPage {
        title: title_of(layout.words, &notice.content),
        placed_at: Moment(notice.placed_at),
        revoked_at: Moment(revoked_at),
        facts: facts_of(layout.words, &notice.content),
        layout,
    }
}

fn facts_of(words: Words, content: &NoticeContent) -> Vec<(Phrase, Phrase)> {
    let numbers = |document_number: &str, reference: &Reference| {
        vec![
            (words.patron_notice_document_number(), words.say(document_number)),
            (words.patron_page_reference(), words.say(reference.to_string())),
        ]
    };
    if let Some(card) = content.card() {
        let mut facts = numbers(&card.document_number, &card.reference);
        facts.push((words.patron_page_card_number(), words.say(card.card_number_grouped.as_str())));
        return facts;
    }
    match content {
        NoticeContent::Declined(notice) => {
            let mut facts = numbers(&notice.document_number, &notice.reference);
            facts.push((words.patron_notice_revoked_reason(), words.theirs(&notice.reason)));
            facts
        }
        NoticeContent::Returned(notice) => numbers(&notice.document_number, &notice.reference),
        NoticeContent::Reopened(notice) => numbers(&notice.document_number, &notice.reference),
        _ => Vec::new(),
    }
}
