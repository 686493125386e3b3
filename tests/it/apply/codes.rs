//! The six digits that confirm an address: how often, how long, for whom.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};

/// A code that differs from `right`.
fn wrong(right: &str) -> &'static str {
    if right == "000000" { "000001" } else { "000000" }
}

/// An applicant at the box for the code, and the code.
async fn asked_for_the_code(app: &TestApp) -> (Journey, Page, String) {
    let applicant = app.journey("himeji");
    applicant.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
    let page = applicant.answer("apply/email", &[("email", "hanako@example.jp")]).await.unwrap();
    pages::is_at(&page, "/apply/email/code");
    app.deliver_mail().await;
    let code = applicant.newest_code("hanako@example.jp").unwrap();
    (applicant, page, code)
}

stories! {
    async fn a_code_dies_at_its_fifth_wrong_try(app: &TestApp) {
        let (applicant, page, code) = asked_for_the_code(app).await;
        for said in ["コードがちがいます"; 4].into_iter().chain(["入力の回数が多いため"]) {
            let page = applicant.send(&page, &[("code", wrong(&code))]).await.unwrap();
            pages::is_rejected(&page, "code", said);
        }
        let page = applicant.send(&page, &[("code", &code)]).await.unwrap();
        assert_eq!(page.status, 422, "the right code comes too late");
        assert!(!app.draft_is_confirmed().await);
        // Another code is another chance.
        app.advance(Duration::seconds(60));
        let page = applicant.press(&page, "コードをもう一度送る").await.unwrap();
        app.deliver_mail().await;
        let code = applicant.newest_code("hanako@example.jp").unwrap();
        pages::is_at(&applicant.send(&page, &[("code", &code)]).await.unwrap(), "/apply/name");
    }

    async fn parallel_guesses_share_the_five_tries(app: &TestApp) {
        let (applicant, page, code) = asked_for_the_code(app).await;
        let form = page.form("code").unwrap();
        let guesses = (0..12).map(|_| {
            let form = form.clone().forge("code", wrong(&code));
            crate::support::sending::Sending::form(&form, &applicant.browser)
        });
        for answer in crate::support::sending::all_at_once(guesses.collect()).await {
            assert_eq!(answer.status, 422, "{}", answer.text());
        }
        assert_eq!(applicant.send(&page, &[("code", &code)]).await.unwrap().status, 422, "no try is left");
        assert!(!app.draft_is_confirmed().await);
    }

    async fn a_code_works_for_fifteen_minutes(app: &TestApp) {
        let (applicant, page, code) = asked_for_the_code(app).await;
        app.advance(Duration::minutes(15));
        let late = applicant.send(&page, &[("code", &code)]).await.unwrap();
        pages::is_rejected(&late, "code", "コードの期限が切れました");
        assert!(!app.draft_is_confirmed().await);
    }

    async fn a_code_is_read_as_it_is_typed_until_the_last_second(app: &TestApp) {
        let (applicant, page, code) = asked_for_the_code(app).await;
        pages::is_rejected(&applicant.send(&page, &[("code", "12345")]).await.unwrap(), "code", "6けたの数字");
        app.advance(Duration::seconds(15 * 60 - 1));
        let wide: String = code.chars().map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap()).collect();
        let page = applicant.send(&page, &[("code", &format!("{}　{}", &wide[..9], &wide[9..]))]).await.unwrap();
        pages::is_at(&page, "/apply/name");
    }

    async fn the_next_code_must_wait_a_minute_and_the_last_one_stays_good(app: &TestApp) {
        let (applicant, page, first) = asked_for_the_code(app).await;
        app.advance(Duration::seconds(59));
        let soon = applicant.press(&page, "コードをもう一度送る").await.unwrap();
        pages::is_rejected(&soon, "code", "10:01を過ぎてから");
        assert_eq!(app.deliver_mail().await.sent, 0);
        app.advance(Duration::seconds(1));
        let again = applicant.press(&page, "コードをもう一度送る").await.unwrap();
        assert!(again.text().contains("新しいコードを送りました"));
        assert_eq!(app.deliver_mail().await.sent, 1);
        // Mail overtakes mail: the first one still counts.
        pages::is_at(&applicant.send(&again, &[("code", &first)]).await.unwrap(), "/apply/name");
    }

    async fn one_address_gets_six_codes_an_hour(app: &TestApp) {
        let (applicant, page, _) = asked_for_the_code(app).await;
        for _ in 0..5 {
            app.advance(Duration::minutes(1));
            let again = applicant.press(&page, "コードをもう一度送る").await.unwrap();
            assert_eq!(again.status, 200, "{}", again.text());
        }
        app.advance(Duration::minutes(1));
        // Nor does another browser get a seventh.
        let other = app.journey("himeji");
        other.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let refused = other.answer("apply/email", &[("email", "hanako@example.jp")]).await.unwrap();
        pages::is_rejected(&refused, "email", "コードを続けて送ることはできません");
        app.deliver_mail().await;
        assert_eq!(app.letters_to("hanako@example.jp").len(), 6);
    }

    async fn a_code_belongs_to_the_browser_that_asked(app: &TestApp) {
        let (_, _, code) = asked_for_the_code(app).await;
        app.advance(Duration::minutes(1));
        let other = app.journey("himeji");
        other.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let page = other.answer("apply/email", &[("email", "mallory@example.jp")]).await.unwrap();
        assert_eq!(other.send(&page, &[("code", &code)]).await.unwrap().status, 422);
        app.deliver_mail().await;
    }

    async fn without_a_confirmed_address_nobody_comes_further(app: &TestApp) {
        let (applicant, _, _) = asked_for_the_code(app).await;
        for path in ["apply/name", "apply/birth", "apply/address", "apply/contact", "apply/check"] {
            pages::is_at(&applicant.open(path).await.unwrap(), "/apply/email");
        }
        // Nor does somebody who changes the address afterwards.
        let (applicant, check) = app.answered("himeji", &Person::hanako().with_email("taro@example.jp")).await;
        let changed = applicant.answer("apply/email?from=check", &[("email", "jiro@example.jp")]).await.unwrap();
        pages::is_at(&changed, "/apply/email/code");
        pages::is_at(&applicant.agree(&check).await.unwrap(), "/apply/email");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 0);
        app.deliver_mail().await;
    }
}
