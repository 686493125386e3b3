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
        for (said, words) in [("changed", "変わったところがある"), ("unchanged", "変わりなし")] {
            let check = hanako.applicant.send(&asked, &[("facts", said)]).await.unwrap();
            pages::is_at(&check, "/apply/check");
            must_say(&check, &[words]);
        }
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
}
