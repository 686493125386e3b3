use super::fixtures::{NOW, library, submitted};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::{CardSignInId, LibraryId};
use todoke::store::card_sign_ins::{self, CardProof, CardPurpose, CardSignIn};
use todoke::store::{Db, StoreError, app_subjects};

fn request(library_id: LibraryId, state: u8) -> CardSignIn {
    CardSignIn {
        id: CardSignInId::new(NOW),
        library_id,
        purpose: CardPurpose::Reveal,
        state_hash: [state; 32],
        session_hash: [9; 32],
        opened_at: NOW,
        expires_at: NOW + Duration::minutes(10),
        consumed_at: None,
        proof: None,
    }
}

async fn consume(db: Db, id: CardSignInId) -> bool {
    let mut tx = db.begin().await.unwrap();
    let consumed = card_sign_ins::consume(&mut tx, id, NOW).await.unwrap();
    tx.commit().await.unwrap();
    consumed
}

both_engines! {
    async fn a_request_is_found_by_its_state_and_by_what_followed(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let opened = request(library.id, 1);
        card_sign_ins::insert(&mut tx, &opened).await.unwrap();
        assert_eq!(card_sign_ins::find_by_state(&mut tx, &[1; 32]).await.unwrap(), Some(opened.clone()));
        assert_eq!(card_sign_ins::find_by_state(&mut tx, &[2; 32]).await.unwrap(), None);

        let proof = CardProof { session_hash: [5; 32], subject_token: [6; 32] };
        let early = card_sign_ins::save_proof(&mut tx, opened.id, &proof).await;
        assert!(matches!(early, Err(StoreError::Stale)), "nothing is proved before an answer");
        assert!(card_sign_ins::consume(&mut tx, opened.id, NOW).await.unwrap());
        card_sign_ins::save_proof(&mut tx, opened.id, &proof).await.unwrap();
        let again = card_sign_ins::save_proof(&mut tx, opened.id, &proof).await;
        assert!(matches!(again, Err(StoreError::Stale)));

        let proved = CardSignIn { consumed_at: Some(NOW), proof: Some(proof), ..opened };
        let found = card_sign_ins::find_by_proved_session(&mut tx, library.id, &[5; 32]).await.unwrap();
        assert_eq!(found, Some(proved));
        let other_library = LibraryId::new(NOW);
        assert_eq!(card_sign_ins::find_by_proved_session(&mut tx, other_library, &[5; 32]).await.unwrap(), None);
        assert_eq!(card_sign_ins::find_by_proved_session(&mut tx, library.id, &[9; 32]).await.unwrap(), None);
    }

    async fn a_state_is_used_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        card_sign_ins::insert(&mut tx, &request(library.id, 1)).await.unwrap();
        let twin = card_sign_ins::insert(&mut tx, &request(library.id, 1)).await;
        assert!(matches!(twin, Err(StoreError::Duplicate)));
    }

    async fn of_many_answers_one_is_taken_and_none_too_late(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (open, late) = (request(library.id, 1), CardSignIn { expires_at: NOW, ..request(library.id, 2) });
        card_sign_ins::insert(&mut tx, &open).await.unwrap();
        card_sign_ins::insert(&mut tx, &late).await.unwrap();
        tx.commit().await.unwrap();
        let takers: Vec<_> = (0..6).map(|_| tokio::spawn(consume(database.db.clone(), open.id))).collect();
        let mut taken = 0;
        for taker in takers {
            taken += u32::from(taker.await.unwrap());
        }
        assert_eq!(taken, 1);
        assert!(!consume(database.db.clone(), late.id).await);
    }

    async fn old_requests_are_deleted(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        card_sign_ins::insert(&mut tx, &request(library.id, 1)).await.unwrap();
        assert_eq!(card_sign_ins::delete_opened_before(&mut tx, NOW).await.unwrap(), 0);
        assert_eq!(card_sign_ins::delete_opened_before(&mut tx, NOW + Duration::seconds(1)).await.unwrap(), 1);
        assert_eq!(card_sign_ins::find_by_state(&mut tx, &[1; 32]).await.unwrap(), None);
    }

    async fn an_application_is_found_by_its_signers_name(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, shiomi) = (library(&mut tx, "himeji").await, library(&mut tx, "shiomi").await);
        let (first, second) = (submitted(&mut tx, himeji.id, b"1", NOW).await, submitted(&mut tx, himeji.id, b"2", NOW).await);
        let token = app_subjects::subject_token(&mut tx, himeji.id, "https://app.example", "ppid-1").await.unwrap();
        for (library_id, issuer, subject) in [
            (shiomi.id, "https://app.example", "ppid-1"),
            (himeji.id, "https://other.example", "ppid-1"),
            (himeji.id, "https://app.example", "ppid-2"),
        ] {
            let other = app_subjects::subject_token(&mut tx, library_id, issuer, subject).await.unwrap();
            assert_ne!(other, token, "{issuer} {subject}");
        }
        app_subjects::save(&mut tx, himeji.id, first.id, &token, NOW).await.unwrap();
        app_subjects::save(&mut tx, himeji.id, second.id, &[1; 32], NOW).await.unwrap();
        app_subjects::save(&mut tx, himeji.id, second.id, &token, NOW + Duration::seconds(1)).await.unwrap();
        assert_eq!(app_subjects::find(&mut tx, himeji.id, second.id).await.unwrap(), Some(token));
        assert_eq!(app_subjects::find(&mut tx, shiomi.id, second.id).await.unwrap(), None);
        let found = app_subjects::list_applications(&mut tx, himeji.id, &token).await.unwrap();
        assert_eq!(found.iter().map(|application| application.id).collect::<Vec<_>>(), [second.id, first.id]);
        assert!(app_subjects::list_applications(&mut tx, himeji.id, &[1; 32]).await.unwrap().is_empty());
        assert!(app_subjects::list_applications(&mut tx, shiomi.id, &token).await.unwrap().is_empty());
    }
}
