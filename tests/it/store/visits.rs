use super::fixtures::{NOW, awaiting_signature, draft, library, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::ids::StaffId;
use todoke::domain::visit::{SightedDocument, Sighting, SlipTerm};
use todoke::store::seal::erase_key;
use todoke::store::{StoreError, applications, versions, visits};

both_engines! {
    async fn a_draft_becomes_a_slip_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let draft = draft(&mut tx, library.id).await;
        assert_eq!(visits::find_slip(&mut tx, draft.id).await.unwrap(), None);
        let valid_until = NOW + Duration::days(30);
        let slip = SlipTerm { library_id: library.id, application_id: draft.id, made_at: NOW, valid_until };
        visits::insert_slip(&mut tx, &slip).await.unwrap();
        assert_eq!(visits::find_slip(&mut tx, draft.id).await.unwrap(), Some(slip));
        assert!(matches!(visits::insert_slip(&mut tx, &slip).await, Err(StoreError::Duplicate)));
    }

    async fn what_was_seen_is_sealed_and_bound_to_its_version(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let sato = staff_member(&mut tx, library.id, "sato").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let seen = SightedDocument {
            kind: "driving-licence".parse().unwrap(),
            label: "カナリアの免許証".to_owned(),
            dated: Some(date!(2030 - 05 - 01)),
        };
        let sighting = Sighting {
            library_id: library.id,
            application_id: application.id,
            version_number: 1,
            documents: vec![seen],
            sighted_by: sato.id,
            sighted_at: NOW,
        };
        visits::insert_sighting(&mut tx, &sighting).await.unwrap();
        assert_eq!(visits::find_sighting(&mut tx, application.id, 1).await.unwrap(), Some(sighting.clone()));
        assert_eq!(visits::find_sighting(&mut tx, application.id, 2).await.unwrap(), None);
        erase_key(&mut tx, application.id.as_uuid()).await.unwrap();
        let gone = visits::find_sighting(&mut tx, application.id, 1).await;
        assert!(matches!(gone, Err(StoreError::Unsealable { .. })), "{gone:?}");
    }

    async fn nobody_has_seen_anything_who_does_not_work_here(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        let sighting = Sighting {
            library_id: library.id,
            application_id: application.id,
            version_number: 1,
            documents: Vec::new(),
            sighted_by: StaffId::new(NOW),
            sighted_at: NOW,
        };
        assert!(visits::insert_sighting(&mut tx, &sighting).await.is_err());
    }

    async fn what_was_seen_is_kept_until_everything_is_erased(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let sato = staff_member(&mut tx, library.id, "sato").await;
        let application = awaiting_signature(&mut tx, library.id).await;
        assert!(!visits::is_any_seen(&mut tx, application.id).await.unwrap());
        let sighting = Sighting {
            library_id: library.id,
            application_id: application.id,
            version_number: 1,
            documents: Vec::new(),
            sighted_by: sato.id,
            sighted_at: NOW,
        };
        visits::insert_sighting(&mut tx, &sighting).await.unwrap();
        assert!(visits::is_any_seen(&mut tx, application.id).await.unwrap());
        let withdrawn = applications::save(&mut tx, application.withdraw(NOW).unwrap()).await.unwrap();
        assert_eq!(applications::list_unerased(&mut tx, 9).await.unwrap(), []);
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert!(applications::erase_contents(&mut tx, &withdrawn).await.is_err(), "somebody stood for it");
        drop(tx);
        let mut tx = database.db.begin().await.unwrap();
        assert!(applications::erase_signed(&mut tx, &withdrawn).await.unwrap());
        assert!(!visits::is_any_seen(&mut tx, withdrawn.id).await.unwrap());
        assert_eq!(versions::find(&mut tx, withdrawn.id, 1).await.unwrap(), None);
    }
}
