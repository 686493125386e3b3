//! What is said of a card that has ended or was lost, and that nothing is promised that does not come true.

use super::must_say;
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use todoke::demo::LIBRARIES;
use todoke::domain::library::LibraryRules;

const ENDED: &str = "UPDATE cards SET expires_on = '2026-11-01'";

/// Himeji, where an ended card is renewed for some days only.
async fn renews_for_a_while(app: &TestApp, days: &str) {
    let source =
        LIBRARIES[0].replace("open_after_expiry = \"always\"", &format!("open_after_expiry = {{ days = {days} }}"));
    assert!(source != LIBRARIES[0], "the rules have moved");
    let rules = LibraryRules::parse(&source).unwrap();
    app.portal().import_library(&rules, &source).await.unwrap();
}

stories! {
    async fn an_ended_card_that_is_renewed_no_more_leads_to_a_new_one(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.database.execute(ENDED).await.unwrap();
        let home = hanako.applicant.open("card").await.unwrap();
        must_say(&home, &["延ばすと、また使えます"]);
        assert!(!home.text().contains("点まで借りられます") && !home.text().contains("電子図書館は"), "{}", home.text());
        renews_for_a_while(app, "7").await;
        for path in ["card", "card/show"] {
            let page = hanako.applicant.open(path).await.unwrap();
            assert!(!page.text().contains("延ばすと、また使えます"), "{}", page.text());
            must_say(&page, &["延ばせる期間も終わりました"]);
            let another = hanako.applicant.browser.click(&page, "新しいカードを申し込む").await.unwrap();
            pages::is_at(&another, "/apply/who");
        }
    }

    async fn the_electronic_library_is_promised_for_no_day_that_is_over(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-12-31'").await.unwrap();
        must_say(&hanako.applicant.open("card").await.unwrap(), &["電子図書館は、2026年12月17日"]);
        // Fourteen days before the card it is over.
        app.database.execute("UPDATE cards SET expires_on = '2026-11-25'").await.unwrap();
        for path in ["card", "status"] {
            let page = hanako.applicant.open(path).await.unwrap();
            assert!(!page.text().contains("2026年11月11日"), "{}", page.text());
        }
    }

    async fn a_lost_card_that_has_ended_is_not_promised_to_work_once_it_is_found(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        app.database.execute(ENDED).await.unwrap();
        let page = hanako.applicant.open("card/found").await.unwrap();
        assert!(!page.text().contains("すぐに使えるようになります"), "{}", page.text());
        must_say(&page, &["有効期限を延ばしてください"]);
        assert!(!page.html().contains("data-v=\"danger\""), "{}", page.html());
        let found = hanako.applicant.press(&page, "また使えるようにする").await.unwrap();
        must_say(&found, &["カードを止めるのをやめました", "有効期限を延ばしてください", "有効期限切れ"]);
        app.deliver_mail().await;
        let letter = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(letter.text.contains("有効期限までは") && !letter.text.contains("また使える"), "{}", letter.text);
    }
}
