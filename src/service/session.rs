//! Sessions: what a cookie stands for.
//!
//! The cookie holds 32 random bytes; the store holds their SHA-256. Somebody who reads
//! the store cannot make a cookie, and secrets sealed under the cookie stay closed to them.

use super::{Error, Portal};
use crate::domain::application::Application;
use crate::domain::deed::Deed;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, StaffId};
use crate::domain::staff::StaffMember;
use crate::random;
use crate::sha256::sha256;
use crate::store::seal::{self, HashPurpose};
pub use crate::store::sessions::{Session, SessionProof, SessionSubject};
use crate::store::{Tx, sessions, staff_deeds};
use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use std::fmt;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

/// How long an applicant's session lasts without use: a draft's whole life.
pub const APPLICANT_IDLE: Duration = Duration::days(7);
/// How long an applicant's session lasts at most.
pub const APPLICANT_LONGEST: Duration = Duration::days(30);
/// How long a session that reads notices lasts without use.
pub const READER_IDLE: Duration = Duration::minutes(30);
/// How long a session that reads notices lasts at most.
pub const READER_LONGEST: Duration = Duration::hours(12);
/// How long a staff session lasts without use.
pub const STAFF_IDLE: Duration = Duration::minutes(30);
/// How long a staff session lasts at most.
pub const STAFF_LONGEST: Duration = Duration::hours(12);

/// The value of a session cookie.
#[derive(Clone)]
pub struct SessionToken(Zeroizing<[u8; 32]>);

impl SessionToken {
    /// Makes a new token from the system's random source.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random::fill(bytes.as_mut());
        Self(bytes)
    }

    /// Reads a cookie's value; `None` if it is not one of ours.
    #[must_use]
    pub fn parse(cookie: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The value to put into the cookie.
    #[must_use]
    pub fn to_cookie(&self) -> String {
        BASE64URL_NOPAD.encode(self.0.as_ref())
    }

    /// What the store keeps.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(self.0.as_ref())
    }

    /// A key that only the holder of this cookie has, for one `purpose`.
    #[must_use]
    pub fn key_for(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_ref());
        let mut out = Zeroizing::new([0; 32]);
        out.copy_from_slice(hmac::sign(&key, purpose.as_bytes()).as_ref());
        out
    }
}

impl SessionToken {
    /// The token that follows this one at a change of rights: a new one, so that whoever planted or noted the old
    /// one has nothing, and the same one again for a second click, which carries the same `cause`.
    pub(super) async fn successor(&self, tx: &mut Tx, library_id: LibraryId, cause: &[u8]) -> Result<Self, Error> {
        let parts: [&[u8]; 2] = [&self.hash(), cause];
        Ok(Self(Zeroizing::new(seal::keyed_hash(tx, library_id, HashPurpose::SessionSuccessor, &parts).await?)))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

impl Portal {
    /// The living session behind a cookie, with its idle time started anew.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn session(&self, library_id: LibraryId, token: &SessionToken) -> Result<Option<Session>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Some(session) = sessions::find(&mut tx, library_id, &token.hash(), now).await? else {
            return Ok(None);
        };
        drop(tx);
        // One write a minute is enough to keep an idle limit of half an hour honest.
        if now - session.seen_at > Duration::minutes(1) {
            let expires_at = idle_end(&session, now);
            let mut tx = self.db.begin().await?;
            let proved_until = session.proof.map_or(now, |proof| proof_end(proof.at, now));
            sessions::touch(&mut tx, &session.token_hash, now, expires_at, proved_until).await?;
            tx.commit().await?;
        }
        Ok(Some(session))
    }

    /// Ends the session behind a cookie.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn end_session(&self, token: &SessionToken) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        sessions::delete(&mut tx, &token.hash()).await?;
        Ok(tx.commit().await?)
    }
}

impl Portal {
    /// Ends the session of a member of staff, who has signed out.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn sign_out_staff(&self, by: &StaffMember, token: &SessionToken) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        sessions::delete(&mut tx, &token.hash()).await?;
        staff_deeds::record(&mut tx, by, Deed::SignedOut, "", now).await?;
        Ok(tx.commit().await?)
    }
}

fn idle_end(session: &Session, now: OffsetDateTime) -> OffsetDateTime {
    match session.subject {
        SessionSubject::Visitor | SessionSubject::Applicant(_) => {
            (now + APPLICANT_IDLE).min(session.started_at + APPLICANT_LONGEST)
        }
        SessionSubject::Reader(_) | SessionSubject::Patron(_) => {
            (now + READER_IDLE).min(session.started_at + READER_LONGEST)
        }
        SessionSubject::Staff(_) => (now + STAFF_IDLE).min(session.started_at + STAFF_LONGEST),
    }
}

/// Until when a session stands for a patron who proved it at `proved_at` and is here now: no longer than a session that
/// only reads.
pub(super) fn proof_end(proved_at: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
    (now + READER_IDLE).min(proved_at + READER_LONGEST)
}

/// A new session for whoever began or resumed this draft.
pub(super) fn of_applicant(
    token: &SessionToken,
    library_id: LibraryId,
    id: ApplicationId,
    now: OffsetDateTime,
) -> Session {
    begun(token, library_id, SessionSubject::Applicant(id), now, now + APPLICANT_IDLE)
}

/// A new session for whoever signed in to read what became of this application.
pub(super) fn of_reader(
    token: &SessionToken,
    library_id: LibraryId,
    id: ApplicationId,
    now: OffsetDateTime,
) -> Session {
    begun(token, library_id, SessionSubject::Reader(id), now, now + READER_IDLE)
}

/// A new session for a patron of whom no application tells.
pub(super) fn of_patron(token: &SessionToken, library_id: LibraryId, id: PatronId, now: OffsetDateTime) -> Session {
    begun(token, library_id, SessionSubject::Patron(id), now, now + READER_IDLE)
}

/// The session that signed, which from now on only reads.
pub(super) fn reading_on(token_hash: [u8; 32], application: &Application, now: OffsetDateTime) -> Session {
    Session {
        token_hash,
        library_id: application.library_id,
        subject: SessionSubject::Reader(application.id),
        started_at: now,
        seen_at: now,
        expires_at: now + READER_IDLE,
        proof: None,
        device: None,
    }
}

/// A new session for a member of staff.
pub(super) fn of_staff(token: &SessionToken, library_id: LibraryId, id: StaffId, now: OffsetDateTime) -> Session {
    begun(token, library_id, SessionSubject::Staff(id), now, now + STAFF_IDLE)
}

fn begun(
    token: &SessionToken,
    library_id: LibraryId,
    subject: SessionSubject,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Session {
    Session {
        token_hash: token.hash(),
        library_id,
        subject,
        started_at: now,
        seen_at: now,
        expires_at,
        proof: None,
        device: None,
    }
}
