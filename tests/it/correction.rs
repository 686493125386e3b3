//! The give and take between reviewer and applicant: asked, put right, sent again; and what time does meanwhile.

use crate::procedures::from_the_start;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use time::Duration;
use todoke::clock::japanese_date;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::application::ApplicationState;
use todoke::domain::correction::Field;
use todoke::domain::procedure::Procedure;
use todoke::gateway::mail::{MailError, MailFault};
use todoke::service::audit::check_events;
use todoke::service::retain::purge::{self, PurgeCap};
use todoke::store::corrections;

const WORDS: &str = "カードと同じ文字で入力してください。";

/// Claims a file and asks for `fields` to be put right; arrives at the file.
pub(crate) async fn ask(staff: &Journey, submitted: &Submitted, fields: &[&str]) -> Page {
    let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
    let held = staff.press(&file, "担当する").await.unwrap();
    let page = staff.browser.click(&held, "修正をお願いする").await.unwrap();
    let mut form = page.form("ask_name").unwrap();
    for field in fields {
        form = form.fill(&format!("ask_{field}"), "yes").unwrap();
        form = form.fill(&format!("reason_{field}"), "mismatch").unwrap();
        form = form.fill(&format!("text_{field}"), WORDS).unwrap();
    }
    let confirm = staff.browser.submit(&form).await.unwrap();
    assert!(confirm.text().contains(WORDS) && confirm.text().contains("申込者が読む文面"), "{}", confirm.text());
    staff.press(&confirm, "修正をお願いする").await.unwrap()
}

/// A new card of 姫路 花子's, sent back because of `fields`.
async fn returned(app: &TestApp, fields: &[&str]) -> (Submitted, Journey) {
    let submitted = app.submitted_by_hanako().await;
    let staff = app.sato().await;
    let file = ask(&staff, &submitted, fields).await;
    assert!(file.text().contains("修正のお願い中"), "{}", file.text());
    app.deliver_mail().await;
    (submitted, staff)
}

/// From the list of what was asked to the receipt or the status.
pub(crate) async fn sign_again(applicant: &Journey) -> Page {
    let check = applicant.open("apply/check").await.unwrap();
    pages::is_at(&check, "/apply/check");
    let sign = applicant.press(&check, "署名へ進む").await.unwrap();
    pages::is_at(&sign, "/apply/sign");
    applicant.sign_with(&sign, "normal").await.unwrap()
}

async fn open_corrections(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM corrections WHERE resolved_at IS NULL").await
}

/// Days pass one by one, each with its sweep and, if `deliver`, its mail.
async fn days_pass(app: &TestApp, days: i64, deliver: bool) {
    for _ in 0..days {
        app.advance(Duration::DAY);
        app.portal().sweep().await.unwrap();
        if deliver {
            app.deliver_mail().await;
        }
    }
}

