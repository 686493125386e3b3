//! Signing in with the number of the card and the password.
//!
//! Every failure is answered alike and takes as long: an unknown number costs a hash as well. Tries are counted before
//! they are judged, for each known device and each network of strangers apart: whoever guesses slows themselves down.

use super::bearer::holder_by;
use super::devices::{self, Device, Telling};
use super::session::{self, Session, SessionProof, SessionToken, proof_end};
use super::{Error, Portal};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::{Card, CardState};
use crate::domain::card_number::CardNumber;
use crate::domain::chosen_password::TypedPassword;
use crate::domain::credential::{Credential, CredentialState};
use crate::domain::ids::{ApplicationId, LibraryId, PatronId};
use crate::domain::library::Library;
use crate::domain::patron::Patron;
use crate::domain::sign_in::{Guesser, wait_after};
use crate::store::seal::{self, HashPurpose};
use crate::store::sign_in_tries::{self, Try};
use crate::store::{
    StoreError, Tx, applications, cards, credentials, password_changes, patron_devices, patrons, sessions,
};
use time::{Duration, OffsetDateTime};

/// How long somebody may take to choose a password of their own.
pub const CHANGE_TIME: Duration = Duration::minutes(15);
/// Among so many of a patron's applications one is looked for that the session can be about, the newest first.
const APPLICATIONS: u32 = 50;

/// What number and password came to.
#[derive(Debug)]
pub enum PasswordOutcome {
    /// They opened a session.
    Opened(SessionToken),
    /// The password is the initial one: first the patron chooses their own, under this token.
    MustChange(SessionToken),
    /// The password is the initial one, and its time is over.
    RunOut,
}

/// Whose number it is, and what the password is compared with.
pub(super) struct Account {
    pub(super) patron: Patron,
    pub(super) credential: Credential,
}

/// A sign-in that is to be opened.
pub(super) struct Opening<'a> {
    pub(super) library: &'a Library,
    /// What the browser was known by so far.
    pub(super) token: &'a SessionToken,
    pub(super) device: &'a Device,
    /// What makes a second click the same as the first: the form's one-time key.
    pub(super) cause: &'a [u8],
}

impl Portal {
    /// Signs a patron in. One answer for every failure, after the same work.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`]; [`Error::TooMany`] for a stranger's device after some tries, whoever's the number is.
    pub async fn sign_in_with_password(
        &self,
        library: &Library,
        token: &SessionToken,
        (number, password): (&CardNumber, &TypedPassword),
        device: &Device,
        cause: &[u8],
    ) -> Result<PasswordOutcome, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let account = account_of(&mut tx, library.id, number).await?;
        let tried = count_try(&mut tx, library.id, number, account.as_ref(), device, now).await?;
        tx.commit().await?;
        let account = self.checked(account, password).await?;
        let opening = Opening { library, token, device, cause };
        let mut tx = self.db.begin().await?;
        still_counts(&mut tx, &account).await?;
        tried.forget(&mut tx).await?;
        let outcome = if account.credential.state.has_run_out(library.rules.password.initial_days, now) {
            PasswordOutcome::RunOut
        } else if account.credential.state.is_initial() {
            let fresh = opening.follow(&mut tx).await?;
            password_changes::save(&mut tx, library.id, &fresh.hash(), account.patron.id, now + CHANGE_TIME).await?;
            PasswordOutcome::MustChange(fresh)
        } else {
            PasswordOutcome::Opened(opening.open(&mut tx, &account.patron, now).await?)
        };
        tx.commit().await?;
        Ok(outcome)
    }

    /// The account, if the password is its own. Without an account it does the same work and says no.
    pub(super) async fn checked(&self, account: Option<Account>, password: &TypedPassword) -> Result<Account, Error> {
        let state = account.as_ref().map(|account| &account.credential.state);
        let fits = self.fits(password, state).await?;
        account.filter(|_| fits).ok_or(Error::WrongCredentials)
    }
}

impl Portal {
    /// Tells whether it is this password. An initial one is copied from groups of four.
    pub(super) async fn fits(&self, typed: &TypedPassword, state: Option<&CredentialState>) -> Result<bool, Error> {
        let is_initial = state.is_some_and(CredentialState::is_initial);
        let typed = if is_initial { typed.without_spaces() } else { typed.expose().clone() };
        self.passwords.verify(typed, state.and_then(CredentialState::hash)).await
    }
}

impl Opening<'_> {
    /// Opens a session that stands for the patron: about an application of theirs, if there is one.
    pub(super) async fn open(&self, tx: &mut Tx, patron: &Patron, now: OffsetDateTime) -> Result<SessionToken, Error> {
        let by = page_of(tx, patron, now).await?;
        let fresh = self.follow(tx).await?;
        let until = proof_end(now, now);
        let proof = by.map(|by| SessionProof { by: Some(by), at: now, until, patron: Some(patron.id) });
        let begun = match by {
            Some(by) => session::of_reader(&fresh, self.library.id, by, now),
            None => session::of_patron(&fresh, self.library.id, patron.id, now),
        };
        sessions::insert(tx, &Session { proof, device: Some(self.device.kind), ..begun }).await?;
        devices::remember(tx, self.library.id, patron, self.device, Telling::ByMail, now).await?;
        Ok(fresh)
    }

    /// The token that follows; the session before it has ended.
    async fn follow(&self, tx: &mut Tx) -> Result<SessionToken, Error> {
        let fresh = self.token.successor(tx, self.library.id, self.cause).await?;
        sessions::delete(tx, &self.token.hash()).await?;
        sessions::delete(tx, &fresh.hash()).await?;
        Ok(fresh)
    }
}

