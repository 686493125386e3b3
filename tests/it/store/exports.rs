use super::fixtures::{NOW, library, patron, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use time::macros::date;
use todoke::domain::card::Card;
use todoke::domain::ids::{CardId, ExportId, ImportId, RegistrationId};
use todoke::domain::library::Library;
use todoke::domain::patron::Patron;
use todoke::domain::registration::Registration;
use todoke::domain::staff::StaffMember;
use todoke::store::exports::{Export, ExportedCard, Scope};
use todoke::store::imports::{Import, ImportCounts};
use todoke::store::{StoreError, Tx, cards, exports, imports, patrons, registrations};

async fn card(tx: &mut Tx, library: &Library, number: &str, days: i64) -> Card {
    let patron = patron(tx, library.id).await;
    let (id, number, issued_at) = (CardId::new(NOW), number.parse().unwrap(), NOW + Duration::days(days));
    let card = Card::issue(id, library.id, patron.id, number, date!(2031 - 11 - 20), issued_at);
    cards::insert(tx, &card).await.unwrap();
    registered(tx, &card, &patron).await;
    card
}

/// Registers something about a card, and puts it in force.
async fn registered(tx: &mut Tx, card: &Card, patron: &Patron) {
    let application_id = patron.application_id.unwrap();
    let registration = Registration {
        id: RegistrationId::new(NOW),
        library_id: card.library_id,
        application_id,
        card_id: card.id,
        registered_at: card.issued_at,
        expires_on: None,
        facts: None,
        confirmed_at: None,
    };
    registrations::insert(tx, &registration).await.unwrap();
    registrations::put_in_force(tx, application_id, card.issued_at).await.unwrap();
}

async fn export(tx: &mut Tx, by: &StaffMember, profile: &str, cards: &[&Card]) -> (Export, Vec<ExportedCard>) {
    let export = Export {
        id: ExportId::new(NOW),
        library_id: by.library_id,
        profile: profile.parse().unwrap(),
        rules_version: 1,
        made_by: by.id,
        made_at: NOW,
        card_count: cards.len() as u64,
        fields: "card_number name".into(),
        period: None,
        sha256: [7; 32],
        confirmed: None,
    };
    let mut lines = Vec::new();
    for card in cards {
        let registrations = registrations::list_unexported(tx, card.id, &export.profile).await.unwrap();
        lines.push(ExportedCard { card_id: card.id, registrations, digest: [9; 32] });
    }
    (export, lines)
}

async fn new_numbers(tx: &mut Tx, library: &Library, profile: &str) -> Vec<String> {
    let profile = profile.parse().unwrap();
    let cards = exports::list_cards(tx, library.id, Scope::New(&profile), 10).await.unwrap();
    assert_eq!(exports::count_new(tx, library.id, &profile).await.unwrap(), cards.len() as u64);
    cards.iter().map(|card| card.number.to_string()).collect()
}

both_engines! {
    async fn a_card_is_new_to_a_profile_until_it_went_out_by_it(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let by = staff_member(&mut tx, himeji.id, "sato").await;
        let second = card(&mut tx, &himeji, "10000002", 2).await;
        let first = card(&mut tx, &himeji, "10000001", 1).await;
        card(&mut tx, &akashi, "10000003", 0).await;
        assert_eq!(new_numbers(&mut tx, &himeji, "new").await, ["10000001", "10000002"]);
        let (export, lines) = export(&mut tx, &by, "new", &[&first]).await;
        exports::insert(&mut tx, &export, &lines).await.unwrap();
        assert_eq!(new_numbers(&mut tx, &himeji, "new").await, ["10000002"]);
        assert_eq!(new_numbers(&mut tx, &himeji, "other").await.len(), 2);
        assert_eq!(new_numbers(&mut tx, &akashi, "new").await, ["10000003"]);
        let left = registrations::list_unexported(&mut tx, first.id, &export.profile).await.unwrap();
        assert_eq!(left, [], "all about it has gone out");
        let left = registrations::list_unexported(&mut tx, second.id, &export.profile).await.unwrap();
        assert!(registrations::has_gone_out(&mut tx, lines[0].registrations[0]).await.unwrap());
        assert!(!registrations::has_gone_out(&mut tx, left[0]).await.unwrap());
        let day = Scope::Registered(NOW + Duration::days(1), NOW + Duration::days(2));
        let of_day = exports::list_cards(&mut tx, himeji.id, day, 10).await.unwrap();
        assert_eq!(of_day.iter().map(|card| card.card_id).collect::<Vec<_>>(), [first.id]);
        assert!(of_day[0].reference.is_some());
        // What is registered about it later makes it go out once more.
        let holder = patrons::find(&mut tx, himeji.id, first.patron_id).await.unwrap().unwrap();
        registered(&mut tx, &first, &holder).await;
        assert_eq!(new_numbers(&mut tx, &himeji, "new").await, ["10000001", "10000002"]);
    }

    async fn a_file_is_kept_with_its_lines_and_who_took_it(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let by = staff_member(&mut tx, himeji.id, "sato").await;
        let cards = [card(&mut tx, &himeji, "10000001", 1).await, card(&mut tx, &himeji, "10000002", 0).await];
        let (made, lines) = export(&mut tx, &by, "new", &[&cards[0], &cards[1]]).await;
        let made = Export { period: Some((date!(2026 - 11 - 01), date!(2026 - 11 - 30))), ..made };
        exports::insert(&mut tx, &made, &lines).await.unwrap();
        assert_eq!(exports::find(&mut tx, himeji.id, made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(exports::find(&mut tx, akashi.id, made.id).await.unwrap(), None);
        assert_eq!(exports::list(&mut tx, himeji.id, 10).await.unwrap(), std::slice::from_ref(&made));
        assert_eq!(exports::list_digests(&mut tx, made.id).await.unwrap(), [[9; 32]; 2]);
        let exported = exports::list_exported_cards(&mut tx, made.id).await.unwrap();
        assert_eq!(exported.iter().map(|card| card.card_id).collect::<Vec<_>>(), [cards[0].id, cards[1].id]);
        exports::insert_download(&mut tx, &made, by.id, 1, NOW).await.unwrap();
        assert_eq!(exports::list_downloads(&mut tx, made.id, 5).await.unwrap(), [(by.id, NOW)]);
    }

    async fn a_card_stands_in_a_file_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, himeji.id, "sato").await;
        let card = card(&mut tx, &himeji, "10000001", 1).await;
        let (made, lines) = export(&mut tx, &by, "new", &[&card, &card]).await;
        assert!(matches!(exports::insert(&mut tx, &made, &lines).await, Err(StoreError::Duplicate)));
    }

    async fn a_file_is_confirmed_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, himeji.id, "sato").await;
        let card = card(&mut tx, &himeji, "10000001", 1).await;
        let (made, lines) = export(&mut tx, &by, "new", &[&card]).await;
        exports::insert(&mut tx, &made, &lines).await.unwrap();
        assert!(exports::confirm(&mut tx, made.id, by.id, NOW).await.unwrap());
        assert!(!exports::confirm(&mut tx, made.id, by.id, NOW + Duration::HOUR).await.unwrap());
        let found = exports::find(&mut tx, himeji.id, made.id).await.unwrap().unwrap();
        assert_eq!(found.confirmed, Some((by.id, NOW)));
    }

    async fn a_file_that_was_read_is_kept_by_its_counts(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, himeji.id, "sato").await;
        let read = Import {
            id: ImportId::new(NOW),
            library_id: himeji.id,
            profile: "patrons".parse().unwrap(),
            rules_version: 1,
            made_by: Some(by.id),
            made_at: NOW,
            sha256: [3; 32],
            fields: "card_number".into(),
            counts: ImportCounts { taken: 1, changed: 2, equal: 3, refused: 4 },
        };
        imports::insert(&mut tx, &read).await.unwrap();
        let by_command = Import { id: ImportId::new(NOW), made_by: None, made_at: NOW + Duration::HOUR, ..read.clone() };
        imports::insert(&mut tx, &by_command).await.unwrap();
        assert_eq!(imports::list(&mut tx, himeji.id, 10).await.unwrap(), [by_command, read]);
    }

    async fn changed_facts_are_found_and_old_ones_are_not(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        let mut known = patron(&mut tx, himeji.id).await;
        known.facts.email = None;
        known.facts.name = "潮見 一郎".parse().unwrap();
        patrons::save(&mut tx, &known).await.unwrap();
        let saved = patrons::find(&mut tx, himeji.id, known.id).await.unwrap().unwrap();
        assert_eq!(saved.facts, known.facts);
        tx.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(*) FROM search_tokens WHERE field = 'email' AND owner_id IN (SELECT id FROM patrons)").await, 0);
    }

    async fn an_imported_number_moves_the_series_and_never_back(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let himeji = library(&mut tx, "himeji").await;
        cards::pass_sequence(&mut tx, himeji.id, 4).await.unwrap();
        assert_eq!(cards::next_sequence(&mut tx, himeji.id).await.unwrap(), 5);
        cards::pass_sequence(&mut tx, himeji.id, 2).await.unwrap();
        assert_eq!(cards::next_sequence(&mut tx, himeji.id).await.unwrap(), 6);
        let mut card = card(&mut tx, &himeji, "10000001", 1).await;
        card.expires_on = date!(2032 - 01 - 31);
        let card = cards::save(&mut tx, card).await.unwrap();
        assert_eq!(cards::find_by_number(&mut tx, himeji.id, &card.number).await.unwrap(), Some(card));
    }
}
