//! Mails that come back: seen on the file and by the patron, and no further mail to where nobody is.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::journey::Person;
use todoke::demo::stage::Stage;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::gateway::mail::bounce::{BounceAddress, Verdict};
use todoke::gateway::mail::{Letter, MailError, MailFault, MailSettings};
use todoke::service::bounces::{self, Bounce};
use todoke::service::courier::Round;
use todoke::service::mail_care::MailCare;

const HANAKO: &str = "hanako@example.jp";
const HARD: Bounce = Bounce::Noted(Verdict::Hard);

fn settings(maildir: &str) -> MailSettings {
    let text = format!("folder = \"/nowhere\"\nbounces = {{ address = \"bounce@card.example.jp\"{maildir} }}");
    toml::from_str(&text).unwrap()
}

fn with_bounces(stage: &mut Stage) {
    stage.portal.mail_care = MailCare::new(&settings(""));
}

fn with_a_maildir(stage: &mut Stage) {
    let folder = std::env::temp_dir().join(format!("todoke-maildir-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(folder.join("new")).unwrap();
    stage.portal.mail_care = MailCare::new(&settings(&format!(", maildir = \"{}\"", folder.display())));
}

fn mailbox() -> BounceAddress {
    "bounce@card.example.jp".parse().unwrap()
}

/// What a mail server reports to the sender of a letter.
fn report(to: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\r\nTo: {to}\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\
         \r\n--b\r\nContent-Type: text/plain\r\n\r\n届きませんでした\r\n--b\r\nContent-Type: message/delivery-status\r\n\
         \r\nReporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; {HANAKO}\r\nAction: {action}\r\n\
         Status: {status}\r\n\r\n--b--\r\n"
    )
}

async fn take(app: &TestApp, message: &str) -> Bounce {
    bounces::take(&app.portal().db, &mailbox(), None, message.as_bytes(), app.now()).await.unwrap()
}

fn last_letter(app: &TestApp) -> Letter {
    app.letters_to(HANAKO).pop().unwrap()
}

async fn count(app: &TestApp, what: &str) -> i64 {
    app.database.count(&format!("SELECT COUNT(*) FROM {what}")).await
}

stories! {
    #[stage(with_bounces)]
    async fn nobody_at_the_address_is_told_to_staff_and_patron_and_goes_on_paper(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let letter = last_letter(app);
        assert_eq!(take(app, &report(letter.returns_to.as_ref(), "failed", "5.1.1")).await, HARD);
        assert_eq!(take(app, &report(letter.returns_to.as_ref(), "failed", "5.1.1")).await, Bounce::Ignored, "once");

        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("メールが、宛先不明で戻りました"), "{}", file.text());
        app.hire_as("himeji", "uketsuke", "受付 一子", vec![RoleGrant::everywhere(Role::Reception)]).await;
        let papers = app.staff("himeji", "uketsuke").await.open_staff("papers").await.unwrap();
        assert!(papers.text().contains(&submitted.reference), "{}", papers.text());

        let status = submitted.applicant.open("status").await.unwrap();
        assert!(status.text().contains("このメールアドレスには届きませんでした"), "{}", status.text());
        assert!(status.text().contains("h•••@example.jp") && !status.text().contains(HANAKO), "{}", status.text());
        assert!(!app.database.holds("届きませんでした").await, "nothing of the report is kept");
    }

    #[stage(with_bounces)]
    async fn no_more_mail_goes_to_where_nobody_is_until_a_code_was_read_there(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let receipt = last_letter(app);
        assert_eq!(take(app, &report(receipt.returns_to.as_ref(), "failed", "5.1.1")).await, HARD);
        let decided = app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(app.deliver_mail().await, Round { failed: 1, ..Round::default() });
        assert_eq!(last_letter(app), receipt, "nothing was sent");
        assert_eq!(count(app, "events WHERE kind = 'mail_withheld'").await, 1);
        assert_eq!(count(app, "paper_notices").await, 1, "the notice goes on paper");
        assert_eq!(app.portal().mail_health().await.unwrap().figures.failed, 0, "no fault of the mail server's");

        // A code that somebody asks for is sent all the same, and proves that the address counts.
        let (reader, status) = app.reader("himeji", &Person::hanako(), &submitted.reference).await;
        assert!(!status.text().contains("届きませんでした"), "{}", status.text());
        assert_eq!(count(app, "dead_addresses").await, 0);
        drop(reader);
        app.sato().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-12-20'").await.unwrap();
        app.portal().remind_patrons().await.unwrap();
        assert_eq!(app.deliver_mail().await, Round { sent: 1, ..Round::default() });
    }

    #[stage(with_bounces)]
    async fn a_full_mailbox_is_noted_and_the_next_mail_is_tried(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let address = last_letter(app).returns_to.to_string();
        assert_eq!(take(app, &report(&address, "delayed", "4.2.2")).await, Bounce::Ignored, "late is not lost");
        assert_eq!(take(app, &report(&address, "failed", "5.2.2")).await, Bounce::Noted(Verdict::Soft));
        assert_eq!(count(app, "dead_addresses").await, 0);
        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("メールが届かずに戻りました"), "{}", file.text());
        let queue = sato.open_staff("queue?flag=mail_failed").await.unwrap();
        assert!(queue.text().contains(&submitted.reference), "{}", queue.text());
        app.database.execute("UPDATE outbox SET kind = 'code' WHERE kind = 'received'").await.unwrap();
        let queue = sato.open_staff("queue?flag=mail_failed").await.unwrap();
        assert!(!queue.text().contains(&submitted.reference), "whoever misses a code asks for another");
        app.database.execute("UPDATE outbox SET kind = 'received' WHERE state = 'failed'").await.unwrap();
        app.reader("himeji", &Person::hanako(), &submitted.reference).await;
        for page in ["queue?flag=mail_failed", "queue"] {
            let queue = sato.open_staff(page).await.unwrap();
            let table = queue.text_of("table.lc-queue").unwrap_or_default();
            assert!(!table.contains("メールが届かず"), "one has arrived since: {}", queue.text());
        }
        sato.decide(&submitted.reference, "approve", "").await.unwrap();
        assert_eq!(app.deliver_mail().await, Round { sent: 1, ..Round::default() });
    }

    #[stage(with_bounces)]
    async fn where_somebody_lets_their_mail_go_on_to_is_not_the_address_that_they_gave(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let letter = last_letter(app);
        let elsewhere = report(letter.returns_to.as_ref(), "failed", "5.1.1").replace(HANAKO, "old@example.com");
        assert_eq!(take(app, &elsewhere).await, Bounce::Noted(Verdict::Soft));
        assert_eq!(count(app, "dead_addresses").await, 0);
        app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
        app.advance(Duration::minutes(1));
        app.deliver_mail().await;
        let named = format!("Original-Recipient: rfc822;{}\r\nFinal-Recipient", HANAKO.replace("example.jp", "EXAMPLE.JP"));
        let report = report(last_letter(app).returns_to.as_ref(), "failed", "5.1.1");
        let report = report.replace(HANAKO, "old@example.com").replace("Final-Recipient", &named);
        assert_eq!(count(app, "notices WHERE mailed_at IS NOT NULL").await, 1);
        assert_eq!(take(app, &report).await, HARD, "whom we wrote to is named beside it");
        assert_eq!(count(app, "notices WHERE mailed_at IS NOT NULL").await, 0, "nobody was told by it");
    }

    #[stage(with_bounces)]
    async fn forged_and_foreign_reports_do_nothing(app: &TestApp) {
        app.submitted_by_hanako().await;
        let letters = app.letters_to(HANAKO);
        let [first, second] = [letters[0].returns_to.to_string(), letters[1].returns_to.to_string()];
        assert_ne!(first, second);
        // The id of one mail beside the mark of another.
        let (id, mark) = (&first["bounce+".len()..][..26], &second["bounce+".len()..][26..]);
        let mixed = format!("bounce+{id}{mark}");
        let elsewhere = first.replace("card.example.jp", "other.example.jp");
        for to in ["bounce@card.example.jp", "library@card.example.jp", "", &mixed, &elsewhere] {
            assert_eq!(take(app, &report(to, "failed", "5.1.1")).await, Bounce::Ignored, "{to}");
        }
        let answered = report(&first, "failed", "5.1.1").replace("Return-Path: <>", "Return-Path: <x@example.jp>");
        assert_eq!(take(app, &answered).await, Bounce::Ignored, "somebody wrote it");
        app.advance(Duration::days(15));
        app.portal().sweep().await.unwrap();
        app.deliver_mail().await;
        assert_eq!(take(app, &report(&first, "failed", "5.1.1")).await, Bounce::Ignored, "too late");
        assert_eq!(count(app, "dead_addresses").await, 0);
        assert_eq!(count(app, "events WHERE kind LIKE 'mail_returned%'").await, 0);
        app.deliver_mail().await;
    }

    #[stage(with_a_maildir)]
    async fn the_folder_is_emptied_of_what_was_noted_and_keeps_what_people_wrote(app: &TestApp) {
        app.submitted_by_hanako().await;
        let folder = app.portal().mail_care.bounces.clone().unwrap().maildir.unwrap();
        let address = last_letter(app).returns_to.to_string();
        std::fs::write(folder.join("new/1.host"), report(&address, "failed", "5.1.1")).unwrap();
        std::fs::write(folder.join("new/2.host"), "From: hanako@example.jp\n\nありがとうございます\n").unwrap();
        assert!(!app.portal().take_bounces().await.unwrap());
        assert_eq!(count(app, "dead_addresses").await, 1);
        let names = |part: &str| -> Vec<String> {
            let entries = std::fs::read_dir(folder.join(part)).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        assert_eq!((names("new"), names("cur")), (Vec::new(), vec!["2.host:2,".to_owned()]));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!app.portal().take_bounces().await.unwrap(), "a folder that is not there yet is empty");
    }

    #[stage(with_a_maildir)]
    async fn what_cannot_be_read_noted_or_cleared_keeps_no_other_return_waiting(app: &TestApp) {
        let hanako = app.submitted_by_hanako().await;
        app.submitted("himeji", &pages::taro()).await;
        let folder = app.portal().mail_care.bounces.clone().unwrap().maildir.unwrap();
        let to = |address: &str| app.letters_to(address).pop().unwrap().returns_to.to_string();
        let damage = format!("UPDATE applications SET branch = '?' WHERE reference = '{}'", hanako.reference);
        assert_eq!(app.database.execute(&damage).await.unwrap(), 1);
        std::fs::create_dir_all(folder.join("new/1.unreadable")).unwrap();
        std::fs::write(folder.join("new/2.unnoted"), report(&to(HANAKO), "failed", "5.1.1")).unwrap();
        std::fs::write(folder.join("cur"), "no folder").unwrap();
        std::fs::write(folder.join("new/3.unmoved"), "From: hanako@example.jp\n\nありがとうございます\n").unwrap();
        std::fs::write(folder.join("new/4.good"), report(&to("taro@example.jp"), "failed", "5.1.1").replace(HANAKO, "taro@example.jp")).unwrap();
        assert!(!app.portal().take_bounces().await.unwrap());
        assert_eq!(count(app, "dead_addresses").await, 1, "the last one");
        assert!(!folder.join("new/4.good").exists());
        for kept in ["1.unreadable", "2.unnoted", "3.unmoved"] {
            assert!(folder.join("new").join(kept).exists(), "{kept}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[stage(with_bounces)]
    async fn a_refusal_at_the_door_counts_like_a_return(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&done, "/apply/done");
        app.stage.mailbox.fail_with(Some(MailError::Permanent(MailFault::Nobody(550))));
        assert_eq!(app.deliver_mail().await.failed, 1);
        assert_eq!(count(app, "dead_addresses").await, 1);
        assert_eq!(count(app, "events WHERE kind = 'mail_returned' AND detail = 'received'").await, 1);
        let status = applicant.open("status").await.unwrap();
        assert!(status.text().contains("このメールアドレスには届きませんでした"), "{}", status.text());
    }

    #[stage(with_bounces)]
    async fn the_time_at_which_a_mail_told_of_a_notice_is_kept(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
        assert_eq!(count(app, "notices WHERE mailed_at IS NULL").await, 1);
        app.advance(Duration::minutes(1));
        app.deliver_mail().await;
        assert_eq!(count(app, "notices WHERE mailed_at > placed_at").await, 1);
    }

    async fn an_alarm_is_raised_while_no_mail_goes_out(app: &TestApp) {
        let health = format!("{}/health/mail", app.portal().base_url);
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        applicant.sign_with(&sign, "normal").await.unwrap();
        assert_eq!(reqwest::get(&health).await.unwrap().status(), 200);
        app.stage.mailbox.fail_with(Some(MailError::Transient(MailFault::Reply(452))));
        app.advance(Duration::minutes(31));
        app.deliver_mail().await;
        assert_eq!(reqwest::get(&health).await.unwrap().status(), 200, "one person's mailbox is full");
        app.stage.mailbox.fail_with(Some(MailError::Transient(MailFault::Unwelcome(421))));
        app.advance(Duration::minutes(1));
        app.deliver_mail().await;
        let answer = reqwest::get(&health).await.unwrap();
        assert_eq!(answer.status(), 503);
        let told: serde_json::Value = answer.json().await.unwrap();
        assert_eq!((told["state"].as_str(), told["waiting"].as_u64()), (Some("stuck"), Some(1)));
        let warning = "メールが送られていません";
        let role = vec![RoleGrant::everywhere(Role::Supervisor)];
        app.hire_as("himeji", "kantoku", "監督 一子", role).await;
        let role = vec![RoleGrant::everywhere(Role::Reviewer)];
        app.hire_as("himeji", "shinsa", "審査 一子", role).await;
        let supervisor = app.staff("himeji", "kantoku").await;
        assert!(!supervisor.open_staff("queue").await.unwrap().text().contains(warning), "nobody has looked");
        app.portal().watch_mail().await.unwrap();
        assert!(supervisor.open_staff("queue").await.unwrap().text().contains(warning));
        let reviewer = app.staff("himeji", "shinsa").await;
        assert!(!reviewer.open_staff("queue").await.unwrap().text().contains(warning));

        app.stage.mailbox.fail_with(None);
        app.advance(Duration::minutes(10));
        assert_eq!(app.deliver_mail().await.sent, 1);
        app.portal().watch_mail().await.unwrap();
        assert_eq!(reqwest::get(&health).await.unwrap().status(), 200);
        assert!(!supervisor.open_staff("queue").await.unwrap().text().contains(warning));
    }
}
