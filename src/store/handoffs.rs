//! Hand-offs from a PC to a telephone: found by the hash of a handle or of a typed code, never by either itself.

use super::rows::corrupt;
use super::seal::{self, Place, PortalHash};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::handoff::{Handoff, HandoffState, NumberMatch};
use crate::domain::ids::{ApplicationId, HandoffId, LibraryId};
use crate::domain::short_code::ShortCode;
use crate::sha256::sha256;
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// What leads to a hand-off.
#[derive(Clone, PartialEq, Eq)]
pub struct HandoffSecrets {
    /// What stands in the QR code's address: at least 128 random bits.
    pub handle: String,
    /// What can be typed instead.
    pub code: ShortCode,
}

impl fmt::Debug for HandoffSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandoffSecrets(…)")
    }
}

#[derive(sqlx::FromRow)]
struct HandoffRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Uuid,
    version_number: i64,
    session_hash: Vec<u8>,
    choices: String,
    right_number: String,
    state: String,
    phone_hash: Option<Vec<u8>>,
    problem: Option<String>,
    shown_at: Timestamp,
    expires_at: Timestamp,
}

/// Inserts a hand-off.
///
/// # Errors
/// [`StoreError::Duplicate`] if handle or code are in use: draw others.
pub async fn insert(tx: &mut Tx, handoff: &Handoff, secrets: &HandoffSecrets) -> Result<(), StoreError> {
    let sealed = (&secrets.handle, secrets.code.to_string());
    let sealed = seal::seal_json(tx, &place(handoff.id, handoff.application_id), &sealed).await?;
    let code_hash = code_hash(tx, &secrets.code);
    let choices = handoff.numbers.choices().map(|number| number.to_string()).join(" ");
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO handoffs (id, library_id, application_id, version_number, session_hash, handle_hash, code_hash,
                 secrets, choices, right_number, state, phone_hash, problem, shown_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(handoff.id.as_uuid())
        .bind(handoff.library_id.as_uuid())
        .bind(handoff.application_id.as_uuid())
        .bind(i64::from(handoff.version))
        .bind(&handoff.session_hash[..])
        .bind(&sha256(secrets.handle.as_bytes())[..])
        .bind(&code_hash[..])
        .bind(sealed)
        .bind(choices)
        .bind(handoff.numbers.right().to_string())
        .bind(handoff.state.name())
        .bind(handoff.state.phone().map(|phone| phone.to_vec()))
        .bind(&handoff.problem)
        .bind(Timestamp::from(handoff.shown_at))
        .bind(Timestamp::from(handoff.expires_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Saves where a hand-off stands by now, if it still stands where it was read.
///
/// # Errors
/// [`StoreError::Stale`] if somebody was quicker.
pub async fn save(tx: &mut Tx, was: HandoffState, handoff: &Handoff) -> Result<(), StoreError> {
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE handoffs SET state = $1, phone_hash = $2, problem = $3, expires_at = $4
             WHERE id = $5 AND state = $6 AND phone_hash IS NOT DISTINCT FROM $7",
        )
        .bind(handoff.state.name())
        .bind(handoff.state.phone().map(|phone| phone.to_vec()))
        .bind(&handoff.problem)
        .bind(Timestamp::from(handoff.expires_at))
        .bind(handoff.id.as_uuid())
        .bind(was.name())
        .bind(was.phone().map(|phone| phone.to_vec()))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Notes what kept the telephone's signature from being accepted.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn note_problem(tx: &mut Tx, id: HandoffId, problem: &str) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE handoffs SET problem = $1 WHERE id = $2 AND state = 'signing'")
            .bind(problem)
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Voids every hand-off of an application that has not led to a signature: another takes their place.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn replace_all(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE handoffs SET state = 'replaced', phone_hash = NULL
             WHERE application_id = $1 AND state NOT IN ('finished', 'replaced')",
        )
        .bind(application_id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds a hand-off.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find(tx: &mut Tx, id: HandoffId) -> Result<Option<Handoff>, StoreError> {
    let row: Option<HandoffRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM handoffs WHERE id = $1").bind(id.as_uuid()).fetch_optional(conn).await
    })?;
    row.map(Handoff::try_from).transpose()
}

/// Finds the hand-off that a QR code leads to.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find_by_handle(tx: &mut Tx, handle: &str) -> Result<Option<Handoff>, StoreError> {
    let row: Option<HandoffRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM handoffs WHERE handle_hash = $1")
            .bind(&sha256(handle.as_bytes())[..])
            .fetch_optional(conn)
            .await
    })?;
    row.map(Handoff::try_from).transpose()
}

