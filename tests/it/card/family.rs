//! A guardian and the cards of the children: seen, stopped and asked about, and nothing of what is the child's own.

use super::{granted_to_children, must_say, number_of, signed_in};
use crate::guardian::{SAKURA, TARO, signed_for};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::journey::Person;

/// What belongs to a person, and not to the card.
const OWN_PAGES: [&str; 6] =
    ["card/record", "card/record/record.json", "card/requests", "card/close", "account", "account/passkeys"];

/// What is said to a child instead of offering what would end nowhere.
const THE_GUARDIANS: &str = "15歳になるまでは、保護者の方が手続きします。";

/// The way to the password of one of them.
const TAROS: &str = "初期パスワードを受け取る 姫路\u{3000}太郎";

stories! {
    async fn a_guardian_sees_the_cards_of_the_children_until_they_are_old_enough(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = guardian.open("card").await.unwrap();
        let family = guardian.browser.click(&home, "お子さんのカード").await.unwrap();
        must_say(&family, &["姫路 さくら", "姫路 太郎", "使えます"]);
        assert_eq!(family.html().matches("role=\"img\"").count(), children.len());
        // Each child by itself sees its own card alone.
        let number = number_of(app, &children[0]).await;
        let (sakura, _) = signed_in(app, children[0].id, &number).await;
        pages::is_at(&sakura.open("card/family").await.unwrap(), "/card");
        app.deliver_mail().await;
        // The elder is fifteen by now, the younger is not.
        app.advance(Duration::days(366 * 10));
        let (guardian, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(!status.text().contains("3000 0001 4"), "that card is nobody's but hers: {}", status.text());
        pages::is_at(&guardian.open("card").await.unwrap(), "/status");
        let family = guardian.browser.click(&status, "お子さんのカード").await.unwrap();
        must_say(&family, &["姫路 太郎"]);
        assert!(!family.text().contains("さくら"), "{}", family.text());
        app.advance(Duration::days(366 * 6));
        let (guardian, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(!status.text().contains("お子さんのカード"), "{}", status.text());
        pages::is_at(&guardian.open("card/family").await.unwrap(), "/status");
    }

    async fn what_is_a_childs_own_is_not_the_guardians(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let number = number_of(app, &children[0]).await;
        let (sakura, _) = signed_in(app, children[0].id, &number).await;
        app.deliver_mail().await;
        let (guardian, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(!status.text().contains("サインインと端末"), "{}", status.text());
        let home = guardian.open("card").await.unwrap();
        must_say(&home, &["姫路 さくら", "カードをなくした（すぐに止める）"]);
        for words in ["わたしの記録", "退会する", "記録の訂正・消去を申し出る", "サインインと端末"] {
            assert!(!home.text().contains(words), "{words}: {}", home.text());
        }
        for path in OWN_PAGES {
            pages::is_at(&guardian.open(path).await.unwrap(), "/status");
        }
        // To the child itself all of it opens.
        for path in ["card/requests", "card/close", "account", "account/passkeys"] {
            pages::is_at(&sakura.open(path).await.unwrap(), path);
        }
        // Where the guardian is signed in is the guardian's own.
        let account = sakura.open("account").await.unwrap();
        assert!(!account.html().contains("name=\"session\""), "{}", account.text());
        let record = sakura.open("card/record").await.unwrap();
        must_say(&record, &["姫路 さくら", "サインインしている端末"]);
        // A form that was drawn for the child does nothing in the guardian's browser.
        let forged = home.form("サインアウトする").unwrap();
        let mut forged = forged.forge("sure", "yes");
        forged.action = record.url.join("close").unwrap();
        pages::is_at(&guardian.browser.submit(&forged).await.unwrap(), "/status");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'active'").await, 2);
    }

    async fn what_a_guardian_signs_is_offered_to_the_guardian_and_not_to_the_child(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let number = number_of(app, &children[0]).await;
        let (sakura, _) = signed_in(app, children[0].id, &number).await;
        app.deliver_mail().await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        app.database.execute("UPDATE cards SET expires_on = '2026-12-20'").await.unwrap();
        let offered = ["期限を延ばす", "再発行する", "パスワードを発行", "内容を変更"];
        for path in ["card", "status"] {
            let page = guardian.open(path).await.unwrap();
            for button in offered {
                assert!(page.form(button).is_ok(), "{button}: {}", page.text());
            }
            // No guardian's card stands for the child's.
            must_say(&page, &["マイナンバーカードは、15歳から登録できます"]);
            assert!(page.form("カードを登録").is_err(), "{}", page.text());
        }
        let home = sakura.open("card").await.unwrap();
        assert_eq!(home.text().matches(THE_GUARDIANS).count(), 4, "all but the link: {}", home.text());
        must_say(&home, &["マイナンバーカードは、15歳から登録できます"]);
        for button in offered.into_iter().chain(["カードを登録"]) {
            assert!(home.form(button).is_err(), "{button}: {}", home.text());
        }
        // A page that was open before says so as well, and before any form.
        let mut forged = home.form("サインアウトする").unwrap();
        for procedure in ["renewal", "reissue", "password_issue", "change"] {
            forged.action = home.url.join(&format!("procedures/{procedure}")).unwrap();
            let refused = sakura.browser.submit(&forged).await.unwrap();
            pages::refuses(&refused, 409, "いまは手続きできません");
            must_say(&refused, &[THE_GUARDIANS]);
        }
        let mut forged = guardian.open("card").await.unwrap().form("サインアウトする").unwrap();
        forged.action = home.url.join("procedures/card_link").unwrap();
        pages::refuses(&guardian.browser.submit(&forged).await.unwrap(), 409, "いまは手続きできません");
        let said = [("en", "Before the age of 15 a parent or guardian does this"), ("ja-simple", "になるまで")];
        for (lang, words) in said {
            let page = sakura.browser.open(&format!("{}/{lang}/card", sakura.library)).await.unwrap();
            let text: String = page.text().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(words) || text.replace(' ', "").contains(words), "{text}");
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications").await, 1, "nothing was begun");
    }

    async fn each_password_is_collected_through_its_own_application_and_once(app: &TestApp) {
        let mut granted = Vec::new();
        for (email, child) in [("hanako@example.jp", SAKURA), ("hanako2@example.jp", TARO)] {
            let (journey, done) = signed_for(app, email, &[child]).await;
            let submitted = Submitted::on(journey, &Person::hanako().with_email(email), &done);
            app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
            app.deliver_mail().await;
            granted.push(submitted);
        }
        // Her card shows both.
        let guardian = app.journey("himeji");
        let door = guardian.open("sign-in").await.unwrap();
        let cards = guardian.press(&door, "マイナンバーカードでサインイン").await.unwrap();
        guardian.send(&cards, &[("card", "normal")]).await.unwrap();
        let family = guardian.open("card/family").await.unwrap();
        must_say(&family, &["姫路 さくら", "姫路 太郎"]);
        for (submitted, name) in granted.iter().zip(["さくら", "太郎"]) {
            let words = format!("初期パスワードを受け取る 姫路\u{3000}{name}");
            let desk = guardian.browser.click(&family, &words).await.unwrap();
            assert!(desk.text().contains(name), "{name}: {}", desk.text());
            assert!(desk.url.query().unwrap().contains(&submitted.reference), "{}", desk.url);
        }
        let desk = guardian.browser.click(&family, TAROS).await.unwrap();
        let shown = guardian.press(&desk, "初期パスワードを表示する").await.unwrap();
        assert!(shown.text_of("output").is_some() && shown.text().contains("姫路 太郎"), "{}", shown.text());
        let family = guardian.open("card/family").await.unwrap();
        assert!(family.link(TAROS).is_err(), "nothing waits any more: {}", family.text());
        assert!(family.link("初期パスワードを受け取る").is_ok());
        app.deliver_mail().await;
    }

    async fn who_only_began_something_in_this_browser_sees_no_childs_card(app: &TestApp) {
        let (submitted, _) = granted_to_children(app).await;
        pages::is_at(&submitted.applicant.open("card/family").await.unwrap(), "/card/family");
        let turned = "UPDATE sessions SET subject = 'applicant', proved_by = NULL, proved_at = NULL, proved_until = NULL
             WHERE subject = 'reader'";
        app.database.execute(turned).await.unwrap();
        let led = submitted.applicant.open("card/family").await.unwrap();
        pages::is_at(&led, "/status");
        assert!(!led.html().contains("role=\"img\""), "{}", led.text());
    }
}
