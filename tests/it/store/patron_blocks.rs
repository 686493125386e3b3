use super::fixtures::{NOW, library, patron, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::block::Block;
use todoke::domain::patron::Patron;
use todoke::domain::staff::StaffMember;
use todoke::store::patron_views::{self, PatronView};
use todoke::store::seal::erase_key;
use todoke::store::{StoreError, patron_blocks, patrons};

fn block(patron: &Patron, by: &StaffMember, code: &str, note: Option<&str>) -> Block {
    Block {
        library_id: patron.library_id,
        patron_id: patron.id,
        code: code.parse().unwrap(),
        note: note.map(|note| note.parse().unwrap()),
        set_by: by.id,
        set_at: NOW,
    }
}

both_engines! {
    async fn blocks_of_each_kind_stand_until_they_are_lifted(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (sato, patron) = (staff_member(&mut tx, library.id, "sato").await, patron(&mut tx, library.id).await);
        let noted = block(&patron, &sato, "ask", Some("a-needle-in-the-file"));
        let later = Block { set_at: NOW + Duration::SECOND, ..block(&patron, &sato, "address", None) };
        for one in [&noted, &later] {
            patron_blocks::save(&mut tx, one).await.unwrap();
        }
        let found = patron_blocks::list_by_patron(&mut tx, library.id, patron.id).await.unwrap();
        assert_eq!(found, [noted.clone(), later.clone()]);
        let again = Block { note: None, set_at: NOW + Duration::MINUTE, ..noted.clone() };
        patron_blocks::save(&mut tx, &again).await.unwrap();
        let found = patron_blocks::list_by_patron(&mut tx, library.id, patron.id).await.unwrap();
        assert_eq!(found, [later.clone(), again], "said anew in its place");
        let codes = patron_blocks::list_codes(&mut tx, library.id, patron.id).await.unwrap();
        assert_eq!(codes, [later.code.clone(), noted.code.clone()]);
        assert!(patron_blocks::delete(&mut tx, library.id, patron.id, &noted.code).await.unwrap());
        assert!(!patron_blocks::delete(&mut tx, library.id, patron.id, &noted.code).await.unwrap(), "once");
        assert_eq!(patron_blocks::list_codes(&mut tx, library.id, patron.id).await.unwrap(), [later.code]);
        assert_eq!(patron_blocks::delete_by_patron(&mut tx, library.id, patron.id).await.unwrap(), 1);
        assert!(patron_blocks::list_codes(&mut tx, library.id, patron.id).await.unwrap().is_empty());
    }

    async fn a_note_rests_sealed_and_dies_with_the_patrons_key(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (sato, patron) = (staff_member(&mut tx, library.id, "sato").await, patron(&mut tx, library.id).await);
        let noted = block(&patron, &sato, "ask", Some("a-needle-in-the-file"));
        patron_blocks::save(&mut tx, &noted).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!database.holds("a-needle-in-the-file").await);
        let mut tx = database.db.begin().await.unwrap();
        erase_key(&mut tx, patron.id.as_uuid()).await.unwrap();
        let gone = patron_blocks::list_by_patron(&mut tx, library.id, patron.id).await;
        assert!(matches!(gone, Err(StoreError::Unsealable { table: "patron_blocks", .. })), "{gone:?}");
        assert_eq!(patron_blocks::list_codes(&mut tx, library.id, patron.id).await.unwrap(), [noted.code]);
    }

    async fn another_library_neither_sees_nor_sets_nor_lifts(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (sato, mori) = (staff_member(&mut tx, himeji.id, "sato").await, staff_member(&mut tx, akashi.id, "mori").await);
        let patron = patron(&mut tx, himeji.id).await;
        let own = block(&patron, &sato, "ask", None);
        patron_blocks::save(&mut tx, &own).await.unwrap();
        assert!(patron_blocks::list_codes(&mut tx, akashi.id, patron.id).await.unwrap().is_empty());
        assert!(!patron_blocks::delete(&mut tx, akashi.id, patron.id, &own.code).await.unwrap());
        assert!(patrons::lock(&mut tx, himeji.id, patron.id).await.unwrap());
        assert!(!patrons::lock(&mut tx, akashi.id, patron.id).await.unwrap());
        assert_eq!(patrons::find(&mut tx, himeji.id, patron.id).await.unwrap(), Some(patron.clone()), "and not changed");
        let foreign = patron_blocks::save(&mut tx, &Block { set_by: mori.id, ..block(&patron, &sato, "two", None) }).await;
        assert!(foreign.is_err(), "{foreign:?}");
    }

    async fn what_staff_did_is_recorded_with_the_kind(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (sato, patron) = (staff_member(&mut tx, library.id, "sato").await, patron(&mut tx, library.id).await);
        let code = "ask".parse::<todoke::domain::library::BlockCode>().unwrap();
        for view in [PatronView::Blocked(patron.id, code.clone()), PatronView::Unblocked(patron.id, code)] {
            patron_views::insert(&mut tx, &sato, &view, NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
        for what in ["blocked", "unblocked"] {
            let kept = format!("SELECT COUNT(*) FROM patron_views WHERE what = '{what}' AND detail = 'ask'");
            assert_eq!(database.count(&kept).await, 1, "{what}");
        }
        assert!(database.execute("DELETE FROM patron_views").await.is_err(), "and stays");
        assert!(database.execute("UPDATE patron_views SET detail = ''").await.is_err());
    }
}
