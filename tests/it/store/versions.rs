use super::fixtures::{DOCUMENT, digest_of, draft, frozen, library};
use crate::support::database::both_engines;
use todoke::store::versions::FrozenVersion;
use todoke::store::{StoreError, versions};

both_engines! {
    async fn a_version_is_kept_and_never_replaced(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let version = frozen(&application, 1);
        versions::insert(&mut tx, &version).await.unwrap();
        assert_eq!(versions::find(&mut tx, application.id, 1).await.unwrap(), Some(version.clone()));
        assert_eq!(versions::find(&mut tx, application.id, 2).await.unwrap(), None);
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert!(matches!(versions::insert(&mut tx, &version).await, Err(StoreError::Duplicate)));
        drop(tx);
        assert!(database.execute("UPDATE versions SET frozen_at = frozen_at").await.is_err());
    }

    async fn a_document_with_another_digest_is_refused(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let version = FrozenVersion { document: b"another document".to_vec(), ..frozen(&application, 1) };
        let refused = versions::insert(&mut tx, &version).await;
        assert!(matches!(refused, Err(StoreError::Corrupt { table: "versions", .. })), "{refused:?}");
    }

    async fn a_stored_document_is_compared_with_its_digest(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        versions::insert(&mut tx, &frozen(&application, 1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_ne!(digest_of(DOCUMENT), digest_of(b""));
        // Somebody with all rights on the database takes the guard away first.
        let sqlite = database.address.starts_with("sqlite");
        let unguard = if sqlite { "DROP TRIGGER versions_refuse_update" } else { "DROP TRIGGER versions_refuse_update ON versions" };
        database.execute(unguard).await.unwrap();
        let swap = if sqlite { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
        database.execute(&format!("UPDATE versions SET digest = {swap}")).await.unwrap();
        let mut tx = database.db.read().await.unwrap();
        let found = versions::find(&mut tx, application.id, 1).await;
        assert!(matches!(found, Err(StoreError::Corrupt { table: "versions", .. })), "{found:?}");
    }
}
