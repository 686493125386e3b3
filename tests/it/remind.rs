//! Reminders to patrons: before the card ends, and before or after the end of a linked My Number card's certificate.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::{lists, pages};
use time::Duration;

const CARD: &str = "図書館カードの有効期限";
const LINK: &str = "再登録のお願い";

/// Tells a turn, and that each mail that it queued was handed over.
async fn turn(app: &TestApp) -> u64 {
    app.portal().read_certificate_ends().await.unwrap();
    let queued = app.portal().remind_patrons().await.unwrap();
    assert_eq!(app.count_waiting_mail().await, queued, "what was noted is queued");
    app.deliver_mail().await;
    queued
}

fn letters(app: &TestApp, subject: &str) -> usize {
    app.letters_to("hanako@example.jp").iter().filter(|letter| letter.subject.contains(subject)).count()
}

/// Links the My Number card to the issued card.
async fn link(app: &TestApp, hanako: &Submitted) -> Submitted {
    let status = hanako.applicant.open("status").await.unwrap();
    let button = if status.text().contains("もう一度登録する") {
        "もう一度登録する"
    } else {
        "マイナンバーカードを登録する"
    };
    let check = hanako.applicant.press(&status, button).await.unwrap();
    pages::is_at(&check, "/apply/check");
    let sign = hanako.applicant.agree(&check).await.unwrap();
    let done = hanako.applicant.sign_with(&sign, pages::card_of(&hanako.person)).await.unwrap();
    let request = Submitted::on(hanako.applicant.clone(), &hanako.person, &done);
    app.deliver_mail().await;
    let decided = app.sato().await.decide(&request.reference, "approve", "").await.unwrap();
    assert!(decided.text().contains("マイナンバーカードを登録しました"), "{}", decided.text());
    app.deliver_mail().await;
    request
}

async fn ends_on(app: &TestApp, day: &str) {
    app.database.execute(&format!("UPDATE certificate_links SET is_end_read = 1, ends_on = '{day}'")).await.unwrap();
}

