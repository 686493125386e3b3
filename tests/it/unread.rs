//! A notice that nobody opens: reminders after three and seven days, paper after fourteen, and never a second time.

use crate::support::app::{Submitted, TestApp, stories};
use time::Duration;
use todoke::demo::LIBRARIES;
use todoke::demo::journey::Person;
use todoke::domain::library::LibraryRules;
use todoke::gateway::mail::{MailError, MailFault};

const UNREAD: &str = "お知らせがまだ開かれていません";

async fn turn(app: &TestApp) -> u64 {
    let followed = app.portal().follow_unread_notices().await.unwrap();
    assert_eq!(app.portal().follow_unread_notices().await.unwrap(), 0, "once");
    app.deliver_mail().await;
    followed
}

fn reminders(app: &TestApp) -> usize {
    app.letters_to("hanako@example.jp").iter().filter(|letter| letter.subject.contains(UNREAD)).count()
}

async fn papers(app: &TestApp, hanako: &Submitted) -> bool {
    let sato = app.sato().await;
    sato.open_staff("papers").await.unwrap().text().contains(&hanako.reference)
}

stories! {
    async fn whoever_does_not_open_a_notice_is_reminded_twice_and_then_it_goes_on_paper(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.advance(Duration::days(2) + Duration::hours(23));
        assert_eq!((turn(app).await, reminders(app)), (0, 0), "not yet");
        app.advance(Duration::hours(2));
        assert_eq!((turn(app).await, reminders(app)), (1, 1), "the third day");
        let letter = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(letter.text.contains("11月20日にお届けした") && !letter.text.contains("花子"), "{}", letter.text);
        app.advance(Duration::days(3));
        assert_eq!((turn(app).await, reminders(app)), (0, 1), "the sixth");
        app.advance(Duration::days(1));
        assert_eq!((turn(app).await, reminders(app)), (1, 2), "the seventh");
        assert!(!papers(app, &hanako).await);
        app.advance(Duration::days(7));
        assert_eq!((turn(app).await, reminders(app)), (1, 2), "the fourteenth");
        let sato = app.sato().await;
        let list = sato.open_staff("papers").await.unwrap().text();
        assert!(list.contains(&hanako.reference) && list.contains("開かれていない"), "{list}");
        let file = sato.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap().text();
        assert!(file.contains("紙のお知らせの一覧にのせました") && file.contains("まだ開かれていないことを"), "{file}");

        let (reader, status) = app.reader("himeji", &Person::hanako(), &hanako.reference).await;
        reader.browser.open(status.link("貸出券番号等通知書").unwrap().as_str()).await.unwrap();
        assert!(!papers(app, &hanako).await, "opened after all");
        app.advance(Duration::days(30));
        assert_eq!(turn(app).await, 0);
    }

    async fn whoever_has_opened_it_or_saved_the_file_hears_nothing_more(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let status = hanako.applicant.open("status").await.unwrap();
        let notice = status.link("貸出券番号等通知書").unwrap();
        let pdf = format!("{notice}/notice.pdf");
        assert_eq!(hanako.applicant.browser.open(&pdf).await.unwrap().status, 200);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'notice_read'").await, 1);
        app.advance(Duration::days(20));
        assert_eq!((turn(app).await, reminders(app), papers(app, &hanako).await), (0, 0, false));
    }

    async fn after_an_outage_only_the_latest_thing_is_done(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.advance(Duration::days(8));
        assert_eq!((turn(app).await, reminders(app)), (1, 1), "the reminder of the seventh day only");
        app.advance(Duration::days(100));
        assert_eq!((turn(app).await, reminders(app), papers(app, &hanako).await), (0, 1, false), "no flood of old things");
    }

    async fn whoever_has_no_address_any_more_is_not_said_to_have_been_reminded(app: &TestApp) {
        app.issued_to_hanako().await;
        let erased = "DELETE FROM data_keys WHERE owner_id IN (SELECT id FROM patrons)";
        assert_eq!(app.database.execute(erased).await.unwrap(), 1);
        app.advance(Duration::days(4));
        assert_eq!((turn(app).await, reminders(app)), (0, 0));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM notice_reminders").await, 1, "the day is over");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'notice_reminded'").await, 0);
        app.advance(Duration::days(11));
        assert_eq!(turn(app).await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM paper_notices WHERE reason = 'unread'").await, 1);
    }

    async fn what_a_later_notice_has_overtaken_is_neither_reminded_of_nor_printed(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap();
        let form = [("effect", "withdraw_password"), ("reopen_reason", "住所がちがっていた")];
        sato.send(&file, &form).await.unwrap();
        app.stage.mailbox.fail_with(Some(MailError::Permanent(MailFault::Reply(550))));
        assert_eq!(app.deliver_mail().await.failed, 1);
        app.stage.mailbox.fail_with(None);
        assert!(papers(app, &hanako).await, "nothing has come after it yet");
        app.advance(Duration::minutes(1));
        sato.decide(&hanako.reference, "decline", "本人の申込みではありませんでした。").await.unwrap();
        assert_eq!(app.deliver_mail().await.sent, 1);
        assert!(!papers(app, &hanako).await, "overtaken");
        assert_eq!(app.database.execute("DELETE FROM paper_notices").await.unwrap(), 1);
        let read = "UPDATE notices SET first_read_at = placed_at WHERE kind = 'declined'";
        assert_eq!(app.database.execute(read).await.unwrap(), 1);
        app.advance(Duration::days(4));
        assert_eq!((turn(app).await, reminders(app)), (0, 0));
        app.advance(Duration::days(16));
        assert_eq!((turn(app).await, papers(app, &hanako).await), (0, false));
    }

    async fn what_is_opened_while_it_is_put_on_paper_stays_off_it(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.advance(Duration::days(15));
        let (reader, status) = app.reader("himeji", &Person::hanako(), &hanako.reference).await;
        let notice = status.link("貸出券番号等通知書").unwrap();
        let papers = "SELECT COUNT(*) FROM paper_notices";
        for round in 0..20 {
            app.database.execute("UPDATE notices SET first_read_at = NULL").await.unwrap();
            let follow = app.portal().follow_unread_notices();
            let (page, followed) = tokio::join!(reader.browser.open(notice.as_str()), follow);
            assert_eq!(page.unwrap().status, 200);
            assert!(followed.unwrap() <= 1);
            assert_eq!(app.database.count(papers).await, 0, "round {round}");
        }
    }

    async fn a_library_may_want_neither(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let source = format!("{}\n[unread]\nreminder_days = []\npaper_after = 0\n", LIBRARIES[0]);
        app.portal().import_library(&LibraryRules::parse(&source).unwrap(), &source).await.unwrap();
        app.advance(Duration::days(30));
        assert_eq!((turn(app).await, reminders(app), papers(app, &hanako).await), (0, 0, false));
    }
}
