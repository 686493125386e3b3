use super::fixtures::{NOW, draft, library, new_patron, patron};
use crate::support::database::both_engines;
use todoke::domain::ids::PatronId;
use todoke::store::seal::erase_key;
use todoke::store::{StoreError, patrons};

both_engines! {
    async fn a_patron_is_found_in_their_own_library_only(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = patron(&mut tx, himeji.id).await;
        let (id, application_id) = (patron.id, patron.application_id.unwrap());
        assert_eq!(patrons::find(&mut tx, himeji.id, id).await.unwrap(), Some(patron.clone()));
        let by_application = patrons::find_by_application(&mut tx, himeji.id, application_id).await.unwrap();
        assert_eq!(by_application, Some(patron));
        assert_eq!(patrons::find(&mut tx, akashi.id, id).await.unwrap(), None);
        assert_eq!(patrons::find_by_application(&mut tx, akashi.id, application_id).await.unwrap(), None);
        assert_eq!(patrons::find(&mut tx, himeji.id, PatronId::new(NOW)).await.unwrap(), None);
    }

    async fn a_patron_outlives_the_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        erase_key(&mut tx, patron.application_id.unwrap().as_uuid()).await.unwrap();
        assert_eq!(patrons::find(&mut tx, library.id, patron.id).await.unwrap(), Some(patron.clone()));
        erase_key(&mut tx, patron.id.as_uuid()).await.unwrap();
        let gone = patrons::find(&mut tx, library.id, patron.id).await;
        assert!(matches!(gone, Err(StoreError::Unsealable { table: "patrons", .. })), "{gone:?}");
    }

    async fn an_application_makes_one_patron(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        patrons::insert(&mut tx, &new_patron(library.id, application.id)).await.unwrap();
        let again = patrons::insert(&mut tx, &new_patron(library.id, application.id)).await;
        assert!(matches!(again, Err(StoreError::Duplicate)));
    }
}
