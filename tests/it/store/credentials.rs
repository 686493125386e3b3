use super::fixtures::{NOW, draft, library, patron};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::credential::{Credential, CredentialState};
use todoke::domain::ids::{CredentialId, PatronId};
use todoke::domain::patron::Patron;
use todoke::store::collection_tries::{self, MOST_TRIES};
use todoke::store::credentials::{self, SealedSecret};
use todoke::store::{Db, StoreError};

fn credential(patron: &Patron) -> Credential {
    Credential {
        id: CredentialId::new(NOW),
        library_id: patron.library_id,
        patron_id: patron.id,
        application_id: patron.application_id,
        viewable_until: NOW + Duration::days(30),
        state: CredentialState::Unseen,
    }
}

async fn show(db: Db, credential: Credential) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    let until = NOW + Duration::minutes(10);
    credentials::mark_shown(&mut tx, &credential, "$argon2id$", b"sealed", until, NOW).await?;
    tx.commit().await
}

both_engines! {
    async fn a_password_is_shown_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let credential = credential(&patron);
        credentials::insert(&mut tx, &credential).await.unwrap();
        let unseen = credentials::find_by_patron(&mut tx, library.id, patron.id).await.unwrap();
        assert_eq!(unseen, Some(credential.clone()));
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..6).map(|_| tokio::spawn(show(database.db.clone(), credential.clone()))).collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert_eq!(results.iter().filter(|result| matches!(result, Err(StoreError::Stale))).count(), 5, "{results:?}");
        let mut tx = database.db.read().await.unwrap();
        let shown = credentials::find_by_patron(&mut tx, library.id, patron.id).await.unwrap().unwrap();
        assert_eq!(shown.state, CredentialState::Shown { hash: "$argon2id$".into(), shown_at: NOW });
    }

    async fn a_chosen_password_takes_the_place_of_the_one_that_was_read(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let credential = credential(&patron);
        credentials::insert(&mut tx, &credential).await.unwrap();
        let unseen = credentials::save_chosen(&mut tx, &credential, "own", NOW).await;
        assert!(matches!(unseen, Err(StoreError::Stale)), "nobody has seen one yet");
        let until = NOW + Duration::minutes(10);
        credentials::mark_shown(&mut tx, &credential, "initial", b"sealed", until, NOW).await.unwrap();
        let shown = credentials::find_by_patron(&mut tx, library.id, patron.id).await.unwrap().unwrap();
        credentials::save_chosen(&mut tx, &shown, "own", until).await.unwrap();
        let chosen = credentials::find_by_patron(&mut tx, library.id, patron.id).await.unwrap().unwrap();
        let state = CredentialState::Chosen { hash: "own".into(), shown_at: NOW, chosen_at: until };
        assert_eq!(chosen.state, state);
        assert_eq!(credentials::find_sealed(&mut tx, chosen.id, NOW).await.unwrap(), None, "it is not shown again");
        let late = credentials::save_chosen(&mut tx, &shown, "other", until).await;
        assert!(matches!(late, Err(StoreError::Stale)), "it is another one by now");
        let again = chosen.reissue(patron.application_id.unwrap(), until);
        credentials::save_reissued(&mut tx, &again).await.unwrap();
        let reissued = credentials::find_by_patron(&mut tx, library.id, patron.id).await.unwrap().unwrap();
        assert_eq!(reissued.state, CredentialState::Unseen);
    }

    async fn a_password_is_not_shown_after_its_time(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let credential = credential(&patron);
        credentials::insert(&mut tx, &credential).await.unwrap();
        let late = credential.viewable_until;
        let refused = credentials::mark_shown(&mut tx, &credential, "hash", b"s", late, late).await;
        assert!(matches!(refused, Err(StoreError::Stale)));
    }

    async fn the_sealed_text_is_there_for_its_time_and_then_erased(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let credential = credential(&patron);
        credentials::insert(&mut tx, &credential).await.unwrap();
        let (id, until) = (credential.id, NOW + Duration::minutes(10));
        assert_eq!(credentials::find_sealed(&mut tx, id, NOW).await.unwrap(), None);
        credentials::mark_shown(&mut tx, &credential, "hash", b"sealed", until, NOW).await.unwrap();
        let sealed = SealedSecret { bytes: b"sealed".to_vec(), until };
        assert_eq!(credentials::find_sealed(&mut tx, id, NOW).await.unwrap(), Some(sealed));
        assert_eq!(credentials::find_sealed(&mut tx, id, until).await.unwrap(), None);
        assert_eq!(credentials::erase_sealed_before(&mut tx, until - Duration::SECOND).await.unwrap(), 0);
        assert_eq!(credentials::erase_sealed_before(&mut tx, until).await.unwrap(), 1);
        assert_eq!(credentials::find_sealed(&mut tx, id, NOW).await.unwrap(), None);
    }

    async fn a_reissued_right_leaves_nothing_of_the_old_password(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let other = draft(&mut tx, library.id).await;
        let credential = credential(&patron);
        credentials::insert(&mut tx, &credential).await.unwrap();
        let until = NOW + Duration::minutes(10);
        credentials::mark_shown(&mut tx, &credential, "hash", b"sealed", until, NOW).await.unwrap();
        let reissued = credential.clone().reissue(other.id, NOW + Duration::days(60));
        credentials::save_reissued(&mut tx, &reissued).await.unwrap();
        let found = credentials::find_by_patron(&mut tx, library.id, patron.id).await.unwrap();
        assert_eq!(found, Some(reissued.clone()));
        assert_eq!(credentials::find_sealed(&mut tx, credential.id, NOW).await.unwrap(), None);
        let late = credentials::mark_shown(&mut tx, &credential, "hash", b"sealed", until, NOW).await;
        assert!(matches!(late, Err(StoreError::Stale)), "whoever held the old right does not use the new one");
        credentials::mark_shown(&mut tx, &reissued, "hash", b"sealed", until, NOW).await.unwrap();
    }

    async fn a_patron_has_one_credential_in_one_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = patron(&mut tx, himeji.id).await;
        credentials::insert(&mut tx, &credential(&patron)).await.unwrap();
        assert_eq!(credentials::find_by_patron(&mut tx, akashi.id, patron.id).await.unwrap(), None);
        assert_eq!(credentials::find_by_patron(&mut tx, himeji.id, PatronId::new(NOW)).await.unwrap(), None);
        let again = credentials::insert(&mut tx, &credential(&patron)).await;
        assert!(matches!(again, Err(StoreError::Duplicate)));
    }

    async fn a_collection_code_is_tried_ten_times(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        for tries in 1..=MOST_TRIES {
            let counted = collection_tries::count(&mut tx, library.id, application.id).await.unwrap();
            assert_eq!(counted, Some(tries));
        }
        assert_eq!(collection_tries::count(&mut tx, library.id, application.id).await.unwrap(), None);
    }
}
