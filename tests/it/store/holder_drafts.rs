use super::fixtures::{draft, library, patron};
use crate::support::database::both_engines;
use todoke::store::{StoreError, holder_drafts};

both_engines! {
    async fn what_a_patron_has_begun_is_listed_for_them_alone(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = patron(&mut tx, himeji.id).await;
        let (first, other) = (draft(&mut tx, himeji.id).await, draft(&mut tx, himeji.id).await);
        holder_drafts::insert(&mut tx, &first, patron.id).await.unwrap();
        let listed = holder_drafts::list(&mut tx, himeji.id, patron.id, 10).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [first.id], "not {}", other.id);
        assert!(holder_drafts::list(&mut tx, akashi.id, patron.id, 10).await.unwrap().is_empty());
        assert!(matches!(holder_drafts::insert(&mut tx, &first, patron.id).await, Err(StoreError::Duplicate)));
    }
}
