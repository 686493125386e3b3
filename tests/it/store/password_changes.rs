use super::fixtures::{NOW, library, patron};
use crate::support::database::both_engines;
use time::Duration;
use todoke::store::password_changes;

const TOKEN: [u8; 32] = [7; 32];

both_engines! {
    async fn the_right_to_change_a_password_is_one_browsers_and_ends(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = patron(&mut tx, himeji.id).await;
        let until = NOW + Duration::minutes(15);
        // A second click leaves one.
        for _ in 0..2 {
            password_changes::save(&mut tx, himeji.id, &TOKEN, patron.id, until).await.unwrap();
        }
        let last = until - Duration::SECOND;
        assert_eq!(password_changes::find(&mut tx, himeji.id, &TOKEN, last).await.unwrap(), Some(patron.id));
        assert_eq!(password_changes::find(&mut tx, akashi.id, &TOKEN, last).await.unwrap(), None);
        assert_eq!(password_changes::find(&mut tx, himeji.id, &[8; 32], last).await.unwrap(), None);
        assert_eq!(password_changes::find(&mut tx, himeji.id, &TOKEN, until).await.unwrap(), None);
        password_changes::delete_expired(&mut tx, last).await.unwrap();
        assert!(password_changes::find(&mut tx, himeji.id, &TOKEN, last).await.unwrap().is_some());
        password_changes::delete_expired(&mut tx, until).await.unwrap();
        assert!(password_changes::find(&mut tx, himeji.id, &TOKEN, last).await.unwrap().is_none());
    }

    async fn a_patrons_rights_go_together(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        for token in [[1; 32], [2; 32]] {
            password_changes::save(&mut tx, library.id, &token, patron.id, NOW + Duration::HOUR).await.unwrap();
        }
        password_changes::delete_by_patron(&mut tx, library.id, patron.id).await.unwrap();
        for token in [[1; 32], [2; 32]] {
            assert_eq!(password_changes::find(&mut tx, library.id, &token, NOW).await.unwrap(), None);
        }
    }
}
