//! Signing in with card number and password, from the initial one to a session ended elsewhere.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once};
use reqwest::Method;
use time::Duration;
use todoke::demo::LIBRARIES;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::demo::stage::Stage;
use todoke::domain::library::LibraryRules;
use todoke::service::retain::purge::PurgeCap;

const NUMBER: &str = "3000-0001-4";
const OWN: &str = "川のほとりの 桜 三本";
const WRONG: &str = "カード番号かパスワードがちがいます";
const LETTER: &str = "新しい端末からサインインがありました";

/// The number at this place of Himeji's series.
async fn number(app: &TestApp, place: u64) -> String {
    app.library("himeji").await.rules.number_series.number(place).unwrap().to_string()
}

/// What the page shows to whoever types the collection code, and the browser that saw it.
async fn collected(app: &TestApp, submitted: &Submitted) -> (Journey, String) {
    let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
    let desk = reader.open("password").await.unwrap();
    let shown = reader.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
    let password = shown.text_of("output").expect("the password").replace(' ', "");
    (reader, password)
}

async fn sign_in(visitor: &Journey, number: &str, password: &str) -> Page {
    let page = visitor.open("sign-in/password").await.unwrap();
    visitor.send(&page, &[("number", number), ("password", password)]).await.unwrap()
}

async fn choose(visitor: &Journey, page: &Page, password: &str) -> Page {
    visitor.send(page, &[("password", password), ("again", password)]).await.unwrap()
}

/// A patron with a password of their own, and the browser that chose it.
async fn settled(app: &TestApp) -> (Submitted, Journey) {
    let submitted = app.issued_to_hanako().await;
    let (_, initial) = collected(app, &submitted).await;
    let visitor = app.journey("himeji");
    let page = sign_in(&visitor, NUMBER, &initial).await;
    pages::is_at(&choose(&visitor, &page, OWN).await, "/card");
    app.deliver_mail().await;
    (submitted, visitor)
}

fn letters(app: &TestApp) -> usize {
    app.letters_to("hanako@example.jp").iter().filter(|letter| letter.subject.contains(LETTER)).count()
}

