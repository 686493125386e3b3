//! One person or two: nobody gets a second card before somebody has looked.

use super::{about_to, claimed, is_conflict};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once};
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::store::drafts;

/// 姫路 花子 once more, with another certificate and another address for mails.
async fn hanako_again(app: &TestApp) -> Submitted {
    let person = Person::hanako().with_email("again@example.jp");
    let (applicant, sign) = app.frozen("himeji", &person).await;
    let done = applicant.sign_with(&sign, "birth-unknown").await.unwrap();
    app.deliver_mail().await;
    Submitted::on(applicant, &person, &done)
}

async fn duplicates(staff: &Journey, submitted: &Submitted) -> Page {
    staff.open_staff(&format!("applications/{}/duplicates", submitted.reference)).await.unwrap()
}

/// Says something of the only candidate.
async fn judge(app: &TestApp, staff: &Journey, submitted: &Submitted, verdict: &str) -> Page {
    // The newest verdict counts.
    app.advance(Duration::seconds(1));
    let page = duplicates(staff, submitted).await;
    staff.send(&page, &[("verdict", verdict), ("note", "電話で確かめました")]).await.unwrap()
}

stories! {
    async fn a_second_card_waits_until_somebody_has_looked(app: &TestApp) {
        let first = app.issued_to_hanako().await;
        let again = hanako_again(app).await;
        let staff = app.sato().await;
        let file = claimed(&staff, &again).await;
        assert!(file.text().contains("同じ人かもしれない登録や申込みが1件"), "{}", file.text());
        let held = staff.send(&file, &[("outcome", "approve")]).await.unwrap();
        is_conflict(&held, "判断するまで、承認できません");

        let page = staff.browser.click(&held, "似ている人をひらく").await.unwrap();
        let card = app.database.count("SELECT CAST(number AS BIGINT) FROM cards").await.to_string();
        let table = page.text_of("table.lc-compare").unwrap();
        assert!(page.text().contains(&card) && page.text().contains("同じ人らしい"), "{}", page.text());
        assert!(table.contains("hanako@example.jp") && table.contains("again@example.jp"), "{table}");
        assert!(!page.text().contains(&first.reference), "the application that made the patron is not a second candidate");

        let rejected = staff.send(&page, &[("note", "書きかけ")]).await.unwrap();
        pages::is_rejected(&rejected, "verdict-1", "選んでください");
        assert!(rejected.form("note").unwrap().value("note").unwrap().contains("書きかけ"));

        let unsure = judge(app, &staff, &again, "unsure").await;
        assert!(unsure.text().contains("まだわからない ：佐藤"), "{}", unsure.text());
        is_conflict(&staff.send(&file, &[("outcome", "approve")]).await.unwrap(), "判断するまで、承認できません");

        let same = judge(app, &staff, &again, "same").await;
        assert!(same.text().contains("すでに図書館カードの登録があります"), "{}", same.text());
        is_conflict(&staff.send(&file, &[("outcome", "approve")]).await.unwrap(), "「同じ人」と判断された");

        let different = judge(app, &staff, &again, "different").await;
        assert!(different.text().contains("電話で確かめました"), "{}", different.text());
        let form = about_to(&staff, &file, "approve", "").await;
        let decided = staff.browser.submit(&form).await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 2);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'duplicate_judged'").await, 3);
        assert!(!app.database.holds("電話で確かめました").await, "the note is sealed");
        app.deliver_mail().await;
    }

    async fn a_verdict_is_remembered_until_one_of_the_two_changes(app: &TestApp) {
        let first = app.submitted_by_hanako().await;
        let again = hanako_again(app).await;
        let staff = app.sato().await;
        claimed(&staff, &again).await;
        judge(app, &staff, &again, "different").await;
        // Seen from the other application, it is the same pair.
        let other = claimed(&staff, &first).await;
        assert!(duplicates(&staff, &first).await.text().contains("別の人 ：佐藤"));
        about_to(&staff, &other, "approve", "").await;
        // A correction of the other one: another telephone number.
        let application = app.application("himeji", &again.reference).await;
        let mut tx = app.database.db.begin().await.unwrap();
        let mut answers = drafts::find(&mut tx, application.id).await.unwrap();
        answers.phone = Some("079-000-9999".parse().unwrap());
        drafts::save(&mut tx, &application, &answers).await.unwrap();
        tx.commit().await.unwrap();
        assert!(duplicates(&staff, &first).await.text().contains("まだ判断していません"));
        is_conflict(&staff.send(&other, &[("outcome", "approve")]).await.unwrap(), "判断するまで、承認できません");
        judge(app, &staff, &first, "same").await;
        about_to(&staff, &other, "approve", "").await;
    }

    async fn a_page_from_before_a_change_judges_nothing(app: &TestApp) {
        let first = app.submitted_by_hanako().await;
        let again = hanako_again(app).await;
        let staff = app.sato().await;
        let page = duplicates(&staff, &first).await;
        assert!(page.form("verdict").is_err(), "nobody judges without a claim");
        claimed(&staff, &first).await;
        let form = duplicates(&staff, &first).await.form("verdict").unwrap().fill("verdict", "different").unwrap();
        let application = app.application("himeji", &again.reference).await;
        let mut tx = app.database.db.begin().await.unwrap();
        let mut answers = drafts::find(&mut tx, application.id).await.unwrap();
        answers.phone = Some("079-000-9999".parse().unwrap());
        drafts::save(&mut tx, &application, &answers).await.unwrap();
        tx.commit().await.unwrap();
        is_conflict(&staff.browser.submit(&form).await.unwrap(), "先に変更がありました");
        for forged in [form.clone().forge("own", "00"), form.clone().forge("candidate", "x")] {
            pages::refuses(&Sending::form(&forged, &staff.browser).send().await, 400, "読み取れませんでした");
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM duplicate_verdicts").await, 0);
    }

    async fn two_open_applications_of_one_person_become_one_card_even_at_once(app: &TestApp) {
        let first = app.submitted_by_hanako().await;
        let again = hanako_again(app).await;
        let staff = app.sato().await;
        let (one, other) = (claimed(&staff, &first).await, claimed(&staff, &again).await);
        judge(app, &staff, &first, "same").await;
        let mut approvals = Vec::new();
        for file in [&one, &other] {
            approvals.push(Sending::form(&about_to(&staff, file, "approve", "").await, &staff.browser));
        }
        let answers = all_at_once(approvals).await;
        let (won, lost): (Vec<Page>, Vec<Page>) = answers.into_iter().partition(|answer| answer.status == 303);
        assert_eq!((won.len(), lost.len()), (1, 1), "{:?}", lost.iter().map(Page::text).collect::<Vec<_>>());
        // What was said of the two applications holds of the patron whom the first has made.
        is_conflict(&lost[0], "「同じ人」と判断された登録があります");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 1);
        app.deliver_mail().await;
    }
}
