//! What patrons ask about their record: to close the account, to erase something, to put something right; and what the
//! library answers.

use super::bearer::{self, Proved};
use super::devices::tell;
use super::issue::save_facts;
use super::patrons::allowed;
use super::record::staff_event;
use super::relations::must_be_no_own;
use super::retain;
use super::session::Session;
use super::{Error, Once, Portal};
use crate::domain::application::Application;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, PatronRequestId};
use crate::domain::library::Library;
use crate::domain::message::LetterText;
use crate::domain::notice::MailContent;
use crate::domain::patron::{Patron, RightFacts};
use crate::domain::patron_deed::PatronDeed;
use crate::domain::patron_request::{PatronRequest, RequestKind, RequestState, Settled};
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
use crate::store::patron_views::PatronView;
use crate::store::{StoreError, Tx, applications, events, patron_deeds, patron_requests, patron_views, patrons};
use time::OffsetDateTime;

/// How many requests are shown.
const MOST: u32 = 200;

/// What the library answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done. Of a closing nothing is said here: nobody is left who could read it.
    Done(Option<LetterText>, Option<Box<PutRight>>),
    /// It is not done, and why.
    Refused(LetterText),
}

/// What is put right with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutRight {
    /// The facts as they are to be.
    pub facts: RightFacts,
    /// Which state of the record whoever answers has seen.
    pub seen: i64,
}

/// What an answer has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The patron is told.
    Told,
    /// What the library knows is another now, and the patron is told.
    PutRight,
    /// The record is erased.
    Erased,
}

/// What somebody asked, and who it is.
#[derive(Debug, Clone)]
pub struct OpenRequest {
    /// What.
    pub request: PatronRequest,
    /// Who.
    pub patron: Patron,
}

