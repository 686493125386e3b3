//! The papers of procedures about a card, read as other programs read them.

use super::Edition;
use super::tests::{TYPESETTER, declined, issued, of_card, returned, statement, text_of};
use super::wording::words_of;
use crate::domain::language::Language;
use crate::domain::library::ReissueReason;
use crate::domain::library_text::LibraryText;
use crate::domain::notice::{
    CardNews, CardNotice, ChangedNotice, ChildrenNotice, DeclinedNotice, IssuedNotice, LinkedNotice, NoticeContent,
    PasswordIssuedNotice, ReissuedNotice, RenewalWay, RenewedNotice, ReturnedNotice, Stopper,
};
use crate::domain::password_way::PasswordWay;
use crate::domain::request::{Changed, Request};
use crate::domain::statement::Statement;
use time::OffsetDateTime;
use time::macros::{date, datetime};

const FROZEN_AT: OffsetDateTime = datetime!(2026-11-20 02:30 UTC);

fn says(pdf: &[u8], name: &str, parts: &[&str]) {
    let text = text_of(pdf, name);
    for part in parts {
        assert!(text.contains(part), "{name}: {part} is missing in {text}");
    }
}

#[test]
fn each_notice_about_a_card_says_what_was_done() {
    let reissued =
        ReissuedNotice { card: issued(), old_number_grouped: Some("8765 4321".to_owned()), plastic_card: true };
    let kept = ReissuedNotice { card: issued(), old_number_grouped: None, plastic_card: false };
    let (old_expiry, viewable_until) = (date!(2026 - 12 - 31), date!(2026 - 12 - 20));
    let changed = vec![Changed::Address, Changed::Email];
    let notices: [(NoticeContent, &[&str]); 6] = [
        (
            NoticeContent::Renewed(RenewedNotice { card: issued(), old_expiry }),
            &["有効期限延長のお知らせ", "2026年12月31日"],
        ),
        (NoticeContent::Reissued(reissued), &["8765 4321（もう使えません）", "窓口で受け取れます"]),
        (NoticeContent::Reissued(kept), &["図書館カードを再発行しました", "1234 5674"]),
        (NoticeContent::Linked(LinkedNotice { card: issued() }), &["マイナンバーカードを登録しました", "12点まで"]),
        (
            NoticeContent::PasswordIssued(PasswordIssuedNotice { card: issued(), viewable_until }),
            &["使えなくなりました", "2026年12月20日"],
        ),
        (NoticeContent::Changed(ChangedNotice { card: issued(), changed }), &["住所、メールアドレス"]),
    ];
    for (place, (notice, parts)) in notices.into_iter().enumerate() {
        says(&TYPESETTER.notice(&notice).unwrap(), &format!("card-notice-{place}"), parts);
    }
}

