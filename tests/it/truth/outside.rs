//! The library system has taken something in, and the process dies while that is put in force, or several people say so
//! at once: it is in force once, or not yet.

use super::actions::{Planned, Told};
use super::model::Who;
use super::world::{SUPERVISOR, Subject, World, truths};
use std::sync::Arc;
use todoke::demo::LIBRARIES;
use todoke::domain::library::LibraryRules;
use todoke::service::exchange::confirmation::{ConfirmationLine, Confirmed};
use todoke::store::{FaultPoint, cards};

/// How often they meet: what takes turns by luck does not do so every time.
const ROUNDS: u64 = 12;

/// Lets the library wait for its system from now on.
async fn wait_for_the_system(world: &mut Arc<World>) {
    let source = LIBRARIES[0].replace("confirmation = \"none\"", "confirmation = \"import\"");
    let rules = LibraryRules::parse(&source).unwrap();
    let world = Arc::get_mut(world).expect("nobody else is there");
    world.library = Arc::new(world.portal.import_library(&rules, &source).await.unwrap());
}

/// Somebody who was approved and waits; and their number.
async fn waiting(world: &Arc<World>, place: u64) -> (Subject, String) {
    let subject = world.applicant(place).await;
    let way =
        [("freeze", Who::Applicant), ("sign", Who::Applicant), ("claim", Who::Staff(0)), ("approve", Who::Staff(0))];
    for (name, who) in way {
        let seen = world.application(&subject).await.state.version();
        let told = Planned::named(name, who, world, seen).carry_out(world, &subject).await;
        assert_eq!(told, Told::Done, "{name}");
    }
    let application = world.application(&subject).await;
    assert_eq!(application.state.name(), "approved");
    let mut tx = world.database.db.read().await.unwrap();
    let holder = application.patron_id.expect("somebody who becomes a patron");
    let card = cards::find_by_patron(&mut tx, application.library_id, holder).await.unwrap().expect("a number");
    (subject, card.number.to_string())
}

async fn confirm(world: &World, number: &str) -> Result<Vec<ConfirmationLine>, todoke::service::Error> {
    world.portal.confirm_outside(&world.library, Some(&world.staff[SUPERVISOR]), number.as_bytes()).await
}

/// All of an issue, for each application that is issued, and nothing of it for any other.
async fn must_be_whole(world: &World, what: &str) {
    let count = async |sql: &str| world.database.count(sql).await;
    let issued = count("SELECT COUNT(*) FROM applications WHERE state = 'issued'").await;
    for sql in [
        "SELECT COUNT(*) FROM notices",
        "SELECT COUNT(*) FROM credentials",
        "SELECT COUNT(*) FROM certificate_links",
        "SELECT COUNT(*) FROM events WHERE kind = 'issued'",
        "SELECT COUNT(*) FROM registrations WHERE state = 'in_force'",
        "SELECT COUNT(*) FROM cards WHERE is_pending = 0",
    ] {
        assert_eq!(count(sql).await, issued, "{what}: {sql}");
    }
    let approved = count("SELECT COUNT(*) FROM applications WHERE state = 'approved'").await;
    assert_eq!(count("SELECT COUNT(*) FROM registrations WHERE state = 'waiting'").await, approved, "{what}");
}

truths! {
    async fn whoever_dies_while_confirming_leaves_all_or_nothing(world: &mut Arc<World>) {
        wait_for_the_system(world).await;
        for statements in 0_u64.. {
            assert!(statements < 200, "it never ends");
            let (subject, number) = waiting(world, statements + 1).await;
            let fault = FaultPoint::after(statements);
            let portal = &mut Arc::get_mut(world).expect("nobody else is there").portal;
            portal.db = portal.db.dying_at(&fault);
            let told = confirm(world, &number).await;
            // Nothing of the dead process is left but the database.
            Arc::get_mut(world).expect("nobody else is there").restart().await;
            let what = format!("dies after {statements}");
            must_be_whole(world, &what).await;
            if !fault.has_struck() {
                assert!(matches!(told.unwrap()[0].about, Confirmed::Issued(_)));
                assert!(statements > 10, "only {statements} places to die at");
                break;
            }
            confirm(world, &number).await.unwrap();
            assert_eq!(world.application(&subject).await.state.name(), "issued", "{what}, and the list came again");
            must_be_whole(world, &what).await;
        }
    }

    async fn several_who_confirm_at_once_issue_once(world: &mut Arc<World>) {
        wait_for_the_system(world).await;
        for place in 1..=ROUNDS {
            let (subject, number) = waiting(world, place).await;
            let told: Vec<_> = (0..4)
                .map(|_| {
                    let (world, number) = (Arc::clone(world), number.clone());
                    tokio::spawn(async move { confirm(&world, &number).await })
                })
                .collect();
            let mut issued = 0;
            for one in told {
                let lines = one.await.unwrap().unwrap();
                issued += u32::from(matches!(lines[0].about, Confirmed::Issued(_)));
            }
            assert_eq!(issued, 1);
            assert_eq!(world.application(&subject).await.state.name(), "issued");
            must_be_whole(world, "at once").await;
        }
    }
}
