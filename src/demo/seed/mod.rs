//! `todoke demo --seed N`: a town of N patrons and 2 N applications, to see how the portal works when it is full.
//!
//! Everybody is made up. Facts are sealed and found as in production; only nobody signed anything, and the record of
//! each application says so.

mod names;
mod people;
mod town;

use super::stage::{LIBRARIES, STAFF_LOGIN};
use crate::domain::library::LibraryRules;
use crate::server::StartError;
use crate::service::Portal;
use crate::store::bulk::{self, Batch, BulkSeal, SearchToken};
use crate::store::{cards, staff};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::task::JoinHandle;
use town::{Town, TownError};

/// How many patrons one transaction writes, with twice as many applications.
const BATCH: u64 = 2_000;

/// How many things a patron and the two applications are found by, about: a list of millions must not grow by doubling.
const TOKENS: usize = 40;

/// Fills the first library with `patrons` patrons; does nothing if they are there already.
///
/// # Errors
/// If the library has other cards already, or the database fails.
pub(super) async fn seed(portal: &Portal, patrons: u64) -> Result<(), StartError> {
    let town = Arc::new(settle(portal, patrons).await?);
    let mut tx = portal.db.begin().await?;
    let last = town.card_number(patrons.saturating_sub(1))?;
    if cards::find_by_number(&mut tx, town.library.id, &last).await?.is_some() {
        return Ok(());
    }
    if cards::find_by_number(&mut tx, town.library.id, &town.card_number(0)?).await?.is_some() {
        return Err("the library has cards already: seed a new database".into());
    }
    let seal = Arc::new(BulkSeal::open(&mut tx, town.library.id).await?);
    drop(tx);
    let tokens = write_people(portal, &town, &seal).await?;
    let mut tx = portal.db.begin().await?;
    bulk::insert_tokens(&mut tx, town.library.id, tokens).await?;
    cards::pass_sequence(&mut tx, town.library.id, patrons.saturating_sub(1)).await?;
    tx.commit().await?;
    let mut tx = portal.db.begin().await?;
    bulk::finish(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// The first library, keeping its applications as long as the town remembers.
async fn settle(portal: &Portal, patrons: u64) -> Result<Town, StartError> {
    let source = LIBRARIES[0]
        .replace("issued = { years = 1 }", "issued = { years = 10 }")
        .replace("declined = { months = 6 }", "declined = { years = 10 }")
        .replace("withdrawn = { months = 1 }", "withdrawn = { years = 10 }")
        .replace("lapsed = { months = 1 }", "lapsed = { years = 10 }");
    let library = portal.import_library(&LibraryRules::parse(&source)?, &source).await?;
    let mut tx = portal.db.read().await?;
    let reviewer = staff::find_by_login(&mut tx, library.id, STAFF_LOGIN).await?.ok_or("nobody works there")?.member;
    Ok(Town { library, reviewer: reviewer.id, now: portal.clock.now(), patrons })
}

/// Seals on all processors and writes meanwhile; what everybody is found by comes back.
async fn write_people(portal: &Portal, town: &Arc<Town>, seal: &Arc<BulkSeal>) -> Result<Vec<SearchToken>, StartError> {
    let ahead = std::thread::available_parallelism().map_or(2, usize::from) + 1;
    let mut starts = (0..town.patrons).step_by(usize::try_from(BATCH)?);
    let mut sealing: VecDeque<JoinHandle<Result<Batch, TownError>>> = VecDeque::new();
    let mut tokens = Vec::with_capacity(usize::try_from(town.patrons)?.saturating_mul(TOKENS));
    loop {
        while sealing.len() < ahead {
            let Some(from) = starts.next() else { break };
            let (town, seal) = (Arc::clone(town), Arc::clone(seal));
            let until = (from + BATCH).min(town.patrons);
            sealing.push_back(tokio::task::spawn_blocking(move || town.seal(&seal, from, until)));
        }
        let Some(next) = sealing.pop_front() else { return Ok(tokens) };
        let mut batch = next.await??;
        tokens.append(&mut batch.take_tokens());
        let mut tx = portal.db.begin().await?;
        bulk::insert(&mut tx, &batch).await?;
        tx.commit().await?;
    }
}
