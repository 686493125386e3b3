//! Whether the record still holds: every application's chain of events, computed anew.

use super::{Error, Portal};
use crate::domain::application::Refused;
use crate::domain::ids::ApplicationId;
use crate::domain::library::LibrarySlug;
use crate::domain::permission::{Permission, Scope};
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
pub use crate::store::events::{RecordEntry, RecordKey, RecordQuery};
pub use crate::store::staff_deeds::{DeedEntry, DeedKey, DeedQuery};
use crate::store::{Db, applications, events, libraries, staff, staff_deeds};
use std::collections::BTreeMap;

/// How many entries a page of the record shows.
pub const RECORD_PAGE: u32 = 50;

/// One page of the record of a library.
#[derive(Debug, Clone)]
pub struct RecordPage {
    /// What happened, newest first.
    pub entries: Vec<RecordEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<RecordKey>,
    /// Everybody who works or worked there.
    pub staff: Vec<StaffMember>,
    /// How many chains stand behind these entries.
    pub chains: usize,
    /// Those that do not hold, by the application's number.
    pub broken: Vec<Reference>,
}

impl Portal {
    /// One page of the record of `by`'s library, with the chains behind it computed anew.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no application of that number; [`Error::Refused`] to whoever may read the record
    /// of some branches only.
    pub async fn record(
        &self,
        by: &StaffMember,
        query: &RecordQuery,
        reference: Option<&Reference>,
    ) -> Result<RecordPage, Error> {
        // The record of a library is not parted by branches: whoever reads it reads it whole.
        by.scope(Permission::ReadRecord).filter(|scope| *scope == Scope::Library).ok_or(Refused::NotAllowed)?;
        let mut tx = self.db.read().await?;
        let application = match reference {
            Some(reference) => {
                let found = applications::find_by_reference(&mut tx, by.library_id, reference).await?;
                Some(found.ok_or(Error::NotFound)?.id)
            }
            None => None,
        };
        let query = RecordQuery { application, limit: RECORD_PAGE + 1, ..query.clone() };
        let mut entries = events::list_record(&mut tx, by.library_id, &query).await?;
        let goes_on = entries.len() > RECORD_PAGE as usize;
        entries.truncate(RECORD_PAGE as usize);
        let behind: BTreeMap<_, _> =
            entries.iter().map(|entry| (entry.event.event.application_id, entry.reference.clone())).collect();
        let chains = behind.len();
        let mut broken = Vec::new();
        for (application, reference) in behind {
            if events::verify_chain(&mut tx, application).await?.is_some() {
                broken.push(reference);
            }
        }
        let staff = staff::list(&mut tx, by.library_id).await?;
        let next = entries.last().filter(|_| goes_on).map(RecordEntry::key);
        Ok(RecordPage { entries, next, staff, chains, broken })
    }
}

/// One page of what staff did besides applications.
#[derive(Debug, Clone)]
pub struct DeedsPage {
    /// What they did, newest first.
    pub entries: Vec<DeedEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<DeedKey>,
    /// Everybody who works or worked there.
    pub staff: Vec<StaffMember>,
}

impl Portal {
    /// One page of what the staff of `by`'s library did besides applications: searches, records of patrons, files,
    /// templates, absences, and their own comings and goings.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever may read the record of some branches only, or none.
    pub async fn deeds(&self, by: &StaffMember, query: &DeedQuery) -> Result<DeedsPage, Error> {
        by.scope(Permission::ReadRecord).filter(|scope| *scope == Scope::Library).ok_or(Refused::NotAllowed)?;
        let mut tx = self.db.read().await?;
        let query = DeedQuery { limit: RECORD_PAGE + 1, ..query.clone() };
        let mut entries = staff_deeds::list(&mut tx, by.library_id, &query).await?;
        let goes_on = entries.len() > RECORD_PAGE as usize;
        entries.truncate(RECORD_PAGE as usize);
        let next = entries.last().filter(|_| goes_on).map(|entry| entry.key);
        Ok(DeedsPage { entries, next, staff: staff::list(&mut tx, by.library_id).await? })
    }
}

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
