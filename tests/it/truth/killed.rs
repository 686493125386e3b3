//! The process is killed in earnest (SIGKILL) in the middle of its work, several times, on one database. What it had
//! acknowledged is there, once; what it had begun can be finished.

use super::actions::{Planned, Told};
use super::chance::{Chance, first_seed};
use super::invariants::must_hold_everywhere;
use super::model::Who;
use super::world::{BEGINNING, SUPERVISOR, Subject, World};
use crate::support::database::TestDatabase;
use data_encoding::HEXLOWER;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use time::Duration;
use todoke::demo::authority::{CardKey, TestAuthority};
use todoke::service::review::QueueTab;
use tokio::task::JoinSet;

const ADDRESS: &str = "TODOKE_TRUTH_CHILD_ADDRESS";
const KEYS: &str = "TODOKE_TRUTH_CHILD_KEYS";
const CARDS: &str = "TODOKE_TRUTH_CHILD_CARDS";
const PLACE: &str = "TODOKE_TRUTH_CHILD_PLACE";
/// How often the process is killed.
const KILLED: u64 = 3;
/// How many applicants a process would serve if it lived.
const CROWD: u64 = 400;
/// How many of them at once.
const AT_ONCE: u64 = 4;

/// The way of an application, and what the record says of each step.
const WAY: [(&str, Who, &str); 5] = [
    ("freeze", Who::Applicant, "frozen"),
    ("sign", Who::Applicant, "submitted"),
    ("claim", Who::Staff(0), "claimed"),
    ("approve", Who::Staff(0), "issued"),
    ("decline", Who::Staff(0), "declined"),
];

fn given(name: &str) -> Option<String> {
    Some(std::env::var_os(name)?.into_string().expect("text"))
}

fn authority(pkcs8: &[u8]) -> Arc<TestAuthority> {
    Arc::new(TestAuthority::from_key(CardKey::from_pkcs8(pkcs8).unwrap(), BEGINNING).unwrap())
}

/// Leads one application as far as it goes, and says each step aloud once it is acknowledged.
async fn serve(world: &Arc<World>, place: u64) {
    let subject: Subject = world.applicant(place).await;
    for (name, who, _) in WAY {
        // Every fourth is declined, the others approved.
        if (name == "approve" && place.is_multiple_of(4)) || (name == "decline" && !place.is_multiple_of(4)) {
            continue;
        }
        let seen = world.application(&subject).await.state.version();
        let told = Planned::named(name, who, world, seen).carry_out(world, &subject).await;
        assert_eq!(told, Told::Done, "{name}");
        println!("\nack {} {name}", subject.reference);
    }
}

/// The process that is killed: only a part of the drill.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a part of the drill"]
async fn the_process_that_is_killed() {
    let (Some(address), Some(keys), Some(cards)) = (given(ADDRESS), given(KEYS), given(CARDS)) else { return };
    let first: u64 = given(PLACE).unwrap().parse().unwrap();
    let database = TestDatabase::existing(&address, &keys).await;
    let authority = authority(&HEXLOWER.decode(cards.as_bytes()).unwrap());
    let world = Arc::new(Box::pin(World::open_with(database, authority)).await);
    let mut tasks = JoinSet::new();
    for line in 0..AT_ONCE {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            for place in (first..first + CROWD).filter(|place| place % AT_ONCE == line) {
                serve(&world, place).await;
            }
        });
    }
    tasks.join_all().await;
}

/// Starts the process and kills it after so many acknowledgements; every one that was heard.
fn killed_after(database: &TestDatabase, cards: &[u8], place: u64, acknowledgements: u64) -> Vec<(String, String)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "truth::killed::the_process_that_is_killed", "--ignored", "--nocapture"])
        .env(ADDRESS, &database.address)
        .env(KEYS, &database.keys)
        .env(CARDS, HEXLOWER.encode(cards))
        .env(PLACE, place.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = Vec::new();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in lines {
        let line = line.unwrap();
        let mut words = line.split(' ');
        if let (Some("ack"), Some(reference), Some(step)) = (words.next(), words.next(), words.next()) {
            heard.push((reference.to_owned(), step.to_owned()));
        }
        if u64::try_from(heard.len()).unwrap() == acknowledgements {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "it was killed");
    assert!(u64::try_from(heard.len()).unwrap() >= acknowledgements, "it died by itself: {heard:?}");
    heard
}

async fn drill(database: TestDatabase) {
    let cards = CardKey::generate().unwrap().to_pkcs8().unwrap();
    let mut world = Arc::new(Box::pin(World::open_with(database, authority(&cards))).await);
    let seed = first_seed();
    println!("TODOKE_TRUTH_SEED={seed}");
    let mut chance = Chance::new(seed);
    for round in 0..KILLED {
        let acknowledgements = 6 + chance.below(20);
        let heard = killed_after(&world.database, &cards, round * CROWD, acknowledgements);
        Arc::get_mut(&mut world).expect("nobody else is there").restart().await;
        for (reference, step) in heard {
            let (_, _, kind) = WAY.into_iter().find(|(name, _, _)| *name == step).expect("a step of the way");
            let recorded = format!(
                "SELECT COUNT(*) FROM events e JOIN applications a ON a.id = e.application_id
                 WHERE a.reference = '{reference}' AND e.kind = '{kind}'"
            );
            assert_eq!(world.database.count(&recorded).await, 1, "{step} of {reference} was acknowledged");
        }
        must_hold_everywhere(&world).await;
    }
    finish(&world).await;
    must_hold_everywhere(&world).await;
    Arc::into_inner(world).expect("everybody has gone home").close().await;
}

/// Whatever waits is reviewed by somebody else, once the dead process's leases have ended.
async fn finish(world: &World) {
    world.advance(Duration::hours(1));
    let by = &world.staff[SUPERVISOR];
    while let Some(row) = world.list(SUPERVISOR, QueueTab::Unclaimed, None).await.first() {
        let reference = &row.application.reference;
        let seen = row.application.state.version().expect("a version");
        world.portal.claim(by, reference, &world.once()).await.unwrap();
        world.portal.approve(&world.library, by, reference, seen, &world.once()).await.unwrap();
    }
    let open = "SELECT COUNT(*) FROM applications WHERE state IN ('submitted', 'under_review')";
    assert_eq!(world.database.count(open).await, 0);
}

mod a_killed_process_loses_nothing_and_does_nothing_twice {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        Box::pin(drill(TestDatabase::sqlite().await)).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        if let Some(database) = TestDatabase::postgres().await {
            Box::pin(drill(database)).await;
        }
    }
}
