//! The queue, page by page.

use crate::domain::application::Refused;
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
use crate::service::{Error, Portal};
use crate::store::applications::{self, QueueCounts, QueueKey, QueueQuery, QueueRow, QueueSearch, QueueTab};
use crate::store::certificate_links;

/// How many rows a page of the queue shows.
pub const QUEUE_PAGE: u32 = 25;

/// One page of the queue, oldest first.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// The rows.
    pub rows: Vec<QueueRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<QueueKey>,
    /// How many there are in each tab.
    pub counts: QueueCounts,
    /// How many certificates behind issued cards were found revoked since.
    pub revoked_links: u64,
}

impl Portal {
    /// One page of the queue of the reviewer's own library.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn queue(
        &self,
        by: &StaffMember,
        tab: QueueTab,
        search: Option<&QueueSearch>,
        after: Option<QueueKey>,
    ) -> Result<QueuePage, Error> {
        let now = self.clock.now();
        let scope = by.scope(Permission::SeeQueue).ok_or(Refused::NotAllowed)?;
        let branches = applications::BranchFilter::of(&scope);
        let mut tx = self.db.read().await?;
        let counts = applications::count_queue(&mut tx, by.library_id, &branches, by.id, now).await?;
        let query = QueueQuery { branches: &branches, tab, search, after, limit: QUEUE_PAGE + 1 };
        let mut rows = applications::list_queue(&mut tx, by.library_id, &query, now).await?;
        let revoked_links = certificate_links::count_revoked(&mut tx, by.library_id).await?;
        let more = rows.len() > QUEUE_PAGE as usize;
        rows.truncate(QUEUE_PAGE as usize);
        let next = if more { rows.last().map(QueueRow::key) } else { None };
        Ok(QueuePage { rows, next, counts, revoked_links })
    }
}
