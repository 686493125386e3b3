//! Closing an account.
//!
//! Whoever closes it has no card, no password and no session left at once. The record goes with it where the rules erase
//! ended records and nothing runs any more; otherwise staff are asked, who do it when it can be done.

use super::bearer::{self, Proved};
use super::card_news::tell_stopped;
use super::devices::Device;
use super::issue::Held;
use super::own_sessions::end_everything;
use super::passkeys::JUST_SIGNED_IN;
use super::password_sign_in::{Account, account_of_patron, count_try, still_counts};
use super::requests::ask;
use super::retain;
use super::session::Session;
use super::{Error, Once, Portal};
use crate::domain::chosen_password::TypedPassword;
use crate::domain::credential::CredentialState;
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::library::Library;
use crate::domain::patron::Patron;
use crate::domain::patron_request::RequestKind;
use crate::store::{Tx, cards, certificate_links, certificate_numbers, credentials, patron_erasure, patron_reminders};
use time::OffsetDateTime;

/// What closing an account came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Nothing is known of the patron any more.
    Erased,
    /// The library was asked to erase the record.
    Asked,
}

/// What the holder has to show before an account is closed: the browser may be one that somebody left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosingProof {
    /// The password once more.
    Password,
    /// Nothing: they signed in a short while ago, by something that is no password.
    Nothing,
    /// Another sign-in.
    SignIn,
}

impl Portal {
    /// What whoever the session stands for has to show before the account is closed.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold a card, and for a guardian.
    pub async fn closing_proof(&self, session: &Session) -> Result<ClosingProof, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let proved = bearer::proved_in_person(&mut tx, session, now).await?;
        closing_proof(&mut tx, &proved, now).await
    }

    /// Tells whether this form has closed an account already, to whoever has no session any more because of it.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn has_closed(&self, once: &Once) -> Result<bool, Error> {
        once.is_repeated(&mut self.db.read().await?).await
    }

    /// Closes the account of whoever the session stands for: the card is stopped, every way in is gone, and the record is
    /// erased, or the library is asked to.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold a card, and for a guardian; [`Error::WrongCredentials`] and
    /// [`Error::TooMany`] about the password, [`Error::SignInAgain`] where the sign-in is too long ago.
    pub async fn close_account(
        &self,
        library: &Library,
        session: &Session,
        typed: &TypedPassword,
        device: &Device,
        once: &Once,
    ) -> Result<Closed, Error> {
        let now = self.clock.now();
        let shown = self.show_closing_proof(library, session, typed, device).await?;
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let proved = bearer::proved_in_person(&mut tx, session, now).await?;
        retain::patrons::hold(&mut tx, library.id, proved.held.patron.id).await?;
        if let Some(account) = &shown {
            still_counts(&mut tx, account).await?;
        } else if closing_proof(&mut tx, &proved, now).await? != ClosingProof::Nothing {
            return Err(Error::SignInAgain);
        }
        let Proved { root, held, .. } = proved;
        let (patron, card) = (held.patron, held.card);
        if card.is_active() || card.lost_since().is_some() {
            let card = cards::save(&mut tx, card.close(now)?).await?;
            tell_stopped(&mut tx, root.as_ref(), (&patron, &card), now).await?;
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

    /// The account whose password was shown once more; none where that is not asked.
    async fn show_closing_proof(
        &self,
        library: &Library,
        session: &Session,
        typed: &TypedPassword,
        device: &Device,
    ) -> Result<Option<Account>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let proved = bearer::proved_in_person(&mut tx, session, now).await?;
        match closing_proof(&mut tx, &proved, now).await? {
            ClosingProof::Nothing => return Ok(None),
            ClosingProof::SignIn => return Err(Error::SignInAgain),
            ClosingProof::Password => {}
        }
        let Held { patron, card } = proved.held;
        let account = account_of_patron(&mut tx, library.id, patron.id).await?;
        let tried = count_try(&mut tx, library.id, &card.number, account.as_ref(), device, now).await?;
        tx.commit().await?;
        let account = self.checked(account, typed).await?;
        let mut tx = self.db.begin().await?;
        tried.forget(&mut tx).await?;
        tx.commit().await?;
        Ok(Some(account))
    }
}

/// Whoever forgot the password signs in by a code or with the card, and closes the account then.
async fn closing_proof(tx: &mut Tx, proved: &Proved, now: OffsetDateTime) -> Result<ClosingProof, Error> {
    let is_fresh = now - proved.proof.at < JUST_SIGNED_IN;
    if is_fresh && proved.proof.patron.is_none() {
        return Ok(ClosingProof::Nothing);
    }
    let Patron { id, library_id, .. } = proved.held.patron;
    let account = account_of_patron(tx, library_id, id).await?;
    let has_own = account.is_some_and(|account| matches!(account.credential.state, CredentialState::Chosen { .. }));
    Ok(match (has_own, is_fresh) {
        (true, _) => ClosingProof::Password,
        (false, true) => ClosingProof::Nothing,
        (false, false) => ClosingProof::SignIn,
    })
}

/// Password, passkeys, devices, sessions and the link of the My Number card are gone.
async fn end_every_way_in(tx: &mut Tx, library_id: LibraryId, id: PatronId, now: OffsetDateTime) -> Result<(), Error> {
    end_everything(tx, library_id, id, now).await?;
    credentials::delete_by_patron(tx, library_id, id).await?;
    patron_erasure::delete_app_subjects(tx, library_id, id).await?;
    certificate_links::delete_by_patron(tx, library_id, id).await?;
    certificate_numbers::delete(tx, library_id, id).await?;
    patron_reminders::delete_of_certificates(tx, library_id, id).await?;
    Ok(())
}
