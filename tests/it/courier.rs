//! Mail: what is submitted stays submitted, and its mail comes once.

use crate::support::app::{NOW, TestApp, stories};
use crate::support::pages;
use std::sync::Arc;
use time::Duration;
use todoke::demo::journey::Person;
use todoke::gateway::mail::{Letter, MailError, MailFault};
use todoke::service::courier::Round;
use todoke::store::outbox;

const DOWN: MailError = MailError::Transient(MailFault::Reply(421));
const NO_SUCH_MAILBOX: MailError = MailError::Permanent(MailFault::Reply(550));

stories! {
    async fn a_mail_server_that_is_down_undoes_nothing_and_the_mail_comes_once(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        app.stage.mailbox.fail_with(Some(DOWN));
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        pages::is_at(&done, "/apply/done");
        let reference = done.text_of(".lc-panel .lc-big").unwrap();
        assert_eq!(app.deliver_mail().await, Round { postponed: 1, ..Round::default() });
        assert_eq!(app.state("himeji", &reference).await, "submitted");
        assert_eq!(app.deliver_mail().await, Round::default(), "not at once again");
        app.advance(Duration::minutes(1));
        assert_eq!(app.deliver_mail().await.postponed, 1, "a minute later");
        app.stage.mailbox.fail_with(None);
        app.advance(Duration::minutes(1));
        assert_eq!(app.deliver_mail().await, Round::default(), "the pause has grown");
        app.advance(Duration::minutes(1));
        assert_eq!(app.deliver_mail().await.sent, 1);
        app.advance(Duration::days(1));
        assert_eq!(app.deliver_mail().await, Round::default());
        let receipts = app.letters_to("hanako@example.jp").into_iter().filter(|letter| letter.text.contains(&reference));
        assert_eq!(receipts.count(), 1);
    }

    async fn a_mail_that_cannot_arrive_is_flagged_on_the_file(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        let reference = done.text_of(".lc-panel .lc-big").unwrap();
        app.stage.mailbox.fail_with(Some(NO_SUCH_MAILBOX));
        assert_eq!(app.deliver_mail().await.failed, 1);
        app.advance(Duration::days(1));
        assert_eq!(app.deliver_mail().await, Round::default(), "nobody tries again");
        let staff = app.sato().await;
        let queue = staff.open_staff("queue").await.unwrap();
        assert!(queue.text_of("table.lc-queue").unwrap().contains("メールが届かず"), "{}", queue.text());
        let file = staff.open_staff(&format!("applications/{reference}")).await.unwrap();
        assert!(file.text().contains("メールを届けられませんでした"), "{}", file.text());
        let decided = staff.decide(&reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "the decision does not wait for mail");
        assert_eq!(app.deliver_mail().await.failed, 1);
    }

    async fn a_mail_is_given_up_after_two_days_of_trying(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        applicant.sign_with(&sign, "normal").await.unwrap();
        app.stage.mailbox.fail_with(Some(DOWN));
        let mut tries = 0;
        while app.count_waiting_mail().await > 0 {
            app.advance(Duration::hours(6));
            app.deliver_mail().await;
            tries += 1;
            assert!(tries < 30, "for ever");
        }
        assert_eq!(tries, 16);
        assert!(app.now() - NOW > Duration::days(2));
    }

    async fn a_mail_that_cannot_be_read_waits_for_whoever_can_and_in_the_end_goes_on_paper(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        app.deliver_mail().await;
        app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
        let damage = "UPDATE outbox SET content = recipient WHERE kind = 'notice_ready'";
        assert_eq!(app.database.execute(damage).await.unwrap(), 1);
        let mut tries = 0;
        while app.count_waiting_mail().await > 0 {
            assert_eq!(app.database.count("SELECT COUNT(*) FROM paper_notices").await, 0);
            app.deliver_mail().await;
            app.advance(Duration::hours(6));
            tries += 1;
            assert!(tries < 30, "for ever");
        }
        assert_eq!(tries, 16);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM paper_notices").await, 1);
        let file = app.sato().await.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.text().contains("メールを届けられませんでした"), "{}", file.text());
    }

    async fn a_mail_whose_key_was_erased_is_given_up_at_once_and_keeps_no_other_waiting(app: &TestApp) {
        app.queue("taro@example.jp").await;
        let erased = "DELETE FROM data_keys WHERE owner_id IN (SELECT id FROM outbox)";
        assert_eq!(app.database.execute(erased).await.unwrap(), 1);
        app.queue("jiro@example.jp").await;
        assert_eq!(app.deliver_mail().await, Round { sent: 1, failed: 1, ..Round::default() });
        assert_eq!(app.letters_to("taro@example.jp").len(), 0);
        assert_eq!(app.letters_to("jiro@example.jp").len(), 1);
        assert_eq!(app.count_waiting_mail().await, 0);
    }

    async fn a_mail_that_no_courier_survives_is_given_up_before_it_is_tried_again(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        app.deliver_mail().await;
        applicant.sign_with(&sign, "normal").await.unwrap();
        for _ in 0..16 {
            let mut tx = app.database.db.begin().await.unwrap();
            let claimed = outbox::claim(&mut tx, app.now(), Duration::minutes(2), 9).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(claimed.mails.len(), 1);
            app.advance(Duration::minutes(2));
        }
        let before = app.letters_to("hanako@example.jp").len();
        assert_eq!(app.deliver_mail().await, Round { failed: 1, ..Round::default() });
        assert_eq!(app.letters_to("hanako@example.jp").len(), before, "it was not tried");
    }

    async fn a_letter_that_goes_out_twice_is_recognisably_the_same(app: &TestApp) {
        let (applicant, sign) = app.frozen("himeji", &Person::hanako()).await;
        applicant.sign_with(&sign, "normal").await.unwrap();
        // A courier hands it over and dies before it has noted so.
        let mut tx = app.database.db.begin().await.unwrap();
        let claimed = outbox::claim(&mut tx, app.now(), Duration::minutes(2), 1).await.unwrap().mails.remove(0);
        tx.commit().await.unwrap();
        let library = app.library("himeji").await;
        let first = Letter::compose(&claimed, &library.rules, &app.portal().base_url).unwrap();
        assert_eq!(app.deliver_mail().await, Round::default(), "the lease keeps others off");
        app.advance(Duration::minutes(2));
        assert_eq!(app.deliver_mail().await.sent, 1);
        let second = app.letters_to("hanako@example.jp").pop().unwrap();
        assert_eq!(second, first, "Message-ID and all");
        assert!(first.message_id.ends_with("@[127.0.0.1]>"), "{}", first.message_id);
    }

    async fn four_couriers_hand_each_letter_over_once(app: &TestApp) {
        for number in 0..12 {
            let journey = app.journey("himeji");
            journey.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
            let email = format!("person{number}@example.jp");
            journey.answer("apply/email", &[("email", &email)]).await.unwrap();
        }
        let couriers: Vec<_> = (0..4)
            .map(|_| {
                let portal = Arc::clone(&app.stage.portal);
                actix_web::rt::spawn(async move { portal.deliver_mail().await.unwrap().sent })
            })
            .collect();
        let mut sent = 0;
        for courier in couriers {
            sent += courier.await.unwrap();
        }
        assert_eq!(sent, 12);
        for number in 0..12 {
            assert_eq!(app.letters_to(&format!("person{number}@example.jp")).len(), 1);
        }
    }
}
