use super::fixtures::{
    NOW, answers, awaiting_signature, draft, email, library, new_draft, staff_member, submitted, under_review,
};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::application::{Application, ApplicationState, Ending};
use todoke::domain::ids::{ApplicationId, SigningRequestId};
use todoke::domain::language::Language;
use todoke::store::{StoreError, applications, drafts};

both_engines! {
    async fn an_application_is_found_in_its_own_library_only(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = draft(&mut tx, himeji.id).await;
        let (id, reference) = (application.id, application.reference.clone());
        assert_eq!(applications::find(&mut tx, himeji.id, id).await.unwrap(), Some(application.clone()));
        let by_reference = applications::find_by_reference(&mut tx, himeji.id, &reference).await.unwrap();
        assert_eq!(by_reference, Some(application));
        assert_eq!(applications::find(&mut tx, akashi.id, id).await.unwrap(), None);
        assert_eq!(applications::find_by_reference(&mut tx, akashi.id, &reference).await.unwrap(), None);
        assert_eq!(applications::find(&mut tx, himeji.id, ApplicationId::new(NOW)).await.unwrap(), None);
    }

    async fn a_reference_is_given_once_per_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let first = draft(&mut tx, himeji.id).await;
        let elsewhere = Application { reference: first.reference.clone(), ..new_draft(akashi.id) };
        applications::insert(&mut tx, &elsewhere).await.unwrap();
        let again = Application { reference: first.reference, ..new_draft(himeji.id) };
        assert!(matches!(applications::insert(&mut tx, &again).await, Err(StoreError::Duplicate)));
    }

    async fn the_applicants_language_is_kept_and_changes_without_getting_in_anybodys_way(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        for language in Language::ALL {
            let begun = Application { language, ..new_draft(himeji.id) };
            applications::insert(&mut tx, &begun).await.unwrap();
            assert_eq!(applications::find(&mut tx, himeji.id, begun.id).await.unwrap(), Some(begun));
        }
        let read = draft(&mut tx, himeji.id).await;
        let now_in = |language| Application { language, ..read.clone() };
        applications::save_language(&mut tx, akashi.id, read.id, Language::En).await.unwrap();
        assert_eq!(applications::find(&mut tx, himeji.id, read.id).await.unwrap(), Some(read.clone()));
        applications::save_language(&mut tx, himeji.id, read.id, Language::En).await.unwrap();
        assert_eq!(applications::find(&mut tx, himeji.id, read.id).await.unwrap(), Some(now_in(Language::En)));
        applications::save(&mut tx, read.clone()).await.unwrap();
        let saved = applications::find(&mut tx, himeji.id, read.id).await.unwrap().unwrap();
        assert_eq!((saved.language, saved.row_version), (Language::En, read.row_version + 1));
    }

    async fn every_state_survives_its_row(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let later = NOW + Duration::minutes(5);
        let waiting = awaiting_signature(&mut tx, library.id).await;
        let signed = submitted(&mut tx, library.id, b"1", NOW).await;
        let claimed = applications::save(&mut tx, signed.clone().claim(&by, later).unwrap()).await.unwrap();
        let seen = claimed.state.version().unwrap();
        let returned = claimed.clone().return_for_correction(&by, seen, later + Duration::days(7), later).unwrap();
        // Frozen once more, still as version 1: the row of another version is not what is tested here.
        let answered = Application { last_version: 0, ..returned.clone() }
            .freeze(seen.digest, SigningRequestId::new(later), later)
            .unwrap();
        let states = [
            draft(&mut tx, library.id).await.state,
            waiting.state.clone(),
            signed.state.clone(),
            claimed.state.clone(),
            claimed.clone().return_for_correction(&by, seen, later + Duration::days(7), later).unwrap().state,
            claimed.clone().approve(&by, seen, None, later).unwrap().state,
            claimed.clone().approve(&by, seen, None, later).unwrap().issue().unwrap().state,
            signed.clone().approve_by_rule(later).unwrap().state,
            claimed.clone().decline(&by, seen, later).unwrap().state,
            waiting.withdraw(later).unwrap().state,
            ApplicationState::Lapsed { lapsed_at: later, unanswered: None },
            returned.clone().lapse(later + Duration::days(7)).unwrap().state,
            answered.state,
            ApplicationState::AwaitingGuardian { version: seen, expires_at: later, answers: None },
            ApplicationState::Purged { purged_at: later, ending: Ending::Issued },
        ];
        let mut application = claimed;
        for state in states {
            let saved = applications::save(&mut tx, Application { state, ..application.clone() }).await.unwrap();
            assert_eq!(saved.row_version, application.row_version + 1);
            let found = applications::find(&mut tx, library.id, saved.id).await.unwrap().unwrap();
            assert_eq!(found, saved);
            application = saved;
        }
    }

    async fn of_two_saves_of_one_reading_the_second_is_stale(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let (db, application) = (database.db.clone(), application.clone());
                tokio::spawn(async move {
                    let mut tx = db.begin().await?;
                    let saved = applications::save(&mut tx, application.touch(Duration::days(7), NOW).unwrap()).await?;
                    tx.commit().await?;
                    Ok::<_, StoreError>(saved.row_version)
                })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        assert_eq!(results.iter().filter(|result| matches!(result, Ok(1))).count(), 1, "{results:?}");
        assert_eq!(results.iter().filter(|result| matches!(result, Err(StoreError::Stale))).count(), 1, "{results:?}");
    }

    async fn who_holds_an_application_too_finds_what_the_first_one_left(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (db, application) = (database.db.clone(), application.clone());
                tokio::spawn(async move {
                    let mut tx = db.begin().await?;
                    let held = applications::hold(&mut tx, application.library_id, application.id).await?.unwrap();
                    let saved = applications::save(&mut tx, held.touch(Duration::days(7), NOW).unwrap()).await?;
                    tx.commit().await?;
                    Ok::<_, StoreError>(saved.row_version)
                })
            })
            .collect();
        let mut versions = Vec::new();
        for task in tasks {
            versions.push(task.await.unwrap().unwrap());
        }
        versions.sort_unstable();
        assert_eq!(versions, [1, 2, 3, 4]);
    }

    async fn an_application_is_held_by_its_own_library_only(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = draft(&mut tx, himeji.id).await;
        assert_eq!(applications::hold(&mut tx, akashi.id, application.id).await.unwrap(), None);
        assert_eq!(applications::hold(&mut tx, himeji.id, application.id).await.unwrap(), Some(application));
    }

    async fn an_application_is_not_saved_into_another_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = draft(&mut tx, himeji.id).await;
        let moved = Application { library_id: akashi.id, ..application };
        assert!(matches!(applications::save(&mut tx, moved).await, Err(StoreError::Stale)));
    }

    async fn drafts_are_found_by_address_and_signed_applications_are_not(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let first = draft(&mut tx, himeji.id).await;
        let waiting = awaiting_signature(&mut tx, himeji.id).await;
        submitted(&mut tx, himeji.id, b"1", NOW).await;
        let elsewhere = draft(&mut tx, akashi.id).await;
        let mine = email("hanako@EXAMPLE.jp");
        let mut found = applications::list_drafts_by_email(&mut tx, himeji.id, &mine).await.unwrap();
        found.sort_by_key(|application| application.id != first.id);
        assert_eq!(found, [first.clone(), waiting]);
        assert_eq!(applications::list_drafts_by_email(&mut tx, akashi.id, &mine).await.unwrap(), [elsewhere]);

        let mut moved = answers();
        moved.email = Some(email("taro@example.jp"));
        drafts::save(&mut tx, &first, &moved).await.unwrap();
        let others = email("taro@example.jp");
        assert_eq!(applications::list_drafts_by_email(&mut tx, himeji.id, &others).await.unwrap(), [first]);
        assert_eq!(applications::list_drafts_by_email(&mut tx, himeji.id, &mine).await.unwrap().len(), 1);
    }

    async fn what_is_overdue_is_listed_to_the_minute(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let forgotten = draft(&mut tx, library.id).await;
        let waiting = awaiting_signature(&mut tx, library.id).await;
        let (week, half_hour) = (NOW + Duration::days(7), NOW + Duration::minutes(30));
        let early = Duration::microseconds(1);
        assert!(applications::list_overdue_drafts(&mut tx, week - early, 10).await.unwrap().is_empty());
        assert_eq!(applications::list_overdue_drafts(&mut tx, week, 10).await.unwrap(), [forgotten]);
        assert!(applications::list_overdue_drafts(&mut tx, week, 0).await.unwrap().is_empty());
        assert!(applications::list_overdue_signings(&mut tx, half_hour - early, 10).await.unwrap().is_empty());
        assert_eq!(applications::list_overdue_signings(&mut tx, half_hour, 10).await.unwrap(), [waiting]);
    }

    async fn the_database_refuses_a_state_without_its_columns(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        under_review(&mut tx, &by, b"1").await;
        tx.commit().await.unwrap();
        for fault in [
            "lease_until = NULL",
            "reviewer_id = NULL",
            "state = 'submitted'",
            "state = 'issued'",
            "state = 'draft'",
            "state = 'approved'",
            "version_digest = NULL",
            "submitted_at = NULL",
            "expires_at = submitted_at",
            "version_number = 2",
        ] {
            assert!(database.execute(&format!("UPDATE applications SET {fault}")).await.is_err(), "{fault}");
        }
        assert_eq!(database.execute("UPDATE applications SET row_version = 9").await.unwrap(), 1);
    }
}
