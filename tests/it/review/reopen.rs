//! A decision that is opened again, and templates of its words.

use super::claimed;
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::journey::Person;

stories! {
    async fn a_supervisor_opens_an_issued_card_again_and_the_number_stays(app: &TestApp) {
        let issued = app.issued_to_hanako().await;
        let sato = app.sato().await;
        let path = format!("applications/{}", issued.reference);
        let file = sato.open_staff(&path).await.unwrap();
        let page = sato.send(&file, &[("reopen_reason", "住所がちがっていた")]).await.unwrap();
        pages::is_rejected(&page, "effect", "発行したカードをどうするか");
        let form = [("effect", "withdraw_password"), ("reopen_reason", "住所がちがっていた")];
        let reopened = sato.send(&file, &form).await.unwrap();
        assert_eq!(app.state("himeji", &issued.reference).await, "submitted");
        assert!(reopened.text().contains("決定を取り消し、審査にもどしました"), "{}", reopened.text());
        assert!(reopened.text().contains("住所がちがっていた") && !app.database.holds("住所がちがっていた").await);
        let (reader, status) = app.reader("himeji", &issued.person, &issued.reference).await;
        let told = ["取り消されました", "決定を取り消したお知らせ", "前の決定を取り消し、もう一度確認しています", "3000 0001 4"];
        for words in told {
            assert!(status.text().contains(words), "{words}: {}", status.text());
        }
        let revoked = reader.browser.click(&status, "貸出券番号等通知書").await.unwrap();
        assert!(revoked.text().contains("に取り消されました") && revoked.link("PDFで保存").is_err(), "{}", revoked.text());
        let notice = reader.browser.click(&status, "決定を取り消したお知らせ").await.unwrap();
        assert!(notice.text().contains("初期パスワードは、受け取れなくなりました"), "{}", notice.text());
        assert!(notice.text().contains("カードは、そのまま使えます") && notice.text().contains("問い合わせ"));
        let pdf = notice.link("PDFで保存").unwrap();
        assert_eq!(reader.browser.open(pdf.as_str()).await.unwrap().status, 200);
        let rung = app.letters_to(&issued.person.email).into_iter().filter(|one| one.subject.contains("お知らせが届いています"));
        assert_eq!(rung.count(), 2, "of the card, and of its decision being opened again");
        assert!(reader.open("password").await.unwrap().form("code").is_err(), "the password cannot be collected");

        // What was decided before is looked at by two, as the rules of this library have it.
        let proposed = sato.decide(&issued.reference, "approve", "").await.unwrap();
        assert!(proposed.text().contains("1人目として承認しました"), "{}", proposed.text());
        app.hire("himeji", "imai", "今井").await;
        let imai = app.staff("himeji", "imai").await;
        let decided = imai.decide(&issued.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 1, "the same card");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions").await, 2);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM decisions WHERE superseded_at IS NULL").await, 1);
        let told = "SELECT COUNT(*) FROM revoked_notices WHERE mailed_at IS NOT NULL";
        assert_eq!(app.database.count(told).await, 1, "also when its mail was handed over is kept");
        assert_eq!(app.deliver_mail().await.sent, 1, "the new notice is told of");
    }

    async fn a_card_is_stopped_until_the_new_decision_and_stays_so_if_that_is_no(app: &TestApp) {
        let issued = app.issued_to_hanako().await;
        let sato = app.sato().await;
        let active = "SELECT COUNT(*) FROM cards WHERE state = 'active'";
        let reopen = async || {
            let file = sato.open_staff(&format!("applications/{}", issued.reference)).await.unwrap();
            let form = [("effect", "stop_card"), ("reopen_reason", "本人ではないとの電話")];
            sato.send(&file, &form).await.unwrap();
            assert_eq!(app.database.count(active).await, 0, "nobody uses it meanwhile");
        };
        reopen().await;
        let status = issued.applicant.open("status").await.unwrap();
        assert!(status.text().contains("図書館がカードを止めています"), "{}", status.text());
        let notice = issued.applicant.browser.click(&status, "決定を取り消したお知らせ").await.unwrap();
        assert!(notice.text().contains("カードを止めました。もう一度決定するまで"), "{}", notice.text());
        sato.decide(&issued.reference, "approve", "").await.unwrap();
        let second = app.staff("himeji", todoke::demo::SECOND_STAFF_LOGIN).await;
        let decided = second.decide(&issued.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(app.database.count(active).await, 1, "it is given back");
        app.deliver_mail().await;
        reopen().await;
        sato.decide(&issued.reference, "decline", "本人の申込みではありませんでした。").await.unwrap();
        assert_eq!(app.database.count(active).await, 0, "the last word is no");
        app.deliver_mail().await;
    }

    async fn whoever_is_refused_in_the_end_keeps_no_card(app: &TestApp) {
        let issued = app.issued_to_hanako().await;
        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{}", issued.reference)).await.unwrap();
        sato.send(&file, &[("effect", "keep"), ("reopen_reason", "もう一度見ます")]).await.unwrap();
        let active = "SELECT COUNT(*) FROM cards WHERE state = 'active'";
        assert_eq!(app.database.count(active).await, 1, "it can be used meanwhile");
        sato.decide(&issued.reference, "decline", "住所を確かめられませんでした。").await.unwrap();
        assert_eq!(app.database.count(active).await, 0);
        app.deliver_mail().await;
        let (reader, _) = app.reader("himeji", &issued.person, &issued.reference).await;
        assert!(reader.open("password").await.unwrap().form("code").is_err(), "the password cannot be collected");
    }

    async fn a_refusal_is_opened_again_within_the_time_and_not_beside_another_application(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let sato = app.sato().await;
        sato.decide(&submitted.reference, "decline", "書類が読めません。").await.unwrap();
        app.deliver_mail().await;
        // She has applied again meanwhile.
        app.submitted("himeji", &Person::hanako().with_email("again@example.jp")).await;
        let path = format!("applications/{}", submitted.reference);
        let file = sato.open_staff(&path).await.unwrap();
        let form = [("effect", "keep"), ("reopen_reason", "読めるものが届いた")];
        let refused = sato.send(&file, &form).await.unwrap();
        pages::is_rejected(&refused, "reopen_reason", "もう1件");
        assert_eq!(app.state("himeji", &submitted.reference).await, "declined");
        app.advance(Duration::days(91));
        let sato = app.sato().await;
        let file = sato.open_staff(&path).await.unwrap();
        let late = sato.send(&file, &form).await.unwrap();
        crate::review::is_conflict(&late, "期限が過ぎています");
        app.deliver_mail().await;
    }

    async fn a_template_is_written_changed_put_in_and_retired(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let sato = app.sato().await;
        let page = sato.open_staff("templates").await.unwrap();
        let wrong = [("kind", "decline"), ("title", "住所"), ("body", "{name} 様")];
        let refused = sato.send(&page, &wrong).await.unwrap();
        pages::is_rejected(&refused, "body", "「{name}」は使えません");
        let right = [("kind", "decline"), ("title", "住所"), ("body", "申込番号 {reference} の住所を確かめられません。")];
        let list = sato.send(&page, &right).await.unwrap();
        pages::is_at(&list, "/staff/templates");
        let template = sato.browser.click(&list, "住所").await.unwrap();
        let changed = [("title", "住所（新）"), ("body", "{library}です。申込番号 {reference} の住所を確かめられません。")];
        let older = sato.browser.open(template.url.as_str()).await.unwrap();
        let second = sato.send(&template, &changed).await.unwrap();
        assert!(second.text().contains("第2版") && second.text().contains("第1版"), "{}", second.text());
        // From a page that is older by now, nothing is saved.
        let stale = sato.send(&older, &changed[..1]).await.unwrap();
        assert_eq!(stale.status, 409, "{}", stale.text());

        let held = claimed(&sato, &submitted).await;
        let form = held.form("outcome").unwrap();
        let id = form.choices("template").into_iter().find(|id| !id.is_empty()).unwrap();
        let mut insert = form.fill("template", &id).unwrap();
        let path = insert.action.path().replace("/decision/confirm", "/decision/template");
        insert.action.set_path(&path);
        let filled = sato.browser.submit(&insert).await.unwrap();
        let reason = filled.form("outcome").unwrap().value("reason").unwrap().to_owned();
        assert!(reason.contains(&submitted.reference) && reason.contains("図書館です"), "{reason}");
        let confirmation = sato.browser.submit(&filled.form("outcome").unwrap()).await.unwrap();
        assert!(confirmation.text().contains(&reason.replace('\n', " ").trim().to_owned()), "{}", confirmation.text());
        assert!(confirmation.text().contains("h***@example.jp"), "who is told how");
        let template = sato.browser.open(second.url.as_str()).await.unwrap();
        sato.send(&template, &[("press", "retire")]).await.unwrap();
        let held = sato.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(held.form("outcome").unwrap().choices("template").is_empty(), "offered no longer");
    }

    async fn templates_of_messages_and_corrections_are_put_in_on_their_own_pages(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let sato = app.sato().await;
        for (kind, title) in [("message", "お願い"), ("correction", "はじめに")] {
            let page = sato.open_staff("templates").await.unwrap();
            let body = format!("{title}：申込番号 {{reference}} についてです。");
            sato.send(&page, &[("kind", kind), ("title", title), ("body", &body)]).await.unwrap();
        }
        claimed(&sato, &submitted).await;
        for (page, words) in [("messages", "お願い"), ("correction", "はじめに")] {
            let path = format!("applications/{}/{page}", submitted.reference);
            let form = sato.open_staff(&path).await.unwrap().form("text").unwrap();
            let mut insert = form.fill("text", "書きかけ").unwrap();
            insert.action = format!("{}/{path}/template", insert.action.as_str().split("/applications/").next().unwrap())
                .parse()
                .unwrap();
            let refused = sato.browser.submit(&insert).await.unwrap();
            pages::is_rejected(&refused, "template", "ひな形を選んでください");
            let id = insert.choices("template").into_iter().find(|id| !id.is_empty()).unwrap();
            let filled = sato.browser.submit(&insert.fill("template", &id).unwrap()).await.unwrap();
            let text = filled.form("text").unwrap().value("text").unwrap().to_owned();
            let whole = format!("書きかけ\n\n{words}：申込番号 {} についてです。", submitted.reference);
            assert_eq!(text.trim(), whole, "nothing typed is lost");
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM messages").await, 0, "nothing is sent");
    }
}
