use super::fixtures::{NOW, awaiting_signature, evidence, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::application::Application;
use todoke::domain::cosigning::{Invitation, InvitationEnd};
use todoke::domain::guardianship::Cosigner;
use todoke::domain::ids::CosignInvitationId;
use todoke::store::cosignatures::{self, Cosignature};
use todoke::store::signatures::RevocationAnswer;
use todoke::store::{Db, StoreError, cosign_invitations, signatures};

fn invitation(application: &Application, minutes: i64) -> Invitation {
    let asked_at = NOW + Duration::minutes(minutes);
    Invitation {
        id: CosignInvitationId::new(asked_at),
        library_id: application.library_id,
        application_id: application.id,
        version: 1,
        asked_at,
        tries: 0,
        session: None,
        ended: None,
    }
}

fn cosignature(application: &Application) -> Cosignature {
    Cosignature {
        library_id: application.library_id,
        application_id: application.id,
        version_number: 1,
        cosigner: Cosigner {
            name: "潮見 汐里".parse().unwrap(),
            relation: "guardian".parse().unwrap(),
            email: "shiori@example.jp".parse().unwrap(),
        },
        cms: b"a-cms-of-hers".to_vec(),
        certificate: b"a-certificate-of-hers".to_vec(),
        verdict_json: "{\"found\":\"a-verdict-of-hers\"}".into(),
        revocation: RevocationAnswer::Unknown,
        signer_token: [4; 32],
        received_at: NOW,
    }
}

async fn answer(db: Db, was: Invitation, session: u8) -> bool {
    let answered = was.clone().answer(session == 0, [session; 32], NOW).unwrap();
    let mut tx = db.begin().await.unwrap();
    match cosign_invitations::save(&mut tx, &was, &answered).await {
        Ok(()) => tx.commit().await.is_ok(),
        Err(StoreError::Stale) => false,
        Err(error) => panic!("{error}"),
    }
}

both_engines! {
    async fn an_invitation_is_found_by_its_token_which_rests_nowhere(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "shiomi").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let first = invitation(&application, 0);
        let secrets = cosign_invitations::insert(&mut tx, &first, &[7; 32]).await.unwrap();
        assert_eq!(cosign_invitations::find_by_token(&mut tx, &secrets.token).await.unwrap(), Some(first.clone()));
        assert_eq!(cosign_invitations::find_by_token(&mut tx, "another").await.unwrap(), None);
        assert_eq!(cosign_invitations::find(&mut tx, first.id).await.unwrap(), Some(first.clone()));
        assert_eq!(cosign_invitations::open_secrets(&mut tx, &first).await.unwrap(), secrets, "and made once more");
        tx.commit().await.unwrap();
        assert!(!database.holds(&secrets.token).await && !database.holds(&secrets.code.to_string()).await);
        let mut tx = database.db.begin().await.unwrap();
        let twin = cosign_invitations::insert(&mut tx, &invitation(&application, 1), &[8; 32]).await;
        assert!(matches!(twin, Err(StoreError::Duplicate)), "one lives at a time");
    }

    async fn another_takes_the_place_of_a_closed_one(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "shiomi").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let (first, second) = (invitation(&application, 0), invitation(&application, 1));
        cosign_invitations::insert(&mut tx, &first, &[7; 32]).await.unwrap();
        cosign_invitations::close(&mut tx, application.id, InvitationEnd::Replaced, NOW).await.unwrap();
        cosign_invitations::insert(&mut tx, &second, &[8; 32]).await.unwrap();
        let closed = cosign_invitations::find(&mut tx, first.id).await.unwrap().unwrap();
        assert_eq!(closed.ended, Some((InvitationEnd::Replaced, NOW)));
        assert_eq!(cosign_invitations::find_newest(&mut tx, application.id).await.unwrap(), Some(second));
        let late = first.clone().end(InvitationEnd::Cosigned, NOW).unwrap();
        assert!(matches!(cosign_invitations::save(&mut tx, &first, &late).await, Err(StoreError::Stale)));
    }

    async fn every_wrong_code_counts_even_of_many_at_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "shiomi").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let first = invitation(&application, 0);
        cosign_invitations::insert(&mut tx, &first, &[7; 32]).await.unwrap();
        tx.commit().await.unwrap();
        let mut taken = 0;
        for session in 1..=4 {
            taken += u32::from(answer(database.db.clone(), first.clone(), session).await);
        }
        assert_eq!(taken, 1, "the others read a state that is over");
        let now = cosign_invitations::find(&mut database.db.read().await.unwrap(), first.id).await.unwrap().unwrap();
        assert_eq!(now.tries, 1);
        assert!(answer(database.db.clone(), now, 0).await);
        let now = cosign_invitations::find(&mut database.db.read().await.unwrap(), first.id).await.unwrap().unwrap();
        assert!(now.is_of(&[0; 32], NOW) && now.is_living());
    }

    async fn a_cosignature_comes_back_and_is_sealed(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "shiomi").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let own = evidence(&mut tx, &application, b"1").await;
        signatures::insert(&mut tx, &own, &own.signer_token).await.unwrap();
        let cosignature = cosignature(&application);
        cosignatures::insert(&mut tx, &cosignature).await.unwrap();
        assert_eq!(cosignatures::find(&mut tx, application.id, 1).await.unwrap(), Some(cosignature.clone()));
        assert_eq!(cosignatures::find(&mut tx, application.id, 2).await.unwrap(), None);
        cosignatures::set_revocation(&mut tx, application.id, 1, RevocationAnswer::Good).await.unwrap();
        let now = cosignatures::find(&mut tx, application.id, 1).await.unwrap().unwrap();
        assert_eq!(now.revocation, RevocationAnswer::Good);
        tx.commit().await.unwrap();
        for part in ["汐里", "shiori@example.jp", "a-cms-of-hers", "a-certificate-of-hers", "a-verdict-of-hers"] {
            assert!(!database.holds(part).await, "{part}");
        }
        let mut tx = database.db.begin().await.unwrap();
        assert!(matches!(cosignatures::insert(&mut tx, &cosignature).await, Err(StoreError::Duplicate)));
    }

    async fn a_void_signature_is_gone(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "shiomi").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let own = evidence(&mut tx, &application, b"1").await;
        signatures::insert(&mut tx, &own, &own.signer_token).await.unwrap();
        signatures::void(&mut tx, application.id, 2).await.unwrap();
        assert!(signatures::find(&mut tx, application.id, 1).await.unwrap().is_some(), "another version's stays");
        signatures::void(&mut tx, application.id, 1).await.unwrap();
        assert_eq!(signatures::find(&mut tx, application.id, 1).await.unwrap(), None);
    }
}
