//! A guardian who holds a card as well: each sign-in leads to their own, and the children's stand beside it.

use super::must_say;
use crate::guardian::{SAKURA, signed_for};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};

/// Hanako's own card, as people read it.
const OWN: &str = "3000 0001 4";
const FAMILY: &str = "family@example.jp";
const NEW_DEVICE: &str = "新しい端末からサインインがありました";

/// What 姫路 花子 asks for 姫路 さくら, granted; announced to an address of its own.
async fn granted_to_sakura(app: &TestApp) -> Submitted {
    app.advance(time::Duration::minutes(2));
    let (journey, done) = signed_for(app, FAMILY, &[SAKURA]).await;
    let submitted = Submitted::on(journey, &Person::hanako().with_email(FAMILY), &done);
    app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
    app.deliver_mail().await;
    assert_eq!(app.state("himeji", &submitted.reference).await, "issued");
    submitted
}

/// At a fresh browser, with the My Number card.
async fn by_card(app: &TestApp) -> (Journey, Page) {
    let visitor = app.journey("himeji");
    let door = visitor.open("sign-in").await.unwrap();
    let cards = visitor.press(&door, "マイナンバーカードでサインイン").await.unwrap();
    let arrived = visitor.send(&cards, &[("card", "normal")]).await.unwrap();
    app.deliver_mail().await;
    (visitor, arrived)
}

async fn chosen(visitor: &Journey, from: &Page, reference: &str) -> Page {
    let status = visitor.browser.submit(&from.form(reference).unwrap()).await.unwrap();
    pages::is_at(&status, "/status");
    assert!(status.text().contains(reference), "{}", status.text());
    status
}

/// Everything that is hers, and nothing of the child's.
async fn has_her_own(visitor: &Journey) {
    for path in ["card", "card/show"] {
        let page = visitor.open(path).await.unwrap();
        pages::is_at(&page, path);
        must_say(&page, &["姫路 花子", OWN]);
        assert!(!page.text().contains("さくら"), "{}", page.text());
    }
    must_say(&visitor.open("card/stop").await.unwrap(), &[OWN]);
    for path in ["card/record", "card/close", "card/requests", "account"] {
        pages::is_at(&visitor.open(path).await.unwrap(), path);
    }
}

async fn has_the_childs(visitor: &Journey) {
    let page = visitor.open("card").await.unwrap();
    must_say(&page, &["姫路 さくら"]);
    for path in ["card", "card/stop", "status"] {
        let page = visitor.open(path).await.unwrap();
        assert!(!page.text().contains(OWN), "{path}: {}", page.text());
    }
    pages::is_at(&visitor.open("card/record").await.unwrap(), "/status");
}

fn told_of_a_device(app: &TestApp, address: &str) -> usize {
    app.letters_to(address).iter().filter(|letter| letter.subject.ends_with(NEW_DEVICE)).count()
}

stories! {
    async fn the_card_leads_to_ones_own_and_a_choice_to_what_was_chosen(app: &TestApp) {
        let own = app.issued_to_hanako().await;
        let child = granted_to_sakura(app).await;
        let (visitor, list) = by_card(app).await;
        pages::is_at(&list, "/sign-in/list");
        must_say(&list, &["（お子さんの分）"]);
        has_her_own(&visitor).await;
        must_say(&visitor.open("status").await.unwrap(), &[OWN, &own.reference]);
        assert_eq!((told_of_a_device(app, &own.person.email), told_of_a_device(app, FAMILY)), (1, 0));

        let status = chosen(&visitor, &list, &child.reference).await;
        must_say(&status, &["カードを発行しました"]);
        has_the_childs(&visitor).await;
        chosen(&visitor, &status, &own.reference).await;
        has_her_own(&visitor).await;
        let (visitor, list) = by_card(app).await;
        must_say(&chosen(&visitor, &list, &own.reference).await, &[OWN]);
        has_her_own(&visitor).await;
        // Each password through what granted it.
        let desk = visitor.open("password").await.unwrap();
        assert!(desk.text().contains(OWN) && !desk.text().contains("さくら"), "{}", desk.text());
    }

    async fn the_childs_card_stands_beside_it_and_is_stopped_there(app: &TestApp) {
        app.issued_to_hanako().await;
        granted_to_sakura(app).await;
        let (visitor, _) = by_card(app).await;
        let home = visitor.open("card").await.unwrap();
        let family = visitor.browser.click(&home, "お子さんのカード").await.unwrap();
        must_say(&family, &["姫路 さくら", "使えます"]);
        assert!(family.link("カードをなくした").is_err(), "that would stop her own: {}", family.text());
        let home = visitor.press(&family, "このカードの画面をひらく").await.unwrap();
        pages::is_at(&home, "/card");
        has_the_childs(&visitor).await;
        let family = visitor.open("card/family").await.unwrap();
        let stop = visitor.browser.click(&family, "カードをなくした（すぐに止める） 姫路\u{3000}さくら").await.unwrap();
        must_say(&visitor.press(&stop, "いますぐ止める").await.unwrap(), &["カードを止めました"]);
        app.deliver_mail().await;
        let number = OWN.replace(' ', "");
        let active = format!("SELECT COUNT(*) FROM cards WHERE state = 'active' AND number = '{number}'");
        assert_eq!(app.database.count(&active).await, 1, "hers is as it was");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'stopped'").await, 1);
    }

    async fn who_is_only_a_guardian_yet_has_the_childs_card_beside_what_was_asked_for_the_child(app: &TestApp) {
        let own = app.submitted_by_hanako().await;
        let child = granted_to_sakura(app).await;
        let (visitor, list) = by_card(app).await;
        must_say(&visitor.open("card").await.unwrap(), &["姫路 さくら"]);
        let status = chosen(&visitor, &list, &own.reference).await;
        assert!(status.text_of("dl").is_none(), "no card is hers yet: {}", status.text());
        let status = chosen(&visitor, &status, &child.reference).await;
        assert!(status.text_of("dl").is_some(), "{}", status.text());
    }

    async fn who_reads_another_address_is_told_what_shows_the_childs_card(app: &TestApp) {
        let own = app.issued_to_hanako().await;
        let (reader, status) = app.reader("himeji", &own.person, &own.reference).await;
        assert!(status.link("お子さんのカード").is_err(), "there is none");
        let told = reader.open("card/family").await.unwrap();
        pages::is_at(&told, "/card");
        must_say(&told, &["ここで見られるお子さんのカードは、ありません"]);
        granted_to_sakura(app).await;
        let (reader, status) = app.reader("himeji", &own.person, &own.reference).await;
        for from in [status, reader.open("card").await.unwrap()] {
            let told = reader.browser.click(&from, "お子さんのカード").await.unwrap();
            pages::is_at(&told, "/card");
            must_say(&told, &["申込みに署名したマイナンバーカードか、お子さんの申込番号でサインインすると見られます", OWN]);
            assert!(!told.text().contains("さくら"), "{}", told.text());
        }
        app.deliver_mail().await;
    }
}
