//! The draft: kept, resumed elsewhere, frozen once, opened again, and erased in the end.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use time::Duration;
use todoke::demo::journey::Person;

stories! {
    async fn a_draft_goes_on_in_another_browser(app: &TestApp) {
        let (_, check) = app.answered("himeji", &Person::hanako()).await;
        app.advance(Duration::minutes(2));
        let elsewhere = app.journey("himeji");
        let asked = elsewhere.answer("resume", &[("email", "hanako@example.jp")]).await.unwrap();
        pages::is_at(&asked, "/resume/code");
        app.deliver_mail().await;
        let code = elsewhere.newest_code("hanako@example.jp").unwrap();
        let opened = elsewhere.send(&asked, &[("code", &code)]).await.unwrap();
        assert_eq!(opened.status, 200, "{}", opened.text());
        let resumed = elsewhere.open("apply/check").await.unwrap();
        assert_eq!(resumed.text_of("dl"), check.text_of("dl"), "every answer is there");
        let sign = elsewhere.agree(&resumed).await.unwrap();
        let done = elsewhere.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&done, "/apply/done");
        app.deliver_mail().await;
    }

    async fn an_unknown_address_gets_the_same_answer_and_no_mail(app: &TestApp) {
        app.answered("himeji", &Person::hanako()).await;
        app.advance(Duration::minutes(2));
        let (known, unknown) = (app.journey("himeji"), app.journey("himeji"));
        let mut answers = Vec::new();
        for (journey, email) in [(&known, "hanako@example.jp"), (&unknown, "nobody@example.jp")] {
            let page = journey.answer("resume", &[("email", email)]).await.unwrap();
            pages::is_at(&page, "/resume/code");
            let wrong = journey.send(&page, &[("code", "000000")]).await.unwrap();
            answers.push((page.text(), wrong.status, wrong.text()));
            let soon = journey.answer("resume", &[("email", email)]).await.unwrap();
            answers.last_mut().unwrap().2 += &soon.text_of("#email-e").unwrap();
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(app.deliver_mail().await.sent, 1);
        assert_eq!(app.letters_to("nobody@example.jp").len(), 0);
    }

    async fn another_librarys_draft_is_not_found(app: &TestApp) {
        app.answered("himeji", &Person::hanako()).await;
        app.advance(Duration::minutes(2));
        let stranger = app.journey("shiomi");
        stranger.answer("resume", &[("email", "hanako@example.jp")]).await.unwrap();
        assert_eq!(app.deliver_mail().await.sent, 0);
    }

    async fn twenty_clicks_on_the_first_button_begin_one_application(app: &TestApp) {
        let applicant = app.journey("himeji");
        let page = applicant.open("apply/who").await.unwrap();
        let form = page.form("category").unwrap().fill("category", "resident").unwrap().fill("age", "yes").unwrap();
        let click = Sending::form(&form, &applicant.browser);
        for answer in all_at_once(vec![click; 20]).await {
            assert_eq!(answer.status, 303, "{}", answer.text());
            assert_eq!(location(&answer).as_deref(), Some("/himeji/ja/apply/email"));
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events").await, 1);
    }

    async fn clicks_on_the_last_button_freeze_one_version(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        let mut form = check.form("delivery").unwrap().fill("delivery", "electronic").unwrap();
        for consent in form.choices("consent") {
            form = form.fill("consent", &consent).unwrap();
        }
        let click = Sending::form(&form, &applicant.browser);
        for answer in all_at_once(vec![click.clone(), click.clone(), click.clone()]).await {
            assert_eq!(answer.status, 303, "{}", answer.text());
            assert_eq!(location(&answer).as_deref(), Some("/himeji/ja/apply/sign"));
        }
        assert_eq!(location(&click.send().await).as_deref(), Some("/himeji/ja/apply/sign"), "Back, and once more");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 1);
    }

    async fn editing_after_the_freeze_voids_the_signing_request(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let cards = applicant.press(&sign, "アプリで署名する").await.unwrap();
        // Meanwhile, in another tab.
        let contact = applicant.open("apply/contact").await.unwrap();
        assert!(contact.text().contains("署名はもう一度必要です"), "the page warns");
        applicant.send(&contact, &[("phone", "079-000-0000")]).await.unwrap();
        let refused = applicant.send(&cards, &[("card", "normal")]).await.unwrap();
        assert!(refused.url.path().contains("/apply/sign/problem/"), "{} {}", refused.url, refused.text());
        assert_eq!(app.draft_of("himeji", "hanako@example.jp").await.0.state.name(), "draft");

        let check = applicant.open("apply/check").await.unwrap();
        assert!(check.text().contains("079-000-0000"), "nothing is lost");
        let sign = applicant.agree(&check).await.unwrap();
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&done, "/apply/done");
        assert_eq!(app.database.count("SELECT MAX(version_number) FROM signatures").await, 2);
        app.deliver_mail().await;
    }

    async fn two_tabs_both_save(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let (name, contact) = (applicant.open("apply/name").await.unwrap(), applicant.open("apply/contact").await.unwrap());
        applicant.send(&contact, &[("phone", "079-000-0000")]).await.unwrap();
        let saved = applicant.send(&name, &[("kana", "ひめじ　はな")]).await.unwrap();
        pages::is_at(&saved, "/apply/birth");
        let answers = app.draft_of("himeji", "hanako@example.jp").await.1;
        assert!(answers.phone.is_some() && answers.kana.unwrap().as_str().ends_with("ハナ"));
    }

    async fn a_draft_nobody_touches_lapses_and_its_contents_are_erased(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        app.advance(Duration::days(6));
        applicant.answer("apply/contact", &[("phone", "079-000-0000")]).await.unwrap();
        app.advance(Duration::days(7) - Duration::seconds(1));
        app.portal().sweep().await.unwrap();
        let (draft, answers) = app.draft_of("himeji", "hanako@example.jp").await;
        assert!(answers.name.is_some(), "the touch gave it its full life again");
        assert!(app.deliver_mail().await.sent > 0, "a mail warns of the end");
        app.advance(Duration::DAY - Duration::seconds(1));
        app.portal().sweep().await.unwrap();
        app.draft_of("himeji", "hanako@example.jp").await;
        app.advance(Duration::seconds(1));
        app.portal().sweep().await.unwrap();
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("himeji", &draft.reference.to_string()).await, "lapsed");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM drafts").await, 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM search_tokens").await, 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'lapsed'").await, 1);
        pages::is_at(&applicant.open("apply/check").await.unwrap(), "/resume");
    }

    async fn a_shared_device_forgets_on_demand_and_the_draft_stays(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let pause = applicant.open("apply/pause").await.unwrap();
        assert!(pause.text().contains("11月27日") || pause.text().contains("2026-11-27"), "{}", pause.text());
        applicant.press(&pause, "この端末での利用を終える").await.unwrap();
        pages::is_at(&applicant.open("apply/check").await.unwrap(), "/resume");
        assert!(app.draft_of("himeji", "hanako@example.jp").await.1.name.is_some());
    }
}
