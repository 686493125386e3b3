//! What no page of ours sends: fields it does not have, tokens of somebody else, posts from other sites.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, location};
use reqwest::Method;
use todoke::demo::journey::Person;

stories! {
    async fn a_field_that_the_page_does_not_have_stops_the_form(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let before = app.written().await;
        for path in ["apply/name", "apply/birth", "apply/address", "apply/contact", "apply/email", "apply/check"] {
            let page = applicant.open(path).await.unwrap();
            let form = page.form("csrf").unwrap();
            let form = page.form("name").or(page.form("year")).or(page.form("line1")).or(page.form("branch")).unwrap_or(form);
            for (name, value) in
                [("state", "issued"), ("role", "admin"), ("version", "1"), ("email_confirmed", "true"), ("library_id", "1")]
            {
                let answer = Sending::form(&form, &applicant.browser).field(name, value).send().await;
                pages::refuses(&answer, 400, "送られた内容を読み取れませんでした");
            }
        }
        assert_eq!(app.written().await, before);
    }

    async fn a_repeated_field_stops_the_form(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let before = app.written().await;
        let form = applicant.open("apply/name").await.unwrap().form("name").unwrap();
        for name in ["name", "csrf", "idem"] {
            let twice = Sending::form(&form, &applicant.browser).field(name, form.value(name).unwrap());
            pages::refuses(&twice.send().await, 400, "送られた内容を読み取れませんでした");
        }
        assert_eq!(app.written().await, before);
    }

    async fn a_key_that_was_used_does_not_carry_other_contents(app: &TestApp) {
        let applicant = app.journey("himeji");
        let page = applicant.open("apply/who").await.unwrap();
        let form = page.form("category").unwrap().fill("category", "resident").unwrap().fill("age", "yes").unwrap();
        assert_eq!(Sending::form(&form, &applicant.browser).send().await.status, 303);
        let before = app.written().await;
        let other = form.fill("category", "commuter-student").unwrap();
        let answer = Sending::form(&other, &applicant.browser).send().await;
        pages::refuses(&answer, 422, "この画面は、もう送信されています");
        assert_eq!(app.written().await, before);
    }

    async fn a_missing_foreign_or_outlived_token_is_refused(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let stranger = app.journey("himeji");
        let foreign = stranger.open("apply/who").await.unwrap().form("category").unwrap();
        let before = app.written().await;
        let form = applicant.open("apply/name").await.unwrap().form("name").unwrap().forge("name", "別人");
        let sound = Sending::form(&form, &applicant.browser);
        let foreign = sound.clone().without("csrf").field("csrf", foreign.value("csrf").unwrap());
        for sending in [sound.clone().without("csrf"), sound.clone().without("csrf").field("csrf", ""), foreign] {
            pages::refuses(&sending.send().await, 403, "もう一度確認が必要です");
        }
        // The page was left open until the browser had lost its cookie.
        applicant.browser.forget();
        let outlived = Sending::form(&form, &applicant.browser).send().await;
        assert!(matches!(outlived.status, 303 | 403), "{}", outlived.text());
        if outlived.status == 303 {
            assert_eq!(location(&outlived).as_deref(), Some("/himeji/ja/resume?why=lost"));
        }
        assert_eq!(app.written().await, before);
    }

    async fn a_form_without_its_token_is_refused_in_the_librarys_dress_with_a_way_back(app: &TestApp) {
        let visitor = app.journey("himeji");
        let form = visitor.open("resume").await.unwrap().form("email").unwrap();
        // By then the library has to be looked up again, which takes longer than to refuse the form.
        app.advance(time::Duration::minutes(1));
        let refused = Sending::form(&form, &visitor.browser).without("csrf").send().await;
        pages::refuses(&refused, 403, "もう一度確認が必要です");
        assert!(refused.text().contains("姫路市立図書館"), "{}", refused.text());
        assert!(refused.link("同じ画面をひらく").is_ok(), "{}", refused.text());
    }

    async fn a_restored_tab_of_the_same_session_still_saves(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let form = applicant.open("apply/name").await.unwrap().form("name").unwrap();
        app.advance(time::Duration::days(3));
        let saved = applicant.browser.submit(&form.forge("kana", "ヒメジ　ハナ")).await.unwrap();
        pages::is_at(&saved, "/apply/birth");
    }

    async fn other_sites_cannot_post(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let before = app.written().await;
        let form = applicant.open("apply/name").await.unwrap().form("name").unwrap().forge("name", "別人");
        let sound = Sending::form(&form, &applicant.browser);
        for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-site", "none")] {
            pages::refuses(&sound.clone().header(name, value).send().await, 403, "このサイトの画面から");
        }
        let old_browser = sound.clone().without_header("sec-fetch-site");
        let elsewhere = old_browser.clone().header("origin", "https://evil.example");
        pages::refuses(&elsewhere.send().await, 403, "このサイトの画面から");
        pages::refuses(&old_browser.send().await, 403, "このサイトの画面から");
        assert_eq!(app.written().await, before);
        let own = applicant.open("apply/name").await.unwrap().url.origin().ascii_serialization();
        assert_eq!(old_browser.header("origin", &own).send().await.status, 303, "an old browser may");
    }

    async fn what_is_no_form_is_refused(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let before = app.written().await;
        let url = applicant.open("apply/name").await.unwrap().url;
        let form = applicant.open("apply/name").await.unwrap().form("name").unwrap();
        let huge = Sending::form(&form.clone().forge("name", &"名".repeat(30_000)), &applicant.browser).send().await;
        pages::refuses(&huge, 413, "送られた内容が大きすぎます");
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = Sending::to(method, url.clone(), &applicant.browser).header("sec-fetch-site", "same-origin");
            pages::refuses(&answer.send().await, 405, "この方法では");
        }
        assert_eq!(app.written().await, before);
    }

    async fn a_question_that_was_not_reached_cannot_be_answered(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let contact = applicant.open("apply/contact").await.unwrap().form("branch").unwrap();
        let fresh = app.journey("himeji");
        fresh.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let token = fresh.open("apply/email").await.unwrap().form("email").unwrap();
        let before = app.written().await;
        let jump = Sending::form(&contact, &fresh.browser)
            .without("csrf")
            .field("csrf", token.value("csrf").unwrap())
            .send()
            .await;
        assert_eq!(location(&jump).as_deref(), Some("/himeji/ja/apply/email"), "{}", jump.text());
        assert_eq!(app.written().await, before);
    }
}
