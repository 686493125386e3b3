use super::fixtures::{NOW, library, patron};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::card::{Card, CardState, StopReason};
use todoke::domain::ids::CardId;
use todoke::domain::patron::Patron;
use todoke::store::{StoreError, cards};

fn card(patron: &Patron, number: &str) -> Card {
    let (id, number) = (CardId::new(NOW), number.parse().unwrap());
    Card::issue(id, patron.library_id, patron.id, number, date!(2031 - 11 - 20), NOW)
}

both_engines! {
    async fn parallel_approvals_get_numbers_of_their_own(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = database.db.clone();
                tokio::spawn(async move {
                    let mut tx = db.begin().await.unwrap();
                    let sequence = cards::next_sequence(&mut tx, himeji.id).await.unwrap();
                    tx.commit().await.unwrap();
                    sequence
                })
            })
            .collect();
        let mut numbers = Vec::new();
        for task in tasks {
            numbers.push(task.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..8).collect::<Vec<_>>());
        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(cards::next_sequence(&mut tx, akashi.id).await.unwrap(), 0);
    }

    async fn a_number_that_was_given_out_is_passed_over(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (one, other) = (patron(&mut tx, library.id).await, patron(&mut tx, library.id).await);
        let first = card(&one, "10000001");
        assert!(cards::insert_unless_taken(&mut tx, &first).await.unwrap());
        assert!(!cards::insert_unless_taken(&mut tx, &card(&other, "10000001")).await.unwrap());
        assert_eq!(cards::find_by_patron(&mut tx, library.id, other.id).await.unwrap(), None);
        assert_eq!(cards::find_by_number(&mut tx, library.id, &first.number).await.unwrap(), Some(first));
        // Nothing has gone wrong: the transaction goes on.
        assert!(cards::insert_unless_taken(&mut tx, &card(&other, "10000002")).await.unwrap());
    }

    async fn a_card_is_found_by_holder_and_number(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = patron(&mut tx, himeji.id).await;
        assert_eq!(cards::find_by_patron(&mut tx, himeji.id, patron.id).await.unwrap(), None);
        let first = card(&patron, "10000001");
        let second = Card { issued_at: NOW + Duration::days(1), ..card(&patron, "10000002") };
        cards::insert(&mut tx, &second).await.unwrap();
        cards::insert(&mut tx, &first).await.unwrap();
        assert_eq!(cards::find_by_patron(&mut tx, himeji.id, patron.id).await.unwrap(), Some(second));
        assert_eq!(cards::find_by_number(&mut tx, himeji.id, &first.number).await.unwrap(), Some(first.clone()));
        assert_eq!(cards::find_by_number(&mut tx, akashi.id, &first.number).await.unwrap(), None);
        assert_eq!(cards::find_by_patron(&mut tx, akashi.id, patron.id).await.unwrap(), None);
    }

    async fn a_registered_card_counts_only_where_there_is_no_other(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (new, old) = (patron(&mut tx, library.id).await, patron(&mut tx, library.id).await);
        let pending = |patron: &Patron, number| Card { state: CardState::Pending, ..card(patron, number) };
        let first = pending(&new, "10000001");
        cards::insert(&mut tx, &first).await.unwrap();
        assert_eq!(cards::find_by_patron(&mut tx, library.id, new.id).await.unwrap(), Some(first.clone()));
        let held = card(&old, "10000002");
        let next = Card { issued_at: NOW + Duration::days(1), ..pending(&old, "10000003") };
        cards::insert(&mut tx, &held).await.unwrap();
        cards::insert(&mut tx, &next).await.unwrap();
        assert_eq!(cards::find_by_patron(&mut tx, library.id, old.id).await.unwrap(), Some(held.clone()));
        assert_eq!(cards::list_by_patron(&mut tx, library.id, old.id).await.unwrap(), [held, next.clone()]);
        let issued = cards::save(&mut tx, next.put_in_force().unwrap()).await.unwrap();
        assert_eq!(cards::find(&mut tx, library.id, issued.id).await.unwrap(), Some(issued.clone()));
        assert_eq!(cards::find_by_patron(&mut tx, library.id, old.id).await.unwrap(), Some(issued));
        tx.commit().await.unwrap();
        let stop = "UPDATE cards SET state = 'stopped', stopped_at = issued_at, stop_reason = 'lost' WHERE is_pending = 1";
        assert!(database.execute(stop).await.is_err());
    }

    async fn cards_are_walked_through_in_batches(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (here, there) = (patron(&mut tx, himeji.id).await, patron(&mut tx, akashi.id).await);
        let mut issued: Vec<Card> = ["10000001", "10000002", "10000003"].map(|number| card(&here, number)).into();
        for card in issued.iter().chain([&card(&there, "10000004")]) {
            cards::insert(&mut tx, card).await.unwrap();
        }
        issued.sort_by_key(|card| card.id.as_uuid());
        assert_eq!(cards::list_after(&mut tx, himeji.id, None, 2).await.unwrap(), issued[..2]);
        assert_eq!(cards::list_after(&mut tx, himeji.id, Some(issued[1].id), 2).await.unwrap(), issued[2..]);
        assert_eq!(cards::list_after(&mut tx, himeji.id, Some(issued[2].id), 2).await.unwrap(), []);
    }

    async fn a_number_is_given_out_once_per_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (here, there) = (patron(&mut tx, himeji.id).await, patron(&mut tx, akashi.id).await);
        cards::insert(&mut tx, &card(&here, "10000001")).await.unwrap();
        cards::insert(&mut tx, &card(&there, "10000001")).await.unwrap();
        let again = cards::insert(&mut tx, &card(&here, "10000001")).await;
        assert!(matches!(again, Err(StoreError::Duplicate)));
    }

    async fn a_number_is_neither_changed_nor_deleted(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        cards::insert(&mut tx, &card(&patron, "10000001")).await.unwrap();
        tx.commit().await.unwrap();
        assert!(database.execute("UPDATE cards SET number = '10000002'").await.is_err());
        assert!(database.execute("DELETE FROM cards").await.is_err());
        assert_eq!(database.execute("UPDATE cards SET expires_on = '2032-11-20'").await.unwrap(), 1);
    }

    async fn a_card_is_saved_by_whoever_read_its_latest_version(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let card = card(&patron, "10000001");
        cards::insert(&mut tx, &card).await.unwrap();
        let stopped = card.clone().stop(StopReason::Lost, NOW).unwrap();
        let stopped = cards::save(&mut tx, stopped).await.unwrap();
        assert_eq!(cards::find_by_number(&mut tx, library.id, &card.number).await.unwrap(), Some(stopped.clone()));
        let renewed = card.renew(date!(2036 - 11 - 20)).unwrap();
        assert!(matches!(cards::save(&mut tx, renewed).await, Err(StoreError::Stale)));
        let lifted = cards::save(&mut tx, stopped.lift_stop(StopReason::Lost).unwrap()).await.unwrap();
        assert_eq!((lifted.state, lifted.row_version), (CardState::Active, 2));
    }

    async fn a_replaced_card_names_the_other_and_never_comes_back(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let old = card(&patron, "10000001");
        let new = Card { issued_at: NOW + Duration::days(1), ..card(&patron, "10000002") };
        cards::insert(&mut tx, &old).await.unwrap();
        cards::insert(&mut tx, &new).await.unwrap();
        let dead = cards::save(&mut tx, old.clone().replace(new.id, NOW).unwrap()).await.unwrap();
        assert_eq!(dead.state, CardState::Replaced { by: new.id, replaced_at: NOW });
        assert_eq!(cards::find_by_number(&mut tx, library.id, &old.number).await.unwrap(), Some(dead));
        assert_eq!(cards::find_by_patron(&mut tx, library.id, patron.id).await.unwrap(), Some(new));
        tx.commit().await.unwrap();
        let revive = "UPDATE cards SET state = 'active', stopped_at = NULL, replaced_by = NULL WHERE number = '10000001'";
        assert!(database.execute(revive).await.is_err());
        assert!(database.execute("UPDATE cards SET state = 'stopped' WHERE number = '10000002'").await.is_err());
    }
}
