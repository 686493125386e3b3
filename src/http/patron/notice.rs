//! A notice: the accessible original of what the PDF file says, in the same order.

use super::notice_card;
use super::notice_end::NoticeEnd;
use super::notice_revoked;
use super::pdf;
use super::printed::{Bars, PrintedDay};
use super::reader::Holder;
use super::spelling::one_by_one;
use crate::document::wording::words_of;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{
    ChildrenNotice, DeclinedNotice, IssuedNotice, NoticeContent, PaperSize, ReopenedNotice, ReturnedNotice,
};
use crate::domain::review::ReopenEffect;
use crate::http::asked::AskedLine;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::deliver::ReadNotice;
use crate::words::{AsWritten, Lang, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Which notice the address means.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct NoticePath {
    notice: String,
}

impl NoticePath {
    fn id(&self) -> Result<NoticeId, Error> {
        self.notice.parse().map_err(|_| Error::NotFound)
    }
}

/// 貸出券番号等通知書.
#[derive(Template)]
#[template(path = "patron/notice_issued.html")]
struct IssuedPage {
    layout: Layout,
    notice: IssuedNotice,
    issued_on: PrintedDay,
    expires_on: PrintedDay,
    number_spoken: String,
    barcode: Option<Bars>,
    end: NoticeEnd,
}

/// 貸出券番号等通知書 for several children.
#[derive(Template)]
#[template(path = "patron/notice_children.html")]
struct ChildrenPage {
    layout: Layout,
    guardian: String,
    /// The first card, for what all have in common.
    notice: IssuedNotice,
    issued_on: PrintedDay,
    cards: Vec<ChildCard>,
    end: NoticeEnd,
}

/// One child's card.
struct ChildCard {
    notice: IssuedNotice,
    expires_on: PrintedDay,
    number_spoken: String,
    barcode: Option<Bars>,
}

/// The notice of refusal.
#[derive(Template)]
#[template(path = "patron/notice_declined.html")]
struct DeclinedPage {
    layout: Layout,
    notice: DeclinedNotice,
    decided_on: PrintedDay,
    /// What the law says of remedies, in Japanese, under its translation.
    law: Option<AsWritten>,
    end: NoticeEnd,
}

/// The request for correction.
#[derive(Template)]
#[template(path = "patron/notice_returned.html")]
struct ReturnedPage {
    layout: Layout,
    notice: ReturnedNotice,
    asked_on: PrintedDay,
    answer_by: PrintedDay,
    items: Vec<AskedLine>,
    end: NoticeEnd,
}

/// The file cannot be sealed just now; the page can be read.
#[derive(Template)]
#[template(path = "patron/notice_later.html")]
struct LaterPage {
    layout: Layout,
    notice_url: String,
}

/// After how many seconds it is worth asking for the file again.
const LATER: u32 = 300;

/// The notice that a decision was opened again.
#[derive(Template)]
#[template(path = "patron/notice_reopened.html")]
struct ReopenedPage {
    layout: Layout,
    notice: ReopenedNotice,
    reopened_on: PrintedDay,
    answer_by: PrintedDay,
    end: NoticeEnd,
}

/// Shows the notice and records its first reading.
pub(in crate::http) async fn show(holder: Holder, path: web::Path<NoticePath>) -> Result<HttpResponse, Error> {
    let here = holder.here;
    let id = path.id()?;
    let (notice, code) = match here.portal.read_notice(&here.library, &holder.session, id).await? {
        ReadNotice::InForce { notice, code } => (notice, code),
        ReadNotice::TakenBack { notice, at } => return page::ok(&notice_revoked::draw(here.layout, &notice, at)),
    };
    let end = NoticeEnd::of(&here.layout, &notice, &code);
    match notice.content {
        NoticeContent::Issued(notice) => page::ok(&draw_issued(here.layout, notice, end)),
        NoticeContent::IssuedToChildren(notice) => match draw_children(here.layout, notice, end) {
            Some(page) => page::ok(&page),
            None => Err(Error::NotFound),
        },
        NoticeContent::Declined(notice) => page::ok(&draw_declined(here.layout, notice, end)),
        NoticeContent::Returned(notice) => page::ok(&draw_returned(here.layout, notice, end)),
        NoticeContent::Reopened(notice) => page::ok(&draw_reopened(here.layout, notice, end)),
        about_card => match notice_card::draw(here.layout, about_card, end) {
            Some(page) => page::ok(&page),
            None => Err(Error::NotFound),
        },
    }
}

/// How large the type of the file is to be.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct SizeQuery {
    #[serde(default)]
    size: Option<String>,
}

