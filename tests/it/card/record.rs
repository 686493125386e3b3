//! What patrons take with them: their record, the last day of the card, the cards of their children.

use super::{granted_to_children, must_say, signed_in, taken_over};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use reqwest::Method;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;

async fn file(of: &Page, journey: &Journey, words: &str) -> Page {
    Sending::to(Method::GET, of.link(words).unwrap(), &journey.browser).send().await
}

stories! {
    async fn a_patron_reads_everything_and_who_looked_but_no_name_of_the_staff(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let sato = app.sato().await;
        let library = app.library("himeji").await;
        let mut tx = app.database.db.read().await.unwrap();
        let number = "300000014".parse().unwrap();
        let card = todoke::store::cards::find_by_number(&mut tx, library.id, &number).await.unwrap().unwrap();
        drop(tx);
        sato.open_staff(&format!("patrons/{}", card.patron_id)).await.unwrap();
        let home = hanako.applicant.open("card").await.unwrap();
        let record = hanako.applicant.browser.click(&home, "わたしの記録（持っている情報・だれが見たか）").await.unwrap();
        pages::is_at(&record, "/card/record");
        must_say(&record, &["姫路 花子", "hanako@example.jp", "3000 0001 4", &hanako.reference, "記録をひらきました", "申込みをひらきました"]);
        must_say(&record, &["貸出券番号等通知書", "確認コード", "申込みの受付"]);
        assert!(!record.text().contains("佐藤"), "the role is told, not the name: {}", record.text());

        let json = file(&record, &hanako.applicant, "データで保存する（JSON）").await;
        assert_eq!(json.headers["content-type"], "application/json");
        let told: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
        assert_eq!(told["cards"][0]["number"], "300000014");
        assert_eq!(told["facts"]["birth"], "1990-04-01");
        let looks = told["looks"].as_array().unwrap();
        assert!(looks.iter().any(|look| look["of"] == "patron" && look["what"] == "opened"), "{looks:?}");
        assert!(!json.text().contains("佐藤"));
        let pdf = file(&record, &hanako.applicant, "紙に印刷できる形で保存する（PDF）").await;
        assert!(pdf.body.starts_with(b"%PDF") && pdf.headers["cache-control"] == "no-store");
        // Nobody else reads it.
        for path in ["card/record", "card/record/record.json", "card/record/record.pdf", "card/card.ics", "card/family"] {
            pages::is_at(&app.journey("himeji").open(path).await.unwrap(), "/sign-in");
        }
    }

    async fn whoever_was_a_patron_before_the_portal_reads_their_record_too(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", None).await;
        let (ume, _) = signed_in(app, id, &number).await;
        let record = ume.open("card/record").await.unwrap();
        must_say(&record, &["姫路 梅", "初期パスワードを渡しました", "あなたが決めました", "退会するまで保存します"]);
    }

    async fn the_last_day_goes_into_a_calendar(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let home = hanako.applicant.open("card").await.unwrap();
        let day = file(&home, &hanako.applicant, "有効期限をカレンダーに入れる（.ics）").await;
        assert_eq!(day.headers["content-type"], "text/calendar; charset=utf-8");
        let text = String::from_utf8(day.body.clone()).unwrap();
        assert!(text.contains("DTSTART;VALUE=DATE:20291120\r\n") && text.contains("BEGIN:VALARM"), "{text}");
        assert!(!text.contains("300000014"), "calendars are shared: {text}");
    }

    async fn a_guardian_sees_the_cards_of_the_children_until_they_are_old_enough(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let home = guardian.open("card").await.unwrap();
        let family = guardian.browser.click(&home, "お子さんのカード").await.unwrap();
        must_say(&family, &["姫路 さくら", "姫路 太郎", "使えます"]);
        assert_eq!(family.html().matches("role=\"img\"").count(), children.len());
        // Each child by itself sees its own card alone.
        let mut tx = app.database.db.read().await.unwrap();
        let (library_id, id) = (children[0].library_id, children[0].id);
        let card = todoke::store::cards::find_by_patron(&mut tx, library_id, id).await.unwrap().unwrap();
        drop(tx);
        let (sakura, _) = signed_in(app, id, card.number.as_str()).await;
        pages::is_at(&sakura.open("card/family").await.unwrap(), "/card");
        app.deliver_mail().await;
        app.advance(time::Duration::days(366 * 16));
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        pages::is_at(&guardian.open("card/family").await.unwrap(), "/card");
    }
}
