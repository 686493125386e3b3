use super::fixtures::{answers, draft, library, new_draft};
use crate::support::database::both_engines;
use todoke::domain::answers::DraftAnswers;
use todoke::store::{applications, drafts};

both_engines! {
    async fn answers_come_back_as_they_were_given(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), answers());
        let changed = DraftAnswers { plastic_card: true, name: Some("髙橋\u{e0100}".parse().unwrap()), ..answers() };
        drafts::save(&mut tx, &application, &changed).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.db.read().await.unwrap();
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), changed);
    }

    async fn a_draft_without_answers_is_empty(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = new_draft(library.id);
        applications::insert(&mut tx, &application).await.unwrap();
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), DraftAnswers::default());
    }

    async fn erased_answers_are_neither_read_nor_found(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let application = draft(&mut tx, library.id).await;
        drafts::erase(&mut tx, &application).await.unwrap();
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), DraftAnswers::default());
        let found = applications::list_drafts_by_email(&mut tx, library.id, &answers().email.unwrap()).await.unwrap();
        assert!(found.is_empty());
        drafts::save(&mut tx, &application, &answers()).await.unwrap();
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), answers());
    }

    async fn a_draft_is_not_kept_under_another_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let mut application = new_draft(himeji.id);
        applications::insert(&mut tx, &application).await.unwrap();
        application.library_id = akashi.id;
        assert!(drafts::save(&mut tx, &application, &answers()).await.is_err());
    }
}
