//! Browser sessions, known by the SHA-256 of their token.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::device::DeviceKind;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, StaffId};
use data_encoding::HEXLOWER;
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSubject {
    /// Nobody in particular.
    Visitor,
    /// Whoever signed in to read what became of an application.
    Reader(ApplicationId),
    /// Someone who has begun or opened this application.
    Applicant(ApplicationId),
    /// A staff member who has signed in.
    Staff(StaffId),
    /// A patron of whom no application tells, by number and password or by a passkey.
    Patron(PatronId),
}

/// What makes a session stand for a patron: a card was granted by an application of theirs, or a password says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionProof {
    /// The application, if one says so.
    pub by: Option<ApplicationId>,
    /// Since when.
    pub at: OffsetDateTime,
    /// Until when, unless the session is used.
    pub until: OffsetDateTime,
    /// The patron, where number and password said so; else whoever the application says.
    pub patron: Option<PatronId>,
}

/// A browser session with one library.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token in the cookie.
    pub token_hash: [u8; 32],
    /// The library.
    pub library_id: LibraryId,
    /// Whose.
    pub subject: SessionSubject,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it was last used.
    pub seen_at: OffsetDateTime,
    /// When it ends unless it is used.
    pub expires_at: OffsetDateTime,
    /// That it stands for a patron, where its subject alone does not say so.
    pub proof: Option<SessionProof>,
    /// From what kind of device it is used, once that is known.
    pub device: Option<DeviceKind>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({:?} of {})", self.subject, self.library_id)
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    token_hash: Vec<u8>,
    library_id: Uuid,
    subject: String,
    subject_id: Option<Uuid>,
    started_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
    proved_by: Option<Uuid>,
    proved_at: Option<Timestamp>,
    proved_until: Option<Timestamp>,
    proved_patron: Option<Uuid>,
    device: Option<String>,
}

/// Inserts a session.
///
/// # Errors
/// [`StoreError::Duplicate`] if the token is in use.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    let (subject, subject_id) = match session.subject {
        SessionSubject::Visitor => ("visitor", None),
        SessionSubject::Reader(id) => ("reader", Some(id.as_uuid())),
        SessionSubject::Applicant(id) => ("applicant", Some(id.as_uuid())),
        SessionSubject::Staff(id) => ("staff", Some(id.as_uuid())),
        SessionSubject::Patron(id) => ("patron", Some(id.as_uuid())),
    };
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO sessions (token_hash, library_id, subject, subject_id, started_at, seen_at, expires_at,
                 proved_by, proved_at, proved_until, proved_patron, device)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(&session.token_hash[..])
        .bind(session.library_id.as_uuid())
        .bind(subject)
        .bind(subject_id)
        .bind(Timestamp::from(session.started_at))
        .bind(Timestamp::from(session.seen_at))
        .bind(Timestamp::from(session.expires_at))
        .bind(session.proof.and_then(|proof| proof.by).map(ApplicationId::as_uuid))
        .bind(session.proof.map(|proof| Timestamp::from(proof.at)))
        .bind(session.proof.map(|proof| Timestamp::from(proof.until)))
        .bind(session.proof.and_then(|proof| proof.patron).map(PatronId::as_uuid))
        .bind(session.device.map(DeviceKind::as_str))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds a living session with one library.
///
/// # Errors
/// [`StoreError::Corrupt`] if its subject cannot be read.
pub async fn find(
    tx: &mut Tx,
    library_id: LibraryId,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<Session>, StoreError> {
    let row: Option<SessionRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT token_hash, library_id, subject, subject_id, started_at, seen_at, expires_at,
                 proved_by, proved_at, proved_until, proved_patron, device
             FROM sessions WHERE token_hash = $1 AND library_id = $2 AND expires_at > $3",
        )
        .bind(&token_hash[..])
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(now))
        .fetch_optional(conn)
        .await
    })?;
    row.map(Session::try_from).transpose()
}

