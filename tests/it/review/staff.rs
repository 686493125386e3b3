//! Who is staff: the invitation, the two factors, the colleague who left.

use super::{about_to, claimed};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::{STAFF_LOGIN, STAFF_PASSWORD};
use todoke::domain::permission::{Role, RoleGrant};
use todoke::service::staff::current_code;

fn reviewer() -> Vec<RoleGrant> {
    vec![RoleGrant::everywhere(Role::Reviewer)]
}

stories! {
    async fn whatever_is_wrong_at_the_door_the_answer_is_one(app: &TestApp) {
        let right = app.staff_code();
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let mut said = Vec::new();
        for (login, password, code) in [
            (STAFF_LOGIN, "wrong password", right.as_str()),
            (STAFF_LOGIN, STAFF_PASSWORD, wrong),
            ("nobody", STAFF_PASSWORD, &right),
            ("sato\0", STAFF_PASSWORD, &right),
        ] {
            let page = app.journey("himeji").sign_in_staff(login, password, code).await.unwrap();
            pages::is_rejected(&page, "login", "どれかがちがいます");
            assert!(!page.html().contains(STAFF_PASSWORD), "a password is never shown back");
            said.push(page.text_of("main").unwrap());
        }
        said.dedup();
        assert_eq!(said.len(), 1);
        let signed_in = app.journey("himeji").sign_in_staff(STAFF_LOGIN, STAFF_PASSWORD, &right).await.unwrap();
        pages::is_at(&signed_in, "/staff/queue");
    }

    async fn a_one_time_code_opens_one_session(app: &TestApp) {
        app.sato().await;
        let again = app.journey("himeji").sign_in_staff(STAFF_LOGIN, STAFF_PASSWORD, &app.staff_code()).await.unwrap();
        pages::is_rejected(&again, "login", "どれかがちがいます");
        // Nor does an older one, though the clocks of telephones may lag.
        let older = current_code(todoke::demo::STAFF_TOTP_SECRET, app.now() - Duration::seconds(30)).unwrap();
        let again = app.journey("himeji").sign_in_staff(STAFF_LOGIN, STAFF_PASSWORD, &older).await.unwrap();
        assert_eq!(again.status, 422);
        app.sato().await;
    }

    async fn a_signed_out_session_is_dead(app: &TestApp) {
        let sato = app.sato().await;
        let queue = sato.open_staff("queue").await.unwrap();
        let thief = sato.browser.cookie(&queue.url, "__Host-todoke-staff.himeji").unwrap();
        sato.press(&queue, "サインアウト").await.unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let answer = client.get(queue.url).header("cookie", format!("__Host-todoke-staff.himeji={thief}")).send().await.unwrap();
        assert_eq!(answer.status(), 303, "the copied cookie opens nothing");
    }

    async fn signing_in_changes_the_session(app: &TestApp) {
        let sato = app.journey("himeji");
        let page = sato.open_staff("sign-in").await.unwrap();
        let before = sato.browser.cookie(&page.url, "__Host-todoke-staff.himeji").unwrap();
        let form = [("login", STAFF_LOGIN), ("password", STAFF_PASSWORD), ("code", &app.staff_code())];
        let queue = sato.send(&page, &form).await.unwrap();
        assert_ne!(sato.browser.cookie(&queue.url, "__Host-todoke-staff.himeji").unwrap(), before);
    }

    async fn an_invitation_is_taken_up_once(app: &TestApp) {
        let library = app.library("himeji").await;
        let token = app.portal().add_staff(&library, &"imai".parse().unwrap(), "今井", reviewer()).await.unwrap();
        let imai = app.journey("himeji");
        let page = imai.open_staff(&format!("invitation/{token}")).await.unwrap();
        let secret = page.text_of("#secret").unwrap().replace(' ', "");
        let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        let short = imai.send(&page, &[("password", "short"), ("code", "000000")]).await.unwrap();
        pages::is_rejected(&short, "password", "12文字以上");
        let code = current_code(&secret, app.now()).unwrap();
        let fields = [("password", "馬と電池と正しい針金です"), ("code", code.as_str())];
        let enrolled = imai.send(&page, &fields).await.unwrap();
        pages::is_at(&enrolled, "/staff/sign-in");
        for path in [imai.open_staff(&format!("invitation/{token}")).await.unwrap(), imai.send(&page, &fields).await.unwrap()] {
            assert!(path.text().contains("この招待は使えません"), "{}", path.text());
        }
        app.advance(Duration::seconds(30));
        let code = current_code(&secret, app.now()).unwrap();
        let queue = imai.sign_in_staff("imai", "馬と電池と正しい針金です", &code).await.unwrap();
        pages::is_at(&queue, "/staff/queue");
    }

    async fn an_invitation_belongs_to_one_library_and_runs_out(app: &TestApp) {
        let library = app.library("himeji").await;
        let token = app.portal().add_staff(&library, &"imai".parse().unwrap(), "今井", reviewer()).await.unwrap();
        let elsewhere = app.journey("shiomi").open_staff(&format!("invitation/{token}")).await.unwrap();
        assert!(elsewhere.text().contains("この招待は使えません"), "{}", elsewhere.text());
        app.advance(Duration::days(3));
        let late = app.journey("himeji").open_staff(&format!("invitation/{token}")).await.unwrap();
        assert!(late.text().contains("この招待は使えません"), "{}", late.text());
    }

    async fn a_colleague_who_left_decides_nothing(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let sato = app.sato().await;
        let page = claimed(&sato, &submitted).await;
        let form = about_to(&sato, &page, "approve", "").await;
        let library = app.library("himeji").await;
        app.portal().disable_staff(&library, &STAFF_LOGIN.parse().unwrap()).await.unwrap();
        let refused = sato.browser.submit(&form).await.unwrap();
        assert!(refused.url.path().ends_with("/staff/sign-in"), "{}", refused.url);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 0);
        app.advance(Duration::seconds(30));
        let code = app.staff_code();
        let back = app.journey("himeji").sign_in_staff(STAFF_LOGIN, STAFF_PASSWORD, &code).await.unwrap();
        pages::is_rejected(&back, "login", "どれかがちがいます");
    }

    async fn staff_of_the_other_library_find_nothing(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let stranger = app.staff("shiomi", STAFF_LOGIN).await;
        let own = stranger.open_staff("queue").await.unwrap();
        assert!(!own.text().contains(&submitted.reference));
        let token = own.form("csrf").unwrap().value("csrf").unwrap().to_owned();
        for part in ["", "/document", "/signature"] {
            let page = stranger.open_staff(&format!("applications/{}{part}", submitted.reference)).await.unwrap();
            pages::refuses(&page, 404, "ページが見つかりません");
        }
        let sato = app.sato().await;
        let page = claimed(&sato, &submitted).await;
        let decision = about_to(&sato, &page, "approve", "").await;
        let release = page.form("担当をはずす").unwrap();
        for form in [decision, release] {
            let path = form.action.path().replace("/himeji/", "/shiomi/");
            let mut form = form.forge("csrf", &token);
            form.action.set_path(&path);
            pages::refuses(&stranger.browser.submit(&form).await.unwrap(), 404, "ページが見つかりません");
        }
        // The session of one library is nobody's in the other.
        let page = stranger.browser.open(&own.url.as_str().replace("/shiomi/", "/himeji/")).await.unwrap();
        assert!(page.url.path().ends_with("/himeji/staff/sign-in"), "{}", page.url);
        assert_eq!(app.state("himeji", &submitted.reference).await, "under_review");
    }
}
