//! A notice: the accessible original of what the PDF file says, in the same order.

use super::letter::{Body, Sheet};
use super::notice_end::NoticeEnd;
use super::notice_revoked;
use super::pdf;
use super::reader::Holder;
use crate::document::wording::words_of;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeContent, PaperSize};
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::deliver::{ReadNotice, SinceThen};
use crate::words::Phrase;
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

/// A notice, whatever it says.
#[derive(Template)]
#[template(path = "patron/notice.html")]
struct NoticePage {
    layout: Layout,
    sheet: Sheet,
    /// The way back: to the card where nobody applied for anything, else to the application.
    back: (String, Phrase),
    /// Where a newer one is found, if one came after it.
    newer_url: Option<String>,
    /// True if it asks to put something right.
    is_to_fix: bool,
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

/// Shows the notice and records its first reading.
pub(in crate::http) async fn show(holder: Holder, path: web::Path<NoticePath>) -> Result<HttpResponse, Error> {
    let here = holder.here;
    let id = path.id()?;
    let (notice, code, since) = match here.portal.read_notice(&here.library, &holder.session, id).await? {
        ReadNotice::InForce { notice, code, since } => (notice, code, since),
        ReadNotice::TakenBack { notice, at } => return page::ok(&notice_revoked::draw(here.layout, &notice, at)),
    };
    let end = NoticeEnd::of(&here.layout, &notice, &code);
    match draw(here.layout, &notice.content, &since, end) {
        Some(page) => page::ok(&page),
        None => Err(Error::NotFound),
    }
}

fn draw(layout: Layout, content: &NoticeContent, since: &SinceThen, end: NoticeEnd) -> Option<NoticePage> {
    let (urls, words) = (&layout.urls, layout.words);
    let is_of_card = matches!(content, NoticeContent::OfCard(_));
    let newer_url = || if is_of_card || content.card().is_some() { urls.card() } else { urls.status() };
    Some(NoticePage {
        back: if is_of_card {
            (urls.card(), words.card_home_back())
        } else {
            (urls.status(), words.patron_page_to_status())
        },
        sheet: Sheet::sent(layout.words, &layout.urls, content, since)?,
        newer_url: since.is_superseded.then(newer_url),
        is_to_fix: matches!(content, NoticeContent::Returned(_)) && !since.is_superseded,
        end,
        layout,
    })
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

#[cfg(test)]
pub(in crate::http) mod tests {
    use super::*;
    use crate::domain::ids::{ApplicationId, LibraryId};
    use crate::domain::language::Language;
    use crate::domain::notice::{
        CardNews, CardNotice, ChangedNotice, ChildrenNotice, DeclinedNotice, IssuedNotice, LinkedNotice, Notice,
        NoticeAbout, PasswordIssuedNotice, ReissuedNotice, RenewalWay, RenewedNotice, Stopper,
    };
    use crate::domain::password_way::PasswordWay;
    use crate::domain::reference::Reference;
    use crate::domain::request::Changed;
    use crate::service::deliver::Unusable;
    use time::OffsetDateTime;
    use time::macros::{date, datetime};

    const PLACED_AT: OffsetDateTime = datetime!(2026-11-20 05:31 UTC);

    pub(in crate::http) fn issued() -> IssuedNotice {
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
            password_way: None,
            library_words: None,
        }
    }

    pub(in crate::http) fn declined() -> DeclinedNotice {
        DeclinedNotice {
            document_number: "2026-000124".into(),
            decided_on: date!(2026 - 11 - 21),
            library_name: "あおぞら市立図書館".into(),
            issuer: "あおぞら市立図書館長".into(),
            contact: "076-000-0000　9:30〜18:00".into(),
            reference: Reference::from_random(42),
            name: "髙橋　花子".parse().unwrap(),
            reason: "住所を確かめられませんでした。\n<b>窓口</b>でもお受けします。".into(),
            library_words: None,
        }
    }

    fn placed(content: NoticeContent) -> Notice {
        Notice {
            id: NoticeId::new(PLACED_AT),
            library_id: LibraryId::new(PLACED_AT),
            about: NoticeAbout::Application(ApplicationId::new(PLACED_AT)),
            language: Language::Ja,
            content,
            placed_at: PLACED_AT,
            mailed_at: None,
            first_read_at: None,
            first_saved_at: None,
        }
    }

    pub(in crate::http::patron) fn an_issued_notice() -> Notice {
        placed(NoticeContent::Issued(issued()))
    }

    pub(in crate::http::patron) fn a_declined_notice() -> Notice {
        placed(NoticeContent::Declined(declined()))
    }

    fn drawn_since(content: &NoticeContent, since: &SinceThen) -> String {
        let end = "/aozora/ja/notices/1/notice.pdf".into();
        draw(Layout::sample(), content, since, end).unwrap().render().unwrap()
    }

    fn drawn(content: &NoticeContent) -> String {
        drawn_since(content, &SinceThen::default())
    }

    #[test]
    fn the_notice_says_what_the_paper_says_in_the_same_order() {
        let page = drawn(&NoticeContent::Issued(issued()));
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
        let page = drawn(&NoticeContent::IssuedToChildren(notice));
        for part in ["髙橋　母 様", "髙橋　花子", "髙橋　次郎", "00 1234 5678", "00 8765 4321", "子どもごと"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert_eq!(page.matches("<svg role=\"img\"").count(), 2);
    }

    #[test]
    fn the_number_is_said_digit_by_digit_and_the_bars_have_a_name() {
        let page = drawn(&NoticeContent::Issued(issued()));
        assert!(page.contains("aria-hidden=\"true\">00 1234 5678<"));
        assert!(page.contains(">0 0 1 2 3 4 5 6 7 8<"));
        assert!(page.contains("role=\"img\" aria-label=\"カード番号 0 0 1 2 3 4 5 6 7 8 のバーコード（NW-7）\""));
    }

    #[test]
    fn a_number_without_bars_is_still_shown() {
        let notice = IssuedNotice { barcode: "no bars".into(), ..issued() };
        let page = drawn(&NoticeContent::Issued(notice));
        assert!(page.contains("00 1234 5678") && !page.contains("lc-barcode"));
    }

    #[test]
    fn a_refusal_says_why_and_what_can_be_done() {
        let page = drawn(&NoticeContent::Declined(declined()));
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
    fn each_notice_says_what_is_other_than_before() {
        let old_expiry = date!(2026 - 12 - 31);
        let viewable_until = date!(2026 - 12 - 20);
        let reissued =
            ReissuedNotice { card: issued(), old_number_grouped: Some("00 8765 4321".into()), plastic_card: true };
        let changed = vec![Changed::Address, Changed::Email];
        for (content, part) in [
            (NoticeContent::Renewed(RenewedNotice { card: issued(), old_expiry }), "2026年（令和8年）12月31日"),
            (NoticeContent::Reissued(reissued), "00 8765 4321（もう使えません）"),
            (NoticeContent::Linked(LinkedNotice { card: issued() }), "マイナンバーカードを登録しました"),
            (
                NoticeContent::PasswordIssued(PasswordIssuedNotice { card: issued(), viewable_until }),
                "2026年（令和8年）12月20日",
            ),
            (NoticeContent::Changed(ChangedNotice { card: issued(), changed }), "住所、メールアドレス"),
        ] {
            let page = drawn(&content);
            assert!(page.contains(part) && page.contains("00 1234 5678") && page.contains("notice.pdf"), "{part}");
        }
    }

    #[test]
    fn what_is_told_of_a_card_stands_with_number_and_last_day_and_without_bars() {
        for (news, part) in [
            (CardNews::Stopped { by: Stopper::Library }, "止めた理由と"),
            (CardNews::Released, "また使えるようにしました"),
            (CardNews::Expiring { renewal: RenewalWay::Counter }, "窓口で延長"),
        ] {
            let IssuedNotice { document_number, library_name, issuer, contact, name, card_number, .. } = issued();
            let page = drawn(&NoticeContent::OfCard(CardNotice {
                document_number,
                placed_on: date!(2026 - 11 - 20),
                library_name,
                issuer,
                contact,
                name,
                card_number,
                card_number_grouped: "00 1234 5678".into(),
                expires_on: date!(2027 - 01 - 19),
                news,
                library_words: None,
            }));
            for part in [part, "00 1234 5678", "2027年（令和9年）1月19日", "/aozora/ja/card", "notice.pdf"] {
                assert!(page.contains(part), "{part}: {page}");
            }
            assert!(!page.contains("lc-barcode"), "{page}");
        }
    }

    #[test]
    fn a_card_that_cannot_be_used_has_no_bars_and_the_page_says_why() {
        let number = issued().card_number;
        for (why, sentence) in [
            (Unusable::Stopped, "このカードは止まっています"),
            (Unusable::Expired, "有効期限が切れています"),
            (Unusable::Replaced, "新しいカードに替わりました"),
        ] {
            let since = SinceThen { unusable: vec![(number.clone(), why)], ..SinceThen::default() };
            for content in [NoticeContent::Issued(issued()), NoticeContent::Linked(LinkedNotice { card: issued() })] {
                let page = drawn_since(&content, &since);
                assert!(page.contains(sentence) && page.contains("href=\"/aozora/ja/card\""), "{page}");
                assert!(!page.contains("lc-barcode") && page.contains("00 1234 5678"), "{page}");
            }
        }
        // Of several children's cards only the one that is stopped.
        let second = IssuedNotice { card_number: "0087654321".parse().unwrap(), ..issued() };
        let notice = ChildrenNotice { guardian: "髙橋　母".parse().unwrap(), cards: vec![issued(), second] };
        let since = SinceThen { unusable: vec![(number, Unusable::Stopped)], ..SinceThen::default() };
        let page = drawn_since(&NoticeContent::IssuedToChildren(notice), &since);
        assert_eq!(page.matches("<svg role=\"img\"").count(), 1);
        assert!(page.contains("/card/family"));
    }

    #[test]
    fn whoever_reads_a_notice_that_was_overtaken_is_told() {
        let since = SinceThen { is_superseded: true, unusable: Vec::new() };
        let page = drawn_since(&NoticeContent::Issued(issued()), &since);
        assert!(page.contains("新しいお知らせが届いています") && page.contains("lc-barcode"), "{page}");
        assert!(!drawn(&NoticeContent::Issued(issued())).contains("新しいお知らせが"));
    }

    #[test]
    fn what_opens_the_password_is_what_the_notice_says() {
        let viewable_until = date!(2026 - 12 - 20);
        for (way, has, has_not) in [
            (Some(PasswordWay::Card), "受取コードでは受け取れません", "画面に出た受取コードを"),
            (Some(PasswordWay::Code), "画面に出た受取コードを使います", "マイナンバーカードでも"),
            (Some(PasswordWay::CodeOrCard), "マイナンバーカードでも受け取れます", "では受け取れません"),
            (None, "マイナンバーカードでも受け取れます", "では受け取れません"),
        ] {
            let card = IssuedNotice { password_way: way, ..issued() };
            let again = PasswordIssuedNotice { card: card.clone(), viewable_until };
            for content in [NoticeContent::Issued(card), NoticeContent::PasswordIssued(again)] {
                let page = drawn(&content);
                assert!(page.contains(has) && !page.contains(has_not), "{way:?}: {page}");
            }
        }
        let at_counter = IssuedNotice { password_at_counter: true, ..issued() };
        let page = drawn(&NoticeContent::Issued(at_counter));
        assert!(page.contains("その場で、紙に印刷してお渡しします") && !page.contains("/password\""), "{page}");
    }

    #[test]
    fn what_the_library_says_stands_behind_the_first_sentence() {
        let words = Some("ようこそ。\n\n<毎週>土曜日に案内しています。".into());
        let page = drawn(&NoticeContent::Declined(DeclinedNotice { library_words: words, ..declined() }));
        let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}: {page}"));
        assert!(at("交付できませんでした") < at(">ようこそ。</p>") && at("&#60;毎週&#62;土曜日") < at("1 理由"));
    }

    #[test]
    fn an_address_that_is_no_notice_is_not_found() {
        for notice in ["1", "../status", ""] {
            assert!(matches!(NoticePath { notice: notice.into() }.id(), Err(Error::NotFound)), "{notice}");
        }
    }
}
