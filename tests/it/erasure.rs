//! Patrons are told and then erased whose card ended as long ago as the rules say; nobody else is.

use crate::procedures::renew;
use crate::support::app::{Submitted, TestApp, stories};
use time::Duration;
use todoke::demo::LIBRARIES;
use todoke::demo::journey::Person;
use todoke::domain::library::LibraryRules;
use todoke::service::retain::patrons::PatronsEnded;
use todoke::service::retain::purge::PurgeCap;

const NUMBER: &str = "300000014";
const LETTER: &str = "記録を消すお知らせ";
const NOTHING: PatronsEnded = PatronsEnded { told: 0, erased: 0 };

/// Himeji with a clock for records, and a block that stops it.
async fn let_records_end(app: &TestApp) {
    let source = LIBRARIES[0]
        .replace("e_library_days_left = 14", "e_library_days_left = 14\nerased_after = { years = 3 }")
        .replace("code = \"ask-at-counter\"", "code = \"ask-at-counter\"\nkeeps_record = true");
    let rules = LibraryRules::parse(&source).unwrap();
    assert!(rules.after_expiry.erased_after.is_some() && rules.blocks[0].keeps_record);
    app.portal().import_library(&rules, &source).await.unwrap();
}

/// Hanako's card ended so long ago that the record is kept for 25 days more.
async fn ended(app: &TestApp) -> Submitted {
    let hanako = app.issued_to_hanako().await;
    let_records_end(app).await;
    app.database.execute("UPDATE cards SET expires_on = '2023-12-15'").await.unwrap();
    hanako
}

async fn turn(app: &TestApp) -> PatronsEnded {
    app.portal().end_patrons(PurgeCap::default()).await.unwrap()
}

async fn known(app: &TestApp) -> i64 {
    app.database
        .count("SELECT COUNT(*) FROM patrons p JOIN data_keys k ON k.owner_id = p.id WHERE p.erased_at IS NULL")
        .await
}

stories! {
    async fn whose_time_is_over_is_told_and_a_month_later_forgotten_but_for_the_number(app: &TestApp) {
        let hanako = ended(app).await;
        let status = hanako.applicant.open("status").await.unwrap().text();
        assert!(status.contains("2026年12月15日(火)まで保存し"), "{status}");
        assert_eq!(turn(app).await, PatronsEnded { told: 1, erased: 0 });
        assert_eq!(turn(app).await, NOTHING, "once");
        app.deliver_mail().await;
        let letter = app.letters_to("hanako@example.jp").pop().unwrap();
        assert!(letter.subject.contains(LETTER) && letter.text.contains("12月20日まで保存し"), "{}", letter.text);
        assert!(!letter.text.contains(NUMBER) && !letter.text.contains("花子"), "{}", letter.text);
        app.advance(Duration::days(30));
        assert_eq!(turn(app).await, NOTHING, "the last day is whole");
        app.advance(Duration::days(2));
        assert_eq!(turn(app).await, PatronsEnded { told: 0, erased: 1 });
        assert_eq!((turn(app).await, known(app).await), (NOTHING, 0));

        for (table, left) in [("credentials", 0), ("certificate_links", 0), ("app_subjects", 0), ("patron_blocks", 0), ("cards", 1)] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, left, "{table}");
        }
        let told = "SELECT COUNT(*) FROM events WHERE kind = 'patron_erased'";
        assert_eq!(app.database.count(told).await, 1);
        let mine = "SELECT COUNT(*) FROM sessions WHERE subject IN ('reader', 'applicant')";
        assert_eq!(app.database.count(mine).await, 0, "nobody stays signed in");

        let staff = app.sato().await;
        let search = staff.open_staff("patrons").await.unwrap();
        let found = staff.send(&search, &[("card_number", NUMBER)]).await.unwrap().text();
        assert!(found.contains("このカード番号の利用者の記録は、2026年12月22日(火)に消しました"), "{found}");
        let file = staff.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap();
        assert!(file.text().contains("利用者の記録を消しました"), "the application follows its own time: {}", file.text());
    }

    async fn the_next_card_gets_the_next_number(app: &TestApp) {
        ended(app).await;
        // There are fewer test cards than applicants in this story.
        app.database.execute("UPDATE applications SET signer_token = NULL").await.unwrap();
        let next = app.submitted("himeji", &Person::hanako().with_email("other@example.jp")).await;
        turn(app).await;
        app.deliver_mail().await;
        app.advance(Duration::days(32));
        assert_eq!(turn(app).await.erased, 1);
        let decided = app.sato().await.decide(&next.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "nobody is like her any more: {}", decided.text());
        let numbers = "SELECT COUNT(DISTINCT number) FROM cards";
        assert_eq!((app.database.count(numbers).await, known(app).await), (2, 1));
        app.deliver_mail().await;
    }

    async fn nobody_is_forgotten_whom_the_mail_did_not_reach_in_time(app: &TestApp) {
        ended(app).await;
        turn(app).await;
        app.advance(Duration::days(40));
        assert_eq!((turn(app).await, known(app).await), (NOTHING, 1), "the mail still waits");
        app.deliver_mail().await;
        app.advance(Duration::days(30));
        assert_eq!((turn(app).await, known(app).await), (NOTHING, 1), "it has just come");
        app.advance(Duration::days(2));
        assert_eq!(turn(app).await.erased, 1);
    }

    async fn a_block_that_keeps_the_record_keeps_it(app: &TestApp) {
        ended(app).await;
        turn(app).await;
        app.deliver_mail().await;
        let block = "INSERT INTO patron_blocks (library_id, patron_id, code, set_by, set_at)
            SELECT p.library_id, p.id, 'ask-at-counter', s.id, p.registered_at FROM patrons p, staff s
            WHERE s.login = 'sato' AND s.library_id = p.library_id";
        app.database.execute(block).await.unwrap();
        app.advance(Duration::days(400));
        assert_eq!((turn(app).await, known(app).await), (NOTHING, 1));
        app.database.execute("DELETE FROM patron_blocks").await.unwrap();
        assert_eq!(turn(app).await.erased, 1);
    }

    async fn whoever_has_renewed_or_asks_for_something_is_left_alone(app: &TestApp) {
        let hanako = ended(app).await;
        turn(app).await;
        app.deliver_mail().await;
        let status = hanako.applicant.open("status").await.unwrap();
        let check = renew(&hanako.applicant, &status).await;
        assert_eq!(check.status, 200, "{}", check.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM applications WHERE procedure = 'renewal'").await, 1);
        app.advance(Duration::days(40));
        assert_eq!((turn(app).await, known(app).await), (NOTHING, 1), "a renewal is begun");
        app.database.execute("UPDATE cards SET expires_on = '2029-11-20'").await.unwrap();
        assert_eq!((turn(app).await, known(app).await), (NOTHING, 1), "the card is good again");
        app.deliver_mail().await;
    }

    async fn too_many_at_once_are_rather_a_mistake(app: &TestApp) {
        ended(app).await;
        turn(app).await;
        app.deliver_mail().await;
        app.advance(Duration::days(32));
        let strict = PurgeCap { percent: 20, at_least: 0 };
        assert_eq!(app.portal().end_patrons(strict).await.unwrap(), NOTHING);
        assert_eq!((turn(app).await.erased, known(app).await), (1, 0));
    }

    async fn without_a_clock_in_the_rules_nobody_is_told_or_forgotten(app: &TestApp) {
        app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2000-01-01'").await.unwrap();
        assert_eq!((turn(app).await, known(app).await), (NOTHING, 1));
    }
}
