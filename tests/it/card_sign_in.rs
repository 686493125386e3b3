//! Signing in with the card: to one's own page, and to the initial password.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use reqwest::Url;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};

const BUTTON: &str = "マイナンバーカードでサインイン";
const REVEAL: &str = "マイナンバーカードで確かめる";

/// Signs in at a fresh browser: arrives wherever the card leads.
async fn sign_in(app: &TestApp, slug: &str, card: &str) -> (Journey, Page) {
    let visitor = app.journey(slug);
    let page = visitor.open("sign-in").await.unwrap();
    let cards = visitor.press(&page, BUTTON).await.unwrap();
    let arrived = visitor.send(&cards, &[("card", card)]).await.unwrap();
    (visitor, arrived)
}

/// Takes a card in the app and stops before the browser goes back: the address that it would open.
async fn way_back(visitor: &Journey, page: &Page, button: &str, card: &str) -> Url {
    let cards = visitor.press(page, button).await.unwrap();
    let form = cards.form("card").unwrap().fill("card", card).unwrap();
    location(&Sending::form(&form, &visitor.browser).send().await).unwrap().parse().unwrap()
}

#[track_caller]
fn explains(page: &Page, path: &str, heading: &str) {
    pages::is_at(page, path);
    assert!(page.text_of("h1").unwrap().contains(heading), "{}", page.text());
}

/// 姫路 花子 applies again, after her first application was declined.
async fn applied_twice(app: &TestApp) -> [Submitted; 2] {
    let first = app.submitted_by_hanako().await;
    app.sato().await.decide(&first.reference, "decline", "書類を確かめられませんでした。").await.unwrap();
    app.deliver_mail().await;
    let second = app.submitted("himeji", &Person::hanako().with_email("second@example.jp")).await;
    [first, second]
}

fn password_on(page: &Page) -> Option<String> {
    Some(page.text_of("output")?.replace(' ', ""))
}

