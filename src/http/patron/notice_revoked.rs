//! A notice that counts no more: what it was about, when it came, and that it was taken back.

use super::notice_title::title_of;
use crate::domain::notice::{Notice, NoticeContent};
use crate::http::filters::Moment;
use crate::http::page::Layout;
use askama::Template;
use time::OffsetDateTime;

/// The page.
#[derive(Template)]
#[template(path = "patron/notice_revoked.html")]
pub(super) struct RevokedPage {
    layout: Layout,
    title: &'static str,
    placed_at: Moment,
    revoked_at: Moment,
    /// What it said, as far as it can be told in a line each.
    facts: Vec<(&'static str, String)>,
}

pub(super) fn draw(layout: Layout, notice: &Notice, revoked_at: OffsetDateTime) -> RevokedPage {
    RevokedPage {
        layout,
        title: title_of(&notice.content),
        placed_at: Moment(notice.placed_at),
        revoked_at: Moment(revoked_at),
        facts: facts_of(&notice.content),
    }
}

fn facts_of(content: &NoticeContent) -> Vec<(&'static str, String)> {
    if let Some(card) = content.card() {
        return vec![
            ("文書番号", card.document_number.clone()),
            ("申込番号", card.reference.to_string()),
            ("カード番号", card.card_number_grouped.clone()),
        ];
    }
    match content {
        NoticeContent::Declined(notice) => vec![
            ("文書番号", notice.document_number.clone()),
            ("申込番号", notice.reference.to_string()),
            ("理由", notice.reason.clone()),
        ],
        NoticeContent::Returned(notice) => {
            vec![("文書番号", notice.document_number.clone()), ("申込番号", notice.reference.to_string())]
        }
        NoticeContent::Reopened(notice) => {
            vec![("文書番号", notice.document_number.clone()), ("申込番号", notice.reference.to_string())]
        }
        _ => Vec::new(),
    }
}
