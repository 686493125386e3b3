use super::fixtures::{NOW, draft, library, staff_member};
use crate::support::database::{TestDatabase, both_engines};
use time::Duration;
use todoke::domain::application::Application;
use todoke::domain::event::{Actor, Event, EventKind};
use todoke::store::applications;
use todoke::store::events::{self, BrokenChain};

fn event(application: &Application, kind: EventKind, actor: Actor) -> Event {
    Event {
        library_id: application.library_id,
        application_id: application.id,
        kind,
        actor,
        version: 0,
        detail: "detail".into(),
        at: NOW + Duration::microseconds(7),
    }
}

async fn alter(database: &TestDatabase, sql: &str) {
    let place = if database.address.starts_with("sqlite") { "" } else { " ON events" };
    for operation in ["update", "delete"] {
        database.execute(&format!("DROP TRIGGER IF EXISTS events_refuse_{operation}{place}")).await.unwrap();
    }
    assert_eq!(database.execute(sql).await.unwrap(), 1, "{sql}");
}

async fn first_break(database: &TestDatabase, application: &Application) -> Option<BrokenChain> {
    events::verify_chain(&mut database.db.read().await.unwrap(), application.id).await.unwrap()
}

async fn with_three_events(database: &TestDatabase) -> Application {
    let mut tx = database.db.begin().await.unwrap();
    let library = library(&mut tx, "himeji").await;
    let by = staff_member(&mut tx, library.id, "imai").await;
    let application = draft(&mut tx, library.id).await;
    for (kind, actor) in [
        (EventKind::Started, Actor::Applicant),
        (EventKind::Viewed, Actor::Staff(by.id)),
        (EventKind::Lapsed, Actor::System),
    ] {
        events::insert(&mut tx, &event(&application, kind, actor)).await.unwrap();
    }
    tx.commit().await.unwrap();
    application
}

both_engines! {
    async fn events_are_chained_in_their_order(database: &TestDatabase) {
        let application = with_three_events(database).await;
        let listed = events::list(&mut database.db.read().await.unwrap(), application.id).await.unwrap();
        assert_eq!(listed.iter().map(|chained| chained.seq).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(listed[0].prev_hash, [0; 32]);
        assert_eq!(listed[1].prev_hash, listed[0].hash);
        assert_eq!(listed[2].prev_hash, listed[1].hash);
        assert_eq!(listed[0].event, event(&application, EventKind::Started, Actor::Applicant));
        assert_eq!(first_break(database, &application).await, None);
    }

    async fn a_transaction_that_holds_the_application_goes_on_where_others_ended(database: &TestDatabase) {
        let application = with_three_events(database).await;
        let resumed = event(&application, EventKind::Resumed, Actor::Applicant);
        let mut tx = database.db.begin().await.unwrap();
        let application = applications::save(&mut tx, application).await.unwrap();
        let seqs = [
            events::insert(&mut tx, &resumed).await.unwrap().seq,
            events::insert(&mut tx, &resumed).await.unwrap().seq,
        ];
        tx.commit().await.unwrap();
        assert_eq!(seqs, [4, 5]);
        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(events::insert(&mut tx, &resumed).await.unwrap().seq, 6);
        drop(tx);
        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(events::insert(&mut tx, &resumed).await.unwrap().seq, 6, "what was given up is forgotten");
        tx.commit().await.unwrap();
        assert_eq!(first_break(database, &application).await, None);
    }

    async fn events_are_neither_changed_nor_deleted(database: &TestDatabase) {
        with_three_events(database).await;
        assert!(database.execute("UPDATE events SET detail = 'another'").await.is_err());
        assert!(database.execute("DELETE FROM events").await.is_err());
        if database.address.starts_with("postgres") {
            assert!(database.execute("TRUNCATE events").await.is_err());
        }
    }

    async fn a_changed_event_breaks_the_chain(database: &TestDatabase) {
        let application = with_three_events(database).await;
        alter(database, "UPDATE events SET detail = 'another' WHERE seq = 2").await;
        assert_eq!(first_break(database, &application).await, Some(BrokenChain { seq: 2 }));
    }

    async fn a_missing_event_breaks_the_chain(database: &TestDatabase) {
        let application = with_three_events(database).await;
        alter(database, "DELETE FROM events WHERE seq = 2").await;
        assert_eq!(first_break(database, &application).await, Some(BrokenChain { seq: 2 }));
    }

    async fn an_unreadable_event_breaks_the_chain(database: &TestDatabase) {
        let application = with_three_events(database).await;
        alter(database, "UPDATE events SET kind = 'unheard_of' WHERE seq = 3").await;
        assert_eq!(first_break(database, &application).await, Some(BrokenChain { seq: 3 }));
        assert!(events::list(&mut database.db.read().await.unwrap(), application.id).await.is_err());
    }

    async fn parallel_writers_make_one_chain(database: &TestDatabase) {
        let application = with_three_events(database).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (db, event) = (database.db.clone(), event(&application, EventKind::Resumed, Actor::Applicant));
                tokio::spawn(async move {
                    let mut tx = db.begin().await.unwrap();
                    let seq = events::insert(&mut tx, &event).await.unwrap().seq;
                    tx.commit().await.unwrap();
                    seq
                })
            })
            .collect();
        let mut numbers = Vec::new();
        for task in tasks {
            numbers.push(task.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (4..=11).collect::<Vec<_>>());
        assert_eq!(first_break(database, &application).await, None);
    }
}
