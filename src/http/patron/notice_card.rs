//! The notices about a card that its holder already had: what was done, the card as it is now, what to do next.

use super::notice_end::NoticeEnd;
use super::printed::{Bars, PrintedDay};
use super::spelling::one_by_one;
use crate::domain::notice::{
    ChangedNotice, IssuedNotice, LinkedNotice, NoticeContent, PasswordIssuedNotice, ReissuedNotice, RenewedNotice,
};
use crate::http::page::Layout;
use crate::http::procedure_wording as wording;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "patron/notice_card.html")]
pub(super) struct CardNoticePage {
    layout: Layout,
    title: &'static str,
    lead: &'static str,
    notice: IssuedNotice,
    issued_on: PrintedDay,
    expires_on: PrintedDay,
    number_spoken: String,
    /// What is other than before: labels and values.
    rows: Vec<(&'static str, String)>,
    barcode: Option<Bars>,
    /// Until when the password can be looked at.
    viewable_until: Option<PrintedDay>,
    plastic_card: bool,
    end: NoticeEnd,
}

/// What is particular to a kind.
struct Particulars {
    title: &'static str,
    lead: &'static str,
    card: IssuedNotice,
    rows: Vec<(&'static str, String)>,
    viewable_until: Option<PrintedDay>,
    plastic_card: bool,
}

/// Draws the notice; `None` for those that are not about a card that was there before.
pub(super) fn draw(layout: Layout, content: NoticeContent, end: NoticeEnd) -> Option<CardNoticePage> {
    let Particulars { title, lead, card, rows, viewable_until, plastic_card } = particulars(content)?;
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

fn particulars(content: NoticeContent) -> Option<Particulars> {
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
            rows: vec![("前の有効期限", PrintedDay::from(old_expiry).text)],
            ..plain("有効期限延長のお知らせ", "図書館カードの有効期限を延ばしました。", card)
        },
        NoticeContent::Reissued(ReissuedNotice { card, old_number_grouped, plastic_card }) => Particulars {
            rows: old_number_grouped
                .map(|number| ("前のカード番号", format!("{number}（もう使えません）")))
                .into_iter()
                .collect(),
            plastic_card,
            ..plain("図書館カード再発行のお知らせ", "図書館カードを再発行しました。", card)
        },
        NoticeContent::Linked(LinkedNotice { card }) => {
            plain("マイナンバーカード登録のお知らせ", "マイナンバーカードを登録しました。", card)
        }
        NoticeContent::PasswordIssued(PasswordIssuedNotice { card, viewable_until }) => Particulars {
            viewable_until: Some(viewable_until.into()),
            ..plain(
                "予約用パスワード発行のお知らせ",
                "予約用のパスワードを発行しました。前のパスワードは、使えなくなりました。",
                card,
            )
        },
        NoticeContent::Changed(ChangedNotice { card, changed }) => Particulars {
            rows: vec![("変更したもの", wording::of_changes(&changed))],
            ..plain("登録内容変更のお知らせ", "登録内容を変更しました。", card)
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
