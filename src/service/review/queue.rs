//! The queue, page by page.

use crate::clock::japanese_date;
use crate::domain::application::{Application, Refused};
use crate::domain::library::Library;
use crate::domain::permission::{Permission, Scope};
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::service::relations::is_related;
use crate::service::{Error, Portal};
use crate::store::applications::{
    self, BranchFilter, QueueCounts, QueueFilter, QueueKey, QueueQuery, QueueRow, QueueSearch, QueueTab, QueueWalk,
};
use crate::store::takeovers::{self, Takeover};
use crate::store::{Tx, certificate_links, first_approvals, opinions};
use time::{Date, Duration, OffsetDateTime};

/// How many rows a page of the queue shows.
pub const QUEUE_PAGE: u32 = 25;
/// How many open days before its day an application is "soon due".
const SOON: u32 = 1;
/// How many applications are looked at to find the next one.
const LOOKED_AT: u32 = 10;
/// For how long somebody is told that their claim was taken over.
const TOLD_FOR: Duration = Duration::days(2);

/// What of the queue is looked at.
#[derive(Debug, Clone, Copy)]
pub struct QueueView<'a> {
    /// The part.
    pub tab: QueueTab,
    /// What narrows it.
    pub filter: &'a QueueFilter,
    /// What to look for.
    pub search: Option<&'a QueueSearch>,
    /// Where the page begins.
    pub walk: QueueWalk,
}

/// One page of the queue.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// The rows.
    pub rows: Vec<QueueRow>,
    /// Before which row the page before ends, if there is one.
    pub before: Option<QueueKey>,
    /// After which row the next page begins, if there is one.
    pub after: Option<QueueKey>,
    /// How many there are in each tab that does not grow for ever.
    pub counts: QueueCounts,
    /// How many certificates behind issued cards were found revoked since.
    pub revoked_links: u64,
    /// The applications about which a colleague asked what this person thinks.
    pub asked: Vec<Reference>,
    /// The claims that were lately taken from this person.
    pub lost: Vec<Takeover>,
}

/// The applications beside one in the list that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The one before.
    pub before: Option<Reference>,
    /// The one after.
    pub after: Option<Reference>,
}

impl Portal {
    /// One page of the queue of the staff member's own library and branches.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn queue(&self, library: &Library, by: &StaffMember, view: &QueueView<'_>) -> Result<QueuePage, Error> {
        let now = self.clock.now();
        let branches = BranchFilter::of(&seen_by(by)?);
        let mut tx = self.db.read().await?;
        let days = (by.id, japanese_date(now), due_by(library, now));
        let counts = applications::count_queue(&mut tx, by.library_id, &branches, days, now).await?;
        let query = query(by, &branches, view, QUEUE_PAGE + 1);
        let mut rows = applications::list_queue(&mut tx, by.library_id, &query, now).await?;
        let revoked_links = certificate_links::count_revoked(&mut tx, by.library_id).await?;
        let asked = opinions::list_asked(&mut tx, by.library_id, by.id).await?;
        let lost = takeovers::list_lost(&mut tx, by.library_id, by.id, now - TOLD_FOR).await?;
        let goes_on = rows.len() > QUEUE_PAGE as usize;
        rows.truncate(QUEUE_PAGE as usize);
        let (has_before, has_after) = match view.walk {
            QueueWalk::First => (false, goes_on),
            QueueWalk::After(_) => (true, goes_on),
            QueueWalk::Before(_) => {
                rows.reverse();
                (goes_on, true)
            }
        };
        let before = rows.first().filter(|_| has_before).map(QueueRow::key);
        let after = rows.last().filter(|_| has_after).map(QueueRow::key);
        Ok(QueuePage { rows, before, after, counts, revoked_links, asked, lost })
    }

    /// What stands before and after an application in the list that was looked at.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn neighbours(
        &self,
        by: &StaffMember,
        view: &QueueView<'_>,
        application: &Application,
    ) -> Result<Neighbours, Error> {
        let now = self.clock.now();
        let branches = BranchFilter::of(&seen_by(by)?);
        let key = QueueKey::of(application);
        let mut tx = self.db.read().await?;
        let mut found = [None, None];
        for (walk, found) in [QueueWalk::Before(key), QueueWalk::After(key)].into_iter().zip(&mut found) {
            let view = QueueView { walk, ..*view };
            let rows = applications::list_queue(&mut tx, by.library_id, &query(by, &branches, &view, 1), now).await?;
            *found = rows.into_iter().next().map(|row| row.application.reference);
        }
        let [before, after] = found;
        Ok(Neighbours { before, after })
    }

    /// What to take on after `from`: the oldest of one's own claims, or else the oldest that nobody has, unless one has
    /// approved it already or it is of one's own people.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn next_to_review(&self, by: &StaffMember, from: &Application) -> Result<Option<Reference>, Error> {
        let now = self.clock.now();
        let branches = BranchFilter::of(&seen_by(by)?);
        let filter = QueueFilter::default();
        let mut tx = self.db.read().await?;
        for tab in [QueueTab::Mine, QueueTab::Unclaimed] {
            let mut walk = QueueWalk::First;
            // What one has approved already may fill more than a page.
            loop {
                let view = QueueView { tab, filter: &filter, search: None, walk };
                let query = query(by, &branches, &view, LOOKED_AT);
                let rows = applications::list_queue(&mut tx, by.library_id, &query, now).await?;
                for row in &rows {
                    let application = &row.application;
                    if application.id != from.id && can_go_on(&mut tx, by, application).await? {
                        return Ok(Some(application.reference.clone()));
                    }
                }
                match rows.last() {
                    Some(last) if rows.len() == LOOKED_AT as usize => walk = QueueWalk::After(last.key()),
                    _ => break,
                }
            }
        }
        Ok(None)
    }
}

/// Tells whether `by` may say yes to it, as far as the persons go.
async fn can_go_on(tx: &mut Tx, by: &StaffMember, application: &Application) -> Result<bool, Error> {
    if let Some(version) = application.state.version()
        && let Some(first) = first_approvals::find(tx, application.id, version).await?
        && first.approved_by == by.id
    {
        return Ok(false);
    }
    Ok(!is_related(tx, by, application).await?)
}

/// The last day that counts as soon.
#[must_use]
pub fn due_by(library: &Library, now: OffsetDateTime) -> Date {
    library.rules.open_days.after(japanese_date(now), SOON)
}

fn seen_by(by: &StaffMember) -> Result<Scope, Error> {
    Ok(by.scope(Permission::SeeQueue).ok_or(Refused::NotAllowed)?)
}

fn query<'a>(by: &StaffMember, branches: &'a BranchFilter, view: &QueueView<'a>, limit: u32) -> QueueQuery<'a> {
    let QueueView { tab, filter, search, walk } = *view;
    QueueQuery { branches, staff: by.id, tab, filter, search, walk, limit }
}
