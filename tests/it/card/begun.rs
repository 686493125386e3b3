//! Procedures begun from the card's page: what is asked first, what is gone on with, and what leads nowhere any more.

use super::must_say;
use crate::procedures::{by_one_tap, expires_on, from_the_start};
use crate::support::app::{TestApp, stories};
use crate::support::lists;
use crate::support::pages;
use time::Duration;
use todoke::words::Lang;

const REISSUE: &str = "カードを再発行する";
const PASSWORD: &str = "パスワードを発行する";

stories! {
    async fn nobody_states_that_nothing_has_changed_but_the_holder(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        expires_on(app, "2026-12-20").await;
        let home = hanako.applicant.open("card").await.unwrap();
        let asked = hanako.applicant.press(&home, "有効期限を延ばす").await.unwrap();
        pages::is_at(&asked, "/apply/card");
        assert!(asked.text_of("input[name='facts'][checked]").is_none(), "{}", asked.html());
        pages::is_at(&hanako.applicant.open("apply/check").await.unwrap(), "/apply/card");
        let form = asked.form("facts").unwrap();
        assert_eq!(form.value("number"), Some("300000014"), "the rest is known");
        let refused = hanako.applicant.browser.submit(&form).await.unwrap();
        pages::is_rejected(&refused, "facts", "変わったところがあるか");
        let check = hanako.applicant.send(&asked, &[("facts", "unchanged")]).await.unwrap();
        pages::is_at(&check, "/apply/check");
        must_say(&check, &["変わりなし"]);
        // What has changed is asked, one question after the other, with what the library knows filled in.
        let mut page = hanako.applicant.send(&asked, &[("facts", "changed")]).await.unwrap();
        for (path, fields) in [
            ("/apply/email", [].as_slice()),
            ("/apply/name", &[]),
            ("/apply/address", &[]),
            ("/apply/contact", &[("phone", "079-000-0009")]),
        ] {
            pages::is_at(&page, path);
            page = hanako.applicant.send(&page, fields).await.unwrap();
        }
        pages::is_at(&page, "/apply/check");
        must_say(&page, &["変わったところがある", "079-000-0009"]);
    }

    async fn only_what_has_changed_is_asked(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let home = hanako.applicant.open("card").await.unwrap();
        let asked = hanako.applicant.press(&home, "登録内容を変更する").await.unwrap();
        let email = hanako.applicant.send(&asked, &[("changed", "phone"), ("changed", "email")]).await.unwrap();
        pages::is_at(&email, "/apply/email");
        assert!(email.html().contains("\"/himeji/ja/apply/card?from=check\""), "the way back: {}", email.html());
        let code = hanako.applicant.send(&email, &[("email", "new@example.jp")]).await.unwrap();
        app.deliver_mail().await;
        let digits = hanako.applicant.newest_code("new@example.jp").unwrap();
        let contact = hanako.applicant.send(&code, &[("code", &digits)]).await.unwrap();
        pages::is_at(&contact, "/apply/contact");
        let check = hanako.applicant.send(&contact, &[("phone", "079-000-0009")]).await.unwrap();
        pages::is_at(&check, "/apply/check");
        must_say(&check, &["new@example.jp", "079-000-0009"]);
    }

    async fn pressing_again_goes_on_with_what_is_begun(app: &TestApp) {
        let begun = "SELECT COUNT(*) FROM applications WHERE procedure = 'reissue'";
        let hanako = app.issued_to_hanako().await;
        let home = hanako.applicant.open("card").await.unwrap();
        let asked = hanako.applicant.press(&home, REISSUE).await.unwrap();
        hanako.applicant.send(&asked, &[("reason", "damaged")]).await.unwrap();
        app.advance(Duration::minutes(5));
        let home = hanako.applicant.open("card").await.unwrap();
        let again = hanako.applicant.press(&home, REISSUE).await.unwrap();
        pages::is_at(&again, "/apply/card");
        assert!(again.text_of("input[value='damaged'][checked]").is_some(), "{}", again.html());
        assert_eq!(app.database.count(begun).await, 1);
        // So it is in another browser, which then has it; a frozen one is gone on with, too.
        let (reader, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let there = reader.press(&status, REISSUE).await.unwrap();
        let check = reader.send(&there, &[("reason", "damaged")]).await.unwrap();
        let sign = reader.agree(&check).await.unwrap();
        pages::is_at(&sign, "/apply/sign");
        let home = reader.open("card").await.unwrap();
        pages::is_at(&reader.press(&home, REISSUE).await.unwrap(), "/apply/card");
        assert_eq!(app.database.count(begun).await, 1);
        let check = reader.open("apply/check").await.unwrap();
        let sign = reader.agree(&check).await.unwrap();
        let done = reader.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&done, "/apply/done");
        app.deliver_mail().await;
        assert_eq!(app.database.count(begun).await, 1);
    }

    async fn who_types_a_number_is_told_where_less_is_asked(app: &TestApp) {
        let stranger = app.journey("himeji");
        let asked = stranger.open("apply/card?procedure=renewal").await.unwrap();
        assert_eq!(asked.link("マイページから手続きする").unwrap().path(), "/himeji/ja/card");
        let hanako = app.issued_to_hanako().await;
        let home = hanako.applicant.open("card").await.unwrap();
        let begun = hanako.applicant.press(&home, REISSUE).await.unwrap();
        assert!(begun.link("マイページから手続きする").is_err(), "{}", begun.text());
    }

    async fn two_browsers_that_press_at_the_same_moment_begin_one(app: &TestApp) {
        let begun = "SELECT COUNT(*) FROM applications WHERE state = 'draft'";
        let hanako = app.issued_to_hanako().await;
        let (one, _) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        app.advance(Duration::minutes(2));
        let (other, _) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let buttons = [PASSWORD, REISSUE, "登録内容を変更する", "マイナンバーカードを登録する"];
        for (button, drafts) in buttons.into_iter().zip(1..) {
            let (here, there) = (one.open("card").await.unwrap(), other.open("card").await.unwrap());
            let (first, second) = tokio::join!(one.press(&here, button), other.press(&there, button));
            let (first, second) = (first.unwrap(), second.unwrap());
            assert_eq!((first.status, first.url.path()), (200, second.url.path()), "{button}");
            assert_eq!(app.database.count(begun).await, drafts, "{button}");
        }
    }

    async fn two_pages_of_one_browser_begin_one_and_the_browser_has_it(app: &TestApp) {
        let begun = "SELECT COUNT(*) FROM applications WHERE procedure = 'password_issue'";
        let hanako = app.issued_to_hanako().await;
        let applicant = &hanako.applicant;
        let (home, status) = (applicant.open("card").await.unwrap(), applicant.open("status").await.unwrap());
        let (first, second) = tokio::join!(applicant.press(&home, PASSWORD), applicant.press(&status, PASSWORD));
        assert!(first.is_ok() && second.is_ok(), "nobody sees a fault");
        assert_eq!(app.database.count(begun).await, 1);
        pages::is_at(&applicant.open("apply/check").await.unwrap(), "/apply/check");
    }

    async fn a_draft_that_has_no_point_any_more_is_not_offered(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let status = hanako.applicant.open("status").await.unwrap();
        hanako.applicant.press(&status, PASSWORD).await.unwrap();
        let (draft, _) = app.draft_of("himeji", &hanako.person.email).await;
        let (reader, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        must_say(&status, &[&draft.reference.to_string()]);
        // The same is asked for without signing in, and granted.
        let request = from_the_start(app, "password_issue", &[("number", "300000014")], &hanako.person).await;
        app.sato().await.decide(&request.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        for path in ["status", "card", "sign-in/list"] {
            let page = reader.open(path).await.unwrap();
            must_say(&page, &[&request.reference]);
            assert!(!page.text().contains(&draft.reference.to_string()), "{path}: {}", page.text());
        }
        let letters = app.letters_to(&hanako.person.email).len();
        app.advance(Duration::minutes(2));
        app.journey("himeji").answer("resume", &[("email", &hanako.person.email)]).await.unwrap();
        app.deliver_mail().await;
        assert_eq!(app.letters_to(&hanako.person.email).len(), letters, "there is nothing to go on with");
        // Whoever needs it once more begins anew.
        let (reader, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        reader.press(&status, PASSWORD).await.unwrap();
        let begun = "SELECT COUNT(*) FROM applications WHERE procedure = 'password_issue'";
        assert_eq!(app.database.count(begun).await, 3);
    }

    async fn a_draft_about_a_card_that_was_replaced_is_not_offered(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let fields = [("number", "300000014"), ("reason", "lost")];
        let request = from_the_start(app, "reissue", &fields, &hanako.person).await;
        app.advance(Duration::days(5));
        let (reader, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        reader.press(&status, "登録内容を変更する").await.unwrap();
        let (draft, _) = app.draft_of("himeji", &hanako.person.email).await;
        let draft = draft.reference.to_string();
        let (_, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        must_say(&status, &[&draft]);
        app.advance(Duration::days(2));
        lists::publish(app, 9, None).await;
        app.sato().await.decide(&request.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        assert_eq!(app.state("himeji", &request.reference).await, "issued");
        let (_, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        must_say(&status, &[&request.reference]);
        assert!(!status.text().contains(&draft), "{}", status.text());
    }

    async fn the_address_of_the_button_leads_on_in_every_language(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stranger = app.journey("himeji");
        for lang in Lang::ALL {
            let address = format!("{}/{lang}/procedures/renewal", stranger.library);
            pages::is_at(&hanako.applicant.browser.open(&address).await.unwrap(), "/card");
            pages::is_at(&stranger.browser.open(&address).await.unwrap(), "/procedures");
        }
        assert_eq!(stranger.open("procedures/loan").await.unwrap().status, 404);
    }

    async fn what_stands_against_a_procedure_is_read_in_another_language(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        expires_on(app, "2026-12-20").await;
        let status = hanako.applicant.open("status").await.unwrap();
        expires_on(app, "2029-11-20").await;
        let refused = hanako.applicant.press(&status, "有効期限を延ばす").await.unwrap();
        pages::refuses(&refused, 409, "いまは手続きできません");
        let english = hanako.applicant.browser.click(&refused, "English").await.unwrap();
        pages::is_at(&english, "/en/card");
        must_say(&english, &["20 September 2029"]);
    }

    async fn what_cannot_be_done_is_said_and_not_passed_over(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        for (path, words) in [
            ("card/found", "なくしたカードとして止まっていません"),
            ("card/unlink", "マイナンバーカードは、登録されていません"),
        ] {
            let led = hanako.applicant.open(path).await.unwrap();
            pages::is_at(&led, "/card");
            must_say(&led, &[words]);
        }
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        let led = hanako.applicant.open("card/stop").await.unwrap();
        pages::is_at(&led, "/card");
        must_say(&led, &["カードは、もう止まっています"]);
        // An address that is opened again on another day says only what is so.
        let found = hanako.applicant.open("card/found").await.unwrap();
        hanako.applicant.press(&found, "また使えるようにする").await.unwrap();
        let later = hanako.applicant.open("card?why=not-in-use").await.unwrap();
        assert!(!later.text().contains("もう止まっています"), "{}", later.text());
        app.deliver_mail().await;
    }

    async fn who_is_linked_is_offered_to_link_again(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let request = by_one_tap(app, &hanako, "マイナンバーカードを登録する").await;
        app.sato().await.decide(&request.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        for path in ["card", "status"] {
            let page = request.applicant.open(path).await.unwrap();
            assert!(page.form("マイナンバーカードを登録しなおす").is_ok(), "{}", page.text());
            assert!(page.form("マイナンバーカードを登録する").is_err(), "{}", page.text());
        }
        let unlink = request.applicant.open("card/unlink").await.unwrap();
        let home = request.applicant.press(&unlink, "登録をやめる").await.unwrap();
        assert!(home.form("マイナンバーカードを登録する").is_ok(), "{}", home.text());
        app.deliver_mail().await;
    }
}