impl SizeQuery {
    fn size(&self) -> Result<PaperSize, Error> {
        match self.size.as_deref() {
            None => Ok(PaperSize::Regular),
            Some("large") => Ok(PaperSize::Large),
            Some(_) => Err(Error::NotFound),
        }
    }
}

/// The same as a PDF file, to keep.
pub(in crate::http) async fn document(
    holder: Holder,
    path: web::Path<NoticePath>,
    query: web::Query<SizeQuery>,
) -> Result<HttpResponse, Error> {
    let here = holder.here;
    let (id, size) = (path.id()?, query.size()?);
    let (notice, document) = match here.portal.notice_document(&here.library, &holder.session, id, size).await {
        Err(service::Error::Seal(error)) => {
            tracing::warn!(%error, "somebody waits for the seal of a notice");
            let notice_url = here.urls.notice(id);
            return page::later(&LaterPage { layout: here.layout, notice_url }, LATER);
        }
        made => made?,
    };
    let name = pdf::name_of_notice(words_of(notice.language), &notice.content);
    Ok(pdf::attachment(document, &name, "notice.pdf"))
}

fn draw_issued(layout: Layout, notice: IssuedNotice, end: NoticeEnd) -> IssuedPage {
    IssuedPage {
        layout,
        issued_on: notice.issued_on.into(),
        expires_on: notice.expires_on.into(),
        number_spoken: one_by_one(notice.card_number.as_str()),
        barcode: Bars::of(&notice),
        notice,
        end,
    }
}

fn draw_children(layout: Layout, notice: ChildrenNotice, end: NoticeEnd) -> Option<ChildrenPage> {
    let ChildrenNotice { guardian, cards } = notice;
    let first = cards.first()?.clone();
    let of_card = |notice: IssuedNotice| ChildCard {
        expires_on: notice.expires_on.into(),
        number_spoken: one_by_one(notice.card_number.as_str()),
        barcode: Bars::of(&notice),
        notice,
    };
    Some(ChildrenPage {
        layout,
        guardian: guardian.as_str().to_owned(),
        issued_on: first.issued_on.into(),
        notice: first,
        cards: cards.into_iter().map(of_card).collect(),
        end,
    })
}

fn draw_declined(layout: Layout, notice: DeclinedNotice, end: NoticeEnd) -> DeclinedPage {
    let law =
        (!layout.words.is_everyday_japanese()).then(|| Words::new(Lang::Ja).patron_notice_object_law().plain().into());
    DeclinedPage { layout, decided_on: notice.decided_on.into(), law, notice, end }
}

fn draw_reopened(layout: Layout, notice: ReopenedNotice, end: NoticeEnd) -> ReopenedPage {
    ReopenedPage { layout, reopened_on: notice.reopened_on.into(), answer_by: notice.answer_by.into(), notice, end }
}

