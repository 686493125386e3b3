//! Passkeys of patrons: the public half of each, and the authenticator's counter.

use super::rows::{corrupt, time_of};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::device::DeviceKind;
use crate::domain::ids::{LibraryId, PasskeyId, PatronId};
use time::OffsetDateTime;
use uuid::Uuid;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Internal identity.
    pub id: PasskeyId,
    /// The library.
    pub library_id: LibraryId,
    /// Whose.
    pub patron_id: PatronId,
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// The COSE number of its algorithm.
    pub algorithm: i64,
    /// `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
    /// The authenticator's counter as it was last.
    pub sign_count: u32,
    /// On what kind of device it was made.
    pub device: DeviceKind,
    /// When.
    pub added_at: OffsetDateTime,
    /// When somebody signed in with it last.
    pub used_at: Option<OffsetDateTime>,
}

#[derive(sqlx::FromRow)]
struct PasskeyRow {
    id: Uuid,
    library_id: Uuid,
    patron_id: Uuid,
    credential_id: Vec<u8>,
    algorithm: i64,
    public_key: Vec<u8>,
    sign_count: i64,
    device: String,
    added_at: Timestamp,
    used_at: Option<Timestamp>,
}

/// Inserts a passkey.
///
/// # Errors
/// [`StoreError::Duplicate`] if the library knows one that is called so.
pub async fn insert(tx: &mut Tx, passkey: &Passkey) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO passkeys (id, library_id, patron_id, credential_id, algorithm, public_key, sign_count, device,
                 added_at, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(passkey.id.as_uuid())
        .bind(passkey.library_id.as_uuid())
        .bind(passkey.patron_id.as_uuid())
        .bind(&passkey.credential_id[..])
        .bind(passkey.algorithm)
        .bind(&passkey.public_key[..])
        .bind(i64::from(passkey.sign_count))
        .bind(passkey.device.as_str())
        .bind(Timestamp::from(passkey.added_at))
        .bind(passkey.used_at.map(Timestamp::from))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds a passkey by what the authenticator calls it.
///
/// # Errors
/// [`StoreError::Corrupt`] if a column cannot be read.
pub async fn find(tx: &mut Tx, library_id: LibraryId, credential_id: &[u8]) -> Result<Option<Passkey>, StoreError> {
    let row: Option<PasskeyRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM passkeys WHERE library_id = $1 AND credential_id = $2")
            .bind(library_id.as_uuid())
            .bind(credential_id)
            .fetch_optional(conn)
            .await
    })?;
    row.map(Passkey::try_from).transpose()
}

/// Lists a patron's passkeys, the oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if a column cannot be read.
pub async fn list_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Vec<Passkey>, StoreError> {
    let rows: Vec<PasskeyRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM passkeys WHERE patron_id = $1 AND library_id = $2 ORDER BY added_at, id")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Passkey::try_from).collect()
}

/// Notes that somebody signed in with a passkey, and its counter from now on.
///
/// # Errors
/// [`StoreError::Stale`] if it is gone, or somebody signed in with it in between.
pub async fn mark_used(tx: &mut Tx, passkey: &Passkey, sign_count: u32, now: OffsetDateTime) -> Result<(), StoreError> {
    let saved = on!(tx, |conn| {
        sqlx::query("UPDATE passkeys SET sign_count = $1, used_at = $2 WHERE id = $3 AND sign_count = $4")
            .bind(i64::from(sign_count))
            .bind(Timestamp::from(now))
            .bind(passkey.id.as_uuid())
            .bind(i64::from(passkey.sign_count))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Removes one of a patron's passkeys. False if there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    id: PasskeyId,
) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM passkeys WHERE id = $1 AND patron_id = $2 AND library_id = $3")
            .bind(id.as_uuid())
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted == 1)
}

/// Removes all of a patron's passkeys.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM passkeys WHERE patron_id = $1 AND library_id = $2")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

impl TryFrom<PasskeyRow> for Passkey {
    type Error = StoreError;

    fn try_from(row: PasskeyRow) -> Result<Self, StoreError> {
        let broken = || corrupt("passkeys", row.id);
        Ok(Self {
            id: PasskeyId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            patron_id: PatronId::from_uuid(row.patron_id),
            sign_count: u32::try_from(row.sign_count).map_err(|_| broken())?,
            device: row.device.parse().map_err(|_| broken())?,
            credential_id: row.credential_id,
            algorithm: row.algorithm,
            public_key: row.public_key,
            added_at: row.added_at.time(),
            used_at: time_of(row.used_at),
        })
    }
}
