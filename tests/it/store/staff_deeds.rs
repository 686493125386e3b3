use super::fixtures::{NOW, library, patron, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::deed::Deed;
use todoke::store::patron_views::{self, PatronView};
use todoke::store::staff::{self, StaffChange};
use todoke::store::staff_deeds::{self, DeedQuery};

fn query(limit: u32) -> DeedQuery {
    DeedQuery { limit, ..DeedQuery::default() }
}

both_engines! {
    async fn what_staff_did_is_listed_with_what_they_did_with_patrons(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (sato, mori) = (staff_member(&mut tx, himeji.id, "sato").await, staff_member(&mut tx, himeji.id, "mori").await);
        let patron = patron(&mut tx, himeji.id).await;
        let at = |minutes| NOW + Duration::minutes(minutes);
        staff_deeds::record(&mut tx, &sato, Deed::SignedIn, "", at(0)).await.unwrap();
        let searched = PatronView::Searched { kinds: "birth name".into(), hits: 2 };
        patron_views::insert(&mut tx, &sato, &searched, at(1)).await.unwrap();
        patron_views::insert(&mut tx, &mori, &PatronView::Opened(patron.id), at(2)).await.unwrap();
        staff_deeds::record(&mut tx, &mori, Deed::Exported, "12", at(3)).await.unwrap();
        let all = staff_deeds::list(&mut tx, himeji.id, &query(10)).await.unwrap();
        let deeds: Vec<Deed> = all.iter().map(|entry| entry.deed).collect();
        assert_eq!(deeds, [Deed::Exported, Deed::Opened, Deed::Searched, Deed::SignedIn]);
        assert_eq!((all[0].detail.as_str(), all[1].patron_id), ("12", Some(patron.id)));
        assert_eq!((all[2].detail.as_str(), all[2].hits, all[2].staff_id), ("birth name", 2, Some(sato.id)));

        let first = staff_deeds::list(&mut tx, himeji.id, &query(2)).await.unwrap();
        assert_eq!(first, all[..2]);
        let rest = DeedQuery { before: Some(first[1].key), ..query(10) };
        assert_eq!(staff_deeds::list(&mut tx, himeji.id, &rest).await.unwrap(), all[2..]);
        for (narrow, expected) in [
            (DeedQuery { staff: Some(sato.id), ..query(10) }, vec![Deed::Searched, Deed::SignedIn]),
            (DeedQuery { deed: Some(Deed::Opened), ..query(10) }, vec![Deed::Opened]),
            (DeedQuery { from: Some(at(1)), until: Some(at(3)), ..query(10) }, vec![Deed::Opened, Deed::Searched]),
        ] {
            let found = staff_deeds::list(&mut tx, himeji.id, &narrow).await.unwrap();
            assert_eq!(found.iter().map(|entry| entry.deed).collect::<Vec<_>>(), expected, "{narrow:?}");
        }
        assert_eq!(staff_deeds::list(&mut tx, akashi.id, &query(10)).await.unwrap(), [], "another library's");
        tx.commit().await.unwrap();
        assert!(database.execute("DELETE FROM staff_deeds").await.is_err(), "what was done stays");
        assert!(database.execute("UPDATE staff_deeds SET detail = ''").await.is_err());
    }

    async fn what_was_done_with_accounts_stands_among_it(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let (sato, mori) = (staff_member(&mut tx, himeji.id, "sato").await, staff_member(&mut tx, himeji.id, "mori").await);
        let change = |what: &str, made_by, minutes| StaffChange {
            library_id: himeji.id,
            staff_id: mori.id,
            what: what.into(),
            roles: "reviewer@jonai".into(),
            made_by,
            made_at: NOW + Duration::minutes(minutes),
        };
        for change in [change("invited", None, 0), change("roles", Some(sato.id), 2), change("suspended", Some(sato.id), 4)] {
            staff::insert_change(&mut tx, &change).await.unwrap();
        }
        staff_deeds::record(&mut tx, &sato, Deed::SignedIn, "", NOW + Duration::minutes(3)).await.unwrap();
        let all = staff_deeds::list(&mut tx, himeji.id, &query(10)).await.unwrap();
        let deeds: Vec<Deed> = all.iter().map(|entry| entry.deed).collect();
        assert_eq!(deeds, [Deed::AccountSuspended, Deed::SignedIn, Deed::AccountRoles, Deed::AccountInvited]);
        assert_eq!((all[2].staff_id, all[2].account, all[2].detail.as_str()), (Some(sato.id), Some(mori.id), "reviewer@jonai"));
        assert_eq!((all[3].staff_id, all[3].account), (None, Some(mori.id)), "at the command line");
        let rest = DeedQuery { before: Some(all[1].key), ..query(10) };
        assert_eq!(staff_deeds::list(&mut tx, himeji.id, &rest).await.unwrap(), all[2..]);
        for (narrow, expected) in [
            (DeedQuery { staff: Some(sato.id), ..query(10) }, &deeds[..3]),
            (DeedQuery { deed: Some(Deed::AccountRoles), ..query(10) }, &deeds[2..3]),
            (DeedQuery { until: Some(NOW + Duration::MINUTE), ..query(10) }, &deeds[3..]),
        ] {
            let found = staff_deeds::list(&mut tx, himeji.id, &narrow).await.unwrap();
            assert_eq!(found.iter().map(|entry| entry.deed).collect::<Vec<_>>(), expected, "{narrow:?}");
        }
    }

    async fn nobody_does_anything_in_another_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let sato = staff_member(&mut tx, himeji.id, "sato").await;
        let foreign = staff_deeds::insert(&mut tx, (akashi.id, sato.id), Deed::SignedIn, "", NOW).await;
        assert!(foreign.is_err(), "{foreign:?}");
    }
}