fn behind_a_proxy(stage: &mut Stage) {
    stage.facing.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

#[track_caller]
fn is_refused(page: &Page) {
    pages::is_rejected(page, "number", WRONG);
    assert!(!page.html().contains("type=\"password\" value"), "no secret comes back");
}

stories! {
    async fn an_initial_password_opens_the_page_on_which_it_is_changed_and_no_other(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (collector, initial) = collected(app, &submitted).await;
        let visitor = app.journey("himeji");
        let door = visitor.open("sign-in").await.unwrap();
        let noted = visitor.browser.cookies_for(&door.url);
        let entry = visitor.browser.click(&door, "カード番号でサインイン").await.unwrap();
        // In groups, as it was copied.
        let grouped = format!("{} {}", &initial[..4], &initial[4..]);
        let fields = [("number", NUMBER), ("password", grouped.as_str())];
        let page = visitor.send(&entry, &fields).await.unwrap();
        pages::is_at(&page, "/sign-in/new-password");
        assert_ne!(visitor.browser.cookies_for(&door.url), noted, "whoever planted the cookie has nothing");
        for path in ["status", "account", "password", "card/stop"] {
            pages::is_at(&visitor.open(path).await.unwrap(), "/sign-in");
        }
        let page = visitor.open("sign-in/new-password").await.unwrap();
        let card = choose(&visitor, &page, OWN).await;
        pages::is_at(&card, "/card");
        assert!(card.text().contains("3000 0001 4"), "{}", card.text());
        let status = visitor.open("status").await.unwrap();
        assert!(status.text().contains("パスワードを変えました"), "{}", status.text());
        // Everywhere else the patron was signed in is over, and so is the initial password.
        pages::is_at(&collector.open("status").await.unwrap(), "/sign-in");
        is_refused(&sign_in(&app.journey("himeji"), NUMBER, &initial).await);
        let desk = visitor.open("password").await.unwrap();
        assert!(desk.text().contains("あなたが決めました") && desk.form("code").is_err(), "{}", desk.text());
        app.deliver_mail().await;
        assert_eq!(letters(app), 1);
    }

    async fn neither_password_stands_anywhere_but_on_its_one_page(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (collector, initial) = collected(app, &submitted).await;
        let visitor = app.journey("himeji");
        let choice = sign_in(&visitor, NUMBER, &initial).await;
        let weak = choose(&visitor, &choice, "password1").await;
        let status = choose(&visitor, &weak, OWN).await;
        let elsewhere = app.journey("himeji");
        let wrong = sign_in(&elsewhere, NUMBER, &format!("{OWN}x")).await;
        let pages = [choice, weak, status, wrong, visitor.open("account").await.unwrap(), visitor.open("password").await.unwrap()];
        // Before the mails are handed over as well as after.
        for _ in 0..2 {
            assert!(app.database.holds(&submitted.reference).await, "the search finds what is there");
            for secret in [initial.as_str(), OWN] {
                assert!(!app.database.holds(secret).await, "a password stands in the database");
                assert!(app.stage.mailbox.letters().iter().all(|letter| !letter.text.contains(secret)));
                assert!(pages.iter().all(|page| !page.html().contains(secret)), "a password stands on a page");
            }
            app.deliver_mail().await;
        }
        // Nor does a quick hash over what was typed, on which all words could be tried.
        let hashes = "SELECT COUNT(*) FROM once_keys WHERE route LIKE '%password'";
        assert_eq!(app.database.count(hashes).await, 1);
        let is_postgres = app.database.address.starts_with("postgres");
        let empty = if is_postgres { "decode(repeat('00', 32), 'hex')" } else { "zeroblob(32)" };
        assert_eq!(app.database.count(&format!("{hashes} AND body_hash = {empty}")).await, 1);
        for browser in [&collector.browser, &visitor.browser, &elsewhere.browser] {
            assert!(browser.visited().iter().all(|url| !url.as_str().contains(&initial)));
        }
    }

    async fn every_failure_is_answered_alike(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let visitor = app.journey("himeji");
        is_refused(&sign_in(&visitor, NUMBER, "nobody has looked").await);
        let (_, initial) = collected(app, &submitted).await;
        let nobodys = number(app, 1).await;
        for (number, password) in [(NUMBER, "wrong one"), (nobodys.as_str(), initial.as_str()), ("H-77", initial.as_str())] {
            is_refused(&sign_in(&visitor, number, password).await);
        }
        let initial_in_capitals = initial.to_uppercase();
        is_refused(&sign_in(&visitor, NUMBER, &initial_in_capitals).await);
        assert!(visitor.browser.cookies_for(&visitor.open("sign-in").await.unwrap().url).split("; ").count() == 1);
    }

    async fn a_mistyped_number_costs_no_try(app: &TestApp) {
        settled(app).await;
        let visitor = app.journey("himeji");
        for _ in 0..8 {
            pages::is_rejected(&sign_in(&visitor, "3000-0001-5", OWN).await, "number", "打ちまちがい");
            pages::is_rejected(&sign_in(&visitor, "", OWN).await, "number", "");
            pages::is_rejected(&sign_in(&visitor, NUMBER, "").await, "password", "パスワードを入力してください");
        }
        pages::is_at(&sign_in(&visitor, NUMBER, OWN).await, "/card");
        app.deliver_mail().await;
    }

    async fn guessing_slows_strangers_down_and_never_the_patron(app: &TestApp) {
        let (submitted, patron) = settled(app).await;
        patron.browser.submit(&patron.open("status").await.unwrap().form("サインアウトする").unwrap()).await.unwrap();
        let stranger = app.journey("himeji");
        let nobodys = number(app, 1).await;
        for number in [NUMBER, nobodys.as_str()] {
            for _ in 0..5 {
                is_refused(&sign_in(&stranger, number, "guess").await);
            }
            let slowed = sign_in(&stranger, number, "guess").await;
            pages::is_rejected(&slowed, "number", "まちがいが続いたため、10:");
            assert!(slowed.link("申込番号かマイナンバーカードでサインイン").is_ok(), "{}", slowed.text());
        }
        // Not even the right password is judged there; where the patron has signed in before, it opens at once.
        let fresh = app.journey("himeji");
        assert_eq!(sign_in(&fresh, NUMBER, OWN).await.status, 422);
        pages::is_at(&sign_in(&patron, NUMBER, OWN).await, "/card");
        // Another way in is open, and makes the device a known one.
        let (known, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let stranger_again = sign_in(&stranger, NUMBER, "guess").await;
        assert_eq!(stranger_again.status, 422);
        pages::is_at(&sign_in(&known, NUMBER, OWN).await, "/card");
        // Each wait is longer than the one before.
        let still = sign_in(&stranger, NUMBER, "guess").await;
        pages::is_rejected(&still, "number", "まちがいが続いたため");
        app.advance(Duration::minutes(15));
        is_refused(&sign_in(&stranger, NUMBER, "guess").await);
        app.deliver_mail().await;
        assert_eq!(letters(app), 1, "the known devices are not told of again");
    }

    #[stage(behind_a_proxy)]
    async fn guessing_in_one_network_leaves_the_others_open(app: &TestApp) {
        let (_, patron) = settled(app).await;
        let guess = async |network: &str, password: &str| {
            let stranger = app.journey("himeji");
            let page = stranger.open("sign-in/password").await.unwrap();
            let form = page.form("number").unwrap().fill("number", NUMBER).unwrap().fill("password", password).unwrap();
            Sending::form(&form, &stranger.browser).header("x-forwarded-for", network).send().await
        };
        for _ in 0..5 {
            is_refused(&guess("203.0.113.9", "guess").await);
        }
        pages::is_rejected(&guess("203.0.113.9", OWN).await, "number", "まちがいが続いたため");
        assert_eq!(guess("198.51.100.7", OWN).await.status, 303, "somewhere else, from a device that is new");
        for place in 0..46 {
            is_refused(&guess(&format!("192.0.2.{place}"), "guess").await);
        }
        pages::is_rejected(&guess("198.51.100.8", OWN).await, "number", "まちがいが続いたため");
        pages::is_at(&sign_in(&patron, NUMBER, OWN).await, "/card");
        app.deliver_mail().await;
    }

    #[stage(behind_a_proxy)]
    async fn one_network_that_guesses_on_and_on_makes_nobody_else_wait(app: &TestApp) {
        let (_, patron) = settled(app).await;
        let attempt = async |network: &str, password: &str| {
            let stranger = app.journey("himeji");
            let page = stranger.open("sign-in/password").await.unwrap();
            let form = page.form("number").unwrap().fill("number", NUMBER).unwrap().fill("password", password).unwrap();
            Sending::form(&form, &stranger.browser).header("x-forwarded-for", network).send().await
        };
        for _ in 0..60 {
            is_refused(&attempt("203.0.113.9", "guess").await);
            app.advance(Duration::minutes(15));
        }
        // Nor does whoever knows the password, however often they sign in from a device that is new.
        for _ in 0..60 {
            assert_eq!(attempt("198.51.100.7", OWN).await.status, 303);
        }
        assert_eq!(attempt("198.51.100.8", OWN).await.status, 303);
        pages::is_at(&sign_in(&patron, NUMBER, OWN).await, "/card");
        app.deliver_mail().await;
    }

    async fn a_card_that_is_stopped_while_a_finder_chooses_a_password_opens_nothing(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, initial) = collected(app, &submitted).await;
        let finder = app.journey("himeji");
        let choice = sign_in(&finder, NUMBER, &initial).await;
        pages::is_at(&choice, "/sign-in/new-password");
        let stop = reader.open("card/stop").await.unwrap();
        reader.press(&stop, "いますぐ止める").await.unwrap();
        pages::is_at(&choose(&finder, &choice, OWN).await, "/sign-in/password");
        is_refused(&sign_in(&app.journey("himeji"), NUMBER, OWN).await);
        pages::is_at(&reader.open("status").await.unwrap(), "/status");
        app.deliver_mail().await;
    }

    async fn the_initial_password_of_a_stopped_card_opens_nothing(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, initial) = collected(app, &submitted).await;
        let stop = reader.open("card/stop").await.unwrap();
        reader.press(&stop, "いますぐ止める").await.unwrap();
        is_refused(&sign_in(&app.journey("himeji"), NUMBER, &initial).await);
        app.deliver_mail().await;
    }

    async fn a_sign_in_that_is_under_way_while_the_password_changes_opens_nothing(app: &TestApp) {
        let (_, patron) = settled(app).await;
        let next = "海の見える坂道 七曲り";
        let mut sendings = Vec::new();
        for _ in 0..4 {
            let other = app.journey("himeji");
            let page = other.open("sign-in/password").await.unwrap();
            let form = page.form("number").unwrap().fill("number", NUMBER).unwrap().fill("password", OWN).unwrap();
            sendings.push(Sending::form(&form, &other.browser));
        }
        let page = patron.open("account/password").await.unwrap();
        let fields = [("current", OWN), ("password", next), ("again", next)];
        let form = fields.iter().fold(page.form("current").unwrap(), |form, (name, text)| form.fill(name, text).unwrap());
        sendings.push(Sending::form(&form, &patron.browser));
        let answers = all_at_once(sendings).await;
        assert_eq!(answers.last().unwrap().status, 303, "{}", answers.last().unwrap().text());
        let open = "SELECT COUNT(*) FROM sessions WHERE proved_patron IS NOT NULL";
        assert_eq!(app.database.count(open).await, 1, "whoever changed it");
        app.deliver_mail().await;
    }

    async fn weak_passwords_are_refused_with_a_reason(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (_, initial) = collected(app, &submitted).await;
        let visitor = app.journey("himeji");
        let mut page = sign_in(&visitor, NUMBER, &initial).await;
        let grouped = format!("{} {}", &initial[..4], &initial[4..]);
        for (weak, reason) in [
            ("k3f9x2q", "8文字以上にしてください"),
            ("30000001-4!", "カード番号が入っています"),
            ("1990-04-01", "生年月日が入っています"),
            ("平成02.04.01だよ", "生年月日が入っています"),
            ("toshokan1", "よく使われるパスワード"),
            (initial.as_str(), "いまのパスワードと同じです"),
            (grouped.as_str(), "いまのパスワードと同じです"),
            ("", "新しいパスワードを入力してください"),
        ] {
            page = choose(&visitor, &page, weak).await;
            pages::is_rejected(&page, "password", reason);
        }
        let unequal = visitor.send(&page, &[("password", OWN), ("again", "川のほとり")]).await.unwrap();
        pages::is_rejected(&unequal, "again", "もう一度");
        app.advance(Duration::minutes(15));
        pages::is_at(&choose(&visitor, &unequal, OWN).await, "/sign-in/password");
    }

    async fn two_clicks_choose_once(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (_, initial) = collected(app, &submitted).await;
        let visitor = app.journey("himeji");
        let page = sign_in(&visitor, NUMBER, &initial).await;
        let form = page.form("again").unwrap().fill("password", OWN).unwrap().fill("again", OWN).unwrap();
        let sending = Sending::form(&form, &visitor.browser);
        let answers = all_at_once(vec![sending; 4]).await;
        assert!(answers.iter().all(|answer| answer.status == 303), "{:?}", answers.iter().map(|one| one.status).collect::<Vec<_>>());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'password_chosen'").await, 1);
        pages::is_at(&sign_in(&app.journey("himeji"), NUMBER, OWN).await, "/card");
        app.deliver_mail().await;
    }

    async fn each_new_device_is_told_by_mail_once(app: &TestApp) {
        let (_, patron) = settled(app).await;
        assert_eq!(letters(app), 1);
        let letters_of_all = app.letters_to("hanako@example.jp");
        let letter = letters_of_all.iter().find(|letter| letter.subject.contains(LETTER)).unwrap();
        assert!(letter.text.contains("日時：11月20日 10:") && letter.text.contains("端末：そのほかの端末"), "{}", letter.text);
        assert!(!letter.text.contains("3000") && !letter.text.contains("姫路 花子"));
        pages::is_at(&sign_in(&patron, NUMBER, OWN).await, "/card");
        app.deliver_mail().await;
        assert_eq!(letters(app), 1, "the same device");
        let other = app.journey("himeji");
        pages::is_at(&sign_in(&other, NUMBER, OWN).await, "/card");
        app.deliver_mail().await;
        assert_eq!(letters(app), 2);
    }

    async fn sessions_are_listed_and_ended_one_by_one_or_all(app: &TestApp) {
        let (submitted, patron) = settled(app).await;
        let other = app.journey("himeji");
        sign_in(&other, NUMBER, OWN).await;
        let (by_code, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let account = patron.open("account").await.unwrap();
        assert_eq!(account.html().matches("name=\"session\"").count(), 2, "{}", account.text());
        // The one used last stands first: the code's.
        let account = patron.press(&account, "サインアウトさせる").await.unwrap();
        assert!(account.text().contains("サインアウトさせました"), "{}", account.text());
        pages::is_at(&by_code.open("status").await.unwrap(), "/sign-in");
        pages::is_at(&other.open("status").await.unwrap(), "/status");
        let account = patron.press(&account, "ほかのすべての端末").await.unwrap();
        assert!(!account.html().contains("name=\"session\""), "{}", account.text());
        pages::is_at(&other.open("status").await.unwrap(), "/sign-in");
        pages::is_at(&patron.open("status").await.unwrap(), "/status");
        app.deliver_mail().await;
    }

    async fn nobody_ends_or_sees_the_sessions_of_another(app: &TestApp) {
        let (_, patron) = settled(app).await;
        sign_in(&app.journey("himeji"), NUMBER, OWN).await;
        let form = patron.open("account").await.unwrap().form("session").unwrap();
        let handle = form.value("session").unwrap().to_owned();
        // Somebody with an application and no card has no such page.
        let taro = app.submitted("himeji", &pages::taro()).await;
        pages::is_at(&taro.applicant.open("account").await.unwrap(), "/status");
        let press = taro.applicant.open("status").await.unwrap().form("サインアウトする").unwrap();
        let sent = Sending::to(Method::POST, form.action.clone(), &taro.applicant.browser)
            .header("sec-fetch-site", "same-origin")
            .field("csrf", press.value("csrf").unwrap())
            .field("idem", press.value("idem").unwrap())
            .field("session", &handle)
            .send()
            .await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        assert_eq!(patron.open("account").await.unwrap().html().matches("name=\"session\"").count(), 1);
        app.deliver_mail().await;
    }

    async fn a_changed_password_signs_out_everywhere_and_is_told(app: &TestApp) {
        let (_, patron) = settled(app).await;
        let other = app.journey("himeji");
        sign_in(&other, NUMBER, OWN).await;
        let page = patron.open("account/password").await.unwrap();
        let next = "海の見える坂道 七曲り";
        let wrong = patron.send(&page, &[("current", "wrong"), ("password", next), ("again", next)]).await.unwrap();
        pages::is_rejected(&wrong, "current", "いまのパスワードがちがいます");
        let same = patron.send(&page, &[("current", OWN), ("password", OWN), ("again", OWN)]).await.unwrap();
        pages::is_rejected(&same, "password", "いまのパスワードと同じです");
        let account = patron.send(&page, &[("current", OWN), ("password", next), ("again", next)]).await.unwrap();
        assert!(account.text().contains("ほかの端末は、すべてサインアウトしました"), "{}", account.text());
        pages::is_at(&other.open("status").await.unwrap(), "/sign-in");
        is_refused(&sign_in(&other, NUMBER, OWN).await);
        app.deliver_mail().await;
        let told = app.letters_to("hanako@example.jp");
        assert!(told.iter().any(|letter| letter.subject.ends_with("パスワードを変えました")));
        pages::is_at(&sign_in(&app.journey("himeji"), NUMBER, next).await, "/card");
        app.deliver_mail().await;
    }

    async fn an_initial_password_runs_out_by_the_librarys_rule(app: &TestApp) {
        let source = LIBRARIES[0].replace("viewable_days = 30", "viewable_days = 30\ninitial_days = 2");
        let rules = LibraryRules::parse(&source).unwrap();
        app.portal().import_library(&rules, &source).await.unwrap();
        let submitted = app.issued_to_hanako().await;
        let (_, initial) = collected(app, &submitted).await;
        app.advance(Duration::days(2));
        let visitor = app.journey("himeji");
        let late = sign_in(&visitor, NUMBER, &initial).await;
        pages::is_rejected(&late, "number", "初期パスワードの期限が過ぎています");
        is_refused(&sign_in(&visitor, NUMBER, "a guess").await);
        pages::is_at(&visitor.open("status").await.unwrap(), "/sign-in");
    }

    async fn where_the_card_is_required_the_code_opens_nothing(app: &TestApp) {
        let source = LIBRARIES[0].replace("card_sign_in = \"offered\"", "card_sign_in = \"required\"");
        let rules = LibraryRules::parse(&source).unwrap();
        app.portal().import_library(&rules, &source).await.unwrap();
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = reader.open("password").await.unwrap();
        assert!(desk.form("code").is_err(), "{}", desk.text());
        let press = desk.form("マイナンバーカードで確かめる").unwrap();
        let forged = Sending::to(Method::POST, desk.url.clone(), &reader.browser)
            .header("sec-fetch-site", "same-origin")
            .field("csrf", press.value("csrf").unwrap())
            .field("idem", press.value("idem").unwrap())
            .field("code", &submitted.collection_code)
            .send()
            .await;
        assert!(forged.text_of("output").is_none(), "{}", forged.text());
        let cards = reader.press(&desk, "マイナンバーカードで確かめる").await.unwrap();
        let desk = reader.send(&cards, &[("card", "normal")]).await.unwrap();
        let shown = reader.press(&desk, "初期パスワードを表示する").await.unwrap();
        assert_eq!(shown.text_of("output").unwrap().replace(' ', "").len(), 10);
    }

    async fn a_patron_whose_application_is_erased_still_has_a_page(app: &TestApp) {
        let (submitted, _) = settled(app).await;
        let id = app.application("himeji", &submitted.reference).await.id;
        app.advance(Duration::days(400));
        app.portal().sweep().await.unwrap();
        app.portal().purge(PurgeCap::default()).await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "purged", "{id}");
        let visitor = app.journey("himeji");
        let status = sign_in(&visitor, NUMBER, OWN).await;
        pages::is_at(&status, "/card");
        assert!(status.text().contains("3000 0001 4"), "{}", status.text());
        pages::is_at(&visitor.open("account").await.unwrap(), "/account");
        let stop = visitor.open("card/stop").await.unwrap();
        let stopped = visitor.press(&stop, "いますぐ止める").await.unwrap();
        assert!(stopped.text().contains("カードを止めました"), "{}", stopped.text());
        app.deliver_mail().await;
    }
}
