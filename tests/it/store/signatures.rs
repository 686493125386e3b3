use super::fixtures::{NOW, awaiting_signature, evidence, library, staff_member, submitted, under_review};
use crate::support::database::both_engines;
use todoke::domain::application::ApplicationState;
use todoke::domain::procedure::Procedure;
use todoke::store::signatures::signer_token;
use todoke::store::{StoreError, applications, signatures};

both_engines! {
    async fn evidence_comes_back_whole(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let evidence = evidence(&mut tx, &application, b"1").await;
        signatures::insert(&mut tx, &evidence, &evidence.signer_token).await.unwrap();
        assert_eq!(signatures::find(&mut tx, application.id, 1).await.unwrap(), Some(evidence.clone()));
        assert_eq!(signatures::find(&mut tx, application.id, 2).await.unwrap(), None);
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert!(matches!(signatures::insert(&mut tx, &evidence, &evidence.signer_token).await, Err(StoreError::Duplicate)));
        drop(tx);
        assert!(database.execute("UPDATE signatures SET revocation = 'good'").await.is_err());
    }

    async fn a_card_has_one_open_application_per_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let first = submitted(&mut tx, himeji.id, b"1", NOW).await;
        submitted(&mut tx, akashi.id, b"1", NOW).await;
        submitted(&mut tx, himeji.id, b"2", NOW).await;
        let token = signer_token(&mut tx, himeji.id, b"issuer", b"1").await.unwrap();
        let open = signatures::find_open_by_signer(&mut tx, himeji.id, Procedure::NewCard, &token).await.unwrap();
        assert_eq!(open, Some(first.reference.clone()));
        assert_eq!(signatures::find_open_by_signer(&mut tx, akashi.id, Procedure::NewCard, &token).await.unwrap(), None);
        tx.commit().await.unwrap();

        let mut tx = database.db.begin().await.unwrap();
        let again = awaiting_signature(&mut tx, himeji.id).await;
        let evidence = evidence(&mut tx, &again, b"1").await;
        signatures::insert(&mut tx, &evidence, &evidence.signer_token).await.unwrap();
        let ApplicationState::AwaitingSignature { request, .. } = again.state else { panic!("{:?}", again.state) };
        let refused = applications::save(&mut tx, again.submit(request, NOW).unwrap()).await;
        assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    }

    async fn a_decided_application_makes_room_for_another(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let first = under_review(&mut tx, &by, b"1").await;
        let seen = first.state.version().unwrap();
        applications::save(&mut tx, first.approve(&by, seen, None, NOW).unwrap().issue().unwrap()).await.unwrap();
        let token = signer_token(&mut tx, library.id, b"issuer", b"1").await.unwrap();
        assert_eq!(signatures::find_open_by_signer(&mut tx, library.id, Procedure::NewCard, &token).await.unwrap(), None);
        submitted(&mut tx, library.id, b"1", NOW).await;
    }
}