/// Finds the hand-off that a typed code leads to.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find_by_code(tx: &mut Tx, code: &ShortCode) -> Result<Option<Handoff>, StoreError> {
    let code_hash = code_hash(tx, code);
    let row: Option<HandoffRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM handoffs WHERE code_hash = $1").bind(&code_hash[..]).fetch_optional(conn).await
    })?;
    row.map(Handoff::try_from).transpose()
}

/// Finds the hand-off of an application that one browser session shows, whatever has become of it; the newest, should
/// there be several.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find_shown(
    tx: &mut Tx,
    application_id: ApplicationId,
    session_hash: &[u8; 32],
) -> Result<Option<Handoff>, StoreError> {
    let row: Option<HandoffRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM handoffs WHERE application_id = $1 AND session_hash = $2 AND state <> 'replaced'
             ORDER BY shown_at DESC, id DESC LIMIT 1",
        )
        .bind(application_id.as_uuid())
        .bind(&session_hash[..])
        .fetch_optional(conn)
        .await
    })?;
    row.map(Handoff::try_from).transpose()
}

/// Opens what leads to a hand-off, to show it on the PC again.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn open_secrets(tx: &mut Tx, handoff: &Handoff) -> Result<HandoffSecrets, StoreError> {
    let sealed: Vec<u8> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT secrets FROM handoffs WHERE id = $1")
            .bind(handoff.id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    let (handle, code): (String, String) =
        seal::open_json(tx, &place(handoff.id, handoff.application_id), &sealed).await?;
    let code = ShortCode::parse(&code).ok_or_else(|| corrupt("handoffs", handoff.id))?;
    Ok(HandoffSecrets { handle, code })
}

/// Deletes the hand-offs that became void before `before`, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_expired(tx: &mut Tx, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM handoffs WHERE expires_at < $1")
            .bind(Timestamp::from(before))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// Deletes the hand-offs of an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM handoffs WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// A code's trace: keyed, because forty bits are soon tried. Whoever types it has not said which library it is of.
fn code_hash(tx: &Tx, code: &ShortCode) -> [u8; 32] {
    seal::portal_hash(tx, PortalHash::HandoffCode, code.as_bytes())
}

fn place(id: HandoffId, application_id: ApplicationId) -> Place {
    Place::new("handoffs", "secrets", id, application_id.as_uuid())
}

impl TryFrom<HandoffRow> for Handoff {
    type Error = StoreError;

    fn try_from(row: HandoffRow) -> Result<Self, StoreError> {
        let broken = || corrupt("handoffs", row.id);
        let phone = row.phone_hash.map(|hash| hash.as_slice().try_into()).transpose().map_err(|_| broken())?;
        Ok(Self {
            id: HandoffId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            application_id: ApplicationId::from_uuid(row.application_id),
            version: u32::try_from(row.version_number).map_err(|_| broken())?,
            session_hash: row.session_hash.as_slice().try_into().map_err(|_| broken())?,
            numbers: NumberMatch::from_stored(&row.choices, &row.right_number).ok_or_else(broken)?,
            shown_at: row.shown_at.time(),
            expires_at: row.expires_at.time(),
            state: HandoffState::from_stored(&row.state, phone).map_err(|_| broken())?,
            problem: row.problem,
        })
    }
}