/// Holds the account until the transaction ends, and makes sure that the password is what it was when it was compared:
/// that takes a while, and somebody may have changed it meanwhile.
pub(super) async fn still_counts(tx: &mut Tx, account: &Account) -> Result<(), Error> {
    let Patron { id, library_id, .. } = account.patron;
    patrons::lock(tx, library_id, id).await?;
    let now = account_of_patron(tx, library_id, id).await?.ok_or(Error::WrongCredentials)?;
    if now.credential.state == account.credential.state { Ok(()) } else { Err(Error::WrongCredentials) }
}

/// Whose number it is. None for a number that was replaced, and for whoever has no password or is erased; and while an
/// initial password may be in the hands of whoever found the card.
pub(super) async fn account_of(
    tx: &mut Tx,
    library_id: LibraryId,
    number: &CardNumber,
) -> Result<Option<Account>, Error> {
    let Some(card) = cards::find_by_number(tx, library_id, number).await? else { return Ok(None) };
    if matches!(card.state, CardState::Replaced { .. } | CardState::Pending) {
        return Ok(None);
    }
    let account = account_of_patron(tx, library_id, card.patron_id).await?;
    Ok(account.filter(|account| opens_by_initial(&card) || !account.credential.state.is_initial()))
}

/// Tells whether a card is opened by an initial password: the one of a stopped card may be in the hands of whoever found
/// both.
pub(super) const fn opens_by_initial(card: &Card) -> bool {
    !matches!(card.state, CardState::Stopped { .. })
}

/// A patron and the password. None for whoever has none or is erased.
pub(super) async fn account_of_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<Account>, Error> {
    let patron = match patrons::find(tx, library_id, patron_id).await {
        Err(StoreError::Unsealable { .. }) => None,
        patron => patron?,
    };
    let credential = credentials::find_by_patron(tx, library_id, patron_id).await?;
    Ok(patron.zip(credential).map(|(patron, credential)| Account { patron, credential }))
}

/// Under what a try is counted.
pub(super) struct Tried {
    /// The tries of a known device, or of the network of strangers.
    own: [u8; 32],
    /// Those of all strangers, where it counts among them.
    strangers: Option<[u8; 32]>,
}

impl Tried {
    /// It was none: whoever tried knew the password.
    pub(super) async fn forget(&self, tx: &mut Tx) -> Result<(), Error> {
        sign_in_tries::delete(tx, &self.own).await?;
        if let Some(strangers) = &self.strangers {
            sign_in_tries::take_back(tx, strangers).await?;
        }
        Ok(())
    }
}

/// Counts a try before it is judged.
///
/// A network that guesses on and on waits for itself. It counts among the strangers only until it has to, or while so
/// many networks guess that all strangers have to wait: nobody makes others wait alone.
pub(super) async fn count_try(
    tx: &mut Tx,
    library_id: LibraryId,
    number: &CardNumber,
    account: Option<&Account>,
    device: &Device,
    now: OffsetDateTime,
) -> Result<Tried, Error> {
    let hash = device.token.hash();
    let is_known = match account {
        Some(account) => patron_devices::is_known(tx, account.patron.id, &hash).await?,
        None => false,
    };
    let number = number.as_str().as_bytes();
    if is_known {
        let own = key_of(tx, library_id, &[number, &hash]).await?;
        count(tx, library_id, &own, Guesser::KnownDevice, now).await?;
        return Ok(Tried { own, strangers: None });
    }
    let network = device.network.map(|address| address.to_string()).unwrap_or_default();
    let own = key_of(tx, library_id, &[number, network.as_bytes()]).await?;
    let strangers = key_of(tx, library_id, &[number]).await?;
    let waits_itself = Guesser::Network.waits_after(count(tx, library_id, &own, Guesser::Network, now).await?);
    if waits_itself && !Guesser::Strangers.waits_after(sign_in_tries::find(tx, &strangers).await?) {
        return Ok(Tried { own, strangers: None });
    }
    count(tx, library_id, &strangers, Guesser::Strangers, now).await?;
    Ok(Tried { own, strangers: Some(strangers) })
}

async fn key_of(tx: &mut Tx, library_id: LibraryId, whose: &[&[u8]]) -> Result<[u8; 32], Error> {
    Ok(seal::keyed_hash(tx, library_id, HashPurpose::SignInAccount, whose).await?)
}

async fn count(
    tx: &mut Tx,
    library_id: LibraryId,
    key: &[u8; 32],
    guesser: Guesser,
    now: OffsetDateTime,
) -> Result<u32, Error> {
    match sign_in_tries::count(tx, library_id, key, now).await? {
        Try::Wait { until } => Err(Error::TooMany { retry_at: until }),
        Try::Counted(tries) => {
            sign_in_tries::postpone(tx, key, now + wait_after(tries, guesser)).await?;
            Ok(tries)
        }
    }
}

/// The application that a patron's session is about: one that says who they are, else the newest of theirs; what was
/// erased says only that. A child sees nothing of what a guardian has sent.
async fn page_of(tx: &mut Tx, patron: &Patron, now: OffsetDateTime) -> Result<Option<ApplicationId>, Error> {
    let mut theirs = applications::list_by_patron(tx, patron.library_id, patron.id, APPLICATIONS).await?;
    theirs.retain(|one| patron.child_number == 0 || patron.application_id != Some(one.id));
    for application in &theirs {
        let shown = holder_by(tx, application, now).await?.filter(|shown| !shown.by_guardian);
        if shown.is_some_and(|shown| shown.held.patron.id == patron.id) {
            return Ok(Some(application.id));
        }
    }
    let is_purged = |one: &&Application| matches!(one.state, ApplicationState::Purged { .. });
    let first = patron.application_id.filter(|_| patron.child_number == 0);
    Ok(theirs.iter().find(is_purged).map(|one| one.id).or(first))
}
