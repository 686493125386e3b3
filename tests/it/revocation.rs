//! Revocation: unknown until somebody can tell, asked again, and never approved before.

use crate::support::app::{NOW, Submitted, TestApp, stories};
use crate::support::lists::{self, ListServer};
use crate::support::pages;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::demo::stage::Stage;
use todoke::gateway::revocation::{Revocation, RevocationSettings};

fn from_a_server(stage: &mut Stage) {
    let server = ListServer::start(&stage.portal.base_url);
    let settings = RevocationSettings::Download { urls: vec![server.url()], every_minutes: 60 };
    stage.portal.revocation = Revocation::new(&[settings], None).unwrap();
}

fn without_lists(stage: &mut Stage) {
    stage.portal.revocation = Revocation::none();
}

async fn file(app: &TestApp, submitted: &Submitted) -> Page {
    app.sato().await.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap()
}

async fn decide(app: &TestApp, submitted: &Submitted, outcome: &str, reason: &str) -> Page {
    let staff = app.sato().await;
    let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
    let claimed = if file.form("outcome").is_ok() { file } else { staff.press(&file, "担当する").await.unwrap() };
    let confirmation = staff.send(&claimed, &[("outcome", outcome), ("reason", reason)]).await.unwrap();
    match confirmation.status {
        200 => staff.send(&confirmation, &[("outcome", outcome)]).await.unwrap(),
        _ => confirmation,
    }
}

async fn answers(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM revocation_answers").await
}

async fn open_questions(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM revocation_checks").await
}

