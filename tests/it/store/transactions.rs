use super::fixtures::{NOW, library, rules, rules_toml};
use crate::support::database::both_engines;
use std::sync::Arc;
use todoke::store::seal::Keyring;
use todoke::store::{Db, StoreError, libraries};

both_engines! {
    async fn a_dropped_transaction_changes_nothing(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        library(&mut tx, "himeji").await;
        drop(tx);
        let mut tx = database.db.begin().await.unwrap();
        assert!(libraries::list(&mut tx).await.unwrap().is_empty());
    }

    async fn a_committed_transaction_is_read_by_others(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        library(&mut tx, "himeji").await;
        let mut before = database.db.read().await.unwrap();
        assert!(libraries::list(&mut before).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert!(libraries::list(&mut before).await.unwrap().is_empty(), "a reader sees one moment");
        let mut after = database.db.read().await.unwrap();
        assert_eq!(libraries::list(&mut after).await.unwrap().len(), 1);
    }

    async fn a_reading_transaction_cannot_write(database: &TestDatabase) {
        let mut tx = database.db.read().await.unwrap();
        let (rules, text) = (rules("himeji"), rules_toml("himeji"));
        let refused = libraries::save_rules(&mut tx, &rules, &text, NOW).await;
        assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    }

    async fn whoever_leaves_while_a_transaction_begins_leaves_nothing_behind(database: &TestDatabase) {
        for patience in 0..40 {
            let impatient = async {
                for _ in 0..patience {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                begun = database.db.read() => drop(begun),
                () = impatient => {}
            }
            let mut tx = database.db.begin().await.unwrap();
            library(&mut tx, &format!("town-{patience}")).await;
            tx.commit().await.unwrap();
        }
    }

    async fn a_second_migration_keeps_what_is_there(database: &TestDatabase) {
        database.db.ping().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        library(&mut tx, "himeji").await;
        tx.commit().await.unwrap();
        database.db.migrate().await.unwrap();
        assert_eq!(libraries::list(&mut database.db.read().await.unwrap()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn other_addresses_are_refused() {
    let keys = Arc::new(Keyring::parse(&Keyring::generate_line(1)).unwrap());
    for address in ["", "sqlite:", "sqlite::memory:", "mysql://localhost/todoke", "todoke.db"] {
        let refused = Db::connect(address, Arc::clone(&keys)).await;
        assert!(matches!(refused, Err(StoreError::UnknownAddress)), "{address}");
    }
}
