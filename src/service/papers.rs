//! Notices on paper: printed at the library, handed over at the counter or posted, and noted by whom and when.

use super::notice_document::fresh_code;
use super::patrons::allowed;
use super::record::staff_event;
use super::{Error, Once, Portal};
use crate::document::Edition;
use crate::document::wording::words_of;
use crate::domain::application::Application;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{NoticeId, PatronId};
use crate::domain::notice::{PaperReason, PaperWay};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::store::paper_notices::{self, PaperNotice};
use crate::store::{Tx, applications, events, libraries, notice_codes, notices};
use time::OffsetDateTime;

/// How many notices are shown, the oldest first.
const SHOWN: u32 = 200;

/// A notice that waits to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingPaper {
    /// Which.
    pub notice_id: NoticeId,
    /// Which kind of notice.
    pub kind: String,
    /// The application.
    pub reference: Reference,
    /// Since when.
    pub placed_at: OffsetDateTime,
    /// The patron, once there is one.
    pub patron_id: Option<PatronId>,
    /// Why it goes on paper.
    pub reason: PaperReason,
}

impl Portal {
    /// The notices that wait to leave the library on paper, as far as `by` works at their branches.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever enters nothing at the counter.
    pub async fn waiting_papers(&self, by: &StaffMember) -> Result<Vec<WaitingPaper>, Error> {
        let mut tx = self.db.read().await?;
        let by = &allowed(&mut tx, by, Permission::EnterApplication).await?;
        let mut waiting = Vec::new();
        for paper in paper_notices::list_waiting(&mut tx, by.library_id, SHOWN).await? {
            let Some(application) = applications::find(&mut tx, by.library_id, paper.application_id).await? else {
                continue;
            };
            if is_theirs(by, &application) {
                let PaperNotice { notice_id, kind, placed_at, reason, .. } = paper;
                let Application { reference, patron_id, .. } = application;
                waiting.push(WaitingPaper { notice_id, kind, reference, placed_at, patron_id, reason });
            }
        }
        Ok(waiting)
    }

    /// A notice as PDF, to be printed, with the code by which anybody can ask whether it is genuine. A seal would not
    /// survive the paper, so it is made anew. Each printing is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what does not go on paper, and at other branches.
    pub async fn print_paper(&self, by: &StaffMember, id: NoticeId) -> Result<(Reference, Vec<u8>), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let (by, paper, application) = paper_for(&mut tx, by, id).await?;
        let notice = notices::find(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        let printed = staff_event(&application, EventKind::NoticePrinted, &by, now);
        events::insert(&mut tx, &Event { detail: paper.kind, ..printed }).await?;
        let code = notice_codes::ensure(&mut tx, &notice, &fresh_code()).await?;
        let library = libraries::find(&mut tx, by.library_id).await?.ok_or(Error::NotFound)?;
        tx.commit().await?;
        let verification = Some(self.way_to_verify(&library, notice.language, &code));
        let edition = Edition { words: words_of(notice.language), verification, ..Edition::default() };
        let document = self.typeset(move |typesetter| typesetter.notice_as(&notice.content, &edition)).await?;
        Ok((application.reference, document))
    }

    /// Notes that a notice was handed over or posted.
    ///
    /// # Errors
    /// As [`print_paper`](Self::print_paper); [`Error::Stale`] if a colleague has noted it before.
    pub async fn deliver_paper(&self, by: &StaffMember, id: NoticeId, way: PaperWay, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let (by, paper, application) = paper_for(&mut tx, by, id).await?;
        if !paper_notices::mark_delivered(&mut tx, by.library_id, id, (way, by.id), now).await? {
            return Err(Error::Stale);
        }
        let kind = match way {
            PaperWay::HandedOver => EventKind::NoticeHandedOver,
            PaperWay::Posted => EventKind::NoticePosted,
        };
        let delivered = staff_event(&application, kind, &by, now);
        events::insert(&mut tx, &Event { detail: paper.kind, ..delivered }).await?;
        Ok(tx.commit().await?)
    }
}

async fn paper_for(
    tx: &mut Tx,
    by: &StaffMember,
    id: NoticeId,
) -> Result<(StaffMember, PaperNotice, Application), Error> {
    let by = allowed(tx, by, Permission::EnterApplication).await?;
    let paper = paper_notices::find(tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
    let application = applications::find(tx, by.library_id, paper.application_id).await?.ok_or(Error::NotFound)?;
    if is_theirs(&by, &application) { Ok((by, paper, application)) } else { Err(Error::NotFound) }
}

fn is_theirs(by: &StaffMember, application: &Application) -> bool {
    by.scope(Permission::EnterApplication).is_some_and(|scope| scope.covers(application.branch.as_ref()))
}
