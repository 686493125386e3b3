//! Notices on paper: printed at the library, handed over at the counter or posted, and noted by whom and when.

use super::bearer::held_by;
use super::issue::Held;
use super::notice_document::fresh_code;
use super::patrons::allowed;
use super::record::staff_event;
use super::{Error, Once, Portal};
use crate::document::Edition;
use crate::document::wording::words_of;
use crate::domain::application::Application;
use crate::domain::card_number::CardNumber;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{LibraryId, NoticeId, PatronId};
use crate::domain::notice::{NoticeAbout, PaperReason, PaperWay};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::store::paper_notices::{self, PaperNotice};
use crate::store::patron_views::{self, PatronView};
use crate::store::{Tx, applications, events, libraries, notice_codes, notices};
use std::fmt;
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
    /// By what the library knows what it is about.
    pub about: PaperAbout,
    /// Since when.
    pub placed_at: OffsetDateTime,
    /// The patron, once there is one.
    pub patron_id: Option<PatronId>,
    /// Why it goes on paper.
    pub reason: PaperReason,
}

/// By what the library knows what a notice on paper is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaperAbout {
    /// The application that it answers.
    Application(Reference),
    /// The card.
    Card(CardNumber),
}

impl fmt::Display for PaperAbout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application(reference) => reference.fmt(f),
            Self::Card(number) => f.write_str(number.as_str()),
        }
    }
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
            let Some(about) = About::find(&mut tx, by.library_id, paper.about).await? else { continue };
            if about.is_theirs(by) {
                let PaperNotice { notice_id, kind, placed_at, reason, .. } = paper;
                let (about, patron_id) = (about.named(), about.patron_id());
                waiting.push(WaitingPaper { notice_id, kind, about, placed_at, patron_id, reason });
            }
        }
        Ok(waiting)
    }

    /// A notice as PDF, to be printed, with the code by which anybody can ask whether it is genuine. A seal would not
    /// survive the paper, so it is made anew. Each printing is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what does not go on paper, and at other branches.
    pub async fn print_paper(&self, by: &StaffMember, id: NoticeId) -> Result<(PaperAbout, Vec<u8>), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let (by, paper, about) = paper_for(&mut tx, by, id).await?;
        let notice = notices::find(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        match &about {
            About::Application(application) => {
                let printed = staff_event(application, EventKind::NoticePrinted, &by, now);
                events::insert(&mut tx, &Event { detail: paper.kind, ..printed }).await?;
            }
            About::Card(held) => {
                patron_views::insert(&mut tx, &by, &PatronView::NoticePrinted(held.patron.id, paper.kind), now).await?;
            }
        }
        let code = notice_codes::ensure(&mut tx, &notice, &fresh_code()).await?;
        let library = libraries::find(&mut tx, by.library_id).await?.ok_or(Error::NotFound)?;
        tx.commit().await?;
        let verification = Some(self.way_to_verify(&library, notice.language, &code));
        let edition = Edition { words: words_of(notice.language), verification, ..Edition::default() };
        let document = self.typeset(move |typesetter| typesetter.notice_as(&notice.content, &edition)).await?;
        Ok((about.named(), document))
    }

    /// Notes that a notice was handed over or posted.
    ///
    /// # Errors
    /// As [`print_paper`](Self::print_paper); [`Error::Stale`] if a colleague has noted it before.
    pub async fn deliver_paper(&self, by: &StaffMember, id: NoticeId, way: PaperWay, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let (by, paper, about) = paper_for(&mut tx, by, id).await?;
        if !paper_notices::mark_delivered(&mut tx, by.library_id, id, (way, by.id), now).await? {
            return Err(Error::Stale);
        }
        match &about {
            About::Application(application) => {
                let kind = match way {
                    PaperWay::HandedOver => EventKind::NoticeHandedOver,
                    PaperWay::Posted => EventKind::NoticePosted,
                };
                let delivered = staff_event(application, kind, &by, now);
                events::insert(&mut tx, &Event { detail: paper.kind, ..delivered }).await?;
            }
            About::Card(held) => {
                patron_views::insert(&mut tx, &by, &PatronView::NoticeDelivered(held.patron.id, way), now).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

/// What a notice on paper hangs on.
enum About {
    Application(Box<Application>),
    Card(Box<Held>),
}

impl About {
    /// None of what was erased.
    async fn find(tx: &mut Tx, library_id: LibraryId, about: NoticeAbout) -> Result<Option<Self>, Error> {
        Ok(match about {
            NoticeAbout::Application(id) => {
                applications::find(tx, library_id, id).await?.map(Box::new).map(Self::Application)
            }
            NoticeAbout::Patron(id) => held_by(tx, library_id, id).await?.map(Box::new).map(Self::Card),
        })
    }

    fn is_theirs(&self, by: &StaffMember) -> bool {
        let branch = match self {
            Self::Application(application) => application.branch.as_ref(),
            Self::Card(held) => held.patron.facts.branch.as_ref(),
        };
        by.scope(Permission::EnterApplication).is_some_and(|scope| scope.covers(branch))
    }

    fn named(&self) -> PaperAbout {
        match self {
            Self::Application(application) => PaperAbout::Application(application.reference.clone()),
            Self::Card(held) => PaperAbout::Card(held.card.number.clone()),
        }
    }

    fn patron_id(&self) -> Option<PatronId> {
        match self {
            Self::Application(application) => application.patron_id,
            Self::Card(held) => Some(held.patron.id),
        }
    }
}

async fn paper_for(tx: &mut Tx, by: &StaffMember, id: NoticeId) -> Result<(StaffMember, PaperNotice, About), Error> {
    let by = allowed(tx, by, Permission::EnterApplication).await?;
    let paper = paper_notices::find(tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
    let about = About::find(tx, by.library_id, paper.about).await?.ok_or(Error::NotFound)?;
    if about.is_theirs(&by) { Ok((by, paper, about)) } else { Err(Error::NotFound) }
}
