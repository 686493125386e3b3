//! The patron's own page: for whoever has a card, whether an application tells of them or not.

mod begun;
mod both;
mod children;
mod close;
mod family;
mod news;
mod notices;
mod record;
mod requests;
mod safeguards;
mod states;

use crate::guardian::{SAKURA, TARO, signed_for};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use time::Duration;
use time::macros::date;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::card::Card;
use todoke::domain::ids::{CardId, PatronId};
use todoke::domain::language::Language;
use todoke::domain::patron::{Patron, PatronFacts};
use todoke::store::{cards, patrons};

pub(crate) const OWN: &str = "川のほとりの 桜 三本";
const LICENCE: [(&str, &str); 1] = [("proof", "driving-licence")];

#[track_caller]
pub(crate) fn must_say(page: &Page, words: &[&str]) {
    for one in words {
        assert!(page.text().contains(one), "{one}: {}", page.text());
    }
}

/// Whoever was a patron before the portal, with a card of the library's own series.
pub(crate) async fn taken_over(app: &TestApp, name: &str, email: Option<&str>) -> (PatronId, String) {
    let library = app.library("himeji").await;
    let mut tx = app.database.db.begin().await.unwrap();
    let patron = Patron {
        id: PatronId::new(app.now()),
        library_id: library.id,
        application_id: None,
        child_number: 0,
        facts: PatronFacts {
            name: name.parse().unwrap(),
            kana: "ヒメジ ウメ".parse().unwrap(),
            birth: "1950-04-01".parse().unwrap(),
            address: None,
            phone: None,
            email: email.map(|email| email.parse().unwrap()),
            category: Some("resident".parse().unwrap()),
            branch: Some("jonai".parse().unwrap()),
        },
        language: Language::Ja,
        registered_at: app.now(),
        row_version: 0,
    };
    patrons::insert(&mut tx, &patron).await.unwrap();
    let number = library.rules.number_series.number(7).unwrap();
    let (id, expires_on) = (CardId::new(app.now()), date!(2028 - 03 - 31));
    let card = Card::issue(id, library.id, patron.id, number.clone(), expires_on, app.now());
    cards::insert(&mut tx, &card).await.unwrap();
    tx.commit().await.unwrap();
    (patron.id, number.to_string())
}

/// Signed in with a password that was handed out at the counter, and changed.
pub(crate) async fn signed_in(app: &TestApp, patron: PatronId, number: &str) -> (Journey, Page) {
    let sato = app.sato().await;
    let desk = sato.open_staff(&format!("patrons/{patron}/password")).await.unwrap();
    let shown = sato.send(&desk, &LICENCE).await.unwrap();
    let initial: String = shown.text_of("output").unwrap().split_whitespace().collect();
    let visitor = app.journey("himeji");
    let door = visitor.open("sign-in/password").await.unwrap();
    let choice = visitor.send(&door, &[("number", number), ("password", &initial)]).await.unwrap();
    pages::is_at(&choice, "/sign-in/new-password");
    let page = visitor.send(&choice, &[("password", OWN), ("again", OWN)]).await.unwrap();
    pages::is_at(&page, "/card");
    (visitor, page)
}

/// A guardian with two children whose cards were granted.
pub(crate) async fn granted_to_children(app: &TestApp) -> (Submitted, Vec<Patron>) {
    let (journey, done) = signed_for(app, "hanako@example.jp", &[SAKURA, TARO]).await;
    let submitted = Submitted::on(journey, &Person::hanako(), &done);
    app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
    app.deliver_mail().await;
    let application = app.application("himeji", &submitted.reference).await;
    let mut tx = app.database.db.read().await.unwrap();
    let children = patrons::list_children(&mut tx, application.library_id, application.id).await.unwrap();
    (submitted, children)
}

async fn number_of(app: &TestApp, patron: &Patron) -> String {
    let mut tx = app.database.db.read().await.unwrap();
    cards::find_by_patron(&mut tx, patron.library_id, patron.id).await.unwrap().unwrap().number.to_string()
}

