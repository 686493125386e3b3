//! Notices about cards for which nobody applied: they hang on a patron, who may stay for decades, and go before them.

use super::BATCH;
use super::purge::{PurgeCap, last_day_gone, start_of_day_after};
use crate::clock::japanese_date;
use crate::domain::ids::LibraryId;
use crate::domain::library::Library;
use crate::service::{Error, Portal};
use crate::store::{Db, libraries, notices};
use time::OffsetDateTime;

/// How many such notices of one library are to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardNoticePlan {
    /// The short name of the library.
    pub slug: String,
    /// Of how many the time is over.
    pub due: u64,
    /// How many there are.
    pub kept: u64,
    /// True if it is more than may be erased at once.
    pub is_too_much: bool,
    library_id: LibraryId,
    before: OffsetDateTime,
}

/// What a run would erase, library by library. Changes nothing.
///
/// # Errors
/// Only the store's.
pub async fn plan(db: &Db, cap: PurgeCap, now: OffsetDateTime) -> Result<Vec<CardNoticePlan>, Error> {
    let mut tx = db.read().await?;
    let mut plans = Vec::new();
    for library in libraries::list(&mut tx).await? {
        let before = kept_since(&library, now);
        let (due, kept) = notices::count_about_patrons(&mut tx, library.id, before).await?;
        let is_too_much = cap.forbids(due, kept);
        let slug = library.rules.slug.clone();
        plans.push(CardNoticePlan { slug, due, kept, is_too_much, library_id: library.id, before });
    }
    Ok(plans)
}

impl Portal {
    /// Erases the notices that are due, a batch of each library's a turn, and tells how many; of a library of which it is
    /// too much at once none are, and that is logged.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn erase_card_notices(&self, cap: PurgeCap) -> Result<u64, Error> {
        let mut erased = 0;
        for CardNoticePlan { slug, due, kept, is_too_much, library_id, before } in
            plan(&self.db, cap, self.clock.now()).await?
        {
            if is_too_much {
                tracing::error!(library = slug, due, kept, "too many notices would be erased at once: none are");
                continue;
            }
            if due == 0 {
                continue;
            }
            let mut tx = self.db.begin().await?;
            erased += notices::delete_about_patrons(&mut tx, library_id, before, BATCH).await?;
            tx.commit().await?;
        }
        if erased > 0 && !self.db.tidy().await? {
            tracing::debug!("somebody was reading: the journal is tidied another time");
        }
        Ok(erased)
    }
}

fn kept_since(library: &Library, now: OffsetDateTime) -> OffsetDateTime {
    let span = library.rules.retention.notices;
    start_of_day_after(last_day_gone(japanese_date(now), |day| span.after(day)))
}
