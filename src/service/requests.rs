//! What patrons ask about their record: to close the account, to erase something, to put something right; and what the
//! library answers.
//!
//! Whoever closes the account has no card, no password and no session left at once. The record goes with it where the
//! rules erase ended records and nothing runs any more; otherwise staff are asked, who do it when it can be done.

use super::bearer::{self, Proved};
use super::my_card::announce_stop;
use super::own_sessions::end_sessions;
use super::patrons::allowed;
use super::relations::must_be_no_own;
use super::retain;
use super::session::Session;
use super::{Error, Once, Portal};
use crate::domain::card::StopReason;
use crate::domain::ids::{LibraryId, PatronId, PatronRequestId};
use crate::domain::library::Library;
use crate::domain::message::LetterText;
use crate::domain::patron::Patron;
use crate::domain::patron_deed::PatronDeed;
use crate::domain::patron_request::{PatronRequest, RequestKind, RequestState, Settled};
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
use crate::store::patron_views::PatronView;
use crate::store::{
    StoreError, Tx, cards, certificate_links, certificate_numbers, credentials, passkeys, patron_deeds, patron_devices,
    patron_erasure, patron_reminders, patron_requests, patron_views, patrons,
};
use time::OffsetDateTime;

/// How many requests are shown.
const MOST: u32 = 200;

/// What closing an account came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Nothing is known of the patron any more.
    Erased,
    /// The library was asked to erase the record.
    Asked,
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
        let Proved { held, .. } = bearer::proved(&mut tx, session, now).await?.ok_or(Error::NotFound)?;
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
        let Proved { held, .. } = bearer::proved(&mut tx, session, now).await?.ok_or(Error::NotFound)?;
        ask(&mut tx, &held.patron, kind, Some(words), now).await?;
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
        let Proved { held, .. } = bearer::proved(&mut tx, session, now).await?.ok_or(Error::NotFound)?;
        let found = patron_requests::find(&mut tx, session.library_id, id).await?;
        let request = found.filter(|one| one.patron_id == held.patron.id).ok_or(Error::NotFound)?;
        let request = PatronRequest { state: RequestState::TakenBack { at: now }, ..request };
        if patron_requests::settle(&mut tx, &request).await? {
            patron_deeds::insert(&mut tx, &held.patron, PatronDeed::TakenBack, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Closes the account of whoever the session stands for: the card is stopped, every way in is gone, and the record is
    /// erased, or the library is asked to.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold a card.
    pub async fn close_account(&self, library: &Library, session: &Session, once: &Once) -> Result<Closed, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let Proved { root, held, .. } = bearer::proved(&mut tx, session, now).await?.ok_or(Error::NotFound)?;
        let (patron, card) = (held.patron, held.card);
        patrons::lock(&mut tx, library.id, patron.id).await?;
        if card.is_active() {
            let card = cards::save(&mut tx, card.stop(StopReason::ByLibrary, now)?).await?;
            announce_stop(&mut tx, root.as_ref(), &patron, &card, now).await?;
        }
        end_every_way_in(&mut tx, library.id, patron.id, now).await?;
        let erases = library.rules.after_expiry.erased_after.is_some();
        let closed = if erases && !retain::patrons::is_kept(&mut tx, library, patron.id).await? {
            retain::patrons::erase(&mut tx, library.id, patron.id, now).await?;
            Closed::Erased
        } else {
            match ask(&mut tx, &patron, RequestKind::Closing, None, now).await {
                // It was asked before.
                Ok(()) | Err(Error::RequestOpen) => Closed::Asked,
                Err(error) => return Err(error),
            }
        };
        tx.commit().await?;
        Ok(closed)
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

    /// Answers a request. Doing what a closing asks erases the patron.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another library's, [`Error::Refused`] for whoever may not decide, [`Error::Related`] for
    /// their own people, [`Error::Stale`] if it was answered, [`Error::StillNeeded`] while something still runs that keeps
    /// the record.
    pub async fn answer_request(
        &self,
        library: &Library,
        by: &StaffMember,
        id: PatronRequestId,
        (is_done, answer): (bool, LetterText),
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = allowed(&mut tx, by, Permission::Decide).await?;
        let request = patron_requests::find(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        must_be_no_own(&mut tx, &by, request.patron_id).await?;
        let erases = is_done && request.kind == RequestKind::Closing;
        if erases && retain::patrons::is_kept(&mut tx, library, request.patron_id).await? {
            return Err(Error::StillNeeded);
        }
        let settled = Settled { by: by.id, at: now, answer };
        let state = if is_done { RequestState::Done(settled) } else { RequestState::Refused(settled) };
        let request = PatronRequest { state, ..request };
        if !patron_requests::settle(&mut tx, &request).await? {
            return Err(Error::Stale);
        }
        patron_views::insert(&mut tx, &by, &PatronView::RequestSettled(request.patron_id, request.kind), now).await?;
        if erases {
            retain::patrons::erase(&mut tx, library.id, request.patron_id, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn ask(
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

/// Password, passkeys, devices, sessions and the link of the My Number card are gone.
async fn end_every_way_in(tx: &mut Tx, library_id: LibraryId, id: PatronId, now: OffsetDateTime) -> Result<(), Error> {
    end_sessions(tx, library_id, id, now).await?;
    credentials::delete_by_patron(tx, library_id, id).await?;
    passkeys::delete_by_patron(tx, library_id, id).await?;
    patron_devices::delete_by_patron(tx, library_id, id).await?;
    patron_erasure::delete_app_subjects(tx, library_id, id).await?;
    certificate_links::delete_by_patron(tx, library_id, id).await?;
    certificate_numbers::delete(tx, library_id, id).await?;
    patron_reminders::delete_of_certificates(tx, library_id, id).await?;
    Ok(())
}
