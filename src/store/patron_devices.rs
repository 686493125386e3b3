//! From which devices patrons have signed in.

use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::device::DeviceKind;
use crate::domain::ids::{LibraryId, PatronId};
use time::OffsetDateTime;

/// Notes that a patron has signed in from a device. True if that is new.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    device_hash: &[u8; 32],
    kind: DeviceKind,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let noted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO patron_devices (patron_id, device_hash, library_id, kind, first_at, last_at)
             VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (patron_id, device_hash) DO NOTHING",
        )
        .bind(patron_id.as_uuid())
        .bind(&device_hash[..])
        .bind(library_id.as_uuid())
        .bind(kind.as_str())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if noted == 1 {
        return Ok(true);
    }
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE patron_devices SET kind = $1, last_at = $2
             WHERE patron_id = $3 AND device_hash = $4 AND library_id = $5",
        )
        .bind(kind.as_str())
        .bind(Timestamp::from(now))
        .bind(patron_id.as_uuid())
        .bind(&device_hash[..])
        .bind(library_id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(false)
}

/// Tells whether a patron has signed in from a device.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_known(tx: &mut Tx, patron_id: PatronId, device_hash: &[u8; 32]) -> Result<bool, StoreError> {
    let found: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM patron_devices WHERE patron_id = $1 AND device_hash = $2")
            .bind(patron_id.as_uuid())
            .bind(&device_hash[..])
            .fetch_optional(conn)
            .await
    })?;
    Ok(found.is_some())
}

/// Forgets all devices of a patron: the next sign-in from each is a new one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM patron_devices WHERE patron_id = $1 AND library_id = $2")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Forgets the devices that were not used since `before`: their cookies are gone by then.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_unused(tx: &mut Tx, before: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM patron_devices WHERE last_at <= $1")
            .bind(Timestamp::from(before))
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}
