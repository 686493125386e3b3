use super::fixtures::{NOW, library, staff_member, under_review};
use crate::support::database::both_engines;
use todoke::domain::application::{Application, Decider};
use todoke::domain::review::{Decision, Outcome};
use todoke::domain::staff::StaffMember;
use todoke::store::{StoreError, decisions};

fn decision(application: &Application, by: &StaffMember, outcome: Outcome) -> Decision {
    Decision {
        library_id: application.library_id,
        application_id: application.id,
        version: application.state.version().unwrap(),
        outcome,
        decided_by: Decider::Staff(by.id),
        decided_at: NOW,
    }
}

both_engines! {
    async fn one_decision_stands(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let application = under_review(&mut tx, &by, b"1").await;
        assert_eq!(decisions::find_standing(&mut tx, application.id).await.unwrap(), None);
        let approved = decision(&application, &by, Outcome::Approved);
        decisions::insert(&mut tx, &approved).await.unwrap();
        assert_eq!(decisions::find_standing(&mut tx, application.id).await.unwrap(), Some(approved));
        let declined = decision(&application, &by, Outcome::Declined("二重の申込みです。".parse().unwrap()));
        assert!(matches!(decisions::insert(&mut tx, &declined).await, Err(StoreError::Duplicate)));
    }

    async fn a_reason_comes_back_as_it_was_written(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "imai").await;
        let application = under_review(&mut tx, &by, b"1").await;
        let declined = decision(&application, &by, Outcome::Declined("住所を\n確かめられません。".parse().unwrap()));
        decisions::insert(&mut tx, &declined).await.unwrap();
        assert_eq!(decisions::find_standing(&mut tx, application.id).await.unwrap(), Some(declined));
    }

    async fn staff_of_another_library_decides_nothing(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let by = staff_member(&mut tx, himeji.id, "imai").await;
        let stranger = staff_member(&mut tx, akashi.id, "imai").await;
        let application = under_review(&mut tx, &by, b"1").await;
        let foreign = decision(&application, &stranger, Outcome::Approved);
        assert!(matches!(decisions::insert(&mut tx, &foreign).await, Err(StoreError::Database(_))));
    }
}
