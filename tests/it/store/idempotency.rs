use super::fixtures::{NOW, library};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::LibraryId;
use todoke::store::Db;
use todoke::store::idempotency::{self, Claim, OnceKey};

const fn sending(library_id: LibraryId) -> OnceKey<'static> {
    OnceKey { library_id, actor: [1; 32], route: "/decision", key: "key", body_hash: [2; 32], location: "/done" }
}

async fn send(db: Db, library_id: LibraryId) -> Claim {
    let mut tx = db.begin().await.unwrap();
    let claim = idempotency::claim(&mut tx, &sending(library_id), NOW).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

both_engines! {
    async fn of_twenty_sendings_one_is_fresh(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..20).map(|_| tokio::spawn(send(database.db.clone(), library.id))).collect();
        let mut claims = Vec::new();
        for task in tasks {
            claims.push(task.await.unwrap());
        }
        let repeat = Claim::Repeat { location: "/done".into() };
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::Fresh).count(), 1, "{claims:?}");
        assert_eq!(claims.iter().filter(|claim| **claim == repeat).count(), 19, "{claims:?}");
    }

    async fn who_sent_a_form_where_is_known_as_long_as_its_key(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        idempotency::claim(&mut tx, &sending(himeji.id), NOW).await.unwrap();
        for (library_id, actor, route, is_claimed) in [
            (himeji.id, [1; 32], "/decision", true),
            (himeji.id, [2; 32], "/decision", false),
            (himeji.id, [1; 32], "/other", false),
            (akashi.id, [1; 32], "/decision", false),
        ] {
            let found = idempotency::is_claimed(&mut tx, library_id, &actor, route, NOW).await.unwrap();
            assert_eq!(found, is_claimed, "{route}");
            let found = idempotency::is_used(&mut tx, library_id, &actor, route, "key").await.unwrap();
            assert_eq!(found, is_claimed, "{route}");
            assert!(!idempotency::is_used(&mut tx, library_id, &actor, route, "another").await.unwrap());
        }
        let later = NOW + Duration::SECOND;
        let other_time = idempotency::is_claimed(&mut tx, himeji.id, &[1; 32], "/decision", later).await.unwrap();
        assert!(!other_time, "another sending is another");
        idempotency::delete_before(&mut tx, later).await.unwrap();
        assert!(!idempotency::is_claimed(&mut tx, himeji.id, &[1; 32], "/decision", NOW).await.unwrap());
    }

    async fn another_content_under_the_same_key_is_told_apart(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let first = sending(himeji.id);
        assert_eq!(idempotency::claim(&mut tx, &first, NOW).await.unwrap(), Claim::Fresh);
        let other = OnceKey { body_hash: [3; 32], ..first };
        assert_eq!(idempotency::claim(&mut tx, &other, NOW).await.unwrap(), Claim::OtherBody);
        for fresh in [
            OnceKey { actor: [9; 32], ..first },
            OnceKey { route: "/withdrawal", ..first },
            OnceKey { key: "another", ..first },
            sending(akashi.id),
        ] {
            assert_eq!(idempotency::claim(&mut tx, &fresh, NOW).await.unwrap(), Claim::Fresh, "{fresh:?}");
        }
    }

    async fn a_failed_effect_can_be_asked_for_again(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(idempotency::claim(&mut tx, &sending(library.id), NOW).await.unwrap(), Claim::Fresh);
        drop(tx);
        assert_eq!(send(database.db.clone(), library.id).await, Claim::Fresh);
    }

    async fn old_keys_are_forgotten(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        idempotency::claim(&mut tx, &sending(library.id), NOW).await.unwrap();
        assert_eq!(idempotency::delete_before(&mut tx, NOW).await.unwrap(), 0);
        assert_eq!(idempotency::delete_before(&mut tx, NOW + Duration::SECOND).await.unwrap(), 1);
        assert_eq!(idempotency::claim(&mut tx, &sending(library.id), NOW).await.unwrap(), Claim::Fresh);
    }
}
