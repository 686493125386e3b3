//! Notices about a card for which nobody applied: it was stopped, can be used again, or its last day is near.

use super::{OWN, granted_to_children, must_say, signed_in, taken_over};
use crate::papers::reception;
use crate::procedures::by_one_tap;
use crate::seal::validators::text_of;
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::service::retain::purge::PurgeCap;
use todoke::store::{notices, patron_erasure};

const STOPPED: &str = "図書館カードを止めたお知らせ";
const RELEASED: &str = "図書館カードがまた使えるお知らせ";
const EXPIRING: &str = "図書館カードの有効期限のお知らせ";

/// The code that a notice bears, as it stands in an address.
fn code_in(text: &str) -> String {
    let mut words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-');
    let code = words.find(|word| word.len() == 19 && word.matches('-').count() == 3);
    code.unwrap_or_else(|| panic!("no code: {text}")).replace('-', "")
}

async fn verified(app: &TestApp, code: &str) -> String {
    app.journey("himeji").open(&format!("verify/{code}")).await.unwrap().text_of("h1").unwrap()
}

async fn stop(own: &Journey) -> Page {
    let stop = own.open("card/stop").await.unwrap();
    own.press(&stop, "いますぐ止める").await.unwrap()
}

async fn count(app: &TestApp, what: &str) -> i64 {
    app.database.count(&format!("SELECT COUNT(*) FROM {what}")).await
}

