//! Where a patron is signed in, and ending that: one by one, or all others at once.

use super::bearer::{Proved, proved, proved_in_person};
use super::session::{Session, SessionProof, SessionSubject};
use super::{Error, Once, Portal};
use crate::domain::credential::CredentialState;
use crate::domain::device::DeviceKind;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId};
use crate::sha256::sha256;
use crate::store::{StoreError, Tx, credentials, passkeys, password_changes, patron_devices, patrons, sessions};
use data_encoding::BASE64URL_NOPAD;
use time::{Duration, OffsetDateTime};

/// A session that stands for the patron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    /// What it is called on the page: it opens nothing.
    pub handle: String,
    /// From what kind of device it is used.
    pub device: Option<DeviceKind>,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it was used last.
    pub seen_at: OffsetDateTime,
    /// True for the one that asks.
    pub is_this: bool,
}

/// How a patron signs in, and where they are signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInWays {
    /// Since when the password is the patron's own; none before, and without one.
    pub chosen_at: Option<OffsetDateTime>,
    /// True if there is a password to change.
    pub has_password: bool,
    /// The sessions, this one first.
    pub sessions: Vec<OwnSession>,
}

impl Portal {
    /// How whoever the session stands for signs in, and where they are signed in.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has proved to be no patron.
    pub async fn sign_in_ways(&self, session: &Session) -> Result<SignInWays, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let patron_id = patron_of(&mut tx, session, now).await?;
        let mut own: Vec<OwnSession> = sessions_of(&mut tx, session.library_id, patron_id, now)
            .await?
            .into_iter()
            .filter(|standing| !standing.is_guardian)
            .map(|Standing { session: one, .. }| OwnSession {
                handle: handle_of(&one.token_hash),
                device: one.device,
                started_at: one.started_at,
                seen_at: one.seen_at,
                is_this: one.token_hash == session.token_hash,
            })
            .collect();
        own.sort_by_key(|one| !one.is_this);
        let state = credentials::find_by_patron(&mut tx, session.library_id, patron_id).await?.map(|own| own.state);
        let chosen_at = match &state {
            Some(CredentialState::Chosen { chosen_at, .. }) => Some(*chosen_at),
            _ => None,
        };
        let has_password = state.is_some_and(|state| state.hash().is_some());
        Ok(SignInWays { chosen_at, has_password, sessions: own })
    }

    /// Ends one of the sessions of whoever this one stands for. One that has ended already is ended.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has proved to be no patron.
    pub async fn end_own_session(&self, session: &Session, handle: &str, once: &Once) -> Result<(), Error> {
        self.end_some(session, once, |one| handle_of(&one.token_hash) == handle).await
    }

    /// Ends all sessions of whoever this one stands for, but this one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has proved to be no patron.
    pub async fn end_other_sessions(&self, session: &Session, once: &Once) -> Result<(), Error> {
        self.end_some(session, once, |one| one.token_hash != session.token_hash).await
    }

    async fn end_some(&self, session: &Session, once: &Once, is_meant: impl Fn(&Session) -> bool) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let patron_id = patron_of(&mut tx, session, now).await?;
        let is_own = |one: &Standing| !one.is_guardian && is_meant(&one.session);
        end_where(&mut tx, session.library_id, patron_id, now, is_own).await?;
        Ok(tx.commit().await?)
    }

    /// Notes from what kind of device a session is used, where that is not known yet.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn note_device(&self, session: &Session, device: DeviceKind) -> Result<(), Error> {
        if session.device.is_some() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        sessions::save_device(&mut tx, &session.token_hash, device).await?;
        Ok(tx.commit().await?)
    }
}

/// Ends every session that stands for a patron.
pub(super) async fn end_sessions(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    end_where(tx, library_id, patron_id, now, |_| true).await
}

/// Ends the sessions that stand for a patron and are meant. What goes on under another subject while it is being ended
/// is seen only by whoever looks again.
async fn end_where(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    now: OffsetDateTime,
    is_meant: impl Fn(&Standing) -> bool,
) -> Result<(), Error> {
    loop {
        let mut meant = sessions_of(tx, library_id, patron_id, now).await?;
        meant.retain(&is_meant);
        if meant.is_empty() {
            return Ok(());
        }
        for one in meant {
            sessions::delete(tx, &one.session.token_hash).await?;
        }
    }
}

/// Ends what a password opened that counts no more: the sessions, the choice of another one, and what devices are known by.
/// Whoever signed in by a code or with the card stays.
pub(super) async fn end_password(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let is_by_word = |one: &Standing| word_of(&one.session) == Some(patron_id) && !one.is_guardian;
    end_where(tx, library_id, patron_id, now, is_by_word).await?;
    password_changes::delete_by_patron(tx, library_id, patron_id).await?;
    Ok(patron_devices::delete_by_patron(tx, library_id, patron_id).await?)
}

/// Ends all that was opened in a patron's name, and the passkeys by which it could be opened again.
pub(super) async fn end_everything(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    end_sessions(tx, library_id, patron_id, now).await?;
    end_password(tx, library_id, patron_id, now).await?;
    Ok(passkeys::delete_by_patron(tx, library_id, patron_id).await?)
}

/// A session that stands for a patron.
struct Standing {
    session: Session,
    /// True where a guardian looks after the card of a child: how and where is the guardian's own.
    is_guardian: bool,
}

/// The sessions that stand for a patron. What somebody else asked for about the card is not among them.
async fn sessions_of(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    now: OffsetDateTime,
) -> Result<Vec<Standing>, Error> {
    let mut own = Vec::new();
    let by_guardian = guardians_application(tx, library_id, patron_id).await?;
    for one in sessions::list_by_patron(tx, library_id, patron_id, now).await? {
        // What it proved can be over, and come back when it goes on to something else: it is the patron's all the same.
        let proof = one.proof.map(|proof| SessionProof { until: now + Duration::DAY, ..proof });
        let stands_for = proved(tx, &Session { proof, ..one.clone() }, now).await?;
        // A guardian has opened the card of the child in a session of their own, which stays theirs once it proves no more.
        let is_guardian = stands_for.as_ref().is_some_and(Proved::is_guardian)
            || by_guardian.is_some() && one.proof.and_then(|proof| proof.by) == by_guardian;
        if word_of(&one) == Some(patron_id) || stands_for.is_some_and(|proved| proved.held.patron.id == patron_id) {
            own.push(Standing { session: one, is_guardian });
        }
    }
    Ok(own)
}

/// The application by which a guardian got a child its card; none of whoever applied for themselves.
async fn guardians_application(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<ApplicationId>, Error> {
    let patron = match patrons::find(tx, library_id, patron_id).await {
        Err(StoreError::Unsealable { .. }) => None,
        found => found?,
    };
    Ok(patron.filter(|patron| patron.child_number > 0).and_then(|child| child.application_id))
}

/// Whom a session stands for by the word of a password or a passkey.
fn word_of(session: &Session) -> Option<PatronId> {
    match session.subject {
        SessionSubject::Patron(id) => Some(id),
        _ => session.proof.and_then(|proof| proof.patron),
    }
}

/// The patron whom the session stands for in their own name: how a child signs in is not the guardian's.
pub(super) async fn patron_of(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<PatronId, Error> {
    Ok(proved_in_person(tx, session, now).await?.held.patron.id)
}

fn handle_of(token_hash: &[u8; 32]) -> String {
    BASE64URL_NOPAD.encode(&sha256(token_hash)[..16])
}