fn draw_returned(layout: Layout, notice: ReturnedNotice, end: NoticeEnd) -> ReturnedPage {
    ReturnedPage {
        asked_on: notice.asked_on.into(),
        answer_by: notice.answer_by.into(),
        items: notice.items.iter().map(|item| AskedLine::of(layout.words, item)).collect(),
        layout,
        notice,
        end,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::ids::{ApplicationId, LibraryId};
    use crate::domain::language::Language;
    use crate::domain::notice::Notice;
    use crate::domain::reference::Reference;
    use time::OffsetDateTime;
    use time::macros::{date, datetime};

    const PLACED_AT: OffsetDateTime = datetime!(2026-11-20 05:31 UTC);

    pub(in crate::http::patron) fn issued() -> IssuedNotice {
        IssuedNotice {
            document_number: "2026-000123".into(),
            issued_on: date!(2026 - 11 - 20),
            library_name: "あおぞら市立図書館".into(),
            issuer: "あおぞら市立図書館長".into(),
            contact: "076-000-0000　9:30〜18:00".into(),
            reference: Reference::from_random(42),
            name: "髙橋　花子".parse().unwrap(),
            category: "市内に住んでいる".into(),
            card_number: "0012345678".parse().unwrap(),
            card_number_grouped: "00 1234 5678".into(),
            barcode: "A0012345678A".into(),
            expires_on: date!(2029 - 11 - 20),
            ends_with: None,
            loan_limit: 20,
            portal_url: "https://card.example.jp/aozora/ja/".into(),
            password_at_counter: false,
        }
    }

    fn declined() -> DeclinedNotice {
        DeclinedNotice {
            document_number: "2026-000124".into(),
            decided_on: date!(2026 - 11 - 21),
            library_name: "あおぞら市立図書館".into(),
            issuer: "あおぞら市立図書館長".into(),
            contact: "076-000-0000　9:30〜18:00".into(),
            reference: Reference::from_random(42),
            name: "髙橋　花子".parse().unwrap(),
            reason: "住所を確かめられませんでした。\n<b>窓口</b>でもお受けします。".into(),
        }
    }

    fn placed(content: NoticeContent) -> Notice {
        Notice {
            id: NoticeId::new(PLACED_AT),
            library_id: LibraryId::new(PLACED_AT),
            application_id: ApplicationId::new(PLACED_AT),
            language: Language::Ja,
            content,
            placed_at: PLACED_AT,
            mailed_at: None,
            first_read_at: None,
        }
    }

    pub(in crate::http::patron) fn an_issued_notice() -> Notice {
        placed(NoticeContent::Issued(issued()))
    }

    pub(in crate::http::patron) fn a_declined_notice() -> Notice {
        placed(NoticeContent::Declined(declined()))
    }

    #[test]
    fn the_notice_says_what_the_paper_says_in_the_same_order() {
        let page = draw_issued(Layout::sample(), issued(), "/aozora/ja/notices/1/notice.pdf".into()).render().unwrap();
        let parts = [
            "2026-000123",
            "2026年（令和8年）11月20日",
            ">貸出券番号等通知書</h1>",
            "髙橋　花子 様",
            "00 1234 5678",
            "2029年（令和11年）11月20日",
            "市内に住んでいる",
            "20点まで",
            "<svg",
            "2 初期パスワード",
            "3 はじめて使うとき",
            "4 注意",
            "あおぞら市立図書館長",
            "076-000-0000　9:30",
        ];
        let mut at = page.find("<main").unwrap();
        for part in parts {
            at += page[at..].find(part).unwrap_or_else(|| panic!("{part} is missing or out of order"));
        }
    }

    #[test]
    fn each_child_has_a_number_and_the_letter_goes_to_the_guardian() {
        let second = IssuedNotice {
            name: "髙橋　次郎".parse().unwrap(),
            card_number_grouped: "00 8765 4321".into(),
            ..issued()
        };
        let notice = ChildrenNotice { guardian: "髙橋　母".parse().unwrap(), cards: vec![issued(), second] };
        let page = draw_children(Layout::sample(), notice, "/x".into()).unwrap().render().unwrap();
        for part in ["髙橋　母 様", "髙橋　花子", "髙橋　次郎", "00 1234 5678", "00 8765 4321", "子どもごと"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert_eq!(page.matches("<svg role=\"img\"").count(), 2);
    }

    #[test]
    fn the_number_is_said_digit_by_digit_and_the_bars_have_a_name() {
        let page = draw_issued(Layout::sample(), issued(), "/x".into()).render().unwrap();
        assert!(page.contains("aria-hidden=\"true\">00 1234 5678<"));
        assert!(page.contains(">0 0 1 2 3 4 5 6 7 8<"));
        assert!(page.contains("role=\"img\" aria-label=\"カード番号 0 0 1 2 3 4 5 6 7 8 のバーコード（NW-7）\""));
    }

    #[test]
    fn a_number_without_bars_is_still_shown() {
        let notice = IssuedNotice { barcode: "no bars".into(), ..issued() };
        let page = draw_issued(Layout::sample(), notice, "/x".into()).render().unwrap();
        assert!(page.contains("00 1234 5678") && !page.contains("lc-barcode"));
    }

    #[test]
    fn a_refusal_says_why_and_what_can_be_done() {
        let page =
            draw_declined(Layout::sample(), declined(), "/aozora/ja/notices/1/notice.pdf".into()).render().unwrap();
        for part in [
            "お申し込みの結果のお知らせ",
            "住所を確かめられませんでした。",
            "3か月以内",
            "/aozora/ja/apply/who",
            "notice.pdf",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<b>窓口</b>でも"), "the reason is text, never markup");
    }

    #[test]
    fn an_address_that_is_no_notice_is_not_found() {
        for notice in ["1", "../status", ""] {
            assert!(matches!(NoticePath { notice: notice.into() }.id(), Err(Error::NotFound)), "{notice}");
        }
    }
}