stories! {
    async fn whoever_stops_a_card_gets_a_notice_until_the_next_one_says_otherwise(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        stop(&ume).await;
        app.deliver_mail().await;
        assert_eq!(count(app, "notices WHERE kind = 'lost' AND mailed_at IS NOT NULL").await, 1, "the mail tells of it");
        let home = ume.open("card").await.unwrap();
        must_say(&home, &[STOPPED, "未読"]);
        let notice = ume.browser.click(&home, STOPPED).await.unwrap();
        must_say(&notice, &["姫路 梅 様", "なくしたという届け出を受けて", "期限までに返してください", "問い合わせ"]);
        assert!(!notice.html().contains("lc-barcode"), "a stopped card shows no bars");
        let code = code_in(&notice.text());
        assert_eq!(verified(app, &code).await, "本物です");
        let file = notice.url.join(&format!("{}/notice.pdf", notice.url.path())).unwrap();
        let paper = Sending::get(file, &ume.browser).send().await;
        assert!(text_of(&paper.body).contains("なくしたという届け出"), "{} {}", paper.status, paper.text());
        // Nobody else reads it.
        assert_eq!(app.journey("himeji").browser.open(notice.url.as_str()).await.unwrap().url.path(), "/himeji/ja/sign-in");
        let hanako = app.issued_to_hanako().await;
        assert_eq!(hanako.applicant.browser.open(notice.url.as_str()).await.unwrap().status, 404);

        app.advance(Duration::minutes(5));
        let found = ume.open("card/found").await.unwrap();
        ume.press(&found, "また使えるようにする").await.unwrap();
        app.deliver_mail().await;
        assert_eq!(verified(app, &code).await, "新しい通知があります");
        must_say(&ume.browser.open(notice.url.as_str()).await.unwrap(), &["新しいお知らせが届いています"]);
        let home = ume.open("card").await.unwrap();
        let again = ume.browser.click(&home, RELEASED).await.unwrap();
        must_say(&again, &["また使えるようにしました", "前と同じです"]);
        let record = ume.open("card/record").await.unwrap();
        must_say(&record, &[STOPPED, RELEASED, "2027年11月20日(土)まで保存し、そのあと消します"]);
    }

    async fn what_staff_do_to_a_card_they_read_first_as_its_holder_reads_it(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", None).await;
        let sato = app.sato().await;
        let record = sato.open_staff(&format!("patrons/{id}")).await.unwrap();
        must_say(&record, &["利用者に届くお知らせを、先に見る", "図書館が、図書館カードを止めました"]);
        let stopped = sato.press(&record, "カードを止める").await.unwrap();
        must_say(&stopped, &["止めていた図書館カードを、また使えるようにしました"]);
        // Without an address it goes on paper.
        let reception = reception(app).await;
        let list = reception.open_staff("papers").await.unwrap();
        must_say(&list, &["カード 3000 0008 3", "カードを止めたこと"]);
        let pdf = reception.browser.open(list.link("印刷する").unwrap().as_str()).await.unwrap();
        let printed = text_of(&pdf.body);
        assert!(printed.contains("図書館が、図書館カードを止めました"), "{printed}");
        assert_eq!(verified(app, &code_in(&printed)).await, "本物です");
        let list = reception.press(&list, "郵便で送った").await.unwrap();
        must_say(&list, &["待っているお知らせはありません"]);
        for what in ["notice_printed", "notice_delivered"] {
            assert_eq!(count(app, &format!("patron_views WHERE what = '{what}'")).await, 1, "{what}");
        }
        let record = sato.open_staff(&format!("patrons/{id}")).await.unwrap();
        must_say(&record, &["読んでいないお知らせ なし"]);
        sato.press(&record, "カードを使えるようにもどす").await.unwrap();
        let (ume, home) = signed_in(app, id, &number).await;
        must_say(&home, &[STOPPED, RELEASED]);
        must_say(&ume.open("card/record").await.unwrap(), &["お知らせを印刷しました", "お知らせを紙で渡したか、郵便で送りました"]);
    }

    async fn a_last_day_that_is_near_is_one_notice_however_often_it_is_reminded_of(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2027-01-19'").await.unwrap();
        app.advance(Duration::minutes(1));
        for days in [0, 46, 14] {
            app.advance(Duration::days(days));
            assert_eq!(app.portal().remind_patrons().await.unwrap(), 1, "{}", app.now());
            app.deliver_mail().await;
        }
        assert_eq!(count(app, "notices WHERE kind = 'expiring'").await, 1);
        let (hanako, _) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let home = hanako.open("card").await.unwrap();
        let notice = hanako.browser.click(&home, EXPIRING).await.unwrap();
        must_say(&notice, &["有効期限が近づいています", "2027年（令和9年）1月19日", "から、このサイトの「マイページ」で延長を申し込めます"]);
        assert_eq!(verified(app, &code_in(&notice.text())).await, "本物です");
        // The notice of the card itself is as true as before.
        let issued = hanako.browser.click(&home, "貸出券番号等通知書").await.unwrap();
        assert!(!issued.text().contains("新しいお知らせが届いています"), "{}", issued.text());
        app.database.execute("UPDATE cards SET expires_on = '2030-01-19'").await.unwrap();
        app.advance(Duration::days(3 * 365));
        assert_eq!(app.portal().remind_patrons().await.unwrap(), 1);
        app.deliver_mail().await;
        assert_eq!(count(app, "notices WHERE kind = 'expiring'").await, 2, "another day is other news");
        assert_eq!(verified(app, &code_in(&notice.text())).await, "新しい通知があります");
    }

    async fn a_card_that_is_renewed_ends_what_was_said_of_its_last_day(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-12-10'").await.unwrap();
        app.advance(Duration::minutes(1));
        app.portal().remind_patrons().await.unwrap();
        app.deliver_mail().await;
        let home = hanako.applicant.open("card").await.unwrap();
        let notice = hanako.applicant.browser.click(&home, EXPIRING).await.unwrap();
        assert_eq!(notice.link("マイページへ戻る").unwrap().path(), "/himeji/ja/card");
        assert_eq!(verified(app, &code_in(&notice.text())).await, "本物です", "nothing has come after it yet");
        app.advance(Duration::minutes(1));
        let renewal = by_one_tap(app, &hanako, "有効期限を延ばす").await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "issued", "by rule");
        app.deliver_mail().await;
        assert_eq!(verified(app, &code_in(&notice.text())).await, "新しい通知があります");
        let overtaken = renewal.applicant.browser.open(notice.url.as_str()).await.unwrap();
        assert_eq!(overtaken.link("届いたお知らせを見る").unwrap().path(), "/himeji/ja/card");
    }

    async fn nothing_is_left_of_such_a_notice_once_its_patron_is_erased(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        stop(&ume).await;
        app.deliver_mail().await;
        let home = ume.open("card").await.unwrap();
        let code = code_in(&ume.browser.click(&home, STOPPED).await.unwrap().text());
        let library = app.library("himeji").await;
        let mut tx = app.database.db.begin().await.unwrap();
        patron_erasure::delete_belongings(&mut tx, library.id, id).await.unwrap();
        tx.commit().await.unwrap();
        for table in ["notices", "notice_documents", "paper_notices", "notice_codes WHERE code IS NOT NULL"] {
            assert_eq!(count(app, table).await, 0, "{table}");
        }
        assert_eq!(verified(app, &code).await, "記録だけが残っています");
    }

    async fn a_notice_that_a_card_was_stopped_is_not_left_where_nobody_looks(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        signed_in(app, id, &number).await;
        let sato = app.sato().await;
        let record = sato.open_staff(&format!("patrons/{id}")).await.unwrap();
        sato.press(&record, "カードを止める").await.unwrap();
        app.deliver_mail().await;
        let reminders = || app.letters_to("ume@example.jp").iter().filter(|mail| mail.subject.contains("まだ開かれていません")).count();
        for (days, told) in [(3, 1), (4, 2), (7, 2)] {
            app.advance(Duration::days(days));
            app.portal().follow_unread_notices().await.unwrap();
            app.deliver_mail().await;
            assert_eq!(reminders(), told, "{}", app.now());
        }
        assert_eq!(count(app, "paper_notices WHERE reason = 'unread' AND patron_id IS NOT NULL").await, 1);
        let reception = reception(app).await;
        must_say(&reception.open_staff("papers").await.unwrap(), &["カードを止めたこと", "開かれていない"]);
        // Whoever opens it after all needs no paper.
        let ume = app.journey("himeji");
        let door = ume.open("sign-in/password").await.unwrap();
        let home = ume.send(&door, &[("number", &number), ("password", OWN)]).await.unwrap();
        pages::is_at(&home, "/card");
        ume.browser.click(&home, STOPPED).await.unwrap();
        assert_eq!(count(app, "paper_notices").await, 0);
        app.deliver_mail().await;
    }

    async fn whoever_stopped_the_card_is_not_reminded_of_it(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        stop(&ume).await;
        app.deliver_mail().await;
        let told = app.letters_to("ume@example.jp").len();
        for _ in 0..3 {
            app.advance(Duration::days(6));
            app.portal().follow_unread_notices().await.unwrap();
            app.deliver_mail().await;
        }
        assert_eq!((app.letters_to("ume@example.jp").len(), count(app, "paper_notices").await), (told, 0));
    }

    async fn the_first_password_of_a_stopped_card_waits_until_it_can_be_used_again(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let own = &hanako.applicant;
        let offers = |page: &Page| page.links("main").iter().any(|link| link.path() == "/himeji/ja/password");
        assert!(offers(&own.open("card").await.unwrap()));
        stop(own).await;
        assert!(!offers(&own.open("card").await.unwrap()));
        let none = own.open("password").await.unwrap();
        pages::refuses(&none, 404, "いま受け取れる初期パスワードはありません");
        must_say(&none, &["止めたカードの初期パスワードも、受け取れません"]);
        let found = own.open("card/found").await.unwrap();
        own.press(&found, "また使えるようにする").await.unwrap();
        assert!(offers(&own.open("card").await.unwrap()));
        app.deliver_mail().await;
    }

    async fn such_a_notice_is_kept_for_its_time_and_no_longer_than_its_patron(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        stop(&ume).await;
        app.deliver_mail().await;
        let home = ume.open("card").await.unwrap();
        let code = code_in(&ume.browser.click(&home, STOPPED).await.unwrap().text());
        app.advance(Duration::days(365));
        assert_eq!(app.portal().erase_card_notices(PurgeCap::default()).await.unwrap(), 0, "the last day is whole");
        app.advance(Duration::days(1));
        let strict = PurgeCap { percent: 20, at_least: 0 };
        assert_eq!(app.portal().erase_card_notices(strict).await.unwrap(), 0, "too much at once");
        assert_eq!(app.portal().erase_card_notices(PurgeCap::default()).await.unwrap(), 1);
        for table in ["notices", "notice_documents", "paper_notices", "notice_reminders"] {
            assert_eq!(count(app, table).await, 0, "{table}");
        }
        assert_eq!(verified(app, &code).await, "記録だけが残っています");
        assert_eq!(count(app, "notice_codes WHERE code IS NOT NULL").await, 0);
    }

    async fn a_guardian_reads_that_a_childs_card_was_stopped(app: &TestApp) {
        let (submitted, children) = granted_to_children(app).await;
        let (guardian, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        must_say(&guardian.open("card").await.unwrap(), &["姫路 さくら"]);
        stop(&guardian).await;
        app.deliver_mail().await;
        let home = guardian.open("card").await.unwrap();
        let notice = guardian.browser.click(&home, STOPPED).await.unwrap();
        must_say(&notice, &["姫路 さくら 様"]);
        pages::is_at(&guardian.open("card").await.unwrap(), "/card");
        let mut tx = app.database.db.read().await.unwrap();
        for (child, expected) in children.iter().zip([1, 0]) {
            let placed = notices::list_by_patron(&mut tx, child.library_id, child.id).await.unwrap();
            assert_eq!(placed.len(), expected);
        }
    }
}