stories! {
    async fn a_child_for_whom_a_guardian_applied_has_a_page_of_its_own(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let number = number_of(app, &children[0]).await;
        let (sakura, page) = signed_in(app, children[0].id, &number).await;
        must_say(&page, &["姫路 さくら", "使えます"]);
        assert!(!page.text().contains("花子") && !page.text().contains(&submitted.reference), "{}", page.text());
        // What the guardian has sent is the guardian's.
        pages::is_at(&sakura.open("status").await.unwrap(), "/card");
        pages::is_at(&sakura.open("account").await.unwrap(), "/account");
        let shown = sakura.open("card/show").await.unwrap();
        assert!(shown.html().contains("role=\"img\""), "{}", shown.html());

        let stop = sakura.open("card/stop").await.unwrap();
        let stopped = sakura.press(&stop, "いますぐ止める").await.unwrap();
        must_say(&stopped, &["カードを止めました", "止めています"]);
        let found = sakura.open("card/found").await.unwrap();
        must_say(&sakura.press(&found, "また使えるようにする").await.unwrap(), &["カードをまた使えるようにしました"]);
        let deeds = "SELECT COUNT(*) FROM patron_deeds WHERE what IN ('card_stopped', 'card_found')";
        assert_eq!(app.database.count(deeds).await, 2, "no application of the child's tells of it");
        app.advance(Duration::minutes(31));
        pages::is_at(&sakura.open("card").await.unwrap(), "/sign-in");
        app.deliver_mail().await;
    }

    async fn whoever_was_a_patron_before_the_portal_has_a_page_and_begins_procedures(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, page) = signed_in(app, id, &number).await;
        must_say(&page, &["姫路 梅", "使えます", "2028年3月31日", "いま必要なことはありません"]);
        let begun = ume.press(&page, "パスワードを発行する").await.unwrap();
        pages::is_at(&begun, "/apply/address");
        // What was begun takes nobody's card away, and is found again by the next sign-in.
        must_say(&ume.open("card").await.unwrap(), &["姫路 梅", "予約用パスワードの発行・再発行", "入力中"]);
        let again = app.journey("himeji");
        let door = again.open("sign-in/password").await.unwrap();
        let home = again.send(&door, &[("number", &number), ("password", OWN)]).await.unwrap();
        pages::is_at(&home, "/card");
        let (draft, _) = app.draft_of("himeji", "ume@example.jp").await;
        let over = home.form(&draft.reference.to_string()).unwrap();
        let status = again.browser.submit(&over).await.unwrap();
        pages::is_at(&status, "/status");
        must_say(&status, &["つづきを入力する"]);
        must_say(&again.open("card").await.unwrap(), &["姫路 梅"]);
        app.deliver_mail().await;
    }

    async fn whoever_has_no_card_is_led_to_the_application(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        for path in ["card", "card/show", "card/show/card.png", "card/show/card.pdf"] {
            pages::is_at(&submitted.applicant.open(path).await.unwrap(), "/status");
            pages::is_at(&app.journey("himeji").open(path).await.unwrap(), "/sign-in");
        }
    }

    async fn the_card_is_shown_while_it_is_in_force_and_kept_as_a_picture_or_on_paper(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let page = hanako.applicant.open("card").await.unwrap();
        must_say(&page, &["3000 0001 4", "貸出券番号等通知書", "初期パスワードを受け取る"]);
        let shown = hanako.applicant.browser.click(&page, "カードを表示する").await.unwrap();
        pages::is_at(&shown, "/card/show");
        must_say(&shown, &["3000 0001 4", "姫路 花子", "読み取れないときは、番号をお伝えください"]);
        assert!(shown.html().contains("role=\"img\""), "{}", shown.html());
        let kept = ["show/card.png", "show/card.pdf"].map(|file| shown.url.join(file).unwrap());
        for (url, (kind, begins)) in kept.iter().zip([("image/png", &b"\x89PNG"[..]), ("application/pdf", b"%PDF-")]) {
            let file = Sending::get(url.clone(), &hanako.applicant.browser).send().await;
            assert_eq!(file.headers["content-type"], kind);
            assert_eq!(file.headers["cache-control"], "no-store");
            assert!(file.body.starts_with(begins), "{url}");
        }

        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        let stopped = hanako.applicant.open("card/show").await.unwrap();
        must_say(&stopped, &["いまは使えないため", "カードが見つかった", "0790-"]);
        assert!(!stopped.html().contains("role=\"img\""), "{}", stopped.html());
        for url in kept {
            let none = Sending::get(url, &hanako.applicant.browser).send().await;
            assert!(none.status == 303 && none.body.is_empty(), "{}", none.status);
        }
    }

    async fn the_page_leads_to_itself_in_other_languages(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let page = hanako.applicant.open("card").await.unwrap();
        for (language, title) in [("English", "What you can do"), ("やさしい日本語", "できる こと")] {
            let other = hanako.applicant.browser.click(&page, language).await.unwrap();
            assert!(other.html().contains(title), "{}", other.html());
        }
    }
}
