use super::fixtures::{NOW, draft, library, staff_member, submitted};
use crate::support::database::both_engines;
use todoke::domain::application::{Application, Decider};
use todoke::domain::event::{Actor, Event, EventKind};
use todoke::domain::ids::LibraryId;
use todoke::domain::review::{Decision, Outcome};
use todoke::store::{Db, StoreError, Tx, applications, decisions, duplicates, events, notices};

fn event(application: &Application, kind: EventKind) -> Event {
    Event {
        library_id: application.library_id,
        application_id: application.id,
        kind,
        actor: Actor::Applicant,
        version: 1,
        detail: String::new(),
        at: NOW,
    }
}

fn approval(application: &Application) -> Decision {
    Decision {
        library_id: application.library_id,
        application_id: application.id,
        version: application.state.version().unwrap(),
        outcome: Outcome::Approved,
        decided_by: Decider::Rule,
        decided_at: NOW,
    }
}

/// A submitted application, and a transaction that holds it and gathers.
async fn held(db: &Db) -> (Tx, Application) {
    let mut tx = db.begin().await.unwrap();
    let library = library(&mut tx, "himeji").await;
    let application = submitted(&mut tx, library.id, b"1", NOW).await;
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.gather();
    let found = applications::hold_by_reference(&mut tx, library.id, &application.reference).await.unwrap();
    assert_eq!(found.as_ref(), Some(&application));
    (tx, application)
}

async fn kinds(tx: &mut Tx, application: &Application) -> Vec<EventKind> {
    events::list(tx, application.id).await.unwrap().into_iter().map(|chained| chained.event.kind).collect()
}

both_engines! {
    async fn what_is_gathered_is_there_for_whoever_asks_and_after_the_commit(database: &TestDatabase) {
        let (mut tx, application) = held(&database.db).await;
        decisions::insert(&mut tx, &approval(&application)).await.unwrap();
        for kind in [EventKind::Resumed, EventKind::Viewed] {
            events::insert(&mut tx, &event(&application, kind)).await.unwrap();
        }
        let standing = decisions::find_standing(&mut tx, application.id).await.unwrap();
        assert_eq!(standing, Some(approval(&application)));
        events::insert(&mut tx, &event(&application, EventKind::Lapsed)).await.unwrap();
        tx.commit().await.unwrap();
        let mut after = database.db.read().await.unwrap();
        assert_eq!(kinds(&mut after, &application).await, [EventKind::Resumed, EventKind::Viewed, EventKind::Lapsed]);
        assert_eq!(events::verify_chain(&mut after, application.id).await.unwrap(), None);
        assert!(decisions::find_standing(&mut after, application.id).await.unwrap().is_some());
    }

    async fn what_is_gathered_and_not_committed_never_was(database: &TestDatabase) {
        let (mut tx, application) = held(&database.db).await;
        decisions::insert(&mut tx, &approval(&application)).await.unwrap();
        events::insert(&mut tx, &event(&application, EventKind::Viewed)).await.unwrap();
        drop(tx);
        let mut after = database.db.read().await.unwrap();
        assert_eq!(decisions::find_standing(&mut after, application.id).await.unwrap(), None);
        assert!(kinds(&mut after, &application).await.is_empty());
    }

    async fn one_that_cannot_be_written_refuses_the_commit_of_all(database: &TestDatabase) {
        let (mut tx, application) = held(&database.db).await;
        events::insert(&mut tx, &event(&application, EventKind::Viewed)).await.unwrap();
        decisions::insert(&mut tx, &approval(&application)).await.unwrap();
        decisions::insert(&mut tx, &approval(&application)).await.unwrap();
        assert!(matches!(tx.commit().await, Err(StoreError::Duplicate)));
        let mut after = database.db.read().await.unwrap();
        assert_eq!(decisions::find_standing(&mut after, application.id).await.unwrap(), None);
        assert!(kinds(&mut after, &application).await.is_empty());
    }

    async fn several_states_of_a_held_application_are_stored_as_the_last(database: &TestDatabase) {
        let (mut tx, application) = held(&database.db).await;
        let library_id = application.library_id;
        let mut saved = application.clone();
        for version in [7, 8] {
            saved = applications::save(&mut tx, Application { last_version: version, ..saved }).await.unwrap();
        }
        let stale = applications::save(&mut tx, application.clone()).await;
        assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
        assert_eq!(applications::find(&mut tx, library_id, application.id).await.unwrap().as_ref(), Some(&saved));
        saved = applications::save(&mut tx, Application { last_version: 9, ..saved }).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((saved.row_version, saved.last_version), (application.row_version + 3, 9));
        let mut after = database.db.read().await.unwrap();
        assert_eq!(applications::find(&mut after, library_id, application.id).await.unwrap(), Some(saved));
    }

    async fn whoever_wants_to_change_a_held_application_waits(database: &TestDatabase) {
        let (mut tx, application) = held(&database.db).await;
        let (db, theirs) = (database.db.clone(), application.clone());
        let other = tokio::spawn(async move {
            let mut tx = db.begin().await?;
            let viewed = events::insert(&mut tx, &event(&theirs, EventKind::Viewed)).await?;
            tx.commit().await.map(|()| viewed.seq)
        });
        tokio::task::yield_now().await;
        assert_eq!(events::insert(&mut tx, &event(&application, EventKind::Resumed)).await.unwrap().seq, 1);
        tx.commit().await.unwrap();
        assert_eq!(other.await.unwrap().unwrap(), 2);
    }

    async fn numbers_that_are_taken_ahead_are_the_next_and_go_back_with_the_transaction(database: &TestDatabase) {
        let library_id = {
            let mut tx = database.db.begin().await.unwrap();
            let library = library(&mut tx, "himeji").await;
            tx.commit().await.unwrap();
            library.id
        };
        for is_kept in [false, true] {
            let mut tx = database.db.begin().await.unwrap();
            duplicates::lock_to_register(&mut tx, library_id, Some(2026)).await.unwrap();
            assert_eq!(numbers(&mut tx, library_id).await, (0, 1));
            assert_eq!(numbers(&mut tx, library_id).await, (1, 2), "only once each");
            if is_kept {
                tx.commit().await.unwrap();
            }
        }
        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(numbers(&mut tx, library_id).await, (2, 3));
    }

    async fn a_member_of_staff_before_an_application_may_be_tied(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let [imai, ueda] = [staff_member(&mut tx, library.id, "imai").await, staff_member(&mut tx, library.id, "ueda").await];
        let [one, other] = [draft(&mut tx, library.id).await, draft(&mut tx, library.id).await];
        todoke::store::staff::insert_recusal(&mut tx, &one, &imai, NOW).await.unwrap();
        for (member, application, expected) in [(&imai, &one, true), (&imai, &other, false), (&ueda, &one, false)] {
            let found = todoke::store::staff::find_member_before(&mut tx, library.id, member.id, Some(application.id));
            assert_eq!(found.await.unwrap(), Some((member.clone(), expected)));
        }
    }
}

async fn numbers(tx: &mut Tx, library_id: LibraryId) -> (u64, u32) {
    let card = todoke::store::cards::next_sequence(tx, library_id).await.unwrap();
    (card, notices::next_document_number(tx, library_id, 2026).await.unwrap())
}