stories! {
    async fn the_search_for_a_lost_card_does_not_begin_anew_with_what_was_put_right(app: &TestApp) {
        app.issued_to_hanako().await;
        let fields = [("number", "９９９９-99999"), ("reason", "lost")];
        let request = from_the_start(app, "reissue", &fields, &Person::hanako()).await;
        let received = japanese_date(app.now());
        let found_until = received + Duration::days(7);
        ask(&app.sato().await, &request, &["name"]).await;
        app.advance(Duration::days(5));
        let (reader, _) = app.reader("himeji", &request.person, &request.reference).await;
        let name = reader.open("status/fix").await.unwrap();
        let name = reader.browser.click(&name, "修正をはじめる").await.unwrap();
        reader.send(&name, &[("kana", "ひめじ　はな")]).await.unwrap();
        let check = reader.open("apply/check").await.unwrap();
        let rules = app.library("himeji").await.rules.clone();
        let days = rules.promised_open_days_for(Procedure::Reissue);
        let due = rules.answer_due(days, japanese_date(app.now()), Some(found_until));
        let told = format!("{}月{}日", u8::from(due.month()), due.day());
        assert!(check.text().contains(&told), "{told}: {}", check.text());
        sign_again(&reader).await;
        assert_eq!(app.application("himeji", &request.reference).await.due_on, Some(due));
        app.deliver_mail().await;
    }

    async fn a_request_whose_mail_did_not_arrive_leaves_the_papers_once_it_is_read_at_the_desk(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        ask(&app.sato().await, &submitted, &["name"]).await;
        app.stage.mailbox.fail_with(Some(MailError::Permanent(MailFault::Reply(550))));
        assert_eq!(app.deliver_mail().await.failed, 1);
        app.stage.mailbox.fail_with(None);
        let papers = "SELECT COUNT(*) FROM paper_notices WHERE reason = 'unread'";
        assert_eq!(app.database.count(papers).await, 1);
        let fix = submitted.applicant.open("status/fix").await.unwrap();
        assert!(fix.text().contains(WORDS), "{}", fix.text());
        assert_eq!(app.database.count(papers).await, 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'notice_read'").await, 1);
    }

    async fn what_was_asked_is_put_right_signed_again_and_approved(app: &TestApp) {
        let (submitted, _) = returned(app, &["name"]).await;
        let letters = app.letters_to("hanako@example.jp");
        let letter = letters.last().unwrap();
        assert!(letter.subject.contains("申込みの修正をお願いします"), "{}", letter.subject);
        assert!(!letter.text.contains(WORDS) && letter.text.contains("12月4日"), "{}", letter.text);
        assert_eq!(app.application("himeji", &submitted.reference).await.due_on, None, "the clock stands still");

        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(status.text().contains("修正をお願いしています"), "{}", status.text());
        let fix = reader.browser.click(&status, "修正する").await.unwrap();
        assert!(fix.text().contains(WORDS) && fix.text().contains("姫路 花子"), "{}", fix.text());
        let name = reader.browser.click(&fix, "修正をはじめる").await.unwrap();
        pages::is_at(&name, "/apply/name");
        assert!(name.text().contains(WORDS), "the words stand above the question");
        let fixed = reader.send(&name, &[("kana", "ひめじ　はな")]).await.unwrap();
        pages::is_at(&fixed, "/status/fix");
        assert!(fixed.text().contains("直しました"), "{}", fixed.text());
        let check = reader.browser.click(&fixed, "確かめて送る").await.unwrap();
        pages::is_at(&check, "/apply/check");
        assert!(check.form("delivery").is_err(), "nothing else is asked again");

        app.advance(Duration::days(2));
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        sign_again(&reader).await;
        app.deliver_mail().await;
        let again = app.application("himeji", &submitted.reference).await;
        let ApplicationState::Submitted { version, service } = again.state else { panic!("{:?}", again.state) };
        assert_eq!(version.number, 2);
        assert!(service.used < Duration::hours(1), "the time with the applicant does not count");
        assert!(again.due_on.is_some());
        assert_eq!(open_corrections(app).await, 0);
        assert_eq!(app.database.count("SELECT MIN(resolved_number) FROM corrections").await, 2);

        let staff = app.sato().await;
        let queue = staff.open_staff("queue").await.unwrap();
        assert!(queue.text().contains("あなたがお願いした修正の返事"), "{}", queue.text());
        let file = staff.decide(&submitted.reference, "approve", "").await.unwrap();
        let answers = file.text_of("section[aria-labelledby='answers-h']").unwrap();
        let seen = answers.replace(char::is_whitespace, "");
        assert!(seen.contains("ヒメジハナ") && !seen.contains("ヒメジハナコ"), "{seen}");
        app.deliver_mail().await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "issued");
        assert!(check_events(&app.database.db, None).await.unwrap().broken.is_empty());
        let status = reader.open("status").await.unwrap();
        assert!(status.text().contains("お返事済み") && status.text().contains("を過ぎると消します"), "{}", status.text());
    }

    async fn only_what_was_asked_can_be_changed_even_by_a_forged_post(app: &TestApp) {
        // The form was opened while everything could still be changed.
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        let contact = applicant.open("apply/contact").await.unwrap().form("phone").unwrap();
        let consents = check.form("delivery").unwrap();
        let sign = applicant.agree(&check).await.unwrap();
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        app.deliver_mail().await;
        let submitted = Submitted::on(applicant, &Person::hanako(), &done);
        let staff = app.sato().await;
        ask(&staff, &submitted, &["name"]).await;
        app.deliver_mail().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        for path in ["apply/who", "apply/email", "apply/email/code", "apply/birth", "apply/address", "apply/contact"] {
            pages::is_at(&reader.open(path).await.unwrap(), "/status/fix");
        }
        let before = app.written().await;
        let own = reader.open("apply/name").await.unwrap().form("name").unwrap();
        let csrf = own.value("csrf").unwrap().to_owned();
        let forged = contact.forge("csrf", &csrf).forge("phone", "079-999-9999");
        let answer = Sending::form(&forged, &reader.browser).send().await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let forged = consents.forge("csrf", &csrf).forge("delivery", "paper");
        pages::refuses(&Sending::form(&forged, &reader.browser).send().await, 409, "この操作は、いまはできません");
        let early = reader.open("apply/check").await.unwrap();
        pages::is_at(&reader.press(&early, "署名へ進む").await.unwrap(), "/status/fix");
        assert_eq!(app.written().await, before);
    }

    async fn a_field_can_be_left_as_it_is_with_an_answer(app: &TestApp) {
        let (submitted, _) = returned(app, &["name", "birth"]).await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let fix = reader.open("status/fix").await.unwrap();
        let rejected = reader.browser.submit(&fix.form("field").unwrap()).await.unwrap();
        assert_eq!(rejected.status, 422, "{}", rejected.text());
        // A second answer takes the place of the first.
        for _ in 0..2 {
            let fix = reader.open("status/fix").await.unwrap();
            let form = fix.form("field").unwrap().fill("text", "住民票のとおりです。").unwrap();
            reader.browser.submit(&form).await.unwrap();
        }
        let id = app.application("himeji", &submitted.reference).await.id;
        let mut tx = app.database.db.read().await.unwrap();
        let asked = corrections::list(&mut tx, id).await.unwrap();
        drop(tx);
        let answered: Vec<Field> = asked.iter().filter(|one| one.answer.is_some()).map(|one| one.item.field).collect();
        assert_eq!(answered, [Field::Name]);
        assert!(!app.database.holds("住民票のとおりです").await, "what is answered is sealed");
    }

    async fn whoever_decides_reads_what_was_asked_and_what_was_answered(app: &TestApp) {
        let (submitted, staff) = returned(app, &["name", "birth"]).await;
        let path = format!("applications/{}", submitted.reference);
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        reader.answer("apply/name", &[("kana", "ひめじ　はな")]).await.unwrap();
        let fix = reader.open("status/fix").await.unwrap();
        let form = fix.form("field").unwrap().fill("field", "birth").unwrap_or_else(|_| fix.form("field").unwrap());
        reader.browser.submit(&form.fill("text", "戸籍のとおりです。").unwrap()).await.unwrap();
        let waiting = staff.open_staff(&path).await.unwrap();
        assert!(waiting.text().contains(WORDS) && waiting.text().contains("返事を待っています"), "{}", waiting.text());
        assert!(!waiting.text().contains("戸籍のとおりです"), "what is not sent yet is the applicant's");
        sign_again(&reader).await;
        app.deliver_mail().await;

        let file = staff.open_staff(&path).await.unwrap();
        let rounds = file.text();
        for part in ["修正のお願いと、申込者の返事", WORDS, "「このままで正しい」との返事です", "戸籍のとおりです。", "直して送られました"] {
            assert!(rounds.contains(part), "{part}: {rounds}");
        }
        assert_eq!(file.text_of("del").unwrap().replace(char::is_whitespace, ""), "ヒメジハナコ");
        assert_eq!(file.text_of("ins").unwrap().replace(char::is_whitespace, ""), "ヒメジハナ");
    }

    async fn nothing_written_is_lost_on_the_way_back_from_the_words(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let held = staff.press(&file, "担当する").await.unwrap();
        let page = staff.browser.click(&held, "修正をお願いする").await.unwrap();
        assert!(page.text_of(".lc-now").unwrap().contains("姫路市に住んでいる"), "what was signed stands there: {}", page.text());
        let form = page.form("ask_name").unwrap().fill("ask_name", "yes").unwrap();
        let form = form.fill("reason_name", "other").unwrap().fill("text_name", "免許証の番号 123456789018 を確かめて").unwrap();
        let asked = staff.browser.submit(&form.fill("text", "はじめに").unwrap()).await.unwrap();
        pages::is_rejected(&asked, "text_name", "マイナンバーのような12けたの番号があります");
        let form = asked.form("ask_name").unwrap().fill("not_my_number", "yes").unwrap();
        let confirm = staff.browser.submit(&form).await.unwrap();
        let again = staff.press(&confirm, "書きなおす").await.unwrap();
        let back = again.form("ask_name").unwrap();
        assert_eq!((back.value("reason_name"), back.value("ask_name")), (Some("other"), Some("yes")));
        assert!(back.value("text_name").unwrap().contains("免許証の番号") && back.value("text").unwrap().contains("はじめに"));
        let unticked = page.form("ask_name").unwrap().fill("text_birth", "書きかけ").unwrap();
        let refused = staff.browser.submit(&unticked).await.unwrap();
        pages::is_rejected(&refused, "ask_birth", "お願いするときはチェックを付け");

        let preview = staff.send(&held, &[("outcome", "decline"), ("reason", "長い理由です。")]).await.unwrap();
        let back = staff.press(&preview, "申込みに戻る").await.unwrap().form("outcome").unwrap();
        assert!(back.value("reason").unwrap().contains("長い理由です。"));
        assert_eq!((back.value("outcome"), app.state("himeji", &submitted.reference).await), (Some("decline"), "under_review"));
    }

    async fn a_correction_lapses_only_after_its_reminders_were_handed_over(app: &TestApp) {
        let (submitted, _) = returned(app, &["name"]).await;
        days_pass(app, 13, true).await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "returned");
        let reminders = app.letters_to("hanako@example.jp").iter().filter(|letter| letter.subject.contains("お待ちしています")).count();
        assert_eq!(reminders, 2, "seven and three days before");
        // The last day's reminder leaves a whole day, and an hour more for whoever is on the way.
        days_pass(app, 2, true).await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "returned");
        days_pass(app, 1, true).await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "lapsed");
        assert_eq!(open_corrections(app).await, 1, "a supervisor may ask once more");
        app.deliver_mail().await;
        let last = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(last.subject.contains("期限が過ぎました"), "{}", last.subject);
        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(status.text().contains("期限切れ"), "{}", status.text());
        pages::is_at(&reader.open("status/fix").await.unwrap(), "/status");
        assert!(check_events(&app.database.db, None).await.unwrap().broken.is_empty());
    }

    async fn who_is_asked_once_more_is_told_so_and_told_again_when_that_time_is_over(app: &TestApp) {
        let (submitted, _) = returned(app, &["name"]).await;
        days_pass(app, 17, true).await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "lapsed");
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let form = file.form("もう一度お願いする").unwrap().fill("reopen_reason", "入院していたとのお電話がありました。").unwrap();
        staff.browser.submit(&form).await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "returned");
        app.deliver_mail().await;
        let last = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(last.subject.contains("申込みの修正をお願いします"), "{}", last.subject);
        days_pass(app, 17, true).await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "lapsed");
        let over = app.letters_to("hanako@example.jp").iter().filter(|letter| letter.subject.contains("期限が過ぎました")).count();
        assert_eq!(over, 2, "each time that runs out is told");
    }

    async fn mail_that_does_not_leave_keeps_an_application_alive(app: &TestApp) {
        let (submitted, _) = returned(app, &["name"]).await;
        days_pass(app, 30, false).await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "returned");
        app.deliver_mail().await;
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "returned", "the last reminder speaks of a day");
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        reader.answer("apply/name", &[("kana", "ひめじ　はな")]).await.unwrap();
        sign_again(&reader).await;
        app.deliver_mail().await;
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted", "late, and still in time");
    }

    async fn who_takes_it_back_is_quicker_than_an_undecided_review(app: &TestApp) {
        let (submitted, staff) = returned(app, &["name"]).await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        reader.answer("apply/name", &[("kana", "ひめじ　はな")]).await.unwrap();
        sign_again(&reader).await;
        app.deliver_mail().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let held = staff.press(&file, "担当する").await.unwrap();
        let form = staff.send(&held, &[("outcome", "approve"), ("reason", "")]).await.unwrap().form("outcome").unwrap();
        let page = reader.open("status/withdraw").await.unwrap();
        let withdraw = page.form("申込みを取り下げる").unwrap().fill("code", &submitted.collection_code).unwrap();
        reader.browser.submit(&withdraw).await.unwrap();
        let late = staff.browser.submit(&form).await.unwrap();
        assert_eq!(late.status, 409, "{}", late.text());
        assert_eq!(app.state("himeji", &submitted.reference).await, "withdrawn");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM signing_requests WHERE consumed_at IS NULL").await, 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM sessions WHERE subject = 'applicant'").await, 0);
    }

    async fn a_message_rings_once_and_is_answered(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let path = format!("applications/{}/messages", submitted.reference);
        let page = staff.open_staff(&path).await.unwrap();
        let empty = staff.send(&page, &[("text", " ")]).await.unwrap();
        pages::is_rejected(&empty, "text", "文を入力してください");
        for text in ["いつお越しになりますか。", "お返事をお待ちします。"] {
            let page = staff.open_staff(&path).await.unwrap();
            staff.send(&page, &[("text", text)]).await.unwrap();
        }
        assert_eq!(app.deliver_mail().await.sent, 1, "the bell rings once");
        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let messages = reader.browser.click(&status, "メッセージを読む").await.unwrap();
        assert!(messages.text().contains("いつお越しになりますか。"), "{}", messages.text());
        reader.send(&messages, &[("text", "土曜日です。")]).await.unwrap();
        assert!(staff.open_staff("queue").await.unwrap().text().contains("未読のメッセージ"));
        assert!(staff.open_staff(&path).await.unwrap().text().contains("土曜日です。"));
        assert!(!staff.open_staff("queue").await.unwrap().text().contains("未読のメッセージ"));
        assert!(!app.database.holds("土曜日です").await && !app.database.holds("いつお越しになりますか").await);
    }

    async fn a_claim_whose_lease_ended_goes_back_to_the_queue(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        staff.press(&file, "担当する").await.unwrap();
        app.advance(Duration::minutes(29));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "under_review");
        app.advance(Duration::minutes(1));
        app.portal().sweep().await.unwrap();
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("himeji", &submitted.reference).await, "submitted");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'lease_ended'").await, 1);
    }

    async fn what_was_kept_long_enough_leaves_a_tombstone_and_an_unbroken_record(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let taro = app.submitted("himeji", &pages::taro()).await;
        let staff = app.sato().await;
        staff.decide(&taro.reference, "decline", "確かめられませんでした。").await.unwrap();
        app.deliver_mail().await;
        app.advance(Duration::days(190));
        let plans = purge::plan(&app.database.db, PurgeCap::default(), app.now()).await.unwrap();
        let himeji = plans.iter().find(|plan| plan.slug == "himeji").unwrap();
        assert_eq!((himeji.total(), himeji.kept), (1, 2), "the refusal is kept for six months, the grant for a year");
        let strict = PurgeCap { percent: 20, at_least: 0 };
        assert_eq!(app.portal().purge(strict).await.unwrap(), 0, "half of it at once is too much");
        assert_eq!(app.portal().purge(PurgeCap::default()).await.unwrap(), 1);
        assert_eq!(app.state("himeji", &taro.reference).await, "purged");
        app.advance(Duration::days(190));
        assert_eq!(app.portal().purge(PurgeCap::default()).await.unwrap(), 1);
        let purged = app.application("himeji", &submitted.reference).await;
        assert!(matches!(purged.state, ApplicationState::Purged { .. }));
        for table in ["drafts", "versions", "signatures", "notices", "decisions", "corrections", "messages", "evidence"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons").await, 1, "patrons are not touched");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 1);
        assert!(check_events(&app.database.db, None).await.unwrap().broken.is_empty());
        let all = staff.open_staff("queue?tab=all").await.unwrap();
        assert!(all.status < 500, "{}", all.text());
    }
}
