//! People who cannot sign and send pictures of documents instead: asked for them, reviewed by two, put right, kept.

use crate::attachments::jpeg;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, location};
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::service::audit::check_events;
use todoke::service::retain::purge::PurgeCap;
use todoke::store::applications;

const KEPT: &str = "SELECT COUNT(*) FROM attachments WHERE contents IS NOT NULL";
const WORDS: &str = "読みがちがいます。";

/// 姫路 花子 of 潮見町 at the page that asks for the documents that take the place of her signature.
async fn without_card(app: &TestApp) -> (Journey, Page) {
    let (applicant, check) = app.answered("shiomi", &pages::hanako_of_shiomi()).await;
    let offer = applicant.browser.click(&check, "署名しないで続け").await.unwrap();
    pages::is_at(&offer, "/apply/visit");
    assert!(offer.form("来館票を作る").is_err(), "this library has no slips");
    let documents = applicant.press(&offer, "書類の画像を送って申し込む").await.unwrap();
    pages::is_at(&documents, "/apply/documents");
    (applicant, documents)
}

async fn send_licence(applicant: &Journey, side: u32) {
    let page = applicant.open("apply/documents/add/licence").await.unwrap();
    let mut form = page.form("file").unwrap();
    for (name, value) in [("year", "2030"), ("month", "5"), ("day", "1")] {
        form = form.fill(name, value).unwrap();
    }
    let answer = Sending::form(&form, &applicant.browser).file(&jpeg(side)).send().await;
    assert_eq!(location(&answer).as_deref(), Some("/shiomi/ja/apply/documents"), "{}", answer.text());
}

/// The picture sent: the page that shows all answers.
async fn ready(app: &TestApp) -> (Journey, Page) {
    let (applicant, _) = without_card(app).await;
    send_licence(&applicant, 700).await;
    let documents = applicant.open("apply/documents").await.unwrap();
    let check = applicant.press(&documents, "次へ").await.unwrap();
    pages::is_at(&check, "/apply/check");
    (applicant, check)
}

/// In the queue, its receipt mailed.
async fn sent(app: &TestApp) -> Submitted {
    let (applicant, check) = ready(app).await;
    let done = applicant.agree(&check).await.unwrap();
    let sent = Submitted::on(applicant, &pages::hanako_of_shiomi(), &done);
    app.deliver_mail().await;
    sent
}

async fn approved_by_two(app: &TestApp, reference: &str) {
    let sato = app.staff("shiomi", "sato").await;
    let first = sato.decide(reference, "approve", "").await.unwrap();
    assert!(first.text().contains("1人目として承認しました"), "{}", first.text());
    let ishii = app.staff("shiomi", "ishii").await;
    let decided = ishii.decide(reference, "approve", "").await.unwrap();
    assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
    app.deliver_mail().await;
    assert_eq!(app.state("shiomi", reference).await, "issued");
}

