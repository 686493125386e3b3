use super::fixtures::{NOW, awaiting_signature, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::application::Application;
use todoke::domain::ids::SigningRequestId;
use todoke::store::signing_requests::{self, SigningRequest};
use todoke::store::{Db, StoreError};

fn request(application: &Application, state: u8) -> SigningRequest {
    SigningRequest {
        id: SigningRequestId::new(NOW),
        library_id: application.library_id,
        application_id: application.id,
        version: 1,
        state_hash: [state; 32],
        transaction_id: "transaction-1".into(),
        signed_attributes: b"1\x10".to_vec(),
        nonce: "the nonce".into(),
        code_verifier: "the verifier".into(),
        handoff_id: None,
        invitation_id: None,
        session_hash: [9; 32],
        opened_at: NOW + Duration::minutes(i64::from(state)),
        expires_at: NOW + Duration::minutes(30),
        consumed_at: None,
    }
}

async fn consume(db: Db, id: SigningRequestId) -> bool {
    let mut tx = db.begin().await.unwrap();
    let consumed = signing_requests::consume(&mut tx, id, NOW).await.unwrap();
    tx.commit().await.unwrap();
    consumed
}

both_engines! {
    async fn a_request_is_found_by_its_state(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let (first, second) = (request(&application, 1), request(&application, 2));
        signing_requests::insert(&mut tx, &first).await.unwrap();
        signing_requests::insert(&mut tx, &second).await.unwrap();
        assert_eq!(signing_requests::find_by_state(&mut tx, &[1; 32]).await.unwrap(), Some(first.clone()));
        assert_eq!(signing_requests::find_by_state(&mut tx, &[3; 32]).await.unwrap(), None);
        assert_eq!(signing_requests::find_open(&mut tx, application.id).await.unwrap(), Some(second.clone()));
        assert!(signing_requests::consume(&mut tx, second.id, NOW).await.unwrap());
        assert_eq!(signing_requests::find_open(&mut tx, application.id).await.unwrap(), Some(first));
        let consumed = signing_requests::find_by_state(&mut tx, &[2; 32]).await.unwrap().unwrap();
        assert_eq!(consumed.consumed_at, Some(NOW));
        let again = SigningRequest { id: SigningRequestId::new(NOW), ..second };
        assert!(matches!(signing_requests::insert(&mut tx, &again).await, Err(StoreError::Duplicate)));
    }

    async fn of_many_answers_one_is_taken(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let request = request(&application, 1);
        signing_requests::insert(&mut tx, &request).await.unwrap();
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(consume(database.db.clone(), request.id))).collect();
        let mut taken = 0;
        for task in tasks {
            taken += usize::from(task.await.unwrap());
        }
        assert_eq!(taken, 1);
    }

    async fn an_answer_after_the_time_is_not_taken(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let request = request(&application, 1);
        signing_requests::insert(&mut tx, &request).await.unwrap();
        assert!(!signing_requests::consume(&mut tx, request.id, request.expires_at).await.unwrap());
        assert!(signing_requests::consume(&mut tx, request.id, request.expires_at - Duration::SECOND).await.unwrap());
    }
}
