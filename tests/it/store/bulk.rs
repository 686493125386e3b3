use super::fixtures::{NOW, answers, library, staff_member};
use crate::support::database::both_engines;
use time::macros::date;
use todoke::domain::application::{Application, ApplicationState, Decider, ServiceTime};
use todoke::domain::card::Card;
use todoke::domain::event::{Actor, Event, EventKind};
use todoke::domain::ids::{ApplicationId, CardId, PatronId};
use todoke::domain::language::Language;
use todoke::domain::library::Library;
use todoke::domain::patron::{Patron, PatronFacts};
use todoke::domain::patron_search::{SoughtFact, SoughtFacts};
use todoke::domain::procedure::Procedure;
use todoke::domain::reference::Reference;
use todoke::domain::staff::StaffMember;
use todoke::domain::version::{Digest, Version};
use todoke::store::bulk::{self, Batch, BulkSeal};
use todoke::store::{Tx, applications, cards, drafts, events, patron_search, patrons};

fn issued(library: &Library, by: &StaffMember, patron: PatronId) -> Application {
    let version = Version { number: 1, digest: Digest::from_bytes([7; 32]) };
    let service = ServiceTime::start(NOW).paused(NOW);
    let state = ApplicationState::Issued { version, service, decider: Decider::Staff(by.id), decided_at: NOW };
    Application {
        id: ApplicationId::new(NOW),
        library_id: library.id,
        reference: Reference::from_random(77),
        procedure: Procedure::NewCard,
        rules_version: library.rules_version,
        last_version: 1,
        row_version: 0,
        started_at: NOW,
        language: Language::Ja,
        patron_id: Some(patron),
        branch: Some("main".parse().unwrap()),
        due_on: None,
        state,
    }
}

fn seeded(application: &Application) -> Event {
    Event {
        library_id: application.library_id,
        application_id: application.id,
        kind: EventKind::Seeded,
        actor: Actor::System,
        version: 1,
        detail: String::new(),
        at: NOW,
    }
}

async fn write(tx: &mut Tx, library: &Library) -> (Patron, Application) {
    let by = staff_member(tx, library.id, "imai").await;
    let told = answers();
    let facts = PatronFacts {
        name: told.name.clone().unwrap(),
        kana: told.kana.clone().unwrap(),
        birth: told.birth.unwrap(),
        address: told.address.clone(),
        phone: told.phone.clone(),
        email: told.email.clone(),
        category: told.category.clone(),
        branch: told.branch.clone(),
    };
    let id = PatronId::new(NOW);
    let application = issued(library, &by, id);
    let patron = Patron {
        id,
        library_id: library.id,
        application_id: Some(application.id),
        child_number: 0,
        facts,
        language: Language::Ja,
        registered_at: NOW,
        row_version: 0,
    };
    let number = library.rules.number_series.number(0).unwrap();
    let card = Card::issue(CardId::new(NOW), library.id, id, number, date!(2029 - 11 - 20), NOW);
    let seal = BulkSeal::open(tx, library.id).await.unwrap();
    let mut batch = Batch::default();
    seal.add_patron(&mut batch, &patron, card).unwrap();
    seal.add_application(&mut batch, application.clone(), &told, seeded(&application)).unwrap();
    let tokens = batch.take_tokens();
    bulk::insert(tx, &batch).await.unwrap();
    bulk::insert_tokens(tx, library.id, tokens).await.unwrap();
    bulk::finish(tx).await.unwrap();
    (patron, application)
}

both_engines! {
    async fn what_was_written_in_bulk_is_read_back_one_by_one(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (patron, application) = write(&mut tx, &library).await;
        tx.commit().await.unwrap();

        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(patrons::find(&mut tx, library.id, patron.id).await.unwrap(), Some(patron.clone()));
        let found = patrons::find_by_application(&mut tx, library.id, application.id).await.unwrap();
        assert_eq!(found.map(|found| found.id), Some(patron.id));
        let card = cards::find_by_patron(&mut tx, library.id, patron.id).await.unwrap().unwrap();
        assert!(card.is_active() && card.number == library.rules.number_series.number(0).unwrap());
        assert_eq!(applications::find(&mut tx, library.id, application.id).await.unwrap(), Some(application.clone()));
        assert_eq!(drafts::find(&mut tx, application.id).await.unwrap(), answers());
        assert_eq!(events::verify_chain(&mut tx, application.id).await.unwrap(), None);
        assert_eq!(events::list(&mut tx, application.id).await.unwrap()[0].event, seeded(&application));
        // The usual functions go on from here.
        patrons::save(&mut tx, &patron).await.unwrap();
        drafts::save(&mut tx, &application, &answers()).await.unwrap();
    }

    async fn what_was_written_in_bulk_is_found(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (patron, application) = write(&mut tx, &library).await;
        let facts = patron.facts.clone();
        let kana: String = facts.kana.as_str().chars().take(2).collect();
        let sought = |facts| SoughtFacts::new(facts).unwrap();
        for (facts, hits) in [
            (vec![SoughtFact::Name(facts.name.clone()), SoughtFact::Birth(facts.birth)], 1),
            (vec![SoughtFact::Kana(kana.parse().unwrap()), SoughtFact::Email(facts.email.clone().unwrap())], 1),
            (vec![SoughtFact::Name(facts.name.clone()), SoughtFact::Birth("1901-01-01".parse().unwrap())], 0),
            (vec![SoughtFact::Kana("ン".parse().unwrap()), SoughtFact::Birth(facts.birth)], 0),
            (
                vec![
                    SoughtFact::Kana(facts.kana.clone()),
                    SoughtFact::Birth(facts.birth),
                    SoughtFact::Name(facts.name.clone()),
                    SoughtFact::Email(facts.email.clone().unwrap()),
                ],
                1,
            ),
        ] {
            let found = patron_search::list(&mut tx, library.id, &sought(facts), 51).await.unwrap();
            assert_eq!(found.len(), hits);
            assert!(found.iter().all(|found| found.id == patron.id && found.facts == patron.facts && found.card.is_some()));
        }
        let listed = applications::list_by_patron(&mut tx, library.id, patron.id, 50).await.unwrap();
        assert_eq!(listed, [application]);
        let elsewhere = crate::store::fixtures::library(&mut tx, "akashi").await;
        let sought = sought(vec![SoughtFact::Name(facts.name), SoughtFact::Birth(facts.birth)]);
        assert!(patron_search::list(&mut tx, elsewhere.id, &sought, 51).await.unwrap().is_empty());
    }
}