stories! {
    async fn the_card_that_signed_opens_the_status_page(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let visitor = app.journey("himeji");
        let page = visitor.open("sign-in").await.unwrap();
        let before = visitor.browser.cookies_for(&page.url);
        let cards = visitor.press(&page, BUTTON).await.unwrap();
        assert!(cards.text().contains("マイナンバーカードでサインイン"), "{}", cards.text());
        let status = visitor.send(&cards, &[("card", "normal")]).await.unwrap();
        pages::is_at(&status, "/himeji/ja/status");
        assert!(status.text().contains(&submitted.reference), "{}", status.text());
        assert_ne!(visitor.browser.cookies_for(&page.url), before, "a new session has a new cookie");
        // Its signing certificate has run out since; the card itself still opens.
        let (_, status) = sign_in(app, "himeji", "expired").await;
        assert!(status.text().contains(&submitted.reference), "{}", status.text());
    }

    async fn a_noted_cookie_opens_nothing_once_somebody_signs_in(app: &TestApp) {
        app.submitted_by_hanako().await;
        let visitor = app.journey("himeji");
        let page = visitor.open("sign-in").await.unwrap();
        let noted = visitor.browser.cookies_for(&page.url);
        let back = way_back(&visitor, &page, BUTTON, "normal").await;
        pages::is_at(&visitor.browser.open(back.as_str()).await.unwrap(), "/status");
        let stranger = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        for address in [page.url.join("status").unwrap(), back] {
            let answer = stranger.get(address).header("Cookie", &noted).send().await.unwrap();
            let status = answer.status();
            assert!(answer.headers().get("set-cookie").is_none(), "no session is handed out again");
            let led = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
            assert!(led.ends_with("/sign-in?why=first") || led.ends_with("/status"), "{status} {led}");
        }
    }

    async fn a_changed_name_is_explained_and_the_other_way_stays_open(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let (visitor, page) = sign_in(app, "himeji", "renewed").await;
        explains(&page, "/sign-in/card/problem/unknown", "このカードで署名した申込みが見つかりません");
        assert!(page.text().contains("新しくした方"), "{}", page.text());
        let form = visitor.browser.click(&page, "申込番号でサインインする").await.unwrap();
        pages::is_at(&form, "/sign-in");
        let (_, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(status.text().contains(&submitted.reference));
    }

    async fn somebody_elses_card_opens_nothing(app: &TestApp) {
        app.submitted_by_hanako().await;
        for (slug, card) in [("himeji", "other-person"), ("himeji", "no-certificate"), ("shiomi", "normal")] {
            let (visitor, page) = sign_in(app, slug, card).await;
            explains(&page, "/sign-in/card/problem/unknown", "見つかりません");
            pages::is_at(&visitor.open("status").await.unwrap(), "/sign-in");
        }
    }

    async fn each_failure_of_card_and_app_is_explained(app: &TestApp) {
        app.submitted_by_hanako().await;
        for (card, kind, heading) in [
            ("cancel", "cancelled", "カードの確認を中止しました"),
            ("unreadable", "read-error", "カードを読み取れませんでした"),
            ("locked", "pin-locked", "暗証番号がロックされています"),
            ("old-telephone", "unsupported-device", "このスマートフォンではカードを使えません"),
            ("offline", "app-unavailable", "カードを確かめられませんでした"),
        ] {
            let (visitor, page) = sign_in(app, "himeji", card).await;
            explains(&page, &format!("/sign-in/card/problem/{kind}"), heading);
            pages::is_at(&visitor.open("status").await.unwrap(), "/sign-in");
        }
        let visitor = app.journey("himeji");
        let page = visitor.open("sign-in").await.unwrap();
        let back = way_back(&visitor, &page, BUTTON, "normal").await;
        app.stage.stop_app().await;
        let down = visitor.browser.open(back.as_str()).await.unwrap();
        explains(&down, "/sign-in/card/problem/app-unavailable", "カードを確かめられませんでした");
    }

    async fn the_way_back_from_the_app_speaks_the_language_of_the_page(app: &TestApp) {
        app.submitted_by_hanako().await;
        for (lang, button) in
            [("en", "Sign in with the My Number Card"), ("ja-simple", "マイナンバーカードで サインイン"), ("ja", BUTTON)]
        {
            for (card, path) in [("normal", "status"), ("cancel", "sign-in/card/problem/cancelled")] {
                let visitor = app.journey("himeji");
                let address = format!("{}/{lang}/sign-in", visitor.library);
                let page = visitor.browser.open(&address).await.unwrap();
                let cards = visitor.press(&page, button).await.unwrap();
                let arrived = visitor.send(&cards, &[("card", card)]).await.unwrap();
                pages::is_at(&arrived, &format!("/himeji/{lang}/{path}"));
            }
        }
    }

    async fn an_answer_counts_once_in_time_and_in_the_browser_that_asked(app: &TestApp) {
        app.submitted_by_hanako().await;
        let visitor = app.journey("himeji");
        let page = visitor.open("sign-in").await.unwrap();
        let back = way_back(&visitor, &page, BUTTON, "normal").await;
        let stranger = app.journey("himeji");
        stranger.open("sign-in").await.unwrap();
        let foreign = stranger.browser.open(back.as_str()).await.unwrap();
        pages::refuses(&foreign, 404, "この署名は使えません");
        // It was not used up by that. Taken twice, it leads to the same page.
        for _ in 0..2 {
            pages::is_at(&visitor.browser.open(back.as_str()).await.unwrap(), "/status");
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM sessions WHERE subject = 'reader'").await, 2);

        let late = app.journey("himeji");
        let page = late.open("sign-in").await.unwrap();
        let back = way_back(&late, &page, BUTTON, "normal").await;
        app.advance(Duration::minutes(10));
        let page = late.browser.open(back.as_str()).await.unwrap();
        explains(&page, "/sign-in/card/problem/request-expired", "カードの確認の時間が過ぎました");
    }

    async fn five_answers_at_once_make_one_session(app: &TestApp) {
        app.submitted_by_hanako().await;
        let before = app.database.count("SELECT COUNT(*) FROM sessions").await;
        let visitor = app.journey("himeji");
        let page = visitor.open("sign-in").await.unwrap();
        let back = way_back(&visitor, &page, BUTTON, "normal").await;
        let answers = all_at_once(vec![Sending::get(back, &visitor.browser); 5]).await;
        assert!(answers.iter().all(|answer| answer.status == 303), "nobody sees a fault");
        assert_eq!(answers.iter().filter(|answer| answer.headers.contains_key("set-cookie")).count(), 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM sessions").await, before + 1);
    }

    async fn a_failed_answer_cannot_be_tried_with_another_code(app: &TestApp) {
        app.submitted_by_hanako().await;
        let visitor = app.journey("himeji");
        let page = visitor.open("sign-in").await.unwrap();
        let back = way_back(&visitor, &page, BUTTON, "normal").await;
        let mut guessed = back.clone();
        let pairs: Vec<_> = back
            .query_pairs()
            .into_owned()
            .map(|(name, value)| if name == "code" { (name, "guessed".to_owned()) } else { (name, value) })
            .collect();
        guessed.query_pairs_mut().clear().extend_pairs(pairs);
        let refused = visitor.browser.open(guessed.as_str()).await.unwrap();
        explains(&refused, "/sign-in/card/problem/app-unavailable", "カードを確かめられませんでした");
        let again = visitor.browser.open(back.as_str()).await.unwrap();
        explains(&again, "/sign-in/card/problem/request-expired", "カードの確認の時間が過ぎました");
    }

    async fn several_applications_are_offered_to_choose_from(app: &TestApp) {
        let [first, second] = applied_twice(app).await;
        let (visitor, list) = sign_in(app, "himeji", "normal").await;
        pages::is_at(&list, "/sign-in/list");
        let text = list.text();
        assert!(text.contains(&first.reference) && text.contains(&second.reference) && text.contains("2件"), "{text}");
        let newest = visitor.open("status").await.unwrap();
        assert!(newest.text().contains(&second.reference), "the newest is open already");
        let choice = list.form(&first.reference).unwrap();
        let status = visitor.browser.submit(&choice).await.unwrap();
        pages::is_at(&status, "/status");
        assert!(status.text().contains(&first.reference), "{}", status.text());
        // Whoever signed in by code has no list, and cannot go over.
        let (reader, _) = app.reader("himeji", &first.person, &first.reference).await;
        pages::is_at(&reader.open("sign-in/list").await.unwrap(), "/status");
        let forged = list.form(&second.reference).unwrap();
        let form = reader.open("status").await.unwrap().form("サインアウトする").unwrap();
        let sending = Sending::to(reqwest::Method::POST, forged.action.clone(), &reader.browser)
            .header("sec-fetch-site", "same-origin")
            .field("csrf", form.value("csrf").unwrap())
            .field("idem", form.value("idem").unwrap())
            .field("reference", &second.reference);
        assert_eq!(sending.send().await.status, 404);
    }

    async fn the_card_opens_the_initial_password_without_the_code(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = reader.open("password").await.unwrap();
        let cards = reader.press(&desk, REVEAL).await.unwrap();
        let desk = reader.send(&cards, &[("card", "normal")]).await.unwrap();
        pages::is_at(&desk, "/password");
        assert!(password_on(&desk).is_none() && desk.form("code").is_err(), "coming back shows nothing yet");
        let shown = reader.press(&desk, "初期パスワードを表示する").await.unwrap();
        let password = password_on(&shown).expect("the password");
        let again = reader.press(&reader.open("password").await.unwrap(), "もう一度表示する").await.unwrap();
        assert_eq!(password_on(&again), Some(password));
    }

    async fn another_card_opens_no_password(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        app.submitted("himeji", &pages::taro()).await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        for (card, kind, heading) in [
            ("other-person", "other-person", "申込みに署名したカードとちがいます"),
            ("renewed", "other-person", "申込みに署名したカードとちがいます"),
            ("cancel", "cancelled", "カードの確認を中止しました"),
        ] {
            let desk = reader.open("password").await.unwrap();
            let cards = reader.press(&desk, REVEAL).await.unwrap();
            let page = reader.send(&cards, &[("card", card)]).await.unwrap();
            explains(&page, &format!("/password/card/problem/{kind}"), heading);
            let desk = reader.browser.click(&page, "初期パスワードの画面にもどる").await.unwrap();
            assert!(desk.form("code").is_ok(), "the code is still asked for: {}", desk.text());
        }
        let desk = reader.open("password").await.unwrap();
        assert!(password_on(&reader.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap()).is_some());
    }

    async fn a_card_shown_ten_minutes_ago_opens_no_password(app: &TestApp) {
        app.issued_to_hanako().await;
        let (reader, status) = sign_in(app, "himeji", "normal").await;
        pages::is_at(&status, "/status");
        let desk = reader.open("password").await.unwrap();
        assert!(desk.form("code").is_err(), "whoever has just signed in with the card needs no code");
        app.advance(Duration::minutes(10));
        let late = reader.press(&desk, "初期パスワードを表示する").await.unwrap();
        assert!(password_on(&late).is_none() && late.form("code").is_ok(), "{}", late.text());
        app.deliver_mail().await;
        let told = app.letters_to("hanako@example.jp");
        assert!(told.iter().any(|letter| letter.subject.ends_with("新しい端末からサインインがありました")));
    }

    async fn the_name_in_the_app_rests_nowhere(app: &TestApp) {
        app.submitted_by_hanako().await;
        sign_in(app, "himeji", "normal").await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM app_subjects").await, 1);
        let subject = app.stage.subject_of("normal").expect("a card of the simulated app");
        assert!(subject.len() == 43 && !app.database.holds(&subject).await);
        // Requests are forgotten once no session can refer to them.
        app.advance(Duration::hours(13));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM card_sign_ins").await, 0);
    }
}
