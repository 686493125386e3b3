//! What patrons take with them: their record, the last day of the card, the cards of their children.

use super::{OWN, must_say, signed_in, taken_over};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use reqwest::Method;
use time::Duration;
use time::macros::date;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::domain::proof::ShownProof;
use todoke::store::patron_proofs;

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
        must_say(&record, &["貸出券番号等通知書", "確認コード", "申込みの受付", "メールのことば 日本語"]);
        assert!(!record.text().contains("佐藤"), "the role is told, not the name: {}", record.text());

        let json = file(&record, &hanako.applicant, "データで保存する（JSON）").await;
        assert_eq!(json.headers["content-type"], "application/json");
        let told: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
        assert_eq!(told["cards"][0]["number"], "300000014");
        assert_eq!(told["facts"]["birth"], "1990-04-01");
        assert_eq!(told["facts"]["language"], "ja");
        assert!(told["notices"][0]["mailed_at"].is_string(), "{told}");
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

    async fn the_record_holds_documents_requests_deeds_and_every_mail_and_until_when(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let library = app.library("himeji").await;
        let kind = library.rules.evidence.first().unwrap();
        let shown = ShownProof { kind: kind.code.clone(), counts_until: Some(date!(2027 - 05 - 01)) };
        let mut tx = app.database.db.begin().await.unwrap();
        patron_proofs::save(&mut tx, library.id, id, &shown, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        signed_in(app, id, &number).await;
        app.deliver_mail().await;
        // Another device: she is told of it by a mail about no application.
        let ume = app.journey("himeji");
        let door = ume.open("sign-in/password").await.unwrap();
        ume.send(&door, &[("number", &number), ("password", OWN)]).await.unwrap();
        app.deliver_mail().await;
        assert!(app.letters_to("ume@example.jp").len() >= 2, "told of both devices");
        let requests = ume.open("card/requests").await.unwrap();
        let text = "電話番号を消してください。";
        ume.send(&requests, &[("kind", "erasure"), ("text", text)]).await.unwrap();
        let sato = app.sato().await;
        let open = sato.open_staff("requests").await.unwrap();
        sato.send(&open, &[("outcome", "refused"), ("answer", "電話番号はありません。")]).await.unwrap();

        let record = ume.open("card/record").await.unwrap();
        must_say(&record, &[kind.label.as_str(), "2027年5月1日", text, "電話番号はありません。", "応じられませんでした"]);
        must_say(&record, &["サインインについて", "2026年12月4日", "あとで確かめられるように、ずっと残します"]);
        let json = file(&record, &ume, "データで保存する（JSON）").await;
        let told: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
        assert_eq!(told["documents_shown"][0]["kind"], kind.code.as_str());
        assert_eq!(told["requests"][0]["text"], text);
        assert_eq!(told["requests"][0]["answer"], "電話番号はありません。");
        let mails = told["mails"].as_array().unwrap();
        let sign_ins: Vec<_> = mails.iter().filter(|mail| mail["kind"] == "new_device").collect();
        assert!(sign_ins.len() >= 2 && sign_ins.iter().all(|mail| mail["kept_until"] == "2026-12-04"), "{mails:?}");
        // What is kept no longer than that is gone by then, and nobody says that it is there.
        app.advance(Duration::days(15));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM outbox WHERE kind = 'new_device'").await, 0);
        app.deliver_mail().await;
    }

    async fn what_a_holder_with_an_application_did_is_told_as_well(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        for (path, button) in [("card/stop", "いますぐ止める"), ("card/found", "また使えるようにする")] {
            let page = hanako.applicant.open(path).await.unwrap();
            hanako.applicant.press(&page, button).await.unwrap();
            app.advance(Duration::minutes(1));
        }
        app.deliver_mail().await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_deeds").await, 0, "the application tells of it");
        let record = hanako.applicant.open("card/record").await.unwrap();
        must_say(&record, &["カードを止めました", "カードをまた使えるようにしました"]);
        let json = file(&record, &hanako.applicant, "データで保存する（JSON）").await;
        let told: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
        let deeds: Vec<_> = told["deeds"].as_array().unwrap().iter().map(|deed| deed["what"].clone()).collect();
        assert_eq!(deeds[..2], ["card_found", "card_stopped"]);
        assert!(deeds.contains(&"applied".into()), "{deeds:?}");
    }

    async fn a_patron_reads_what_they_did_and_when_a_notice_and_its_password_reached_them(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let (reader, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let notice = reader.browser.click(&status, "貸出券番号等通知書").await.unwrap();
        let pdf = notice.url.join(&format!("{}/notice.pdf", notice.url.path())).unwrap();
        app.advance(Duration::minutes(1));
        assert_eq!(Sending::get(pdf, &reader.browser).send().await.status, 200);
        let before = reader.open("card/record").await.unwrap();
        let before: serde_json::Value =
            serde_json::from_slice(&file(&before, &reader, "データで保存する（JSON）").await.body).unwrap();
        assert!(before["notices"][0]["downloaded_at"].is_string(), "{before}");
        assert!(before["notices"][0]["password_shown_at"].is_null(), "nobody has seen it: {before}");
        let desk = reader.open("password").await.unwrap();
        let shown = reader.send(&desk, &[("code", &hanako.collection_code)]).await.unwrap();
        let initial = shown.text_of("output").unwrap().replace(' ', "");
        let visitor = app.journey("himeji");
        let door = visitor.open("sign-in/password").await.unwrap();
        let choice = visitor.send(&door, &[("number", "300000014"), ("password", &initial)]).await.unwrap();
        visitor.send(&choice, &[("password", OWN), ("again", OWN)]).await.unwrap();
        app.deliver_mail().await;

        let record = visitor.open("card/record").await.unwrap();
        let did = record.text().split("あなたがしたこと").nth(1).unwrap_or_default().to_owned();
        for deed in ["申し込みました", "お知らせをひらきました", "お知らせを保存しました", "初期パスワードを表示しました", "自分のパスワードを決めました", "サインインしました"] {
            assert!(did.contains(deed), "{deed}: {did}");
        }
        must_say(&record, &["に保存しました", "に初期パスワードを表示しました", "にメールで知らせました"]);
        let json = file(&record, &visitor, "データで保存する（JSON）").await;
        let told: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
        assert!(told["notices"][0]["password_shown_at"].is_string(), "{told}");
        assert_eq!(told["notices"][0]["downloaded_at"], before["notices"][0]["downloaded_at"]);
        let deeds = told["deeds"].as_array().unwrap();
        assert!(deeds.iter().any(|deed| deed["what"] == "signed_in" && deed["kept_until"].is_string()), "{deeds:?}");
        assert!(!json.text().contains(&initial) && !record.text().contains(&initial));
    }

    async fn an_application_is_told_item_by_item_and_until_when_once_of_all(app: &TestApp) {
        let hanako = app.submitted_by_hanako().await;
        let messages = hanako.applicant.open("status/messages").await.unwrap();
        hanako.applicant.send(&messages, &[("text", "受け取りました。")]).await.unwrap();
        let sato = app.sato().await;
        sato.decide(&hanako.reference, "approve", "").await.unwrap();
        for _ in 0..3 {
            sato.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap();
            app.advance(Duration::minutes(2));
        }
        app.deliver_mail().await;
        let record = hanako.applicant.open("card/record").await.unwrap();
        must_say(&record, &["申込書（第1版）", "同意したこと", "署名用電子証明書", "性別が書かれています", "にあなたが送りました"]);
        must_say(&record, &["申込みをひらきました（10:", "保存期間：番号は、ほかの人に使わないように"]);
        // Said once of everything that is kept so long: of looks, of deeds, and of mails.
        assert!(record.text().matches("種類と時だけを、あとで確かめられるように").count() <= 3, "{}", record.text());
        let looks = record.text().split("図書館のだれが見たか").nth(1).unwrap_or_default().to_owned();
        let looks = looks.split("あなたがしたこと").next().unwrap().to_owned();
        assert_eq!(looks.matches("申込みをひらきました").count(), 1, "one line for one day: {looks}");
        let json = file(&record, &hanako.applicant, "データで保存する（JSON）").await;
        let told: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
        let application = &told["applications"][0];
        let version = &application["versions"][0];
        assert_eq!(version["statement"]["answers"]["kana"], "ヒメジ　ハナコ");
        assert!(!version["statement"]["consents"].as_array().unwrap().is_empty(), "{version}");
        assert!(version["signature"]["certificate"]["serial"].is_string(), "{version}");
        assert_eq!(version["signature"]["certificate"]["holder"]["name"], "姫路　花子");
        assert_eq!(application["messages"][0]["text"], "受け取りました。");
        assert!(application["kept_until"].is_string() && application["attachments"].as_array().unwrap().is_empty());
        let pdf = file(&record, &hanako.applicant, "紙に印刷できる形で保存する（PDF）").await;
        assert!(pdf.body.starts_with(b"%PDF"), "{}", pdf.text());
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
}