#[test]
fn a_card_for_which_nobody_applied_is_told_of_with_what_follows() {
    let from = date!(2026 - 12 - 19);
    let told: [(CardNews, &[&str]); 5] = [
        (CardNews::Stopped { by: Stopper::Holder }, &["なくしたという届け出を受けて", "「マイページ」"]),
        (CardNews::Stopped { by: Stopper::Library }, &["図書館が、図書館カードを止めました", "下の問い合わせ先"]),
        (CardNews::Released, &["また使えるようにしました", "前と同じです"]),
        (CardNews::Expiring { renewal: RenewalWay::Online(from) }, &["2026年12月19日", "延長を申し込めます"]),
        (CardNews::Expiring { renewal: RenewalWay::Counter }, &["図書館の窓口で延長"]),
    ];
    for (place, (news, parts)) in told.into_iter().enumerate() {
        let pdf = TYPESETTER.notice(&NoticeContent::OfCard(of_card(news))).unwrap();
        // A sentence may go on in the next line.
        let text = text_of(&pdf, &format!("card-news-{place}")).replace(char::is_whitespace, "");
        for part in ["12345674", "2027年1月19日", "山田花子"].iter().chain(parts) {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}

#[test]
fn each_application_says_what_is_asked_for_about_which_card() {
    let card_number = || "300000014".parse().unwrap();
    let lost_on = Some(date!(2026 - 11 - 18));
    let requests: [(Request, &[&str]); 5] = [
        (Request::CardLink { card_number: card_number() }, &["マイナンバーカード登録申込書"]),
        (
            Request::Renewal { card_number: card_number(), facts_unchanged: true },
            &["有効期限延長申込書", "前に届け出た内容から変わりない"],
        ),
        (
            Request::Reissue { card_number: card_number(), reason: ReissueReason::Lost, lost_on },
            &["図書館カード再発行申込書", "なくした", "2026年11月18日", "プラスチックのカード"],
        ),
        (Request::PasswordIssue { card_number: card_number() }, &["予約用パスワード発行申込書"]),
        (
            Request::Change { card_number: card_number(), changed: vec![Changed::Name, Changed::Phone] },
            &["登録内容変更届", "氏名、電話番号"],
        ),
    ];
    for (request, parts) in requests {
        let procedure = request.procedure();
        let asked = Statement { procedure, request: Some(request), ..statement() };
        let pdf = TYPESETTER.application(&asked, FROZEN_AT).unwrap();
        says(&pdf, procedure.as_str(), &["300000014"]);
        says(&pdf, procedure.as_str(), parts);
        assert_eq!(super::read_statement(&pdf).unwrap(), asked);
    }
}

#[test]
fn the_paper_names_the_way_to_the_password() {
    let viewable_until = date!(2026 - 12 - 20);
    for (way, parts) in [
        (PasswordWay::Card, ["受取コードでは受け取れません", "doesnotopenit"]),
        (PasswordWay::Code, ["受取コードを使います", "youneedthecollectioncode"]),
        (PasswordWay::CodeOrCard, ["マイナンバーカードでも", "mynumbercardthatsignedworks,too"]),
    ] {
        let card = IssuedNotice { password_way: Some(way), ..issued() };
        let again = PasswordIssuedNotice { card: card.clone(), viewable_until };
        for (place, content) in [NoticeContent::Issued(card), NoticeContent::PasswordIssued(again)].iter().enumerate() {
            for (language, part) in [Language::Ja, Language::En].into_iter().zip(parts) {
                let edition = Edition { words: words_of(language), ..Edition::default() };
                let pdf = TYPESETTER.notice_as(content, &edition).unwrap();
                let text = text_of(&pdf, &format!("way-{way:?}-{place}-{}", language.as_str()));
                let text = text.replace(char::is_whitespace, "").to_lowercase();
                assert!(text.contains(part), "{way:?}: {part} is missing in {text}");
                assert!(!text.contains("マイページ") && !text.contains("mypage"), "it is not collected there: {text}");
            }
        }
    }
}

#[test]
fn what_the_library_says_is_printed_paragraph_by_paragraph_in_every_kind_of_notice() {
    let said: LibraryText = serde_json::from_value(serde_json::json!({
        "ja": "毎週土曜日に案内しています。\n\nどうぞ*お立ち寄り*ください。",
        "en": "Guided tours every Saturday."
    }))
    .unwrap();
    let words = || Some(said.clone());
    let card = || IssuedNotice { library_words: words(), ..issued() };
    let notices = [
        NoticeContent::Issued(card()),
        NoticeContent::IssuedToChildren(ChildrenNotice { guardian: issued().name, cards: vec![card()] }),
        NoticeContent::Linked(LinkedNotice { card: card() }),
        NoticeContent::Declined(DeclinedNotice { library_words: words(), ..declined() }),
        NoticeContent::Returned(ReturnedNotice { library_words: words(), ..returned() }),
        NoticeContent::OfCard(CardNotice { library_words: words(), ..of_card(CardNews::Released) }),
    ];
    for (place, notice) in notices.iter().enumerate() {
        let said_in = |language| {
            let edition = Edition { words: words_of(language), ..Edition::default() };
            let pdf = TYPESETTER.notice_as(notice, &edition).unwrap();
            assert!(pdf == TYPESETTER.notice_as(notice, &edition).unwrap(), "the same bytes each time");
            text_of(&pdf, &format!("own-words-{place}")).replace(char::is_whitespace, "")
        };
        let japanese = said_in(Language::Ja);
        assert!(japanese.contains("毎週土曜日に案内しています。どうぞ*お立ち寄り*ください。"), "{japanese}");
        let english = said_in(Language::En);
        assert!(english.contains("GuidedtourseverySaturday.") && !english.contains("毎週"), "{english}");
    }
}
