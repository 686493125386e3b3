//! Whether the record still holds: every application's chain of events, computed anew.

use super::Error;
use crate::domain::ids::ApplicationId;
use crate::domain::library::LibrarySlug;
use crate::store::{Db, applications, events, libraries};

/// How many chains are verified in one look at the database.
const BATCH: u32 = 200;

/// What verifying all chains came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many applications were looked at.
    pub applications: usize,
    /// Those whose chain does not hold.
    pub broken: Vec<BrokenRecord>,
}

/// An application whose record was altered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("application {application}: the record does not hold from event {seq} on")]
pub struct BrokenRecord {
    /// Which.
    pub application: ApplicationId,
    /// The first event that does not fit, counted from 1.
    pub seq: i64,
}

/// Verifies the chain of every application of one library, or of all.
///
/// # Errors
/// [`Error::NotFound`] if there is no such library.
pub async fn check_events(db: &Db, slug: Option<&LibrarySlug>) -> Result<Findings, Error> {
    let mut library = None;
    if let Some(slug) = slug {
        let mut tx = db.read().await?;
        library = Some(libraries::find_by_slug(&mut tx, slug.as_str()).await?.ok_or(Error::NotFound)?.id);
    }
    let mut findings = Findings::default();
    let mut after = None;
    loop {
        let mut tx = db.read().await?;
        let ids = applications::list_ids_after(&mut tx, library, after, BATCH).await?;
        let Some(last) = ids.last() else { return Ok(findings) };
        after = Some(*last);
        for id in ids {
            findings.applications += 1;
            if let Some(broken) = events::verify_chain(&mut tx, id).await? {
                findings.broken.push(BrokenRecord { application: id, seq: broken.seq });
            }
        }
    }
}