/// Prolongs a session that is being used, and what it proves until `proved_until` unless that is over.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn touch(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    seen_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    proved_until: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE sessions SET seen_at = $1, expires_at = $2,
                 proved_until = CASE WHEN proved_until > $1 THEN $4 ELSE proved_until END
             WHERE token_hash = $3",
        )
        .bind(Timestamp::from(seen_at))
        .bind(Timestamp::from(expires_at))
        .bind(&token_hash[..])
        .bind(Timestamp::from(proved_until))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Notes from what kind of device a session is used.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save_device(tx: &mut Tx, token_hash: &[u8; 32], device: DeviceKind) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE sessions SET device = $1 WHERE token_hash = $2")
            .bind(device.as_str())
            .bind(&token_hash[..])
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Lists the living sessions that may stand for a patron: by their own word, or by an application that is the patron's.
/// The one used last comes first.
///
/// # Errors
/// [`StoreError::Corrupt`] if the subject of one cannot be read.
pub async fn list_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    now: OffsetDateTime,
) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<SessionRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT token_hash, library_id, subject, subject_id, started_at, seen_at, expires_at,
                 proved_by, proved_at, proved_until, proved_patron, device
             FROM sessions WHERE library_id = $1 AND expires_at > $3 AND subject IN ('reader', 'applicant', 'patron')
                 AND (proved_patron = $2 OR (subject = 'patron' AND subject_id = $2)
                     OR subject_id IN (SELECT id FROM applications WHERE patron_id = $2 AND library_id = $1)
                     OR proved_by IN (SELECT id FROM applications WHERE patron_id = $2 AND library_id = $1))
             ORDER BY seen_at DESC, token_hash",
        )
        .bind(library_id.as_uuid())
        .bind(patron_id.as_uuid())
        .bind(Timestamp::from(now))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Ends a session. False if it had ended.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<bool, StoreError> {
    // Where another click puts another session in its place at this moment, PostgreSQL sees that one the second time only.
    Ok(delete_once(tx, token_hash).await? || delete_once(tx, token_hash).await?)
}

async fn delete_once(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<bool, StoreError> {
    let ended = on!(tx, |conn| {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(&token_hash[..])
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(ended == 1)
}

/// Deletes the sessions whose time is over, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_expired(tx: &mut Tx, now: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(Timestamp::from(now))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// Ends all sessions of a staff member, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_staff(tx: &mut Tx, id: StaffId) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM sessions WHERE subject = 'staff' AND subject_id = $1")
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// Lets the sessions that could write in an application only read from now on.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn make_readers(tx: &mut Tx, id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE sessions SET subject = 'reader' WHERE subject = 'applicant' AND subject_id = $1")
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        // Eight of the hash's digits name the row well enough for the log, and find no session.
        let broken = || corrupt("sessions", HEXLOWER.encode(row.token_hash.get(..4).unwrap_or_default()));
        let subject = match (row.subject.as_str(), row.subject_id) {
            ("visitor", None) => SessionSubject::Visitor,
            ("reader", Some(id)) => SessionSubject::Reader(ApplicationId::from_uuid(id)),
            ("applicant", Some(id)) => SessionSubject::Applicant(ApplicationId::from_uuid(id)),
            ("staff", Some(id)) => SessionSubject::Staff(StaffId::from_uuid(id)),
            ("patron", Some(id)) => SessionSubject::Patron(PatronId::from_uuid(id)),
            _ => return Err(broken()),
        };
        Ok(Self {
            token_hash: row.token_hash.as_slice().try_into().map_err(|_| broken())?,
            library_id: LibraryId::from_uuid(row.library_id),
            subject,
            started_at: row.started_at.time(),
            seen_at: row.seen_at.time(),
            expires_at: row.expires_at.time(),
            proof: row.proved_at.zip(row.proved_until).map(|(at, until)| SessionProof {
                by: row.proved_by.map(ApplicationId::from_uuid),
                at: at.time(),
                until: until.time(),
                patron: row.proved_patron.map(PatronId::from_uuid),
            }),
            device: row.device.as_deref().map(|name| name.parse().map_err(|_| broken())).transpose()?,
        })
    }
}
