//! Pictures of documents, which go before the rest does: what they proved is decided.

use super::purge::{PurgeCap, last_day_gone, start_of_day_after};
use super::{BATCH, record, went_well};
use crate::clock::japanese_date;
use crate::domain::event::EventKind;
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::domain::library::Library;
use crate::service::{Error, Portal};
use crate::store::{Db, applications, attachments, libraries};
use time::OffsetDateTime;

/// Of how many applications of one library pictures are to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PicturePlan {
    /// The short name of the library.
    pub slug: String,
    /// Of how many the time is over.
    pub due: u64,
    /// Of how many that were decided pictures are kept.
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
pub async fn plan(db: &Db, cap: PurgeCap, now: OffsetDateTime) -> Result<Vec<PicturePlan>, Error> {
    let mut tx = db.read().await?;
    let mut plans = Vec::new();
    for library in libraries::list(&mut tx).await? {
        let before = kept_since(&library, now);
        let (due, kept) = attachments::count_decided(&mut tx, library.id, before).await?;
        let is_too_much = cap.forbids(due, kept);
        let slug = library.rules.slug.clone();
        plans.push(PicturePlan { slug, due, kept, is_too_much, library_id: library.id, before });
    }
    Ok(plans)
}

impl Portal {
    /// Erases the pictures that are due, of a batch of each library's applications a turn, and tells of how many; of a
    /// library of which it is too much at once none are, and that is logged.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn erase_pictures(&self, cap: PurgeCap) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut erased = 0;
        for plan in plan(&self.db, cap, now).await? {
            let (due, kept) = (plan.due, plan.kept);
            if plan.is_too_much {
                tracing::error!(library = plan.slug, due, kept, "too many pictures would be erased at once: none are");
                continue;
            }
            if due == 0 {
                continue;
            }
            let mut tx = self.db.read().await?;
            let decided = attachments::list_decided(&mut tx, plan.library_id, plan.before, BATCH).await?;
            drop(tx);
            for id in decided {
                erased += u64::from(went_well(id, self.erase_pictures_of(&plan, id, now).await));
            }
        }
        if erased > 0 && !self.db.tidy().await? {
            tracing::debug!("somebody was reading: the journal is tidied another time");
        }
        Ok(erased)
    }

    /// The line of a picture that staff destroyed goes as well; that it was is on record.
    async fn erase_pictures_of(
        &self,
        plan: &PicturePlan,
        id: ApplicationId,
        now: OffsetDateTime,
    ) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let Some(application) = applications::find(&mut tx, plan.library_id, id).await? else { return Ok(false) };
        // The record of a library is written by one at a time: whoever opens the decision again is done by now, or comes
        // later and finds the pictures gone.
        record(&mut tx, &application, EventKind::AttachmentsErased, now).await?;
        let ended = applications::find(&mut tx, plan.library_id, id).await?.and_then(|one| one.state.ended());
        if ended.is_none_or(|(_, at)| at >= plan.before) {
            return Ok(false);
        }
        attachments::delete_by_application(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn kept_since(library: &Library, now: OffsetDateTime) -> OffsetDateTime {
    let span = library.rules.retention.attachments;
    start_of_day_after(last_day_gone(japanese_date(now), |day| span.after(day)))
}
