//! Reviewing: the queue, the claim, the decision, and who may make it.

mod batch;
mod claim;
mod desk;
mod duplicates;
mod members;
mod race;
mod relations;
mod reopen;
mod staff;
mod together;

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use time::Duration;
use todoke::demo::browser::{Form, Page};
use todoke::demo::journey::{Journey, Person};

/// Claims a file: the page with the decision on it.
async fn claimed(staff: &Journey, submitted: &Submitted) -> Page {
    let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
    let claimed = staff.press(&file, "担当する").await.unwrap();
    assert!(claimed.form("outcome").is_ok(), "{}", claimed.text());
    claimed
}

/// The form that carries a decision out, as the confirmation offers it.
async fn about_to(staff: &Journey, claimed: &Page, outcome: &str, reason: &str) -> Form {
    let page = staff.send(claimed, &[("outcome", outcome), ("reason", reason)]).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    page.form("outcome").unwrap()
}

/// The page that says why nothing was saved.
#[track_caller]
fn is_conflict(page: &Page, part: &str) {
    pages::refuses(page, 409, "この操作は保存していません");
    assert!(page.text().contains(part), "{}", page.text());
}

stories! {
    async fn the_queue_shows_the_oldest_first_and_finds_by_what_people_know(app: &TestApp) {
        let hanako = app.submitted_by_hanako().await;
        app.advance(Duration::hours(2));
        let taro = app.submitted("himeji", &pages::taro()).await;
        app.submitted("shiomi", &pages::hanako_of_shiomi().with_email("shiomi@example.jp")).await;
        let staff = app.sato().await;
        let queue = staff.open_staff("queue").await.unwrap();
        let rows = queue.text_of("table.lc-queue tbody").unwrap();
        let at = |reference: &str| rows.find(reference).expect("in the queue");
        assert!(at(&hanako.reference) < at(&taro.reference), "{rows}");
        assert!(queue.title().contains("2件"), "the other town's is not here: {}", queue.title());

        for (q, hits) in [
            (hanako.reference.as_str(), vec![&hanako]),
            (&taro.reference.to_lowercase(), vec![&taro]),
            ("姫路花子", vec![&hanako]),
            ("姫路", vec![&hanako]),
            ("花子", vec![&hanako]),
            ("試験 太郎", vec![&taro]),
            ("ひめ", vec![&hanako]),
            ("ｼｹﾝ", vec![&taro]),
            ("だれか", vec![]),
            ("%", vec![]),
            ("' OR 1=1 --", vec![]),
        ] {
            let found = staff.send(&queue, &[("q", q)]).await.unwrap();
            assert_eq!(found.status, 200, "{q}");
            assert!(found.url.query().is_none_or(|query| !query.contains('%')), "no name in {}", found.url);
            let rows = found.text_of("table.lc-queue tbody").unwrap_or_default();
            for submitted in [&hanako, &taro] {
                let expected = hits.iter().any(|hit| hit.reference == submitted.reference);
                assert_eq!(rows.contains(&submitted.reference), expected, "{q}: {rows}");
            }
        }
    }

    async fn a_file_shows_what_was_signed_beside_the_certificate(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let file = app.sato().await.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let text = file.text();
        for part in ["姫路 花子", "城内図書館", "署名の検証", "失効していません", "署名して申し込みました"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let compared = file.text_of("table.lc-compare").unwrap();
        assert!(compared.contains("一致"), "{compared}");
        assert!(file.form("outcome").is_err(), "nobody decides without a claim");
    }

    async fn a_reason_is_required_to_decline_and_nothing_typed_is_lost(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let claimed = claimed(&staff, &submitted).await;
        let page = staff.send(&claimed, &[("outcome", "decline"), ("reason", " \r\n")]).await.unwrap();
        pages::is_rejected(&page, "reason", "承認しない理由を入力してください");
        assert_eq!(page.form("outcome").unwrap().value("outcome"), Some("decline"));
        let page = staff.send(&claimed, &[("reason", "書きかけの理由")]).await.unwrap();
        pages::is_rejected(&page, "outcome", "承認するか、承認しないかを選んでください");
        assert!(page.form("reason").unwrap().value("reason").unwrap().contains("書きかけの理由"));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);
    }

    async fn the_applicant_reads_why_it_was_declined_and_the_mail_says_nothing_of_it(app: &TestApp) {
        const REASON: &str = "住所を確かめられませんでした。\n窓口へ<お越し>ください。";
        let submitted = app.submitted_by_hanako().await;
        let decided = app.sato().await.decide(&submitted.reference, "decline", REASON).await.unwrap();
        assert!(decided.text().contains("承認しない」と決定し"), "{}", decided.text());
        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(status.text().contains("お受けできませんでした"));
        let notice = reader.browser.click(&status, "結果のお知らせ").await.unwrap();
        assert!(notice.text().contains("窓口へ<お越し>ください。"), "{}", notice.text());
        assert!(notice.text().contains("審査請求"), "how to object");
        for letter in app.letters_to("hanako@example.jp") {
            assert!(!letter.text.contains("住所を確かめ") && !letter.text.contains("花子"), "{}", letter.text);
        }
        pages::refuses(&reader.open("password").await.unwrap(), 404, "いま受け取れる初期パスワードはありません");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 0);
    }

    async fn a_decision_on_another_version_or_document_is_refused(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let claimed = claimed(&staff, &submitted).await;
        let form = about_to(&staff, &claimed, "decline", "書いた理由").await;
        let mut other = form.value("digest").unwrap().to_owned();
        other.replace_range(..2, if other.starts_with("00") { "11" } else { "00" });
        for (stale, why) in [
            (form.clone().forge("version", "2"), "第1版"),
            (form.clone().forge("digest", &other), "ごらんになっていた文書と、いまの文書がちがいます"),
        ] {
            let page = staff.browser.submit(&stale).await.unwrap();
            is_conflict(&page, why);
            assert!(page.text().contains("書いた理由"), "what was typed is shown for copying");
        }
        for unsound in [form.clone().forge("version", "x"), form.clone().forge("digest", "00")] {
            pages::refuses(&Sending::form(&unsound, &staff.browser).send().await, 400, "読み取れませんでした");
        }
        assert_eq!(app.state("himeji", &submitted.reference).await, "under_review");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);
    }

    async fn a_document_that_was_changed_in_the_store_is_not_decided_on(app: &TestApp) {
        let submitted = app.submitted("himeji", &Person::hanako()).await;
        let staff = app.sato().await;
        let claimed = claimed(&staff, &submitted).await;
        let form = about_to(&staff, &claimed, "approve", "").await;
        // Somebody with the database in hand swaps the digest that everything is bound to.
        app.database.execute("UPDATE applications SET version_digest = signer_token").await.unwrap();
        let page = staff.browser.submit(&form).await.unwrap();
        assert!(page.status >= 409, "{}", page.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 0);
    }
}
