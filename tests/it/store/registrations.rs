use super::fixtures::{NOW, library, patron, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::card::Card;
use todoke::domain::ids::{CardId, ExportId, RegistrationId};
use todoke::domain::library::Library;
use todoke::domain::patron::Patron;
use todoke::domain::registration::Registration;
use todoke::store::exports::{Export, ExportedCard};
use todoke::store::{StoreError, Tx, cards, exports, patrons, registrations};

/// A renewal with other facts, which waits.
async fn waiting(tx: &mut Tx, library: &Library, number: &str) -> (Registration, Patron) {
    let patron = patron(tx, library.id).await;
    let number = number.parse().unwrap();
    let card = Card::issue(CardId::new(NOW), library.id, patron.id, number, date!(2026 - 11 - 20), NOW);
    cards::insert(tx, &card).await.unwrap();
    let registration = Registration {
        id: RegistrationId::new(NOW),
        library_id: library.id,
        application_id: patron.application_id.unwrap(),
        card_id: card.id,
        registered_at: NOW,
        expires_on: Some(date!(2031 - 11 - 20)),
        facts: Some(patron.facts.clone()),
        confirmed_at: None,
    };
    registrations::insert(tx, &registration).await.unwrap();
    (registration, patron)
}

both_engines! {
    async fn what_waits_is_found_by_application_and_card_until_it_is_in_force(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let (one, _) = waiting(&mut tx, &himeji, "10000001").await;
        waiting(&mut tx, &himeji, "10000002").await;
        let found = registrations::list_waiting(&mut tx, one.application_id).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&one));
        assert_eq!(registrations::list_waiting_of_card(&mut tx, one.card_id).await.unwrap(), found);
        let confirmed_at = NOW + Duration::HOUR;
        registrations::confirm(&mut tx, one.id, confirmed_at).await.unwrap();
        let found = registrations::list_waiting(&mut tx, one.application_id).await.unwrap();
        assert_eq!(found[0].confirmed_at, Some(confirmed_at));
        registrations::put_in_force(&mut tx, one.application_id, confirmed_at).await.unwrap();
        assert_eq!(registrations::list_waiting(&mut tx, one.application_id).await.unwrap(), []);
        assert!(matches!(registrations::confirm(&mut tx, one.id, NOW).await, Err(StoreError::Stale)));
        tx.commit().await.unwrap();
        let left = database.count("SELECT COUNT(*) FROM registrations WHERE facts IS NOT NULL").await;
        assert_eq!(left, 1, "what is in force is kept with its patron");
    }

    async fn what_is_in_force_at_once_never_waits_and_is_still_to_be_told(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let (one, _) = waiting(&mut tx, &himeji, "10000001").await;
        registrations::put_in_force(&mut tx, one.application_id, NOW).await.unwrap();
        let at_once = Registration { id: RegistrationId::new(NOW), expires_on: None, facts: None, ..one.clone() };
        registrations::insert_in_force(&mut tx, &at_once).await.unwrap();
        assert_eq!(registrations::list_waiting(&mut tx, one.application_id).await.unwrap(), []);
        let unexported = registrations::list_unexported(&mut tx, one.card_id, &"new".parse().unwrap()).await.unwrap();
        assert!(unexported.contains(&at_once.id));
        let with_facts = Registration { id: RegistrationId::new(NOW), ..one };
        let refused = registrations::insert_in_force(&mut tx, &with_facts).await;
        assert!(matches!(refused, Err(StoreError::Database(_))), "facts are kept only while something waits");
    }

    async fn the_same_cannot_wait_twice_and_can_be_registered_again(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let (one, _) = waiting(&mut tx, &himeji, "10000001").await;
        registrations::refuse(&mut tx, one.application_id, NOW).await.unwrap();
        assert_eq!(registrations::list_waiting(&mut tx, one.application_id).await.unwrap(), []);
        let profile = "new".parse().unwrap();
        assert_eq!(registrations::list_unexported(&mut tx, one.card_id, &profile).await.unwrap(), []);
        assert_eq!(exports::count_new(&mut tx, himeji.id, &profile).await.unwrap(), 0, "nothing to tell");
        let again = Registration { id: RegistrationId::new(NOW), ..one.clone() };
        registrations::insert(&mut tx, &again).await.unwrap();
        assert_eq!(registrations::list_unexported(&mut tx, one.card_id, &profile).await.unwrap(), [again.id]);
        let twice = Registration { id: RegistrationId::new(NOW), ..one };
        assert!(matches!(registrations::insert(&mut tx, &twice).await, Err(StoreError::Duplicate)));
    }

    async fn what_went_out_in_a_file_is_found_by_it_while_it_waits(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, himeji.id, "sato").await;
        let (one, _) = waiting(&mut tx, &himeji, "10000001").await;
        let export = Export {
            id: ExportId::new(NOW),
            library_id: himeji.id,
            profile: "new".parse().unwrap(),
            rules_version: 1,
            made_by: by.id,
            made_at: NOW,
            card_count: 1,
            fields: "card_number".into(),
            period: None,
            sha256: [7; 32],
            confirmed: None,
        };
        let line = ExportedCard { card_id: one.card_id, registrations: vec![one.id], digest: [9; 32] };
        exports::insert(&mut tx, &export, &[line]).await.unwrap();
        assert!(registrations::has_gone_out(&mut tx, one.id).await.unwrap());
        let found = registrations::list_waiting_of_export(&mut tx, export.id).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&one));
        registrations::put_in_force(&mut tx, one.application_id, NOW).await.unwrap();
        assert_eq!(registrations::list_waiting_of_export(&mut tx, export.id).await.unwrap(), []);
    }

    async fn what_waits_is_counted_with_the_time_of_the_oldest(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        assert_eq!(registrations::count_waiting(&mut tx, himeji.id).await.unwrap(), (0, None));
    }

    async fn whoever_did_not_become_a_patron_is_forgotten(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let (one, patron) = waiting(&mut tx, &himeji, "10000001").await;
        patrons::give_up(&mut tx, himeji.id, patron.id).await.unwrap();
        let erased = patrons::find(&mut tx, himeji.id, patron.id).await;
        assert!(matches!(erased, Err(StoreError::Unsealable { .. })));
        // The application can make somebody a patron again; the number is not given out again.
        let next = Patron { id: todoke::domain::ids::PatronId::new(NOW), row_version: 0, ..patron };
        patrons::insert(&mut tx, &next).await.unwrap();
        assert!(cards::find(&mut tx, himeji.id, one.card_id).await.unwrap().is_some());
    }
}
