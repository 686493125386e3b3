//! What waits on the patron's own page, and mails that do not arrive.

use super::{must_say, signed_in, taken_over};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use todoke::store::dead_addresses;

stories! {
    async fn a_notice_opens_for_whoever_no_granted_application_tells_of(app: &TestApp) {
        let declined = app.submitted_by_hanako().await;
        app.sato().await.decide(&declined.reference, "decline", "確かめられませんでした。").await.unwrap();
        app.deliver_mail().await;
        let (id, number) = taken_over(app, "姫路　梅", None).await;
        app.database.execute("UPDATE applications SET patron_id = (SELECT id FROM patrons)").await.unwrap();
        let (ume, home) = signed_in(app, id, &number).await;
        must_say(&home, &["お申し込みの結果のお知らせ", "未読"]);
        let notice = ume.browser.click(&home, "お申し込みの結果のお知らせ").await.unwrap();
        must_say(&notice, &["確かめられませんでした。"]);
        let file = notice.url.join(&format!("{}/notice.pdf", notice.url.path())).unwrap();
        let paper = Sending::get(file, &ume.browser).send().await;
        assert!(paper.body.starts_with(b"%PDF"), "{} {}", paper.status, paper.text());
        must_say(&ume.open("card").await.unwrap(), &["いま必要なことはありません"]);
        pages::is_at(&app.journey("himeji").open("card").await.unwrap(), "/sign-in");
    }

    async fn a_patron_is_told_of_a_dead_address_and_promised_no_mail(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let library = app.library("himeji").await;
        let mut tx = app.database.db.begin().await.unwrap();
        let email = hanako.person.email.parse().unwrap();
        dead_addresses::note(&mut tx, library.id, &email, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let home = hanako.applicant.open("card").await.unwrap();
        must_say(&home, &["h•••@example.jp", "メールアドレスが正しいときは、確認コードを使ってサインインすると"]);
        pages::is_at(&hanako.applicant.press(&home, "メールアドレスを変える").await.unwrap(), "/apply/card");
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        let stopped = hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        must_say(&stopped, &["カードを止めました", "予約もできません"]);
        assert!(!stopped.text().contains("確認のメールを送ります"), "{}", stopped.text());
        app.deliver_mail().await;
    }

    async fn a_mail_is_promised_where_one_goes_and_nowhere_else(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        must_say(&hanako.applicant.press(&stop, "いますぐ止める").await.unwrap(), &["確認のメールを送ります"]);
        app.deliver_mail().await;
    }

    async fn whoever_has_no_address_is_promised_no_mail(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", None).await;
        let (ume, _) = signed_in(app, id, &number).await;
        let stop = ume.open("card/stop").await.unwrap();
        let stopped = ume.press(&stop, "いますぐ止める").await.unwrap();
        assert!(!stopped.text().contains("確認のメールを送ります"), "{}", stopped.text());
    }
}