stories! {
    async fn pictures_take_the_place_of_a_signature_and_two_look_at_them(app: &TestApp) {
        let sent = sent(app).await;
        assert_eq!(app.state("shiomi", &sent.reference).await, "submitted");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signatures").await, 0, "nobody signed");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM sightings").await, 0, "nobody came");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'submitted_unsigned'").await, 1);
        let letters = app.letters_to(&sent.person.email);
        assert!(letters.last().unwrap().text.contains(&sent.reference), "the receipt is mailed");
        let row = app.application("shiomi", &sent.reference).await;
        assert!(row.due_on.is_some() && row.branch.is_some_and(|branch| branch.to_string() == "honkan"));
        let status = sent.applicant.open("status").await.unwrap();
        assert!(status.text().contains("書類の画像といっしょに") && !status.text().contains("署名"), "{}", status.text());

        let sato = app.staff("shiomi", "sato").await;
        let file = sato.open_staff(&format!("applications/{}", sent.reference)).await.unwrap();
        for part in ["署名はありません", "本人を確かめる画像", "運転免許証", "署名なし・書類の画像で本人確認"] {
            assert!(file.text().contains(part), "{part}: {}", file.text());
        }
        let picture = sato.browser.open(file.link("画像をひらく").unwrap().as_str()).await.unwrap();
        assert!(picture.body.starts_with(b"\xFF\xD8\xFF"));
        for path in ["signature", "evidence.zip"] {
            let url = format!("applications/{}/{path}", sent.reference);
            assert_eq!(sato.open_staff(&url).await.unwrap().status, 404, "{path}");
        }
        let url = format!("applications/{}/document", sent.reference);
        assert!(sato.open_staff(&url).await.unwrap().body.starts_with(b"%PDF"));
        approved_by_two(app, &sent.reference).await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM certificate_links").await, 0);
        assert!(check_events(&app.database.db, None).await.unwrap().broken.is_empty());
        let (_, status) = app.reader("shiomi", &sent.person, &sent.reference).await;
        assert!(status.text().contains("カード"), "by mail they sign in: {}", status.text());
    }

    async fn nobody_else_sees_the_receipt_and_it_goes_after_an_hour(app: &TestApp) {
        let sent = sent(app).await;
        let again = sent.applicant.open("apply/done").await.unwrap();
        assert!(again.text().contains(&sent.collection_code), "it can be loaded again");
        let (reader, _) = app.reader("shiomi", &sent.person, &sent.reference).await;
        let other = reader.open("apply/done").await.unwrap();
        pages::is_at(&other, "/status");
        assert!(!other.text().contains(&sent.collection_code));
        app.advance(Duration::minutes(20));
        sent.applicant.open("apply/done").await.unwrap();
        app.advance(Duration::minutes(20));
        sent.applicant.open("apply/done").await.unwrap();
        app.advance(Duration::minutes(20));
        pages::is_at(&sent.applicant.open("apply/done").await.unwrap(), "/status");
    }

    async fn a_missing_document_leads_to_the_documents_and_none_is_lost(app: &TestApp) {
        let (applicant, documents) = without_card(app).await;
        assert!(documents.text().contains("氏名がわかる書類") && documents.text().contains("住所がわかる書類"));
        let early = applicant.press(&documents, "次へ").await.unwrap();
        pages::is_rejected(&early, "documents", "まだ付けていない書類");
        pages::is_at(&applicant.open("apply/check").await.unwrap(), "/apply/documents");
        send_licence(&applicant, 700).await;
        let documents = applicant.open("apply/documents").await.unwrap();
        let check = applicant.press(&documents, "署名して申し込む").await.unwrap();
        pages::is_at(&check, "/apply/check");
        assert!(check.form("署名へ進む").is_ok());
        assert_eq!(app.database.count(KEPT).await, 1, "what is attached stays");
        let sign = applicant.agree(&check).await.unwrap();
        pages::is_at(&sign, "/apply/sign");
        // The choice opens again what waited for a signature.
        let offer = applicant.browser.click(&sign, "署名しないで続ける").await.unwrap();
        applicant.press(&offer, "書類の画像を送って申し込む").await.unwrap();
        let (draft, answers) = app.draft_of("shiomi", "hanako@example.jp").await;
        assert_eq!(draft.state.name(), "draft");
        assert!(answers.unsigned && answers.attachments.len() == 1);
        let check = applicant.open("apply/check").await.unwrap();
        pages::is_at(&check, "/apply/check");
        assert!(check.form("この内容で申し込む").is_ok());
    }

    async fn a_document_taken_back_behind_the_last_page_leads_to_the_documents(app: &TestApp) {
        let (applicant, check) = ready(app).await;
        let documents = applicant.open("apply/documents").await.unwrap();
        applicant.press(&documents, "取りやめる").await.unwrap();
        pages::is_at(&applicant.agree(&check).await.unwrap(), "/apply/documents");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 0);
    }

    async fn where_the_rules_do_not_have_it_there_is_no_such_way(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        assert!(check.link("署名しないで続け").is_err());
        let offer = applicant.open("apply/visit").await.unwrap();
        assert!(offer.form("書類の画像を送って申し込む").is_err());
        let mut forged = offer.form("来館票を作る").unwrap();
        forged.action = format!("{}/ja/apply/visit/pictures", applicant.library).parse().unwrap();
        let before = app.written().await;
        for (way, status) in [("pictures", 404), ("paper", 400)] {
            let answer = Sending::form(&forged, &applicant.browser).field("way", way).send().await;
            assert_eq!(answer.status, status, "{}", answer.text());
        }
        assert_eq!(app.written().await, before);
        pages::is_at(&applicant.open("apply/visit/pictures").await.unwrap(), "/apply/visit");
    }

    async fn sent_twice_at_once_it_arrives_once(app: &TestApp) {
        let (applicant, check) = ready(app).await;
        let agreed = |page: &Page| {
            let mut form = page.form("delivery").unwrap().fill("delivery", "electronic").unwrap();
            for consent in form.choices("consent") {
                form = form.fill("consent", &consent).unwrap();
            }
            Sending::form(&form, &applicant.browser)
        };
        let other = applicant.open("apply/check").await.unwrap();
        let (one, two) = (agreed(&check), agreed(&other));
        let (first, same, second) = tokio::join!(one.send(), one.send(), two.send());
        for answer in [&first, &same, &second] {
            assert!(matches!(answer.status, 303 | 409), "{} {}", answer.status, answer.text());
        }
        app.deliver_mail().await;
        for what in ["versions", "events WHERE kind = 'submitted_unsigned'", "outbox WHERE kind = 'received'"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {what}")).await, 1, "{what}");
        }
        let late = one.send().await;
        assert_eq!(location(&late).as_deref(), Some("/shiomi/ja/apply/done"), "{}", late.text());
        pages::is_at(&applicant.open("apply/done").await.unwrap(), "/apply/done");
    }

    async fn what_was_sent_back_is_put_right_online_and_sent_again_without_a_signature(app: &TestApp) {
        let sent = sent(app).await;
        let sato = app.staff("shiomi", "sato").await;
        let file = sato.open_staff(&format!("applications/{}", sent.reference)).await.unwrap();
        let held = sato.press(&file, "担当する").await.unwrap();
        let page = sato.browser.click(&held, "修正をお願いする").await.unwrap();
        let form = page.form("ask_name").unwrap().fill("ask_name", "yes").unwrap();
        let form = form.fill("reason_name", "incorrect").unwrap().fill("text_name", WORDS).unwrap();
        let confirm = sato.browser.submit(&form).await.unwrap();
        sato.press(&confirm, "修正をお願いする").await.unwrap();
        app.deliver_mail().await;

        let (reader, _) = app.reader("shiomi", &sent.person, &sent.reference).await;
        let fix = reader.open("status/fix").await.unwrap();
        assert!(fix.text().contains(WORDS) && !fix.text().contains("署名"), "{}", fix.text());
        let early = reader.open("apply/check").await.unwrap();
        let not_yet = reader.press(&early, "この内容で申し込む").await.unwrap();
        pages::is_at(&not_yet, "/status/fix");
        // A signature was not asked for.
        let mut forged = early.form("この内容で申し込む").unwrap();
        forged.action = format!("{}/ja/apply/visit/pictures", reader.library).parse().unwrap();
        let refused = Sending::form(&forged, &reader.browser).field("way", "signature").send().await;
        pages::refuses(&refused, 409, "この操作は、いまはできません");
        reader.answer("apply/name", &[("kana", "ひめじ　はな")]).await.unwrap();
        let check = reader.open("apply/check").await.unwrap();
        let status = reader.press(&check, "この内容で申し込む").await.unwrap();
        pages::is_at(&status, "/status");
        app.deliver_mail().await;
        pages::is_at(&reader.open("apply/done").await.unwrap(), "/status");
        assert_eq!(app.application("shiomi", &sent.reference).await.last_version, 2);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM corrections WHERE resolved_at IS NULL").await, 0);
        assert_eq!(app.database.count("SELECT MIN(resolved_number) FROM corrections").await, 2);
        approved_by_two(app, &sent.reference).await;
    }

    async fn what_was_taken_back_is_kept_its_time_and_then_erased(app: &TestApp) {
        let sent = sent(app).await;
        let row = app.application("shiomi", &sent.reference).await;
        let mut tx = app.database.db.begin().await.unwrap();
        applications::save(&mut tx, row.withdraw(app.now()).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        app.portal().sweep().await.unwrap();
        for table in ["drafts", "versions", "attachments"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
        }
        let sato = app.staff("shiomi", "sato").await;
        let file = sato.open_staff(&format!("applications/{}", sent.reference)).await.unwrap();
        assert!(file.text().contains("署名はありません"), "staff still see what they had: {}", file.text());
        app.advance(Duration::days(9));
        assert_eq!(app.portal().purge(PurgeCap::default()).await.unwrap(), 1);
        assert_eq!(app.state("shiomi", &sent.reference).await, "purged");
        for table in ["drafts", "versions", "attachments"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn pictures_go_their_time_after_the_decision_and_the_rest_stays(app: &TestApp) {
        let sent = sent(app).await;
        app.advance(Duration::days(9));
        assert_eq!(app.portal().erase_pictures(PurgeCap::default()).await.unwrap(), 0, "nothing is decided");
        approved_by_two(app, &sent.reference).await;
        app.advance(Duration::days(7));
        assert_eq!(app.portal().erase_pictures(PurgeCap::default()).await.unwrap(), 0, "the last day is whole");
        assert_eq!(app.database.count(KEPT).await, 1);
        app.advance(Duration::days(2));
        assert_eq!(app.portal().erase_pictures(PurgeCap { percent: 20, at_least: 0 }).await.unwrap(), 0, "too much at once");
        assert_eq!(app.portal().erase_pictures(PurgeCap::default()).await.unwrap(), 1);
        assert_eq!(app.portal().erase_pictures(PurgeCap::default()).await.unwrap(), 0, "once");
        assert_eq!((app.database.count(KEPT).await, app.state("shiomi", &sent.reference).await), (0, "issued"));
        let told = "SELECT COUNT(*) FROM events WHERE kind = 'attachments_erased' AND actor = 'system'";
        assert_eq!(app.database.count(told).await, 1);
        let file = app.staff("shiomi", "sato").await.open_staff(&format!("applications/{}", sent.reference)).await.unwrap();
        assert!(file.text().contains("保存期間が過ぎたため、書類の画像を消しました"), "{}", file.text());
    }

    async fn a_no_is_told_and_makes_nobody_a_patron(app: &TestApp) {
        let sent = sent(app).await;
        let sato = app.staff("shiomi", "sato").await;
        let decided = sato.decide(&sent.reference, "decline", "画像の氏名が読めませんでした。").await.unwrap();
        assert!(decided.text().contains("「承認しない」と決定し"), "{}", decided.text());
        assert_eq!(app.state("shiomi", &sent.reference).await, "declined");
        app.deliver_mail().await;
        let (_, status) = app.reader("shiomi", &sent.person, &sent.reference).await;
        assert!(status.text().contains("結果のお知らせ"), "{}", status.text());
        for table in ["patrons", "cards", "credentials"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn its_sender_takes_it_back_before_the_decision(app: &TestApp) {
        let sent = sent(app).await;
        let page = sent.applicant.open("status/withdraw").await.unwrap();
        let form = page.form("申込みを取り下げる").unwrap();
        let form = form.clone().fill("code", &sent.collection_code).unwrap_or(form);
        let status = sent.applicant.browser.submit(&form).await.unwrap();
        assert!(status.text().contains("取り下げ"), "{}", status.text());
        assert_eq!(app.state("shiomi", &sent.reference).await, "withdrawn");
        let sato = app.staff("shiomi", "sato").await;
        let file = sato.open_staff(&format!("applications/{}", sent.reference)).await.unwrap();
        assert!(file.form("担当する").is_err(), "nobody works on it any more");
    }

    async fn a_supervisor_opens_it_again_and_two_look_once_more(app: &TestApp) {
        let sent = sent(app).await;
        approved_by_two(app, &sent.reference).await;
        let sato = app.staff("shiomi", "sato").await;
        let file = sato.open_staff(&format!("applications/{}", sent.reference)).await.unwrap();
        let form = [("effect", "stop_card"), ("reopen_reason", "別の人の免許証との電話")];
        sato.send(&file, &form).await.unwrap();
        assert_eq!(app.state("shiomi", &sent.reference).await, "submitted");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'stopped'").await, 1);
        assert_eq!(app.database.count(KEPT).await, 1, "the picture is still there to be looked at");
        approved_by_two(app, &sent.reference).await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'active'").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons").await, 1);
        assert!(check_events(&app.database.db, None).await.unwrap().broken.is_empty());
    }

    async fn what_nobody_stands_for_is_not_approved(app: &TestApp) {
        let submitted = app.submitted("shiomi", &pages::hanako_of_shiomi()).await;
        let sato = app.staff("shiomi", "sato").await;
        let path = format!("applications/{}", submitted.reference);
        let file = sato.open_staff(&path).await.unwrap();
        let claimed = sato.press(&file, "担当する").await.unwrap();
        let confirmation = sato.send(&claimed, &[("outcome", "approve")]).await.unwrap();
        app.database.execute("DELETE FROM evidence").await.unwrap();
        app.database.execute("DELETE FROM revocation_checks").await.unwrap();
        app.database.execute("DELETE FROM revocation_answers").await.unwrap();
        app.database.execute("DELETE FROM signatures").await.unwrap();
        let refused = sato.send(&confirmation, &[("outcome", "approve")]).await.unwrap();
        assert_eq!(refused.status, 404, "{}", refused.text());
        assert_eq!(sato.open_staff(&path).await.unwrap().status, 404);
        assert_eq!(app.state("shiomi", &submitted.reference).await, "under_review");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);
    }
}
