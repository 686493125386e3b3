use super::fixtures::{NOW, library, patron, staff_member, under_review};
use crate::support::database::both_engines;
use time::macros::date;
use todoke::domain::proof::ShownProof;
use todoke::store::{StoreError, application_proofs, applications, patron_erasure, patron_proofs};

fn shown(kind: &str, counts_until: Option<time::Date>) -> ShownProof {
    ShownProof { kind: kind.parse().unwrap(), counts_until }
}

both_engines! {
    async fn the_last_document_of_each_kind_is_kept_with_its_patron(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (hanako, taro) = (patron(&mut tx, himeji.id).await, patron(&mut tx, himeji.id).await);
        let (old, new) = (shown("student-card", Some(date!(2027 - 03 - 31))), shown("student-card", Some(date!(2028 - 03 - 31))));
        let for_ever = shown("guarantee", None);
        for shown in [&old, &new, &for_ever] {
            patron_proofs::save(&mut tx, himeji.id, hanako.id, shown, NOW).await.unwrap();
        }
        patron_proofs::save(&mut tx, himeji.id, taro.id, &old, NOW).await.unwrap();
        assert_eq!(patron_proofs::list(&mut tx, himeji.id, hanako.id).await.unwrap(), [for_ever, new]);
        assert_eq!(patron_proofs::list(&mut tx, akashi.id, hanako.id).await.unwrap(), []);
        patron_erasure::delete_belongings(&mut tx, himeji.id, hanako.id).await.unwrap();
        assert_eq!(patron_proofs::list(&mut tx, himeji.id, hanako.id).await.unwrap(), []);
        assert_eq!(patron_proofs::list(&mut tx, himeji.id, taro.id).await.unwrap(), [old], "somebody else's");
    }

    async fn a_patron_of_another_library_has_shown_nothing_here(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let hanako = patron(&mut tx, himeji.id).await;
        let refused = patron_proofs::save(&mut tx, akashi.id, hanako.id, &shown("student-card", None), NOW).await;
        assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    }

    async fn what_reviewers_noted_goes_with_the_contents_of_the_application(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let sato = staff_member(&mut tx, himeji.id, "sato").await;
        let (mine, other) = (under_review(&mut tx, &sato, b"1").await, under_review(&mut tx, &sato, b"2").await);
        let (first, second) = (shown("student-card", None), shown("student-card", Some(date!(2028 - 03 - 31))));
        for shown in [&first, &second, &shown("licence", None)] {
            application_proofs::save(&mut tx, &mine, shown, sato.id, NOW).await.unwrap();
        }
        application_proofs::save(&mut tx, &other, &first, sato.id, NOW).await.unwrap();
        assert_eq!(application_proofs::list(&mut tx, mine.id).await.unwrap(), [shown("licence", None), second]);
        assert!(applications::erase_signed(&mut tx, &mine).await.unwrap());
        assert_eq!(application_proofs::list(&mut tx, mine.id).await.unwrap(), []);
        assert_eq!(application_proofs::list(&mut tx, other.id).await.unwrap(), [first]);
    }

    async fn nobody_notes_anything_in_another_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (sato, stranger) = (staff_member(&mut tx, himeji.id, "sato").await, staff_member(&mut tx, akashi.id, "sato").await);
        let mine = under_review(&mut tx, &sato, b"1").await;
        let refused = application_proofs::save(&mut tx, &mine, &shown("student-card", None), stranger.id, NOW).await;
        assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    }
}
