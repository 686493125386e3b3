//! Addresses at which nobody is: a mail came back. Known by their tokens only.

use super::seal::{self, SearchField};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on, search_keys};
use crate::domain::ids::LibraryId;
use crate::domain::person::EmailAddress;
use time::OffsetDateTime;

/// Notes that nobody is at the address to which a mail went, known by the mail's token of it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(
    tx: &mut Tx,
    library_id: LibraryId,
    address_token: &[u8],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO dead_addresses (library_id, address_token, noted_at) VALUES ($1, $2, $3)
             ON CONFLICT (library_id, address_token) DO NOTHING",
        )
        .bind(library_id.as_uuid())
        .bind(address_token)
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Notes that nobody is at an address.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn note(
    tx: &mut Tx,
    library_id: LibraryId,
    email: &EmailAddress,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let token = token_of(tx, library_id, email).await?;
    insert(tx, library_id, &token, now).await
}

/// Tells whether mail to an address came back, and nobody has confirmed it since.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn contains(tx: &mut Tx, library_id: LibraryId, email: &EmailAddress) -> Result<bool, StoreError> {
    let token = token_of(tx, library_id, email).await?;
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM dead_addresses WHERE library_id = $1 AND address_token = $2")
            .bind(library_id.as_uuid())
            .bind(token)
            .fetch_one(conn)
            .await
    })?;
    Ok(count > 0)
}

/// Tells whether a mail's token is that of an address.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_known_by(
    tx: &mut Tx,
    library_id: LibraryId,
    email: &EmailAddress,
    address_token: &[u8],
) -> Result<bool, StoreError> {
    Ok(token_of(tx, library_id, email).await? == address_token)
}

/// Somebody has read a mail at the address: it counts again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, library_id: LibraryId, email: &EmailAddress) -> Result<(), StoreError> {
    let token = token_of(tx, library_id, email).await?;
    on!(tx, |conn| {
        sqlx::query("DELETE FROM dead_addresses WHERE library_id = $1 AND address_token = $2")
            .bind(library_id.as_uuid())
            .bind(token)
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Forgets what was noted before a time, and tells how many there were: mail to them is tried again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_before(tx: &mut Tx, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM dead_addresses WHERE noted_at < $1")
            .bind(Timestamp::from(before))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// The token under which an address is noted.
pub(super) async fn token_of(tx: &mut Tx, library_id: LibraryId, email: &EmailAddress) -> Result<Vec<u8>, StoreError> {
    Ok(seal::token(tx, library_id, SearchField::Email, &search_keys::email(email)).await?.to_vec())
}
