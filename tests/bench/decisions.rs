//! Decisions per second beside what the engine itself commits, in the same run: a transaction of three statements.
//!
//! ```text
//! TEST_POSTGRES_URL=postgres://… cargo bench --bench decisions
//! ```
//!
//! A decision verifies the signature again, registers patron, card, number and password, sets the notice and writes
//! the record. Ends with an error if fewer decisions are made in a second than half of the commits. Where PostgreSQL
//! does not wait for its disk (`fsync = off`), its commits cost nothing and the comparison says nothing.

#![expect(clippy::unwrap_used, reason = "it stands on files of the tests, where nothing is handled")]

#[path = "../it/truth/actions.rs"]
#[expect(dead_code, reason = "the stories use all of it")]
mod actions;
#[path = "../it/truth/chance.rs"]
#[expect(dead_code, reason = "the stories use all of it")]
mod chance;
#[path = "../it/support/database.rs"]
#[expect(dead_code, unused_macros, unused_imports, reason = "the stories use all of it")]
mod database;
#[path = "../it/truth/model.rs"]
#[expect(dead_code, reason = "the stories use all of it")]
mod model;
#[path = "../it/truth/world.rs"]
#[expect(dead_code, unused_macros, unused_imports, reason = "the stories use all of it")]
mod world;

/// Where the stories' files look for it.
mod support {
    pub(crate) use super::database;
}

use actions::{Planned, Told};
use database::TestDatabase;
use model::Who;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use todoke::domain::version::Version;
use tokio::task::JoinSet;
use uuid::Uuid;
use world::{Subject, World};

/// What lies before the reviewer.
struct Page {
    subject: Subject,
    seen: Option<Version>,
}

/// How many try at once.
const AT_ONCE: u32 = 16;
/// How many decisions, and how many commits, each of them makes in a round.
const EACH: u32 = 15;
const ROUNDS: u32 = 3;
/// Decisions for each commit, at least.
const LIMIT: f64 = 0.5;
const TABLES: [&str; 2] = [
    "CREATE TABLE bench_rows (id TEXT PRIMARY KEY, changes INTEGER NOT NULL)",
    "CREATE TABLE bench_log (id TEXT PRIMARY KEY)",
];
const STATEMENTS: [&str; 3] = [
    "INSERT INTO bench_rows (id, changes) VALUES ($1, 0)",
    "UPDATE bench_rows SET changes = changes + 1 WHERE id = $1",
    "INSERT INTO bench_log (id) VALUES ($1)",
];

#[tokio::main]
async fn main() -> ExitCode {
    let mut engines = vec![("SQLite", TestDatabase::sqlite().await)];
    engines.extend(TestDatabase::postgres().await.map(|database| ("PostgreSQL", database)));
    let mut is_met = true;
    for (engine, database) in engines {
        let world = Arc::new(Box::pin(World::open(database)).await);
        is_met &= measure(engine, &world).await;
        if let Some(world) = Arc::into_inner(world) {
            world.close().await;
        }
    }
    if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(engine: &str, world: &Arc<World>) -> bool {
    for table in TABLES {
        world.database.execute(table).await.unwrap();
    }
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let crowd = submitted(world, round).await;
        let decisions = decided(world, crowd).await;
        let commits = commits(&world.database.address).await;
        println!("{engine}: {decisions:.0} decisions/s, {commits:.0} commits/s, ratio {:.2}", decisions / commits);
        ratios.push(decisions / commits);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!("{engine}: median ratio {median:.2}, limit {LIMIT}");
    median >= LIMIT
}

/// Approves everybody's.
async fn decided(world: &Arc<World>, crowd: Vec<Vec<Page>>) -> f64 {
    let world = Arc::clone(world);
    let approve = move |Page { subject, seen }| {
        let world = Arc::clone(&world);
        async move { step(&world, &subject, "approve", seen).await }
    };
    rate(crowd, approve).await
}

/// Applications that wait for the first reviewer's decision, a share for each who decides at once.
async fn submitted(world: &Arc<World>, round: u32) -> Vec<Vec<Page>> {
    let mut tasks = JoinSet::new();
    for share in 0..AT_ONCE {
        let world = Arc::clone(world);
        tasks.spawn(async move {
            let mut pages = Vec::new();
            for each in 0..EACH {
                let place = u64::from((round * AT_ONCE + share) * EACH + each);
                let subject = world.applicant(place).await;
                for name in ["freeze", "sign", "claim"] {
                    let seen = seen(&world, &subject).await;
                    step(&world, &subject, name, seen).await;
                }
                let seen = seen(&world, &subject).await;
                pages.push(Page { subject, seen });
            }
            pages
        });
    }
    tasks.join_all().await
}

async fn seen(world: &World, subject: &Subject) -> Option<Version> {
    world.application(subject).await.state.version()
}

async fn step(world: &Arc<World>, subject: &Subject, name: &str, seen: Option<Version>) {
    let who = if ["claim", "approve"].contains(&name) { Who::Staff(0) } else { Who::Applicant };
    let told = Planned::named(name, who, world, seen).carry_out(world, subject).await;
    assert_eq!(told, Told::Done, "{name}");
}

/// How many are done in a second, all shares at once.
async fn rate<T: Send + 'static, F: Future<Output = ()> + Send + 'static>(
    shares: Vec<Vec<T>>,
    each: impl Fn(T) -> F + Clone + Send + 'static,
) -> f64 {
    let count = shares.iter().map(Vec::len).sum::<usize>();
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for share in shares {
        let each = each.clone();
        tasks.spawn(async move {
            for one in share {
                each(one).await;
            }
        });
    }
    tasks.join_all().await;
    f64::from(u32::try_from(count).unwrap()) / begun.elapsed().as_secs_f64()
}

/// Commits of the engine itself, with the connections and the durability that the portal asks for.
async fn commits(address: &str) -> f64 {
    let name = |_| Uuid::new_v4().simple().to_string();
    let shares: Vec<Vec<String>> = (0..AT_ONCE).map(|_| (0..EACH * 4).map(name).collect()).collect();
    let Some(path) = address.strip_prefix("sqlite:") else {
        let pool =
            PgPoolOptions::new().max_connections(AT_ONCE).test_before_acquire(false).connect(address).await.unwrap();
        return rate(shares, move |id| {
            let pool = pool.clone();
            async move {
                let mut tx = pool.begin().await.unwrap();
                for statement in STATEMENTS {
                    sqlx::query(statement).bind(&id).execute(&mut *tx).await.unwrap();
                }
                tx.commit().await.unwrap();
            }
        })
        .await;
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(std::time::Duration::from_secs(5))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool =
        SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options).await.unwrap();
    rate(shares, move |id| {
        let pool = pool.clone();
        async move {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            for statement in STATEMENTS {
                sqlx::query(statement).bind(&id).execute(&mut *tx).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
    })
    .await
}