async fn health(app: &TestApp) -> serde_json::Value {
    let answer = reqwest::get(format!("{}/health/revocation", app.portal().base_url)).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn queue(staff: &Journey) -> String {
    staff.open_staff("queue?tab=all").await.unwrap().text_of("tbody").unwrap()
}

stories! {
    #[stage(from_a_server)]
    async fn what_nobody_could_tell_is_asked_again_until_it_is_known_and_then_approved(app: &TestApp) {
        let server = ListServer::of(&app.portal().base_url);
        let portal = app.portal();
        portal.revocation.refresh(&portal.trust, app.now()).await;
        let down = health(app).await;
        assert_eq!((&down["sources"][0]["state"], &down["sources"][0]["why"]), (&"failing".into(), &"status-503".into()));

        let submitted = app.submitted_by_hanako().await;
        assert!(queue(&app.sato().await).await.contains("失効を確認できず"));
        let page = file(app, &submitted).await;
        assert!(page.text().contains("確認できるまで承認はできません"), "{}", page.text());
        let refused = decide(app, &submitted, "approve", "").await;
        pages::refuses(&refused, 409, "この操作は保存していません");
        assert!(refused.text().contains("まだ確認できていません"), "{}", refused.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);

        // Still down: asked in vain, and later and later.
        app.advance(Duration::minutes(5));
        portal.ask_revocation_again().await.unwrap();
        assert_eq!(app.database.count("SELECT tries FROM revocation_checks").await, 1);
        server.answer("200 OK", &lists::list(app, 7, None).await);
        app.advance(Duration::minutes(5));
        portal.revocation.refresh(&portal.trust, app.now()).await;
        portal.ask_revocation_again().await.unwrap();
        assert_eq!(answers(app).await, 0, "ten minutes are not over");
        app.advance(Duration::minutes(5));
        portal.ask_revocation_again().await.unwrap();
        assert_eq!((answers(app).await, open_questions(app).await), (1, 0));
        let up = health(app).await;
        assert_eq!((&up["sources"][0]["state"], &up["sources"][0]["oldest"]["number"]), (&"current".into(), &"07".into()));

        assert!(!queue(&app.sato().await).await.contains("失効を確認できず"));
        let page = file(app, &submitted).await;
        assert!(page.text().contains("失効していません") && page.text().contains("もう一度確認しました"), "{}", page.text());
        let decided = decide(app, &submitted, "approve", "").await;
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;
    }

    #[stage(without_lists)]
    async fn a_certificate_found_revoked_as_of_the_receipt_cannot_be_approved_but_declined(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.advance(Duration::hours(1));
        lists::publish(app, 2, Some((&submitted, NOW - Duration::days(1)))).await;
        app.portal().ask_revocation_again().await.unwrap();
        assert!(queue(&app.sato().await).await.contains("証明書が失効"));
        let page = file(app, &submitted).await;
        assert!(page.text().contains("受付のときに失効していました"), "{}", page.text());
        let refused = decide(app, &submitted, "approve", "").await;
        pages::refuses(&refused, 409, "この操作は保存していません");
        assert_eq!(app.state("himeji", &submitted.reference).await, "under_review");
        let declined = decide(app, &submitted, "decline", "証明書が失効していました。").await;
        assert!(declined.text().contains("承認しない」と決定し"), "{}", declined.text());
        app.deliver_mail().await;
    }

    #[stage(without_lists)]
    async fn a_revocation_after_the_receipt_is_shown_and_stops_nobody(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.advance(Duration::hours(3));
        lists::publish(app, 2, Some((&submitted, app.now() - Duration::hours(1)))).await;
        app.portal().ask_revocation_again().await.unwrap();
        let page = file(app, &submitted).await;
        assert!(page.text().contains("受付のあとに、証明書が失効しました"), "{}", page.text());
        let decided = decide(app, &submitted, "approve", "").await;
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn the_newest_list_is_asked_when_somebody_approves(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.advance(Duration::hours(1));
        lists::publish(app, 2, Some((&submitted, NOW - Duration::hours(1)))).await;
        let refused = decide(app, &submitted, "approve", "").await;
        pages::refuses(&refused, 409, "この操作は保存していません");
        assert!(refused.text().contains("すでに失効していました"), "{}", refused.text());
        assert_eq!(answers(app).await, 1, "what was found is kept");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 0);
    }

    async fn a_list_that_has_run_out_takes_back_nothing_that_was_known(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.advance(Duration::days(8));
        let decided = decide(app, &submitted, "approve", "").await;
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn the_sweep_marks_exactly_those_behind_issued_cards_that_were_revoked(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let taro = app.submitted("himeji", &pages::taro()).await;
        decide(app, &taro, "approve", "").await;
        app.deliver_mail().await;
        let swept = app.portal().sweep_certificates().await.unwrap().expect("never swept before");
        assert_eq!((swept.looked_at, swept.revoked), (2, 0));
        assert_eq!(app.portal().sweep_certificates().await.unwrap(), None, "by the same lists once is enough");

        app.advance(Duration::hours(1));
        lists::publish(app, 2, Some((&hanako, app.now() - Duration::minutes(5)))).await;
        let swept = app.portal().sweep_certificates().await.unwrap().expect("newer lists");
        assert_eq!((swept.looked_at, swept.revoked), (2, 1));
        let staff = app.sato().await;
        let page = staff.open_staff("queue").await.unwrap();
        assert!(page.text().contains("発行済みのカードのうち、1件"), "{}", page.text());
        let events = |submitted: &Submitted| {
            let address = format!("applications/{}", submitted.reference);
            let staff = staff.clone();
            async move { staff.open_staff(&address).await.unwrap().text().contains("証明書が失効しました") }
        };
        assert!(events(&hanako).await && !events(&taro).await);

        app.advance(Duration::hours(1));
        lists::publish(app, 3, Some((&hanako, NOW))).await;
        let swept = app.portal().sweep_certificates().await.unwrap().expect("newer lists");
        assert_eq!((swept.looked_at, swept.revoked), (1, 0), "who was found before is not looked at again");
    }

    #[stage(without_lists)]
    async fn nobody_asks_about_a_closed_application(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        assert_eq!(open_questions(app).await, 1);
        decide(app, &submitted, "decline", "書類を確かめられませんでした。").await;
        app.advance(Duration::minutes(5));
        app.portal().ask_revocation_again().await.unwrap();
        assert_eq!((open_questions(app).await, answers(app).await), (0, 0));
        app.deliver_mail().await;
    }
}