impl Portal {
    /// What whoever the session stands for has asked, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold a card.
    pub async fn own_requests(&self, session: &Session) -> Result<Vec<PatronRequest>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Proved { held, .. } = bearer::proved_in_person(&mut tx, session, now).await?;
        Ok(patron_requests::list_by_patron(&mut tx, session.library_id, held.patron.id, MOST).await?)
    }

    /// Asks the library for something about the record.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold a card, [`Error::RequestOpen`] while another request of the
    /// kind is open.
    pub async fn ask_about_record(
        &self,
        session: &Session,
        kind: RequestKind,
        words: LetterText,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let Proved { held, .. } = bearer::proved_in_person(&mut tx, session, now).await?;
        patrons::lock(&mut tx, session.library_id, held.patron.id).await?;
        // Whoever was erased since asks nothing that anybody could read.
        let patron = patrons::find(&mut tx, session.library_id, held.patron.id).await?.ok_or(Error::NotFound)?;
        ask(&mut tx, &patron, kind, Some(words), now).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a request back. One that was answered stays answered.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is not theirs.
    pub async fn take_request_back(&self, session: &Session, id: PatronRequestId, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let Proved { held, .. } = bearer::proved_in_person(&mut tx, session, now).await?;
        let found = patron_requests::find(&mut tx, session.library_id, id).await?;
        let request = found.filter(|one| one.patron_id == held.patron.id).ok_or(Error::NotFound)?;
        let request = PatronRequest { state: RequestState::TakenBack { at: now }, ..request };
        if patron_requests::settle(&mut tx, &request).await? {
            patron_deeds::insert(&mut tx, &held.patron, PatronDeed::TakenBack, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// What patrons of the library have asked and nobody has answered, the oldest first.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever may not decide.
    pub async fn open_requests(&self, by: &StaffMember) -> Result<Vec<OpenRequest>, Error> {
        let mut tx = self.db.read().await?;
        let by = allowed(&mut tx, by, Permission::Decide).await?;
        let mut open = Vec::new();
        for request in patron_requests::list_open(&mut tx, by.library_id, MOST).await? {
            let patron = patrons::find(&mut tx, by.library_id, request.patron_id).await?;
            open.extend(patron.map(|patron| OpenRequest { request, patron }));
        }
        Ok(open)
    }

    /// Answers a request, and tells its patron by mail. Doing what a closing asks erases the patron; a correction that is
    /// done is one that changes what the library knows.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another library's, [`Error::Refused`] for whoever may not decide, [`Error::Related`] for
    /// their own people, [`Error::Stale`] if it was answered, [`Error::StillNeeded`] while something still runs that keeps
    /// the record, [`Error::AnswerMissing`] without an answer that somebody reads, [`Error::NothingPutRight`] if it is said
    /// to be put right and nothing would be.
    pub async fn answer_request(
        &self,
        library: &Library,
        by: &StaffMember,
        id: PatronRequestId,
        answer: Answer,
        once: &Once,
    ) -> Result<Answered, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = allowed(&mut tx, by, Permission::Decide).await?;
        let request = patron_requests::find(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        retain::patrons::hold(&mut tx, by.library_id, request.patron_id).await?;
        must_be_no_own(&mut tx, &by, request.patron_id).await?;
        let settled = |answer| Settled { by: by.id, at: now, answer };
        let mut answered = Answered::Told;
        let state = match (answer, request.kind) {
            (Answer::Done(..), RequestKind::Closing) => {
                finish_closing(&mut tx, library, &request, now).await?;
                answered = Answered::Erased;
                None
            }
            (Answer::Done(None, _), _) => return Err(Error::AnswerMissing),
            (Answer::Done(Some(answer), right), kind) => {
                if put_right(&mut tx, &by, request.patron_id, right, now).await? {
                    answered = Answered::PutRight;
                } else if kind == RequestKind::Correction {
                    return Err(Error::NothingPutRight);
                }
                Some(RequestState::Done(settled(answer)))
            }
            (Answer::Refused(answer), _) => Some(RequestState::Refused(settled(answer))),
        };
        let (patron_id, kind) = (request.patron_id, request.kind);
        if let Some(state) = state {
            if !patron_requests::settle(&mut tx, &PatronRequest { state, ..request }).await? {
                return Err(Error::Stale);
            }
            let patron = patrons::find(&mut tx, by.library_id, patron_id).await?.ok_or(Error::NotFound)?;
            tell(&mut tx, by.library_id, &patron, MailContent::RequestAnswered, now).await?;
        }
        patron_views::insert(&mut tx, &by, &PatronView::RequestSettled(patron_id, kind), now).await?;
        tx.commit().await?;
        Ok(answered)
    }
}

/// Lets what staff have put right be what the library knows from now on, and writes down who did it; false if it is what
/// was known. The address for mails that was known before is told: it may be somebody else's doing.
async fn put_right(
    tx: &mut Tx,
    by: &StaffMember,
    id: PatronId,
    right: Option<Box<PutRight>>,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let Some(PutRight { facts, seen }) = right.map(|right| *right) else { return Ok(false) };
    let before = patrons::find(tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
    let (facts, changed) = before.facts.put_right(facts);
    if changed.is_empty() {
        return Ok(false);
    }
    if facts.email != before.facts.email {
        tell(tx, by.library_id, &before, MailContent::FactsChanged, now).await?;
    }
    let made_by = before.application_id;
    save_facts(tx, Patron { row_version: seen, ..before }, facts).await?;
    let changed = changed.join(" ");
    if let Some(application) = find_root(tx, by.library_id, made_by).await? {
        let event = staff_event(&application, EventKind::FactsPutRight, by, now);
        events::insert(tx, &Event { detail: changed.clone(), ..event }).await?;
    }
    patron_views::insert(tx, by, &PatronView::FactsPutRight(id, changed), now).await?;
    Ok(true)
}

/// The application whose record tells of a patron, if there is one.
async fn find_root(
    tx: &mut Tx,
    library_id: LibraryId,
    id: Option<ApplicationId>,
) -> Result<Option<Application>, Error> {
    match id {
        Some(id) => Ok(applications::find(tx, library_id, id).await?),
        None => Ok(None),
    }
}

/// Erases whoever closed the account. The request goes with them, so a mail is all that can tell it.
async fn finish_closing(
    tx: &mut Tx,
    library: &Library,
    request: &PatronRequest,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let id = request.patron_id;
    if retain::patrons::is_kept(tx, library, id).await? {
        return Err(Error::StillNeeded);
    }
    // Somebody may have been quicker.
    let found = patron_requests::find(tx, library.id, request.id).await?;
    if !found.is_some_and(|found| found.state == RequestState::Open) {
        return Err(Error::Stale);
    }
    if let Some(patron) = patrons::find(tx, library.id, id).await? {
        tell(tx, library.id, &patron, MailContent::AccountClosed, now).await?;
    }
    retain::patrons::erase(tx, library.id, id, now).await
}

pub(super) async fn ask(
    tx: &mut Tx,
    patron: &Patron,
    kind: RequestKind,
    words: Option<LetterText>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let open = patron_requests::list_by_patron(tx, patron.library_id, patron.id, MOST).await?;
    if open.iter().any(|one| one.kind == kind && one.state == RequestState::Open) {
        return Err(Error::RequestOpen);
    }
    let request = PatronRequest {
        id: PatronRequestId::new(now),
        library_id: patron.library_id,
        patron_id: patron.id,
        kind,
        words,
        made_at: now,
        state: RequestState::Open,
    };
    match patron_requests::insert(tx, &request).await {
        Err(StoreError::Duplicate) => return Err(Error::RequestOpen),
        inserted => inserted?,
    }
    Ok(patron_deeds::insert(tx, patron, PatronDeed::Asked, now).await?)
}
