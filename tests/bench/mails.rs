//! Mails per second out of the outbox to a mail server on this machine, which others wrote (`tests/smtp`), on both engines;
//! and once more while the server dies half-way: none lost, none twice.
//!
//! ```text
//! npm ci --prefix tests/smtp
//! TEST_POSTGRES_URL=postgres://… cargo bench --bench mails
//! ```
//!
//! Ends with an error below 200 mails a second, or if a mail is missing or was taken twice.

#![expect(clippy::unwrap_used, reason = "it stands on files of the tests, where nothing is handled")]

#[path = "../it/support/database.rs"]
#[expect(dead_code, unused_macros, unused_imports, reason = "the stories use all of it")]
mod database;
#[path = "../it/support/mail_server.rs"]
#[expect(dead_code, reason = "the stories use all of it")]
mod mail_server;

use database::TestDatabase;
use mail_server::{MailServer, Manner};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use todoke::clock::Clock;
use todoke::demo::authority::TestAuthority;
use todoke::demo::stage::{Doors, Stage};
use todoke::domain::ids::MailId;
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::service::Portal;
use todoke::store::outbox;

const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
/// How many mails wait at the beginning of a round.
const MAILS: u32 = 1000;
const ROUNDS: u32 = 3;
/// Mails a second, at least.
const LIMIT: f64 = 200.0;

#[tokio::main]
async fn main() -> ExitCode {
    let mut engines = vec![("SQLite", TestDatabase::sqlite().await)];
    engines.extend(TestDatabase::postgres().await.map(|database| ("PostgreSQL", database)));
    let mut is_met = true;
    for (engine, database) in engines {
        is_met &= Box::pin(measure(engine, &database)).await;
        database.delete().await;
    }
    if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(engine: &str, database: &TestDatabase) -> bool {
    let authority = Arc::new(TestAuthority::generate(NOW).unwrap());
    let clock = Clock::fixed(NOW);
    let stage = Stage::set(Doors::open(0).unwrap(), clock.clone(), authority, database.db.clone()).await.unwrap();
    let mut portal = stage.portal;
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let server = MailServer::start(&Manner::default());
        portal.mailer = server.mailer();
        let ids = queue(&portal).await;
        let begun = Instant::now();
        let round = portal.deliver_mail().await.unwrap();
        let rate = f64::from(round.sent) / begun.elapsed().as_secs_f64();
        println!("{engine}: {rate:.0} mails/s");
        assert!(is_whole(&server, &ids), "{engine}: a mail is missing or came twice");
        rates.push(rate);
    }
    rates.sort_by(f64::total_cmp);
    let median = rates[rates.len() / 2];
    println!("{engine}: median {median:.0} mails/s, limit {LIMIT:.0}");

    let mut server = MailServer::start(&Manner { dies_at: Some(MAILS / 2), ..Manner::default() });
    portal.mailer = server.mailer();
    let ids = queue(&portal).await;
    let first = portal.deliver_mail().await.unwrap();
    server.start_again(&Manner::default());
    clock.advance(Duration::minutes(5));
    let second = portal.deliver_mail().await.unwrap();
    let is_whole = is_whole(&server, &ids);
    let (before, after) = (first.sent, second.sent);
    println!("{engine}: {before} before the server died and {after} after; none lost, none twice: {is_whole}");
    is_whole && median >= LIMIT
}

/// Queues mails to as many people; the ids under which they must arrive.
async fn queue(portal: &Portal) -> BTreeSet<String> {
    let library = portal.library("himeji").await.unwrap();
    let now = portal.clock.now();
    let mut tx = portal.db.begin().await.unwrap();
    let mut ids = BTreeSet::new();
    for number in 0..MAILS {
        let mail = QueuedMail {
            id: MailId::new(now),
            library_id: library.id,
            application_id: None,
            recipient: format!("person{number}@example.jp").parse().unwrap(),
            language: Language::Ja,
            content: MailContent::CardStopped,
            queued_at: now,
            attempts: 0,
        };
        outbox::insert(&mut tx, &mail, None).await.unwrap();
        ids.insert(format!("<{}@[127.0.0.1]>", mail.id));
    }
    tx.commit().await.unwrap();
    ids
}

/// Each of them arrived, and once.
fn is_whole(server: &MailServer, ids: &BTreeSet<String>) -> bool {
    let taken: Vec<String> = server.taken().into_iter().map(|taken| taken.message_id).collect();
    taken.len() == ids.len() && taken.into_iter().collect::<BTreeSet<_>>() == *ids
}
