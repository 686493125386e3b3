//! The papers of procedures about a card, read as other programs read them.

use super::tests::{TYPESETTER, issued, statement, text_of};
use crate::domain::library::ReissueReason;
use crate::domain::notice::{
    ChangedNotice, LinkedNotice, NoticeContent, PasswordIssuedNotice, ReissuedNotice, RenewedNotice,
};
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
