use super::fixtures::{NOW, awaiting_signature, evidence, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::sha256::sha256;
use todoke::store::evidence::{self as archives, GatheredEvidence, NamedFile, SignatureKey};
use todoke::store::{StoreError, Tx, signatures};

both_engines! {
    async fn what_was_gathered_comes_back_whole_and_is_gathered_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (key, gathered) = signed(&mut tx).await;
        assert_eq!(archives::list_ungathered(&mut tx, 10).await.unwrap(), [key]);
        archives::insert(&mut tx, &gathered).await.unwrap();
        assert_eq!(archives::list_ungathered(&mut tx, 10).await.unwrap(), []);
        assert_eq!(archives::find(&mut tx, key.application_id, 1).await.unwrap(), Some(gathered.clone()));
        assert_eq!(archives::find(&mut tx, key.application_id, 2).await.unwrap(), None);
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert!(matches!(archives::insert(&mut tx, &gathered).await, Err(StoreError::Duplicate)));
    }

    async fn the_first_time_stamp_stays(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (key, gathered) = signed(&mut tx).await;
        assert_eq!(archives::find_stamped_at(&mut tx, &key).await.unwrap(), None);
        archives::insert(&mut tx, &gathered).await.unwrap();
        assert_eq!(archives::list_unstamped(&mut tx, 10).await.unwrap(), [key]);
        assert_eq!(archives::find_stamped_at(&mut tx, &key).await.unwrap(), None);
        assert!(archives::set_time_stamp(&mut tx, &key, b"first", NOW).await.unwrap());
        assert!(!archives::set_time_stamp(&mut tx, &key, b"second", NOW + Duration::HOUR).await.unwrap());
        assert_eq!(archives::find_stamped_at(&mut tx, &key).await.unwrap(), Some(NOW));
        assert_eq!(archives::list_unstamped(&mut tx, 10).await.unwrap(), []);
        let found = archives::find(&mut tx, key.application_id, 1).await.unwrap().unwrap();
        assert_eq!(found.time_stamp.as_deref(), Some(b"first".as_slice()));
    }

    async fn a_shared_file_is_kept_once_and_per_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        archives::keep_file(&mut tx, himeji.id, b"a list", NOW).await.unwrap();
        archives::keep_file(&mut tx, himeji.id, b"a list", NOW).await.unwrap();
        let digest = sha256(b"a list");
        assert_eq!(archives::find_file(&mut tx, himeji.id, &digest).await.unwrap().as_deref(), Some(&b"a list"[..]));
        assert_eq!(archives::find_file(&mut tx, akashi.id, &digest).await.unwrap(), None);
        tx.commit().await.unwrap();
        database.execute("UPDATE evidence_files SET contents = sha256").await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert!(matches!(archives::find_file(&mut tx, himeji.id, &digest).await, Err(StoreError::Corrupt { .. })));
    }
}

async fn signed(tx: &mut Tx) -> (SignatureKey, GatheredEvidence) {
    let library = library(tx, "himeji").await;
    let application = awaiting_signature(tx, library.id).await;
    let evidence = evidence(tx, &application, b"1").await;
    signatures::insert(tx, &evidence, &evidence.signer_token).await.unwrap();
    let key = SignatureKey { library_id: library.id, application_id: application.id, version_number: 1 };
    let gathered = GatheredEvidence {
        library_id: library.id,
        application_id: application.id,
        version_number: 1,
        manifest_json: b"{}".to_vec(),
        answers: vec![NamedFile { name: "META-INF/evidence/revocation-1.ocsp".to_owned(), contents: vec![0, 159] }],
        gathered_at: NOW,
        time_stamp: None,
    };
    (key, gathered)
}
