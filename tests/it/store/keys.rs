use super::fixtures::{NOW, answers, draft, library, submitted};
use crate::support::database::{TestDatabase, both_engines};
use std::sync::Arc;
use todoke::domain::ids::LibraryId;
use todoke::service::keys::rotate;
use todoke::store::seal::{HashPurpose, KeyFault, Keyring, erase_key, keyed_hash, rewrap};
use todoke::store::{Db, StoreError, applications, drafts};

async fn reopened(database: &TestDatabase, keys: &str) -> Db {
    Db::connect(&database.address, Arc::new(Keyring::parse(keys).unwrap())).await.unwrap()
}

async fn hash(db: &Db, library_id: LibraryId, purpose: HashPurpose, parts: &[&[u8]]) -> [u8; 32] {
    keyed_hash(&mut db.read().await.unwrap(), library_id, purpose, parts).await.unwrap()
}

both_engines! {
    async fn a_wrong_or_missing_master_key_is_refused(database: &TestDatabase) {
        database.db.check_keys().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        library(&mut tx, "himeji").await;
        tx.commit().await.unwrap();
        database.db.check_keys().await.unwrap();
        let other = reopened(database, &Keyring::generate_line(1)).await;
        let refused = other.check_keys().await;
        assert!(matches!(refused, Err(StoreError::WrongKey { version: 1, fault: KeyFault::Different })), "{refused:?}");
        other.close().await;
        let newer = reopened(database, &Keyring::generate_line(2)).await;
        let refused = newer.check_keys().await;
        assert!(matches!(refused, Err(StoreError::WrongKey { version: 1, fault: KeyFault::Missing })), "{refused:?}");
        assert_eq!(refused.unwrap_err().to_string(), "master key 1 is missing from the keyring");
        newer.close().await;
    }

    async fn every_library_must_have_its_key(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        tx.commit().await.unwrap();
        // A row of another installation with the same version of the master key: one of each version is not enough.
        database
            .execute(
                "UPDATE data_keys SET wrapped = (SELECT k.wrapped FROM data_keys k
                     WHERE k.owner_id <> data_keys.owner_id)
                 WHERE owner_id = (SELECT id FROM libraries WHERE slug = 'akashi')",
            )
            .await
            .unwrap();
        let refused = database.db.check_keys().await;
        assert!(matches!(refused, Err(StoreError::WrongKey { version: 1, fault: KeyFault::Different })), "{refused:?}");
        let mut tx = database.db.begin().await.unwrap();
        erase_key(&mut tx, akashi.id.as_uuid()).await.unwrap();
        tx.commit().await.unwrap();
        let refused = database.db.check_keys().await;
        assert!(matches!(refused, Err(StoreError::Unsealable { table: "libraries", .. })), "{refused:?}");
        assert_ne!(himeji.id, akashi.id);
    }

    async fn a_key_that_came_with_its_application_is_gone_once_it_is_erased(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        drafts::save(&mut tx, &application, &answers()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        for _ in 0..2 {
            let found = applications::find_by_reference(&mut tx, library.id, &application.reference).await.unwrap();
            assert_eq!(found.as_ref(), Some(&application));
        }
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), answers());
        applications::find_by_reference(&mut tx, library.id, &application.reference).await.unwrap();
        erase_key(&mut tx, application.id.as_uuid()).await.unwrap();
        let unread = drafts::find(&mut tx, application.id).await;
        assert!(matches!(unread, Err(StoreError::Unsealable { table: "drafts", .. })), "{unread:?}");
    }

    async fn rotation_leaves_nothing_for_the_old_master_key(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        for _ in 0..3 {
            draft(&mut tx, library.id).await;
        }
        tx.commit().await.unwrap();
        let new_line = Keyring::generate_line(2);
        let both = reopened(database, &format!("{}\n{}", database.keys, *new_line)).await;
        assert_eq!(rotate(&both).await.unwrap(), 4);
        assert_eq!(rotate(&both).await.unwrap(), 0);
        both.close().await;
        assert_eq!(database.count("SELECT COUNT(*) FROM data_keys WHERE master_version < 2").await, 0);
        let only_new = reopened(database, &new_line).await;
        only_new.check_keys().await.unwrap();
        only_new.close().await;
    }

    async fn a_change_of_the_master_key_keeps_old_data_readable(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        tx.commit().await.unwrap();
        let token = hash(&database.db, library.id, HashPurpose::EmailCode, &[b"123456"]).await;

        let new_line = Keyring::generate_line(2);
        let both = reopened(database, &format!("{}\n{}", database.keys, *new_line)).await;
        let mut tx = both.begin().await.unwrap();
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), answers());
        assert_eq!(rewrap(&mut tx, 1).await.unwrap(), 1);
        assert_eq!(rewrap(&mut tx, 100).await.unwrap(), 1);
        assert_eq!(rewrap(&mut tx, 100).await.unwrap(), 0);
        tx.commit().await.unwrap();
        both.close().await;

        let only_new = reopened(database, &new_line).await;
        only_new.check_keys().await.unwrap();
        let mut tx = only_new.begin().await.unwrap();
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), answers());
        let found = applications::list_drafts_by_email(&mut tx, library.id, &answers().email.unwrap()).await.unwrap();
        assert_eq!(found, [application]);
        tx.commit().await.unwrap();
        assert_eq!(hash(&only_new, library.id, HashPurpose::EmailCode, &[b"123456"]).await, token);
        only_new.close().await;
        assert!(matches!(database.db.check_keys().await, Err(StoreError::WrongKey { version: 2, .. })));
    }

    async fn an_erased_key_erases_what_it_sealed_and_what_it_is_found_by(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        assert!(erase_key(&mut tx, application.id.as_uuid()).await.unwrap());
        assert!(!erase_key(&mut tx, application.id.as_uuid()).await.unwrap());
        let gone = drafts::find(&mut tx, application.id).await;
        assert!(matches!(gone, Err(StoreError::Unsealable { table: "drafts", .. })), "{gone:?}");
        let found = applications::list_drafts_by_email(&mut tx, library.id, &answers().email.unwrap()).await.unwrap();
        assert!(found.is_empty());
        assert!(applications::find(&mut tx, library.id, application.id).await.unwrap().is_some());
    }

    async fn what_is_sealed_for_one_row_does_not_open_in_another(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let first = draft(&mut tx, library.id).await;
        let second = draft(&mut tx, library.id).await;
        tx.commit().await.unwrap();
        database
            .execute("CREATE TABLE copied AS SELECT application_id, answers FROM drafts")
            .await
            .unwrap();
        database
            .execute(
                "UPDATE drafts SET answers = (SELECT c.answers FROM copied c
                 WHERE c.application_id <> drafts.application_id)",
            )
            .await
            .unwrap();
        let mut tx = database.db.read().await.unwrap();
        for application in [first, second] {
            let refused = drafts::find(&mut tx, application.id).await;
            assert!(matches!(refused, Err(StoreError::Unsealable { .. })), "{refused:?}");
        }
    }

    async fn hashes_differ_by_library_purpose_and_division(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        tx.commit().await.unwrap();
        let db = &database.db;
        let hashes = [
            hash(db, himeji.id, HashPurpose::EmailCode, &[b"12", b"3456"]).await,
            hash(db, akashi.id, HashPurpose::EmailCode, &[b"12", b"3456"]).await,
            hash(db, himeji.id, HashPurpose::CollectionCode, &[b"12", b"3456"]).await,
            hash(db, himeji.id, HashPurpose::SecondFactor, &[b"12", b"3456"]).await,
            hash(db, himeji.id, HashPurpose::Signer, &[b"12", b"3456"]).await,
            hash(db, himeji.id, HashPurpose::EmailCode, &[b"123", b"456"]).await,
        ];
        for (index, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..index].contains(hash), "{index}");
        }
        assert_eq!(hashes[0], hash(db, himeji.id, HashPurpose::EmailCode, &[b"12", b"3456"]).await);
        let unknown = LibraryId::new(NOW);
        let refused = keyed_hash(&mut db.read().await.unwrap(), unknown, HashPurpose::CollectionCode, &[b"1"]).await;
        assert!(matches!(refused, Err(StoreError::Unsealable { table: "libraries", .. })));
    }

    async fn nothing_personal_rests_in_the_clear(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        draft(&mut tx, library.id).await;
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        submitted(&mut tx, library.id, b"1", NOW).await;
        tx.commit().await.unwrap();
        if let Some(path) = database.address.strip_prefix("sqlite:") {
            let bytes: Vec<u8> = ["", "-wal"].iter().flat_map(|s| std::fs::read(format!("{path}{s}")).unwrap()).collect();
            for secret in ["花子", "ハナコ", "hanako@", "1985-04-27", "本町68", "%PDF", "Hanako"] {
                assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
            }
            assert!(bytes.windows(5).any(|window| window == b"draft"), "the search looks at the rows");
        }
    }
}
