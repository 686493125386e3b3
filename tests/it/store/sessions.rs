use super::fixtures::{NOW, library, patron, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::device::DeviceKind;
use todoke::domain::ids::{ApplicationId, LibraryId};
use todoke::store::StoreError;
use todoke::store::sessions::{self, Session, SessionProof, SessionSubject};

fn session(library_id: LibraryId, token: u8, subject: SessionSubject) -> Session {
    Session {
        token_hash: [token; 32],
        library_id,
        subject,
        started_at: NOW,
        seen_at: NOW,
        expires_at: NOW + Duration::HOUR,
        proof: None,
        device: None,
    }
}

both_engines! {
    async fn a_session_is_found_in_its_library_while_it_lives(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let by = staff_member(&mut tx, himeji.id, "imai").await;
        let patron = patron(&mut tx, himeji.id).await;
        let subjects = [
            SessionSubject::Visitor,
            SessionSubject::Reader(ApplicationId::new(NOW)),
            SessionSubject::Applicant(ApplicationId::new(NOW)),
            SessionSubject::Staff(by.id),
            SessionSubject::Patron(patron.id),
        ];
        for (token, subject) in (1..).zip(subjects) {
            let session = session(himeji.id, token, subject);
            sessions::insert(&mut tx, &session).await.unwrap();
            let hash = session.token_hash;
            assert_eq!(sessions::find(&mut tx, akashi.id, &hash, NOW).await.unwrap(), None);
            assert_eq!(sessions::find(&mut tx, himeji.id, &hash, session.expires_at).await.unwrap(), None);
            assert_eq!(sessions::find(&mut tx, himeji.id, &hash, NOW).await.unwrap(), Some(session));
        }
        assert_eq!(sessions::find(&mut tx, himeji.id, &[9; 32], NOW).await.unwrap(), None);
        let again = sessions::insert(&mut tx, &session(akashi.id, 1, SessionSubject::Visitor)).await;
        assert!(matches!(again, Err(StoreError::Duplicate)));
    }

    async fn use_prolongs_a_session(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        sessions::insert(&mut tx, &session(library.id, 1, SessionSubject::Visitor)).await.unwrap();
        let (seen_at, expires_at) = (NOW + Duration::MINUTE, NOW + Duration::hours(2));
        sessions::touch(&mut tx, &[1; 32], seen_at, expires_at, expires_at).await.unwrap();
        let found = sessions::find(&mut tx, library.id, &[1; 32], NOW + Duration::HOUR).await.unwrap().unwrap();
        assert_eq!((found.seen_at, found.expires_at), (seen_at, expires_at));
    }

    async fn a_session_says_whose_it_is_and_from_what_device(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = patron(&mut tx, himeji.id).await;
        let by = ApplicationId::new(NOW);
        let proof = SessionProof { by: Some(by), at: NOW, until: NOW + Duration::HOUR, patron: Some(patron.id) };
        let reader = SessionSubject::Reader(by);
        let own = Session { proof: Some(proof), ..session(himeji.id, 1, reader) };
        let later = Session { seen_at: NOW + Duration::MINUTE, token_hash: [2; 32], ..own.clone() };
        for one in [&own, &later, &session(himeji.id, 3, reader)] {
            sessions::insert(&mut tx, one).await.unwrap();
        }
        sessions::save_device(&mut tx, &own.token_hash, DeviceKind::Ipad).await.unwrap();
        let own = Session { device: Some(DeviceKind::Ipad), ..own };
        assert_eq!(sessions::find(&mut tx, himeji.id, &own.token_hash, NOW).await.unwrap(), Some(own.clone()));
        let listed = sessions::list_by_patron(&mut tx, himeji.id, patron.id, NOW).await.unwrap();
        assert_eq!(listed, [later, own]);
        assert!(sessions::list_by_patron(&mut tx, akashi.id, patron.id, NOW).await.unwrap().is_empty());
        let over = NOW + Duration::hours(2);
        assert!(sessions::list_by_patron(&mut tx, himeji.id, patron.id, over).await.unwrap().is_empty());
    }

    async fn what_a_session_proves_ends_before_it_and_does_not_come_back(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let proof = SessionProof { by: Some(ApplicationId::new(NOW)), at: NOW, until: NOW + Duration::MINUTE, patron: None };
        let applicant = SessionSubject::Applicant(ApplicationId::new(NOW));
        let proving = Session { proof: Some(proof), ..session(library.id, 1, applicant) };
        sessions::insert(&mut tx, &proving).await.unwrap();
        let found = sessions::find(&mut tx, library.id, &[1; 32], NOW).await.unwrap();
        assert_eq!(found, Some(proving.clone()));
        let later = NOW + Duration::hours(2);
        sessions::touch(&mut tx, &[1; 32], NOW, proving.expires_at, NOW + Duration::minutes(2)).await.unwrap();
        let prolonged = sessions::find(&mut tx, library.id, &[1; 32], NOW).await.unwrap().unwrap().proof.unwrap();
        assert_eq!(prolonged, SessionProof { until: NOW + Duration::minutes(2), ..proof });
        sessions::touch(&mut tx, &[1; 32], NOW + Duration::minutes(3), proving.expires_at, later).await.unwrap();
        let over = sessions::find(&mut tx, library.id, &[1; 32], NOW).await.unwrap().unwrap().proof.unwrap();
        assert_eq!(over.until, NOW + Duration::minutes(2), "what is over is not prolonged");
    }

    async fn sessions_end_by_hand_by_time_and_with_their_staff_member(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let applicant = SessionSubject::Applicant(ApplicationId::from_uuid(by.id.as_uuid()));
        for (token, subject) in [
            (1, SessionSubject::Visitor),
            (2, SessionSubject::Staff(by.id)),
            (3, SessionSubject::Staff(by.id)),
            (4, applicant),
        ] {
            sessions::insert(&mut tx, &session(library.id, token, subject)).await.unwrap();
        }
        sessions::delete(&mut tx, &[1; 32]).await.unwrap();
        assert_eq!(sessions::find(&mut tx, library.id, &[1; 32], NOW).await.unwrap(), None);
        assert_eq!(sessions::delete_by_staff(&mut tx, by.id).await.unwrap(), 2);
        assert!(sessions::find(&mut tx, library.id, &[4; 32], NOW).await.unwrap().is_some());
        let end = NOW + Duration::HOUR;
        assert_eq!(sessions::delete_expired(&mut tx, end - Duration::SECOND).await.unwrap(), 0);
        assert_eq!(sessions::delete_expired(&mut tx, end).await.unwrap(), 1);
    }
}
