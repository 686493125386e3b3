//! Closing the account, and what patrons ask about their record.

use super::{OWN, must_say, signed_in, taken_over};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, location};
use time::Duration;
use todoke::demo::LIBRARIES;
use todoke::domain::library::LibraryRules;
use todoke::domain::permission::{Role, RoleGrant};

/// Himeji, with rules that erase ended records.
async fn erases_ended_records(app: &TestApp) {
    let source = LIBRARIES[0].replace("[after_expiry]\n", "[after_expiry]\nerased_after = { years = 3 }\n");
    assert!(source.contains("erased_after"), "the rules have moved");
    let rules = LibraryRules::parse(&source).unwrap();
    app.portal().import_library(&rules, &source).await.unwrap();
}

stories! {
    async fn where_the_rules_erase_an_account_is_closed_and_erased_at_once(app: &TestApp) {
        erases_ended_records(app).await;
        let (id, number) = taken_over(app, "姫路　梅", Some("ume@example.jp")).await;
        let (ume, _) = signed_in(app, id, &number).await;
        let page = ume.open("card/close").await.unwrap();
        must_say(&page, &["図書館カードは、すぐに使えなくなります", "あなたの記録は、すぐに消します"]);
        must_say(&page, &["このサイトでは元に戻せません"]);
        let unsure = ume.press(&page, "退会する").await.unwrap();
        pages::is_rejected(&unsure, "sure", "確認に印をつけてください");
        for wrong in ["", "川のほとりの 桜 二本"] {
            let wrong = ume.send(&unsure, &[("sure", "yes"), ("current", wrong)]).await.unwrap();
            pages::is_rejected(&wrong, "current", "いまのパスワードがちがいます");
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons WHERE erased_at IS NOT NULL").await, 0);
        let closed = ume.send(&unsure, &[("sure", "yes"), ("current", OWN)]).await.unwrap();
        pages::is_at(&closed, "/card/closed");
        must_say(&closed, &["退会を受け付けました", "あなたの記録を消しました"]);
        assert!(!closed.text().contains("まちがえたときは"), "nothing brings it back: {}", closed.text());
        pages::is_at(&ume.open("card").await.unwrap(), "/sign-in");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons WHERE erased_at IS NOT NULL").await, 1);
        for table in ["credentials", "patron_devices", "sessions WHERE subject = 'patron'", "patron_requests"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        let door = ume.open("sign-in/password").await.unwrap();
        let again = ume.send(&door, &[("number", &number), ("password", OWN)]).await.unwrap();
        pages::is_rejected(&again, "number", "カード番号かパスワードがちがいます");
        app.deliver_mail().await;
        assert!(app.letters_to("ume@example.jp").iter().any(|letter| letter.subject.contains("カードを止めました")));
    }

    async fn what_made_somebody_a_patron_who_was_erased_is_not_opened_again(app: &TestApp) {
        erases_ended_records(app).await;
        let hanako = app.issued_to_hanako().await;
        let page = hanako.applicant.open("card/close").await.unwrap();
        pages::is_at(&hanako.applicant.send(&page, &[("sure", "yes")]).await.unwrap(), "/card/closed");
        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap();
        let form = [("effect", "keep"), ("reopen_reason", "住所がちがっていた")];
        let refused = sato.send(&file, &form).await.unwrap();
        pages::is_rejected(&refused, "reopen_reason", "利用者の記録が消されている");
        assert_eq!(app.state("himeji", &hanako.reference).await, "issued");
        app.deliver_mail().await;
    }

    async fn elsewhere_staff_erase_what_was_closed_once_nothing_needs_it(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let card = hanako.applicant.open("card").await.unwrap();
        let page = hanako.applicant.browser.click(&card, "退会する").await.unwrap();
        must_say(&page, &["職員が確かめてから消します"]);
        let closed = hanako.applicant.send(&page, &[("sure", "yes")]).await.unwrap();
        must_say(&closed, &["カードを止め、サインアウトしました", "まちがえたときは、すぐに図書館にお電話ください"]);
        pages::is_at(&hanako.applicant.open("status").await.unwrap(), "/sign-in");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'stopped'").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM credentials").await, 0);
        app.deliver_mail().await;

        // Who may not decide sees none of it.
        app.hire_as("himeji", "ueda", "上田", vec![RoleGrant::everywhere(Role::Reviewer)]).await;
        let ueda = app.staff("himeji", "ueda").await;
        pages::refuses(&ueda.open_staff("requests").await.unwrap(), 403, "このページは見られません");
        let sato = app.sato().await;
        let open = sato.open_staff("requests").await.unwrap();
        must_say(&open, &["退会：姫路 花子", "消した記録は、もどせません"]);
        let empty = sato.press(&open, "答える").await.unwrap();
        pages::is_rejected(&empty, "outcome", "答えを選んでください");
        must_say(&empty, &["利用者への説明（応じないとき）", "消したことをメールで知らせます"]);
        let refusal = sato.send(&empty, &[("outcome", "refused")]).await.unwrap();
        pages::is_rejected(&refusal, "answer", "入力");
        // Nobody is left to read an explanation.
        let done = sato.send(&refusal, &[("outcome", "done")]).await.unwrap();
        must_say(&done, &["答えていない申し出はありません", "記録を消しました"]);
        app.deliver_mail().await;
        let letter = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(letter.subject.contains("退会の手続きが終わりました"), "{}", letter.subject);
        assert!(letter.text.contains("を消しました"), "{}", letter.text);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons WHERE erased_at IS NOT NULL").await, 1);
        let recorded = "SELECT COUNT(*) FROM patron_views WHERE what = 'request_settled' AND detail = 'closing'";
        assert_eq!(app.database.count(recorded).await, 1);
        assert!(sato.open_staff("record/deeds").await.unwrap().text().contains("利用者の申し出に答えた"));
    }

    async fn whoever_sends_the_form_twice_is_told_twice_that_it_is_closed(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let page = hanako.applicant.open("card/close").await.unwrap();
        let form = page.form("sure").unwrap().fill("sure", "yes").unwrap();
        let form = Sending::form(&form, &hanako.applicant.browser);
        let first = location(&form.send().await).unwrap();
        let second = location(&form.send().await).unwrap();
        assert!(first.ends_with("/card/closed?how=asked") && second.ends_with("/card/closed?how=closed"), "{second}");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_requests").await, 1);
        let after = hanako.applicant.open("card/closed?how=closed").await.unwrap();
        must_say(&after, &["カードを止め、サインアウトしました"]);
        app.deliver_mail().await;
    }

    async fn whoever_is_signed_out_in_the_meantime_is_not_told_that_it_is_closed(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let page = hanako.applicant.open("card/close").await.unwrap();
        let form = page.form("sure").unwrap().fill("sure", "yes").unwrap();
        let form = Sending::form(&form, &hanako.applicant.browser);
        app.advance(Duration::minutes(31));
        let led = location(&form.send().await).unwrap();
        assert!(led.ends_with("/sign-in?why=first"), "{led}");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'active'").await, 1);
    }

    async fn without_a_password_an_account_is_closed_only_by_whoever_has_just_signed_in(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        app.advance(Duration::minutes(10));
        let page = reader.open("card/close").await.unwrap();
        let form = page.form("sure").unwrap().fill("sure", "yes").unwrap();
        assert!(!page.html().contains("type=\"password\""), "{}", page.html());
        app.advance(Duration::minutes(6));
        let late = reader.browser.submit(&form).await.unwrap();
        must_say(&late, &["サインインしてから15分の間", "サインインし直してください"]);
        assert!(late.form("sure").is_err());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'active'").await, 1);
    }

    async fn a_card_that_was_lost_is_not_found_again_once_the_account_is_closed(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        let page = hanako.applicant.open("card/close").await.unwrap();
        hanako.applicant.send(&page, &[("sure", "yes")]).await.unwrap();
        app.deliver_mail().await;
        let (reader, _) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let card = reader.open("card").await.unwrap();
        must_say(&card, &["図書館がカードを止めています"]);
        assert!(card.link("カードが見つかった").is_err(), "{}", card.text());
        pages::is_at(&reader.open("card/found").await.unwrap(), "/card");
    }

    async fn a_request_is_asked_answered_and_taken_back(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let page = hanako.applicant.open("card/requests").await.unwrap();
        let empty = hanako.applicant.press(&page, "申し出を送る").await.unwrap();
        pages::is_rejected(&empty, "kind", "訂正か消去かを選んでください");
        pages::is_rejected(&empty, "text", "内容を1000文字までで書いてください");
        let asked = [("kind", "correction"), ("text", "フリガナは「ヒメヂ」です。")];
        let sent = hanako.applicant.send(&empty, &asked).await.unwrap();
        must_say(&sent, &["まちがいを直してほしい", "確認中", "ヒメヂ"]);
        assert!(!app.database.holds("ヒメヂ").await, "sealed");
        let twice = hanako.applicant.send(&sent, &asked).await.unwrap();
        pages::is_rejected(&twice, "kind", "いま確認しています");
        let erasure = hanako.applicant.send(&twice, &[("kind", "erasure"), ("text", "電話番号を消してください。")]).await.unwrap();
        let back = hanako.applicant.press(&erasure, "取り消す").await.unwrap();
        must_say(&back, &["取り消し", "確認中"]);

        let sato = app.sato().await;
        let open = sato.open_staff("requests").await.unwrap();
        must_say(&open, &["姫路 花子"]);
        let silent = sato.send(&open, &[("outcome", "done")]).await.unwrap();
        pages::is_rejected(&silent, "answer", "説明を入力してください");
        let number = sato.send(&open, &[("outcome", "refused"), ("answer", "免許証 123456789018")]).await.unwrap();
        pages::is_rejected(&number, "answer", "12けたの番号");
        assert!(number.html().contains("name=\"not_my_number\""), "{}", number.html());
        let answer = [("outcome", "refused"), ("answer", "住民票のとおりです。")];
        sato.send(&open, &answer).await.unwrap();
        must_say(&hanako.applicant.open("card/requests").await.unwrap(), &["応じられませんでした", "住民票のとおりです。"]);
        must_say(&hanako.applicant.open("card/record").await.unwrap(), &["図書館に申し出ました", "申し出に答えました"]);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons WHERE erased_at IS NOT NULL").await, 0);
        app.deliver_mail().await;
    }
}
