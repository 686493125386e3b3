use super::fixtures::{NOW, draft, library, new_patron, patron};
use crate::support::database::both_engines;
use todoke::domain::ids::PatronId;
use todoke::domain::language::Language;
use todoke::domain::patron::Patron;
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

    async fn facts_are_saved_by_whoever_read_the_latest_and_found_by_the_new_name(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let mut moved = patron.clone();
        moved.facts.name = "神戸 花子".parse().unwrap();
        patrons::save(&mut tx, &moved).await.unwrap();
        let found = patrons::find(&mut tx, library.id, patron.id).await.unwrap().unwrap();
        assert_eq!((found.facts, found.row_version), (moved.facts, patron.row_version + 1));
        assert!(matches!(patrons::save(&mut tx, &patron).await, Err(StoreError::Stale)));
    }

    async fn a_patrons_language_is_kept_and_changes_without_getting_in_anybodys_way(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let application = draft(&mut tx, himeji.id).await;
        let easy = Patron { language: Language::JaSimple, ..new_patron(himeji.id, application.id) };
        patrons::insert(&mut tx, &easy).await.unwrap();
        assert_eq!(patrons::find(&mut tx, himeji.id, easy.id).await.unwrap(), Some(easy.clone()));
        patrons::save_language(&mut tx, akashi.id, easy.id, Language::En).await.unwrap();
        assert_eq!(patrons::find(&mut tx, himeji.id, easy.id).await.unwrap(), Some(easy.clone()));
        patrons::save_language(&mut tx, himeji.id, easy.id, Language::En).await.unwrap();
        patrons::save(&mut tx, &easy).await.unwrap();
        let saved = patrons::find(&mut tx, himeji.id, easy.id).await.unwrap().unwrap();
        assert_eq!((saved.language, saved.row_version), (Language::En, easy.row_version + 1));
    }

    async fn a_patron_who_was_there_before_the_portal_has_no_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        for _ in 0..2 {
            let imported = Patron { application_id: None, ..new_patron(library.id, application.id) };
            patrons::insert(&mut tx, &Patron { id: PatronId::new(NOW), ..imported }).await.unwrap();
        }
        assert_eq!(patrons::find_by_application(&mut tx, library.id, application.id).await.unwrap(), None);
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

    async fn a_guardians_application_makes_each_child_a_patron_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        let child = |child_number| Patron {
            id: PatronId::new(NOW),
            child_number,
            ..new_patron(library.id, application.id)
        };
        for number in [2, 1] {
            patrons::insert(&mut tx, &child(number)).await.unwrap();
        }
        let children = patrons::list_children(&mut tx, library.id, application.id).await.unwrap();
        assert_eq!(children.iter().map(|child| child.child_number).collect::<Vec<_>>(), [1, 2]);
        assert!(matches!(patrons::insert(&mut tx, &child(2)).await, Err(StoreError::Duplicate)));
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