stories! {
    async fn a_card_is_reminded_of_once_at_each_step_and_never_when_its_day_is_over(app: &TestApp) {
        app.issued_to_hanako().await;
        assert_eq!(turn(app).await, 0, "three years are long");
        // 61 days after the story begins.
        app.database.execute("UPDATE cards SET expires_on = '2027-01-20'").await.unwrap();
        assert_eq!(turn(app).await, 0);
        for (days, queued) in [(1, 1), (0, 0), (45, 0), (1, 1), (13, 0), (1, 1), (0, 0), (1, 0), (1, 0)] {
            app.advance(Duration::days(days));
            assert_eq!(turn(app).await, queued, "{}", app.now());
        }
        assert_eq!((letters(app, CARD), letters(app, "きょうは図書館カードの最後の日です")), (2, 1));
        let letters = app.letters_to("hanako@example.jp");
        let [.., before, last] = letters.as_slice() else { panic!("{letters:?}") };
        assert!(before.text.contains("1月20日です") && !before.text.contains("300000014"), "{}", before.text);
        assert!(last.text.contains("1月20日まで使えます") && !last.text.contains("300000014"), "{}", last.text);
    }

    async fn what_is_counted_of_a_campaign_is_kept_when_other_mails_are_forgotten(app: &TestApp) {
        app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2027-01-19'").await.unwrap();
        assert_eq!(turn(app).await, 1);
        app.queue("taro@example.jp").await;
        app.deliver_mail().await;
        let alone = "SELECT COUNT(*) FROM outbox WHERE application_id IS NULL AND kind";
        let about = "SELECT COUNT(*) FROM outbox WHERE application_id IS NOT NULL";
        let kept = app.database.count(about).await;
        app.portal().sweep().await.unwrap();
        assert_eq!(app.database.count(&format!("{alone} = 'card_stopped'")).await, 1, "it may come back yet");
        app.advance(Duration::days(15));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.database.count(&format!("{alone} = 'card_stopped'")).await, 0);
        assert_eq!(app.database.count(&format!("{alone} = 'card_expires'")).await, 1);
        assert_eq!(app.database.count(about).await, kept);
    }

    async fn after_an_outage_only_the_latest_reminder_goes_out(app: &TestApp) {
        app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-11-22'").await.unwrap();
        assert_eq!((turn(app).await, turn(app).await), (1, 0));
        app.database.execute("UPDATE cards SET expires_on = '2026-12-19'").await.unwrap();
        assert_eq!((turn(app).await, turn(app).await), (1, 0), "another term is another");
        app.database.execute("UPDATE patron_reminders SET due_on = '2026-01-01', mail_id = NULL").await.unwrap();
        let before = app.database.count("SELECT COUNT(*) FROM outbox").await;
        app.database.execute("UPDATE cards SET expires_on = '2026-11-19'").await.unwrap();
        assert_eq!((turn(app).await, app.database.count("SELECT COUNT(*) FROM outbox").await), (0, before));
    }

    async fn stopped_cards_and_people_who_have_asked_already_are_left_alone(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-12-20'").await.unwrap();
        let page = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&page, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        assert_eq!(turn(app).await, 0);
        let page = hanako.applicant.open("card/found").await.unwrap();
        hanako.applicant.press(&page, "また使えるようにする").await.unwrap();
        app.deliver_mail().await;
        assert_eq!(turn(app).await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_reminders WHERE mail_id IS NOT NULL").await, 1);
    }

    async fn whoever_was_erased_or_has_no_address_is_noted_once_and_written_to_never(app: &TestApp) {
        app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-12-20'").await.unwrap();
        app.database.execute("DELETE FROM data_keys WHERE owner_id IN (SELECT id FROM patrons)").await.unwrap();
        assert_eq!((turn(app).await, turn(app).await), (0, 0));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_reminders WHERE mail_id IS NULL").await, 1);
        assert_eq!(letters(app, CARD), 0);
    }

    async fn a_linked_certificate_that_ends_is_told_by_mail_and_on_the_page_until_the_next_is_linked(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let linked = link(app, &hanako).await;
        assert_eq!(turn(app).await, 0, "five years are long");
        let read = "SELECT COUNT(*) FROM certificate_links WHERE is_end_read = 1 AND ends_on = '2031-11-20'";
        assert_eq!(app.database.count(read).await, 1, "the end is read from the evidence");
        let status = linked.applicant.open("status").await.unwrap();
        assert!(!status.text().contains("署名用電子証明書"), "nothing to say yet: {}", status.text());
        ends_on(app, "2026-12-10").await;
        assert_eq!((turn(app).await, turn(app).await), (1, 0));
        assert_eq!(letters(app, LINK), 1);
        let status = linked.applicant.open("status").await.unwrap();
        assert!(status.text().contains("署名用電子証明書の有効期限が、2026年12月10日(木)に切れます"), "{}", status.text());
        let staff = app.sato().await;
        let campaign = staff.open_staff("campaign").await.unwrap().text();
        assert!(campaign.contains("30日以内に切れる 1人") && campaign.contains("メールを送った 1人"), "{campaign}");
        assert!(campaign.contains("そのあとで再登録した 0人") && !campaign.contains("花子"), "{campaign}");

        app.advance(Duration::minutes(5));
        let again = link(app, &linked).await;
        let campaign = app.sato().await.open_staff("campaign").await.unwrap().text();
        assert!(campaign.contains("そのあとで再登録した 1人") && campaign.contains("30日以内に切れる 0人"), "{campaign}");
        assert_eq!(turn(app).await, 0);
        let page = again.applicant.open("card/unlink").await.unwrap();
        let done = again.applicant.press(&page, "登録をやめる").await.unwrap();
        assert!(done.text().contains("確認のメールを送ります"), "{}", done.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_reminders").await, 0, "nothing is kept of it");
        // Told, in case it was somebody else.
        app.deliver_mail().await;
        assert_eq!(letters(app, "マイナンバーカードの登録をやめました"), 1);
        let record = again.applicant.open("card/record").await.unwrap();
        assert!(record.text().contains("マイナンバーカードの登録をやめました"), "{}", record.text());
    }

    async fn a_linked_certificate_that_was_found_revoked_is_told_once(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let linked = link(app, &hanako).await;
        app.portal().sweep_certificates().await.unwrap();
        app.advance(Duration::hours(1));
        lists::publish(app, 2, Some((&linked, app.now() - Duration::minutes(5)))).await;
        assert_eq!(app.portal().sweep_certificates().await.unwrap().expect("newer lists").revoked, 1);
        assert_eq!((turn(app).await, turn(app).await), (1, 0));
        let letter = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(letter.subject.contains(LINK) && letter.text.contains("失効しています"), "{}", letter.text);
        let (_, status) = app.reader("himeji", &linked.person, &linked.reference).await;
        assert!(status.text().contains("署名用電子証明書が失効しています"), "{}", status.text());
        let campaign = app.sato().await.open_staff("campaign").await.unwrap().text();
        assert!(campaign.contains("失効している 1人"), "{campaign}");
    }

    async fn a_mail_that_cannot_be_queued_leaves_nothing_noted(app: &TestApp) {
        app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-12-20'").await.unwrap();
        app.database.execute("ALTER TABLE outbox RENAME TO outbox_away").await.unwrap();
        assert_eq!(app.portal().remind_patrons().await.unwrap(), 0);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patron_reminders").await, 0);
        app.database.execute("ALTER TABLE outbox_away RENAME TO outbox").await.unwrap();
        assert_eq!((turn(app).await, letters(app, CARD)), (1, 1), "it goes out at the next turn");
    }
}
