//! Delivering: the status in words, and the notice for its owner alone.

mod password;

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::journey::Person;

stories! {
    async fn every_state_has_its_word(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        let word = async |journey: &todoke::demo::journey::Journey| {
            journey.open("status").await.unwrap().text_of("#state .lc-chip").unwrap()
        };
        assert!(word(&applicant).await.contains("入力中"));
        let sign = applicant.agree(&check).await.unwrap();
        assert!(word(&applicant).await.contains("署名待ち"));
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        let reference = done.text_of(".lc-panel .lc-big").unwrap();
        assert!(word(&applicant).await.contains("受付済み"));
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{reference}")).await.unwrap();
        let held = staff.press(&file, "担当する").await.unwrap();
        assert!(word(&applicant).await.contains("確認中"));
        staff.press(&held, "担当をはずす").await.unwrap();
        assert!(word(&applicant).await.contains("受付済み"));
        staff.decide(&reference, "approve", "").await.unwrap();
        assert!(word(&applicant).await.contains("カードを発行しました"));
        app.deliver_mail().await;

        let other = app.submitted("himeji", &pages::taro()).await;
        staff.decide(&other.reference, "decline", "確かめられませんでした。").await.unwrap();
        assert!(word(&other.applicant).await.contains("お受けできませんでした"));
        let third = app.submitted("himeji", &pages::takahashi()).await;
        let page = third.applicant.open("status/withdraw").await.unwrap();
        let form = page.form("申込みを取り下げる").unwrap().fill("code", &third.collection_code).unwrap();
        third.applicant.browser.submit(&form).await.unwrap();
        assert!(word(&third.applicant).await.contains("取り下げ"));
        app.deliver_mail().await;
    }

    async fn a_promise_that_was_missed_is_said(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let promised = app.reader("himeji", &submitted.person, &submitted.reference).await.1.text();
        // Three open days after Friday the 20th; the library is closed on Mondays.
        assert!(promised.contains("11月24日"), "{promised}");
        app.advance(Duration::days(5));
        let late = app.reader("himeji", &submitted.person, &submitted.reference).await.1.text();
        assert!(late.contains("を過ぎています"), "{late}");
    }

    async fn the_owner_reads_the_notice_and_keeps_its_document(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(status.text().contains("未読"));
        let read_at = app.now();
        let notice = reader.browser.click(&status, "貸出券番号等通知書").await.unwrap();
        for part in ["姫路 花子 様", "3000 0001 4", "2029年（令和11年）11月20日", "姫路市立城内図書館長", "2026-000001"] {
            assert!(notice.text().contains(part), "{part}: {}", notice.text());
        }
        app.advance(Duration::minutes(5));
        reader.browser.open(notice.url.as_str()).await.unwrap();
        let mut tx = app.database.db.read().await.unwrap();
        let application = app.application("himeji", &submitted.reference).await;
        let stored = todoke::store::notices::list_by_application(&mut tx, application.library_id, application.id);
        assert_eq!(stored.await.unwrap()[0].first_read_at, Some(read_at), "the first reading counts");
        assert!(reader.open("status").await.unwrap().text().contains("既読"));

        let pdf = reader.browser.click(&notice, "PDFで保存").await.unwrap();
        assert!(pdf.body.starts_with(b"%PDF-"));
        assert_eq!(pdf.headers["cache-control"], "no-store");
        let again = reader.browser.click(&notice, "PDFで保存").await.unwrap();
        assert!(pdf.body == again.body, "the same document each time");
    }

    async fn nobody_else_reads_the_notice(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (owner, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let notice = owner.browser.click(&status, "貸出券番号等通知書").await.unwrap().url;
        let other = app.submitted("himeji", &pages::taro()).await.applicant;
        let other_town = app.submitted("shiomi", &pages::hanako_of_shiomi().with_email("s@example.jp")).await.applicant;
        let anonymous = app.journey("himeji");
        for address in [notice.to_string(), format!("{notice}/notice.pdf")] {
            pages::refuses(&other.browser.open(&address).await.unwrap(), 404, "ページが見つかりません");
            let elsewhere = address.replace("/himeji/", "/shiomi/");
            pages::refuses(&other_town.browser.open(&elsewhere).await.unwrap(), 404, "ページが見つかりません");
            for stranger in [&anonymous, &other_town] {
                let page = stranger.browser.open(&address).await.unwrap();
                pages::is_at(&page, "/himeji/ja/sign-in");
            }
            let own_elsewhere = owner.browser.open(&elsewhere).await.unwrap();
            pages::is_at(&own_elsewhere, "/shiomi/ja/sign-in");
        }
    }

    async fn the_way_in_says_the_same_to_everybody(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.advance(Duration::minutes(2));
        let unknown = if submitted.reference == "LC-2222-2222" { "LC-3333-3333" } else { "LC-2222-2222" };
        let mut said = Vec::new();
        for (reference, year) in [(submitted.reference.as_str(), "1990"), (&submitted.reference, "1991"), (unknown, "1990")] {
            let journey = app.journey("himeji");
            let fields = [("reference", reference), ("year", year), ("month", "4"), ("day", "1")];
            let page = journey.answer("sign-in", &fields).await.unwrap();
            let wrong = journey.send(&page, &[("code", "000000")]).await.unwrap();
            said.push((page.url.path().to_owned(), page.status, page.text(), wrong.status, wrong.text()));
        }
        assert!(said[0].0.ends_with("/sign-in/code"), "{}", said[0].2);
        said.dedup();
        assert_eq!(said.len(), 1, "{said:#?}");
        assert_eq!(app.deliver_mail().await.sent, 1, "only whoever knows both gets a code");
    }

    async fn a_readers_session_ends_after_half_an_hour_and_reads_but_does_not_edit(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let done = reader.open("apply/done").await.unwrap();
        assert!(!done.text().contains(&submitted.collection_code), "the mailbox alone does not get the code");
        app.advance(Duration::minutes(30));
        pages::is_at(&reader.open("status").await.unwrap(), "/sign-in");
    }

    async fn after_signing_out_the_back_button_shows_nothing(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let notice = reader.browser.click(&status, "貸出券番号等通知書").await.unwrap();
        reader.press(&status, "サインアウトする").await.unwrap();
        pages::is_at(&reader.browser.open(notice.url.as_str()).await.unwrap(), "/sign-in");
    }

    async fn withdrawing_needs_what_the_mailbox_does_not_hold(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let page = reader.open("status/withdraw").await.unwrap();
        let refused = reader.send(&page, &[("code", "AAAA-2222")]).await.unwrap();
        pages::is_rejected(&refused, "code", "受取コードがちがいます");
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        let withdrawn = reader.send(&refused, &[("code", &submitted.collection_code)]).await.unwrap();
        pages::is_at(&withdrawn, "/status");
        assert_eq!(app.state("himeji", &submitted.reference).await, "withdrawn");
    }
}
