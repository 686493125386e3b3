//! What patrons ask about their record: to close the account, to erase something, to put something right; and what the
//! library answers.

use super::bearer::{self, Proved};
use super::devices::tell;
use super::patrons::allowed;
use super::relations::must_be_no_own;
use super::retain;
use super::session::Session;
use super::{Error, Once, Portal};
use crate::domain::ids::PatronRequestId;
use crate::domain::library::Library;
use crate::domain::message::LetterText;
use crate::domain::notice::MailContent;
use crate::domain::patron::Patron;
use crate::domain::patron_deed::PatronDeed;
use crate::domain::patron_request::{PatronRequest, RequestKind, RequestState, Settled};
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
use crate::store::patron_views::PatronView;
use crate::store::{StoreError, Tx, patron_deeds, patron_requests, patron_views, patrons};
use time::OffsetDateTime;

/// How many requests are shown.
const MOST: u32 = 200;

/// What the library answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done. Of a closing nothing is said here: nobody is left who could read it.
    Done(Option<LetterText>),
    /// It is not done, and why.
    Refused(LetterText),
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

    /// Answers a request. Doing what a closing asks erases the patron, who is told by mail.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another library's, [`Error::Refused`] for whoever may not decide, [`Error::Related`] for
    /// their own people, [`Error::Stale`] if it was answered, [`Error::StillNeeded`] while something still runs that keeps
    /// the record, [`Error::AnswerMissing`] without an answer that somebody reads.
    pub async fn answer_request(
        &self,
        library: &Library,
        by: &StaffMember,
        id: PatronRequestId,
        answer: Answer,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = allowed(&mut tx, by, Permission::Decide).await?;
        let request = patron_requests::find(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        retain::patrons::hold(&mut tx, by.library_id, request.patron_id).await?;
        must_be_no_own(&mut tx, &by, request.patron_id).await?;
        let settled = |answer| Settled { by: by.id, at: now, answer };
        let state = match (answer, request.kind) {
            (Answer::Done(_), RequestKind::Closing) => {
                finish_closing(&mut tx, library, &request, now).await?;
                None
            }
            (Answer::Done(Some(answer)), _) => Some(RequestState::Done(settled(answer))),
            (Answer::Done(None), _) => return Err(Error::AnswerMissing),
            (Answer::Refused(answer), _) => Some(RequestState::Refused(settled(answer))),
        };
        let (patron_id, kind) = (request.patron_id, request.kind);
        if let Some(state) = state
            && !patron_requests::settle(&mut tx, &PatronRequest { state, ..request }).await?
        {
            return Err(Error::Stale);
        }
        patron_views::insert(&mut tx, &by, &PatronView::RequestSettled(patron_id, kind), now).await?;
        Ok(tx.commit().await?)
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
