//! What runs beside the pages, and what operators do: the sweep, the courier's limits, staff accounts, the record.

use crate::support::app::{NOW, TestApp, as_it_is, stories};
use crate::support::database::TestDatabase;
use crate::support::pages;
use crate::support::sending::Sending;
use time::Duration;
use todoke::demo::journey::Person;
use todoke::demo::{LIBRARIES, SECOND_STAFF_LOGIN, STAFF_LOGIN, STAFF_PASSWORD};
use todoke::domain::library::LibraryRules;
use todoke::domain::staff::Login;
use todoke::service::Error;
use todoke::service::audit::{BrokenRecord, check_events};
use todoke::service::courier::Round;
use todoke::service::staff::current_code;
use todoke::store::{applications, libraries};
use zeroize::Zeroizing;

const NEW_PASSWORD: &str = "another-long-password";

fn sato() -> Login {
    STAFF_LOGIN.parse().unwrap()
}

/// An applicant's draft, taken back where it stands.
async fn withdraw(app: &TestApp, email: &str) -> todoke::domain::application::Application {
    let (draft, _) = app.draft_of("himeji", email).await;
    let mut tx = app.database.db.begin().await.unwrap();
    let withdrawn = applications::save(&mut tx, draft.withdraw(app.now()).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    withdrawn
}

stories! {
    async fn what_was_taken_back_unsigned_is_erased_by_the_sweep(app: &TestApp) {
        let (applicant, _) = app.frozen("himeji", &Person::hanako()).await;
        let withdrawn = withdraw(app, "hanako@example.jp").await;
        app.portal().sweep().await.unwrap();
        app.portal().sweep().await.unwrap();
        for table in ["drafts", "versions", "signing_requests", "search_tokens"] {
            assert_eq!(app.database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(app.state("himeji", &withdrawn.reference.to_string()).await, "withdrawn");
        for path in ["apply/check", "apply/sign", "status"] {
            let page = applicant.open(path).await.unwrap();
            assert!(page.status < 500, "{path}: {}", page.text());
        }
    }

    async fn what_was_signed_is_kept_though_it_was_taken_back(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        let application = app.application("himeji", &submitted.reference).await;
        let mut tx = app.database.db.begin().await.unwrap();
        applications::save(&mut tx, application.withdraw(app.now()).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        app.portal().sweep().await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM drafts").await, 1);
    }

    async fn a_code_that_ran_out_on_the_way_is_not_sent(app: &TestApp) {
        let applicant = app.journey("himeji");
        applicant.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        applicant.answer("apply/email", &[("email", "hanako@example.jp")]).await.unwrap();
        app.advance(Duration::hours(1));
        assert_eq!(app.deliver_mail().await, Round { failed: 1, ..Round::default() });
        assert!(app.letters_to("hanako@example.jp").is_empty());
        assert_eq!(app.deliver_mail().await, Round::default());
    }

    async fn a_lost_phone_is_answered_with_an_invitation_that_ends_the_old_ways_in(app: &TestApp) {
        let library = app.library("himeji").await;
        let staff = app.sato().await;
        let token = app.portal().invite_staff(&library, &sato()).await.unwrap();
        pages::is_at(&staff.open_staff("queue").await.unwrap(), "/staff/sign-in");
        app.advance(Duration::seconds(30));
        let page = app.journey("himeji").sign_in_staff(STAFF_LOGIN, STAFF_PASSWORD, &app.staff_code()).await.unwrap();
        assert_eq!(page.status, 422, "the old password is gone");

        let enrolment = app.portal().enrolment(&library, &token).await.unwrap();
        let secret = data_encoding::BASE32_NOPAD.decode(enrolment.secret.as_bytes()).unwrap();
        let password = Zeroizing::new(NEW_PASSWORD.to_owned());
        let code = current_code(&secret, app.now()).unwrap();
        app.portal().enrol(&library, &token, password, &code).await.unwrap().unwrap();
        app.advance(Duration::seconds(30));
        let code = current_code(&secret, app.now()).unwrap();
        let queue = app.journey("himeji").sign_in_staff(STAFF_LOGIN, NEW_PASSWORD, &code).await.unwrap();
        pages::is_at(&queue, "/staff/queue");
    }

    async fn who_is_disabled_is_out_at_once_and_cannot_be_invited_back(app: &TestApp) {
        let library = app.library("himeji").await;
        let staff = app.sato().await;
        let token = app.portal().invite_staff(&library, &sato()).await.unwrap();
        app.portal().disable_staff(&library, &sato()).await.unwrap();
        pages::is_at(&staff.open_staff("queue").await.unwrap(), "/staff/sign-in");
        assert!(matches!(app.portal().enrolment(&library, &token).await, Err(Error::NotFound)));
        assert!(matches!(app.portal().invite_staff(&library, &sato()).await, Err(Error::NotFound)));
        assert!(matches!(app.portal().disable_staff(&library, &sato()).await, Err(Error::NotFound)));
        let listed = app.portal().list_staff(&library).await.unwrap();
        let mut active: Vec<_> = listed.iter().map(|member| (member.login.as_str(), member.is_active())).collect();
        active.sort_unstable();
        assert_eq!(active, [(SECOND_STAFF_LOGIN, true), (STAFF_LOGIN, false)]);
        // The other library's staff member of the same name is somebody else.
        let queue = app.staff("shiomi", STAFF_LOGIN).await.open_staff("queue").await.unwrap();
        pages::is_at(&queue, "/staff/queue");
    }

    async fn rules_that_another_process_imports_are_seen_within_seconds(app: &TestApp) {
        let before = app.library("himeji").await;
        let source = LIBRARIES[0].replace("promised_open_days", "# changed\npromised_open_days");
        let mut rules = LibraryRules::parse(&source).unwrap();
        rules.promised_open_days += 1;
        let mut tx = app.database.db.begin().await.unwrap();
        libraries::save_rules(&mut tx, &rules, &source, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(app.library("himeji").await, before, "looked up a moment ago");
        app.advance(Duration::seconds(2));
        let after = app.library("himeji").await;
        assert_eq!((after.rules_version, after.rules.promised_open_days), (2, rules.promised_open_days));
        // The process that imports knows at once.
        let imported = app.portal().import_library(&before.rules, LIBRARIES[0]).await.unwrap();
        assert_eq!(*app.library("himeji").await, imported);
        assert_eq!(imported.rules_version, 3);
    }

    async fn an_altered_record_is_found_and_named(app: &TestApp) {
        app.answered("himeji", &Person::hanako()).await;
        let (draft, _) = app.draft_of("himeji", "hanako@example.jp").await;
        let db = &app.database.db;
        let findings = check_events(db, None).await.unwrap();
        assert_eq!((findings.applications, findings.broken.len()), (1, 0));
        if app.database.execute("DROP TRIGGER events_refuse_update").await.is_err() {
            app.database.execute("DROP TRIGGER events_refuse_update ON events").await.unwrap();
        }
        app.database.execute("UPDATE events SET detail = 'x' WHERE seq = 2").await.unwrap();
        let broken = [BrokenRecord { application: draft.id, seq: 2 }];
        assert_eq!(check_events(db, None).await.unwrap().broken, broken);
        assert_eq!(check_events(db, Some(&"himeji".parse().unwrap())).await.unwrap().broken, broken);
        assert_eq!(check_events(db, Some(&"shiomi".parse().unwrap())).await.unwrap().applications, 0);
        assert!(matches!(check_events(db, Some(&"akashi".parse().unwrap())).await, Err(Error::NotFound)));
        assert!(broken[0].to_string().contains(&draft.id.to_string()));
    }

    async fn what_no_database_could_keep_is_unknown_and_breaks_nothing(app: &TestApp) {
        let visitor = app.journey("himeji");
        let base = &app.portal().base_url;
        for path in ["/hime%00ji/ja/", "/hime%00ji", "/Himeji/ja/", "/hime%00ji/staff/sign-in", "/%E5%A7%AB%E8%B7%AF/ja/"] {
            let url = format!("{base}{path}").parse().unwrap();
            let answer = Sending::get(url, &visitor.browser).send().await;
            assert_eq!(answer.status, 404, "{path}");
        }
        let page = visitor.open_staff("sign-in").await.unwrap();
        for login in ["sa\0to", &*"x".repeat(500)] {
            let form = page.form("login").unwrap().forge("login", login).forge("password", "secret").forge("code", "123456");
            let refused = Sending::form(&form, &visitor.browser).send().await;
            pages::is_rejected(&refused, "login", "どれかがちがいます");
        }
    }
}

#[actix_web::test]
async fn one_application_that_cannot_end_keeps_no_other_from_ending() {
    let app = TestApp::start(TestDatabase::sqlite().await, as_it_is).await;
    for (person, email) in [(Person::hanako(), "hanako@example.jp"), (pages::taro(), "taro@example.jp")] {
        app.answered("himeji", &person.with_email(email)).await;
        app.advance(Duration::minutes(2));
    }
    // The longest overdue is the first in line.
    let (stuck, _) = app.draft_of("himeji", "hanako@example.jp").await;
    let (other, _) = app.draft_of("himeji", "taro@example.jp").await;
    app.database
        .execute(&format!(
            "CREATE TRIGGER stuck BEFORE UPDATE ON applications WHEN OLD.reference = '{}'
             BEGIN SELECT RAISE(ABORT, 'told to'); END",
            stuck.reference
        ))
        .await
        .unwrap();
    let sessions = app.database.count("SELECT COUNT(*) FROM sessions").await;
    assert!(sessions > 0 && app.now() > NOW);
    app.advance(Duration::days(8));
    app.portal().sweep().await.unwrap();
    app.deliver_mail().await;
    app.advance(Duration::DAY);
    app.portal().sweep().await.unwrap();
    assert_eq!(app.state("himeji", &stuck.reference.to_string()).await, "draft");
    assert_eq!(app.state("himeji", &other.reference.to_string()).await, "lapsed");
    assert_eq!(app.database.count("SELECT COUNT(*) FROM sessions").await, 0);
    app.close().await;
}
