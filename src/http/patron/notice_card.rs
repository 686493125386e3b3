//! The notices about a card that its holder already had: what was done, the card as it is now, what to do next.

use super::notice_end::NoticeEnd;
use super::printed::{Bars, PrintedDay};
use super::spelling::one_by_one;
use crate::domain::notice::{
    ChangedNotice, IssuedNotice, LinkedNotice, NoticeContent, PasswordIssuedNotice, ReissuedNotice, RenewedNotice,
};
use crate::http::page::Layout;
use crate::http::procedure_wording as wording;
use crate::words::{Phrase, Words};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "patron/notice_card.html")]
pub(super) struct CardNoticePage {
    layout: Layout,
    title: Phrase,
    lead: Phrase,
    notice: IssuedNotice,
    issued_on: PrintedDay,
    expires_on: PrintedDay,
    number_spoken: String,
    /// What is other than before: labels and values.
    rows: Vec<(Phrase, Phrase)>,
    barcode: Option<Bars>,
    /// Until when the password can be looked at.
    viewable_until: Option<PrintedDay>,
    plastic_card: bool,
    end: NoticeEnd,
}

/// What is particular to a kind.
struct Particulars {
    title: Phrase,
    lead: Phrase,
    card: IssuedNotice,
    rows: Vec<(Phrase, Phrase)>,
    viewable_until: Option<PrintedDay>,
    plastic_card: bool,
}

/// Draws the notice; `None` for those that are not about a card that was there before.
pub(super) fn draw(layout: Layout, content: NoticeContent, end: NoticeEnd) -> Option<CardNoticePage> {
    let Particulars { title, lead, card, rows, viewable_until, plastic_card } = particulars(layout.words, content)?;
    Some(CardNoticePage {
        layout,
        title,
        lead,
        issued_on: card.issued_on.into(),
        expires_on: card.expires_on.into(),
        number_spoken: one_by_one(card.card_number.as_str()),
        rows,
        barcode: Bars::of(&card),
        notice: card,
        viewable_until,
        plastic_card,
        end,
    })
}

fn particulars(words: Words, content: NoticeContent) -> Option<Particulars> {
    let plain = |title, lead, card| Particulars {
        title,
        lead,
        card,
        rows: Vec::new(),
        viewable_until: None,
        plastic_card: false,
    };
    Some(match content {
        NoticeContent::Issued(_)
        | NoticeContent::IssuedToChildren(_)
        | NoticeContent::Declined(_)
        | NoticeContent::Returned(_)
        | NoticeContent::Reopened(_) => return None,
        NoticeContent::Renewed(RenewedNotice { card, old_expiry }) => Particulars {
            rows: vec![(words.patron_notice_renewed_before(), words.say(PrintedDay::from(old_expiry)))],
            ..plain(words.patron_notice_renewed_title(), words.patron_notice_renewed(), card)
        },
        NoticeContent::Reissued(ReissuedNotice { card, old_number_grouped, plastic_card }) => Particulars {
            rows: old_number_grouped
                .map(|number| (words.patron_notice_reissued_before(), words.patron_notice_reissued_over(number)))
                .into_iter()
                .collect(),
            plastic_card,
            ..plain(words.patron_notice_reissued_title(), words.patron_notice_reissued(), card)
        },
        NoticeContent::Linked(LinkedNotice { card }) => {
            plain(words.patron_notice_linked_title(), words.patron_notice_linked(), card)
        }
        NoticeContent::PasswordIssued(PasswordIssuedNotice { card, viewable_until }) => Particulars {
            viewable_until: Some(viewable_until.into()),
            ..plain(words.patron_notice_new_password_title(), words.patron_notice_new_password(), card)
        },
        NoticeContent::Changed(ChangedNotice { card, changed }) => Particulars {
            rows: vec![(words.patron_notice_changed_what(), wording::of_changes(words, &changed))],
            ..plain(words.patron_notice_changed_title(), words.patron_notice_changed(), card)
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::issued;
    use super::*;
    use crate::domain::request::Changed;
    use time::macros::date;

    fn drawn(content: NoticeContent) -> String {
        draw(Layout::sample(), content, "/aozora/ja/notices/1/notice.pdf".into()).unwrap().render().unwrap()
    }

    #[test]
    fn each_notice_says_what_is_other_than_before() {
        let old_expiry = date!(2026 - 12 - 31);
        let viewable_until = date!(2026 - 12 - 20);
        let reissued =
            ReissuedNotice { card: issued(), old_number_grouped: Some("00 8765 4321".into()), plastic_card: true };
        for (content, part) in [
            (NoticeContent::Renewed(RenewedNotice { card: issued(), old_expiry }), "2026年（令和8年）12月31日"),
            (NoticeContent::Reissued(reissued), "00 8765 4321（もう使えません）"),
            (NoticeContent::Linked(LinkedNotice { card: issued() }), "マイナンバーカードを登録しました"),
            (
                NoticeContent::PasswordIssued(PasswordIssuedNotice { card: issued(), viewable_until }),
                "2026年（令和8年）12月20日",
            ),
            (
                NoticeContent::Changed(ChangedNotice {
                    card: issued(),
                    changed: vec![Changed::Address, Changed::Email],
                }),
                "住所、メールアドレス",
            ),
        ] {
            let page = drawn(content);
            assert!(page.contains(part) && page.contains("00 1234 5678") && page.contains("notice.pdf"), "{part}");
        }
    }

    #[test]
    fn a_new_card_has_a_page_of_its_own() {
        assert!(draw(Layout::sample(), NoticeContent::Issued(issued()), "".into()).is_none());
    }
}
