//! A password of one's own: in the place of the initial one before anything opens, and whenever its owner wants.
//!
//! Whoever changes it ends every other session: what somebody else may have opened with the old one is over. Passkeys
//! stay, for they are another way in; the page of sessions leads to them.

use super::apply::event;
use super::bearer::proved_in_person;
use super::devices::{Device, tell};
use super::issue::Held;
use super::own_sessions::{end_password, end_sessions};
use super::password_sign_in::{Account, Opening, account_of_patron, count_try, opens_by_initial, still_counts};
use super::session::{Session, SessionToken};
use super::{Error, Once, Portal};
use crate::domain::card::Card;
use crate::domain::chosen_password::{TypedPassword, WeakPassword};
use crate::domain::event::EventKind;
use crate::domain::library::Library;
use crate::domain::notice::MailContent;
use crate::domain::patron_deed::PatronDeed;
use crate::store::{Tx, applications, cards, credentials, events, password_changes, patron_deeds, patron_devices};
use time::OffsetDateTime;

/// Who changes the password.
struct Change<'a> {
    account: Account,
    card: Card,
    chosen: &'a TypedPassword,
    /// True if it takes the place of an initial one.
    is_first: bool,
}

impl Portal {
    /// The card of whoever has shown an initial password in this browser and has to choose their own.
    ///
    /// # Errors
    /// [`Error::NotFound`] if nobody has, or too long ago.
    pub async fn password_to_change(&self, library: &Library, token: &SessionToken) -> Result<Card, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let patron_id =
            password_changes::find(&mut tx, library.id, &token.hash(), now).await?.ok_or(Error::NotFound)?;
        let account = account_of_patron(&mut tx, library.id, patron_id).await?.ok_or(Error::NotFound)?;
        if !account.credential.state.is_initial() {
            return Err(Error::NotFound);
        }
        let card = cards::find_by_patron(&mut tx, library.id, patron_id).await?;
        card.filter(opens_by_initial).ok_or(Error::NotFound)
    }

    /// Takes the password that a patron has chosen in the place of the initial one, and signs them in with a fresh
    /// session.
    ///
    /// # Errors
    /// [`Error::NotFound`] as above, [`Error::WeakPassword`], [`Error::Stale`] if the password is another one by now.
    pub async fn choose_first_password(
        &self,
        library: &Library,
        token: &SessionToken,
        chosen: &TypedPassword,
        device: &Device,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let card = self.password_to_change(library, token).await?;
        let mut tx = self.db.read().await?;
        let account = account_of_patron(&mut tx, library.id, card.patron_id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let opening = Opening { library, token, device, cause: once.key.as_bytes() };
        self.change(&opening, Change { account, card, chosen, is_first: true }, once).await
    }

    /// Changes the password of whoever the session stands for, who knows the old one and goes on with a fresh session.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has proved to be no patron or has no password, [`Error::WrongCredentials`] and
    /// [`Error::TooMany`] about the old one, [`Error::WeakPassword`], [`Error::Stale`].
    pub async fn change_password(
        &self,
        library: &Library,
        (session, token): (&Session, &SessionToken),
        (current, chosen): (&TypedPassword, &TypedPassword),
        device: &Device,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let Held { card, .. } = proved_in_person(&mut tx, session, now).await?.held;
        let account = account_of_patron(&mut tx, library.id, card.patron_id).await?.ok_or(Error::NotFound)?;
        let tried = count_try(&mut tx, library.id, &card.number, Some(&account), device, now).await?;
        tx.commit().await?;
        let account = self.checked(Some(account), current).await?;
        let mut tx = self.db.begin().await?;
        tried.forget(&mut tx).await?;
        tx.commit().await?;
        let opening = Opening { library, token, device, cause: once.key.as_bytes() };
        self.change(&opening, Change { account, card, chosen, is_first: false }, once).await
    }

    async fn change(
        &self,
        opening: &Opening<'_>,
        Change { account, card, chosen, is_first }: Change<'_>,
        once: &Once,
    ) -> Result<SessionToken, Error> {
        let (library, now) = (opening.library, self.clock.now());
        chosen.judge(&library.rules.password, &card.number, account.patron.facts.birth)?;
        if self.fits(chosen, Some(&account.credential.state)).await? {
            return Err(WeakPassword::Same.into());
        }
        let hash = self.passwords.hash(chosen.expose().clone()).await?;
        let mut tx = self.db.begin().await?;
        if let Err(error) = once.claim(&mut tx, now).await {
            // The second click goes where the first one went.
            let Error::Repeated { .. } = error else { return Err(error) };
            return opening.token.successor(&mut tx, library.id, opening.cause).await;
        }
        record(&mut tx, library, &account, now).await?;
        still_counts(&mut tx, &account).await.map_err(|_| Error::Stale)?;
        if is_first {
            let chooser = password_changes::find(&mut tx, library.id, &opening.token.hash(), now).await?;
            chooser.filter(|id| *id == account.patron.id).ok_or(Error::Stale)?;
            // Whoever found the card may have shown its slip before the card was stopped.
            let card = cards::find_by_patron(&mut tx, library.id, account.patron.id).await?;
            card.filter(opens_by_initial).ok_or(Error::Stale)?;
        }
        credentials::save_chosen(&mut tx, &account.credential, &hash, now).await?;
        end_what_it_opened(&mut tx, opening, &account, now).await?;
        let told = if is_first { MailContent::PasswordChosen } else { MailContent::PasswordChanged };
        tell(&mut tx, library.id, &account.patron, told, now).await?;
        let opened = opening.open(&mut tx, &account.patron, now).await?;
        tx.commit().await?;
        Ok(opened)
    }
}

/// Ends whatever the password before has opened. No device is known any more but the one at which it is changed, if it
/// was.
async fn end_what_it_opened(
    tx: &mut Tx,
    opening: &Opening<'_>,
    account: &Account,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let (library_id, patron_id) = (opening.library.id, account.patron.id);
    let hash = opening.device.token.hash();
    let is_known = patron_devices::is_known(tx, patron_id, &hash).await?;
    end_sessions(tx, library_id, patron_id, now).await?;
    end_password(tx, library_id, patron_id, now).await?;
    if is_known {
        patron_devices::save(tx, library_id, patron_id, &hash, opening.device.kind, now).await?;
    }
    Ok(())
}

/// Writes it down in the record of the application that tells of the password, else in the patron's own.
async fn record(tx: &mut Tx, library: &Library, account: &Account, now: OffsetDateTime) -> Result<(), Error> {
    let told_by = match account.credential.application_id {
        Some(id) => applications::find(tx, library.id, id).await?,
        None => None,
    };
    match told_by {
        Some(application) => {
            events::insert(tx, &event(&application, EventKind::PasswordChosen, "", now)).await?;
        }
        None => patron_deeds::insert(tx, &account.patron, PatronDeed::PasswordChosen, now).await?,
    }
    Ok(())
}
