//! Whatever changes what a card opens is told to its holder by mail: somebody else may have done it.

use super::{must_say, signed_in, taken_over};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::store::dead_addresses;

const FOUND: &str = "図書館カードを止めるのをやめました";
const STOPPED: &str = "図書館カードを止めました";

/// Hands over what waits, and counts what was written to Ume about `subject`.
async fn told(app: &TestApp, subject: &str) -> usize {
    app.deliver_mail().await;
    app.letters_to("ume@example.jp").iter().filter(|letter| letter.subject.contains(subject)).count()
}

stories! {
    async fn a_card_that_was_found_and_a_password_that_was_chosen_are_told_by_mail(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        assert_eq!(told(app, "パスワードを決めました").await, 1);
        for times in 1..3 {
            let stop = ume.open("card/stop").await.unwrap();
            ume.press(&stop, "いますぐ止める").await.unwrap();
            assert_eq!(told(app, STOPPED).await, times);
            let found = ume.open("card/found").await.unwrap();
            must_say(&ume.press(&found, "また使えるようにする").await.unwrap(), &["確認のメールを送ります"]);
            assert_eq!(told(app, FOUND).await, times);
            app.advance(Duration::minutes(1));
        }
        let letter = app.letters_to("ume@example.jp").pop().unwrap();
        assert!(letter.text.contains("心当たりのないとき") && !letter.text.contains(&number), "{}", letter.text);
        let record = ume.open("card/record").await.unwrap();
        must_say(&record, &["カードをまた使えるようにしました", "カードと登録内容の変更"]);
    }

    async fn what_staff_do_to_a_card_is_told_as_well(app: &TestApp) {
        let (id, _) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let sato = app.sato().await;
        let record = sato.open_staff(&format!("patrons/{id}")).await.unwrap();
        let stopped = sato.press(&record, "カードを止める").await.unwrap();
        assert_eq!(told(app, STOPPED).await, 1);
        sato.press(&stopped, "カードを使えるようにもどす").await.unwrap();
        assert_eq!((told(app, STOPPED).await, told(app, FOUND).await), (1, 1));
    }

    async fn nobody_is_written_to_at_an_address_where_nobody_is(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        let stop = ume.open("card/stop").await.unwrap();
        ume.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        let library = app.library("himeji").await;
        let mut tx = app.database.db.begin().await.unwrap();
        dead_addresses::note(&mut tx, library.id, &"ume@example.jp".parse().unwrap(), app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let found = ume.open("card/found").await.unwrap();
        let done = ume.press(&found, "また使えるようにする").await.unwrap();
        assert!(!done.text().contains("確認のメールを送ります"), "{}", done.text());
        assert_eq!(told(app, FOUND).await, 0);
    }

    async fn whoever_signs_out_is_told_so_on_the_front_page(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", None).await;
        let (ume, card) = signed_in(app, id, &number).await;
        let start = ume.press(&card, "サインアウト").await.unwrap();
        pages::is_at(&start, "/");
        must_say(&start, &["サインアウトしました"]);
        let english = ume.browser.click(&start, "English").await.unwrap();
        assert!(!english.text().contains("サインアウト"), "{}", english.text());
        let start = ume.open("").await.unwrap();
        assert!(!start.text().contains("サインアウトしました"), "said once: {}", start.text());
        pages::is_at(&ume.open("card").await.unwrap(), "/sign-in");
        must_say(&ume.open("card").await.unwrap(), &["パスワードが新しくなったとき"]);
    }
}
