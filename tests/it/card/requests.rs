//! What patrons ask about their record, and that an answer reaches them and does what it says.

use super::{must_say, signed_in, taken_over};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;

const ANSWERED: &str = "申し出に図書館が答えました";
const ASKED: [(&str, &str); 2] =
    [("kind", "correction"), ("text", "フリガナは「ヒメヂ」で、電話番号は079-222-3333です。")];

stories! {
    async fn what_is_answered_reaches_its_patron_and_what_is_put_right_is_what_is_known(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let page = hanako.applicant.open("card/requests").await.unwrap();
        hanako.applicant.send(&page, &ASKED).await.unwrap();
        let sato = app.sato().await;
        let open = sato.open_staff("requests").await.unwrap();
        must_say(&open, &["登録内容を直す", "フリガナ"]);
        // What nobody puts right is not said to be right.
        let nothing = [("outcome", "done"), ("answer", "直しました。")];
        let untrue = sato.send(&open, &nothing).await.unwrap();
        pages::is_rejected(&untrue, "outcome", "登録内容が変わっていません");
        let unsound = sato.send(&untrue, &[("kana", "ヒメヂ"), ("birth", "2030-01-01")]).await.unwrap();
        assert_eq!(unsound.status, 422, "{}", unsound.text());
        pages::is_rejected(&unsound, "birth", "生年月日");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_requests WHERE state = 'open'").await, 1);
        app.advance(Duration::minutes(1));

        let right = [("kana", "ヒメヂ ハナコ"), ("phone", "079-222-4444"), ("birth", "1990-04-01")];
        let done = sato.send(&unsound, &right).await.unwrap();
        must_say(&done, &["登録内容を直し、申し出に答えました", "図書館システムの記録も", "答えていない申し出はありません"]);
        app.deliver_mail().await;
        let letter = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(letter.subject.contains(ANSWERED) && !letter.text.contains("直しました"), "{}", letter.text);
        must_say(&hanako.applicant.open("card/requests").await.unwrap(), &["対応しました", "図書館の答え", "直しました。"]);
        let record = hanako.applicant.open("card/record").await.unwrap();
        must_say(&record, &["ヒメヂ ハナコ", "079-222-4444", "登録内容を直しました", "申し出への答え"]);
        must_say(&hanako.applicant.open("status").await.unwrap(), &["図書館が登録内容を直しました"]);
        // Who, when and which facts; never what they were.
        for table in ["events WHERE kind = 'facts_put_right' AND actor = 'staff'", "patron_views WHERE what = 'facts_put_right'"] {
            let written = format!("SELECT COUNT(*) FROM {table} AND detail = 'kana phone'");
            assert_eq!(app.database.count(&written).await, 1, "{table}");
        }
        must_say(&sato.open_staff("record/deeds").await.unwrap(), &["利用者の登録内容を直した", "利用者の申し出に答えた"]);
    }

    async fn a_refusal_reaches_its_patron_too_and_changes_nothing(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        let page = ume.open("card/requests").await.unwrap();
        ume.send(&page, &ASKED).await.unwrap();
        let sato = app.sato().await;
        let open = sato.open_staff("requests").await.unwrap();
        let refusal = [("outcome", "refused"), ("answer", "住民票のとおりです。"), ("kana", "ヒメヂ ウメ")];
        let done = sato.send(&open, &refusal).await.unwrap();
        must_say(&done, &["申し出に答えました"]);
        assert!(!done.text().contains("登録内容を直し"), "{}", done.text());
        app.deliver_mail().await;
        assert_eq!(app.letters_to("ume@example.jp").iter().filter(|one| one.subject.contains(ANSWERED)).count(), 1);
        must_say(&ume.open("card/requests").await.unwrap(), &["応じられませんでした", "住民票のとおりです。"]);
        assert!(!ume.open("card/record").await.unwrap().text().contains("ヒメヂ ウメ"));
    }

    async fn an_address_that_is_put_right_is_told_at_the_old_one_and_a_newer_state_is_not_overwritten(app: &TestApp) {
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        let page = ume.open("card/requests").await.unwrap();
        ume.send(&page, &[("kind", "correction"), ("text", "メールアドレスがちがいます。")]).await.unwrap();
        let sato = app.sato().await;
        let open = sato.open_staff("requests").await.unwrap();
        let right = [("outcome", "done"), ("answer", "直しました。"), ("email", "plum@example.jp")];
        app.database.execute("UPDATE patrons SET row_version = row_version + 1").await.unwrap();
        let stale = sato.send(&open, &right).await.unwrap();
        assert_eq!(stale.status, 409, "{}", stale.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_requests WHERE state = 'open'").await, 1);
        app.deliver_mail().await;
        let open = sato.open_staff("requests").await.unwrap();
        must_say(&sato.send(&open, &right).await.unwrap(), &["登録内容を直し"]);
        app.deliver_mail().await;
        let letter = app.letters_to("ume@example.jp").pop().unwrap();
        assert!(letter.subject.contains("登録内容が変わりました"), "{}", letter.subject);
        let letter = app.letters_to("plum@example.jp").pop().unwrap();
        assert!(letter.subject.contains(ANSWERED), "{}", letter.subject);
        must_say(&ume.open("card/record").await.unwrap(), &["plum@example.jp"]);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'facts_put_right'").await, 0, "no application tells of her");
    }
}
