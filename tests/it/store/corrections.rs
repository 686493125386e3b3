use super::fixtures::{NOW, library, staff_member, under_review};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::application::Application;
use todoke::domain::correction::{AskedItem, Correction, CorrectionReason, Field};
use todoke::domain::staff::StaffMember;
use todoke::store::{StoreError, applications, corrections};

fn asked(application: &Application, by: &StaffMember, seq: u32, field: Field) -> Correction {
    Correction {
        library_id: application.library_id,
        application_id: application.id,
        seq,
        version: 1,
        item: AskedItem {
            field,
            reason: CorrectionReason::Mismatch,
            text: "カードと同じ文字で入力してください".parse().unwrap(),
        },
        asked_by: by.id,
        asked_at: NOW,
        answer: None,
        resolved_at: None,
        resolved_version: None,
    }
}

both_engines! {
    async fn what_was_asked_comes_back_in_order_and_is_sealed(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let application = under_review(&mut tx, &by, b"1").await;
        let both = [asked(&application, &by, 1, Field::Name), asked(&application, &by, 2, Field::Address)];
        for one in &both {
            corrections::insert(&mut tx, one).await.unwrap();
        }
        assert_eq!(corrections::list(&mut tx, application.id).await.unwrap(), both);
        tx.commit().await.unwrap();
        assert!(!database.holds("カードと同じ文字").await);
        let mut tx = database.db.begin().await.unwrap();
        let again = corrections::insert(&mut tx, &asked(&application, &by, 3, Field::Name)).await;
        assert!(matches!(again, Err(StoreError::Duplicate)), "a field is asked about once at a time");
    }

    async fn an_open_correction_is_answered_and_settled_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let application = under_review(&mut tx, &by, b"1").await;
        corrections::insert(&mut tx, &asked(&application, &by, 1, Field::Name)).await.unwrap();
        let words = "このままで正しいです".parse().unwrap();
        assert!(corrections::answer(&mut tx, application.id, Field::Name, Some(&words)).await.unwrap());
        assert!(!corrections::answer(&mut tx, application.id, Field::Birth, Some(&words)).await.unwrap());
        let listed = corrections::list(&mut tx, application.id).await.unwrap();
        assert_eq!(listed[0].answer.as_ref(), Some(&words));
        let later = NOW + Duration::hours(1);
        assert_eq!(corrections::resolve_all(&mut tx, application.id, Some(2), later).await.unwrap(), 1);
        assert_eq!(corrections::resolve_all(&mut tx, application.id, None, later).await.unwrap(), 0);
        let listed = corrections::list(&mut tx, application.id).await.unwrap();
        assert_eq!((listed[0].resolved_at, listed[0].resolved_version), (Some(later), Some(2)));
        assert!(!corrections::answer(&mut tx, application.id, Field::Name, None).await.unwrap(), "it is settled");
        corrections::insert(&mut tx, &asked(&application, &by, 2, Field::Name)).await.unwrap();
    }

    async fn a_signed_application_can_be_erased_whole(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let application = under_review(&mut tx, &by, b"1").await;
        corrections::insert(&mut tx, &asked(&application, &by, 1, Field::Name)).await.unwrap();
        let withdrawn = applications::save(&mut tx, application.withdraw(NOW).unwrap()).await.unwrap();
        let purged = applications::save(&mut tx, withdrawn.purge(NOW).unwrap()).await.unwrap();
        assert!(applications::erase_signed(&mut tx, &purged).await.unwrap());
        assert_eq!(applications::find(&mut tx, library.id, purged.id).await.unwrap(), Some(purged));
        tx.commit().await.unwrap();
        for table in ["corrections", "versions", "signatures", "drafts"] {
            assert_eq!(database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        let keys = "SELECT COUNT(*) FROM data_keys k JOIN applications a ON a.id = k.owner_id";
        assert_eq!(database.count(keys).await, 0, "what was sealed can be read by nobody");
        assert_eq!(database.count("SELECT COUNT(*) FROM applications WHERE signer_token IS NOT NULL").await, 0);
    }
}
