use super::fixtures::{NOW, library, patron, staff_member};
use crate::support::database::both_engines;
use todoke::domain::visit::IdentityProof;
use todoke::store::patron_views::{self, PatronView};

both_engines! {
    async fn whatever_staff_do_with_patrons_is_written_down_and_stays(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (sato, hanako) = (staff_member(&mut tx, library.id, "sato").await, patron(&mut tx, library.id).await);
        let code: todoke::domain::library::BlockCode = "ask".parse().unwrap();
        for view in [
            PatronView::Searched { kinds: "birth name".into(), hits: 3 },
            PatronView::Opened(hanako.id),
            PatronView::CardStopped(hanako.id),
            PatronView::CardReleased(hanako.id),
            PatronView::Blocked(hanako.id, code.clone()),
            PatronView::Unblocked(hanako.id, code),
            PatronView::PasswordHandedOut(hanako.id, IdentityProof::Other),
            PatronView::FactsPutRight(hanako.id, "kana".into()),
        ] {
            patron_views::insert(&mut tx, &sato, &view, NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(*) FROM patron_views WHERE patron_id IS NOT NULL").await, 7);
        let searched = "SELECT COUNT(*) FROM patron_views WHERE what = 'searched' AND detail = 'birth name' AND hits = 3";
        assert_eq!(database.count(searched).await, 1, "which kinds of facts, never which facts");
        assert_eq!(database.count("SELECT COUNT(DISTINCT what) FROM patron_views").await, 8);
        for change in ["UPDATE patron_views SET hits = 9", "DELETE FROM patron_views"] {
            assert!(database.execute(change).await.is_err(), "{change}");
        }
    }

    async fn staff_see_nobody_of_another_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (sato, other) = (staff_member(&mut tx, himeji.id, "sato").await, patron(&mut tx, akashi.id).await);
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        let written = patron_views::insert(&mut tx, &sato, &PatronView::Opened(other.id), NOW).await;
        let is_refused = match written {
            Ok(()) => tx.commit().await.is_err(),
            Err(_) => true,
        };
        assert!(is_refused);
    }
}
