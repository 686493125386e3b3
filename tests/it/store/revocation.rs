use super::fixtures::{NOW, library, submitted};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::application::Application;
use todoke::domain::ids::StaffId;
use todoke::domain::permission::Scope;
use todoke::jpki::RevocationReason;
use todoke::store::applications::{self, BranchFilter, QueueFilter, QueueFlag, QueueQuery, QueueTab, QueueWalk};
use todoke::store::revocation_answers::{self, AnswerSource, LaterAnswer, RevokedSince};
use todoke::store::revocation_checks::{self, OpenCheck};
use todoke::store::signatures::RevocationAnswer;

fn good(application: &Application) -> LaterAnswer {
    LaterAnswer {
        library_id: application.library_id,
        application_id: application.id,
        version_number: 1,
        asked_at: NOW,
        answer: RevocationAnswer::Good,
        source: AnswerSource::List,
        crl_number: Some("07".into()),
        this_update: Some(NOW - Duration::HOUR),
        next_update: Some(NOW + Duration::DAY),
        produced_at: None,
        revoked: None,
    }
}

both_engines! {
    async fn later_answers_are_added_and_the_last_one_shows_in_the_queue(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        assert_eq!(revocation_answers::list(&mut tx, library.id, application.id, 1).await.unwrap(), []);
        let first = good(&application);
        let second = LaterAnswer {
            asked_at: NOW + Duration::HOUR,
            answer: RevocationAnswer::Revoked,
            source: AnswerSource::Ocsp,
            crl_number: None,
            this_update: None,
            next_update: None,
            produced_at: Some(NOW),
            revoked: Some(RevokedSince { at: NOW - Duration::DAY, reason: RevocationReason::AffiliationChanged }),
            ..good(&application)
        };
        revocation_answers::insert(&mut tx, &first).await.unwrap();
        revocation_answers::insert(&mut tx, &second).await.unwrap();
        assert_eq!(revocation_answers::list(&mut tx, library.id, application.id, 1).await.unwrap(), [first, second]);
        let branches = BranchFilter::of(&Scope::Library);
        let query =
            QueueQuery {
                branches: &branches,
                staff: StaffId::new(NOW),
                tab: QueueTab::All,
                filter: &QueueFilter::default(),
                search: None,
                walk: QueueWalk::First,
                limit: 9,
            };
        let rows = applications::list_queue(&mut tx, library.id, &query, NOW).await.unwrap();
        assert_eq!(rows[0].flags, [QueueFlag::CertificateRevoked]);
        tx.commit().await.unwrap();
        assert!(database.execute("UPDATE revocation_answers SET status = 'good'").await.is_err());
    }

    async fn an_unknown_answer_is_not_stored(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let unknown = LaterAnswer { answer: RevocationAnswer::Unknown, ..good(&application) };
        assert!(revocation_answers::insert(&mut tx, &unknown).await.is_err());
    }

    async fn open_questions_are_due_in_their_order_until_they_are_closed(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mut checks = Vec::new();
        for (serial, minutes) in [(b"1", 10), (b"2", 5), (b"3", 20)] {
            let application = submitted(&mut tx, library.id, serial, NOW).await;
            let next_at = NOW + Duration::minutes(minutes);
            checks.push(OpenCheck { library_id: library.id, application_id: application.id, tries: 0, next_at });
            revocation_checks::save(&mut tx, &checks[checks.len() - 1]).await.unwrap();
        }
        let due = revocation_checks::list_due(&mut tx, NOW + Duration::minutes(10), 9).await.unwrap();
        assert_eq!(due, [checks[1], checks[0]]);
        let later = OpenCheck { tries: 1, next_at: NOW + Duration::HOUR, ..checks[1] };
        revocation_checks::save(&mut tx, &later).await.unwrap();
        assert_eq!(revocation_checks::find(&mut tx, library.id, later.application_id).await.unwrap(), Some(later));
        assert!(revocation_checks::delete(&mut tx, library.id, checks[0].application_id).await.unwrap());
        assert!(!revocation_checks::delete(&mut tx, library.id, checks[0].application_id).await.unwrap());
        assert_eq!(revocation_checks::list_due(&mut tx, NOW + Duration::minutes(10), 9).await.unwrap(), []);
    }
}
