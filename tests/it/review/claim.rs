//! One reviewer at a time, for half an hour after the last action.

use super::{about_to, claimed, is_conflict};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;

stories! {
    async fn a_claim_keeps_colleagues_out_and_names_the_holder(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let path = format!("applications/{}", submitted.reference);
        let waiting = imai.open_staff(&path).await.unwrap();
        let held = claimed(&sato, &submitted).await;
        is_conflict(&imai.press(&waiting, "担当する").await.unwrap(), "佐藤さんが担当しています");
        let seen = imai.open_staff(&path).await.unwrap();
        assert!(seen.text().contains("佐藤（10:") && seen.form("outcome").is_err(), "{}", seen.text());
        // Not even with the holder's form.
        let stolen = held.form("outcome").unwrap();
        let own = imai.open_staff("queue").await.unwrap();
        let token = own.form("csrf").unwrap().value("csrf").unwrap().to_owned();
        let forged = stolen.forge("csrf", &token).forge("outcome", "approve");
        is_conflict(&imai.browser.submit(&forged).await.unwrap(), "佐藤さんが担当しています");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);
    }

    async fn a_released_file_is_anybodys(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let held = claimed(&sato, &submitted).await;
        sato.press(&held, "担当をはずす").await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        claimed(&imai, &submitted).await;
        // Back, and once more: that form has had its effect, and imai keeps the claim.
        pages::is_at(&sato.press(&held, "担当をはずす").await.unwrap(), "/staff/queue");
        assert_eq!(app.state("himeji", &submitted.reference).await, "under_review");
    }

    async fn a_claim_ends_after_half_an_hour_and_a_late_decision_is_explained(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let sato = app.sato().await;
        let held = claimed(&sato, &submitted).await;
        let late = about_to(&sato, &held, "approve", "").await;
        app.advance(Duration::minutes(20));
        sato.open_staff("queue").await.unwrap();
        app.advance(Duration::minutes(10));
        is_conflict(&sato.browser.submit(&late).await.unwrap(), "担当の時間が");

        let imai = app.staff("himeji", "imai").await;
        let taken = claimed(&imai, &submitted).await;
        is_conflict(&sato.browser.submit(&late).await.unwrap(), "今井さんが担当しています");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);
        let decision = about_to(&imai, &taken, "approve", "").await;
        let decided = imai.browser.submit(&decision).await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        is_conflict(&sato.browser.submit(&late).await.unwrap(), "今井さんが");
        app.deliver_mail().await;
    }

    async fn work_on_the_file_prolongs_the_claim(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let sato = app.sato().await;
        claimed(&sato, &submitted).await;
        let path = format!("applications/{}", submitted.reference);
        for _ in 0..3 {
            app.advance(Duration::minutes(29));
            sato.open_staff(&path).await.unwrap();
        }
        let seen = app.staff("himeji", "imai").await.open_staff(&path).await.unwrap();
        assert!(seen.text().contains("佐藤（"), "{}", seen.text());
    }

    async fn an_idle_session_ends_and_leads_back_to_the_sign_in_page(app: &TestApp) {
        let sato = app.sato().await;
        app.advance(Duration::minutes(30));
        let page = sato.open_staff("queue").await.unwrap();
        assert!(page.url.path().ends_with("/staff/sign-in") && page.text().contains("30分間"), "{}", page.text());
    }

    async fn a_session_ends_after_twelve_hours_of_work(app: &TestApp) {
        let sato = app.sato().await;
        for _ in 0..28 {
            app.advance(Duration::minutes(25));
            let page = sato.open_staff("queue").await.unwrap();
            assert!(page.url.path().ends_with("/staff/queue"), "{}", page.url);
        }
        app.advance(Duration::minutes(25));
        assert!(sato.open_staff("queue").await.unwrap().url.path().ends_with("/staff/sign-in"));
    }
}
