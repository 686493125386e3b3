//! Whoever has shown an initial password and has to choose their own before anything opens.

use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, PatronId};
use time::OffsetDateTime;
use uuid::Uuid;

/// Notes that the browser with this token has shown a patron's initial password.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(
    tx: &mut Tx,
    library_id: LibraryId,
    token_hash: &[u8; 32],
    patron_id: PatronId,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO password_changes (token_hash, library_id, patron_id, expires_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (token_hash) DO UPDATE SET library_id = $2, patron_id = $3, expires_at = $4",
        )
        .bind(&token_hash[..])
        .bind(library_id.as_uuid())
        .bind(patron_id.as_uuid())
        .bind(Timestamp::from(expires_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Whose initial password the browser with this token has shown a short while ago.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(
    tx: &mut Tx,
    library_id: LibraryId,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<PatronId>, StoreError> {
    let patron: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT patron_id FROM password_changes WHERE token_hash = $1 AND library_id = $2 AND expires_at > $3",
        )
        .bind(&token_hash[..])
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(now))
        .fetch_optional(conn)
        .await
    })?;
    Ok(patron.map(PatronId::from_uuid))
}

/// Forgets all that a patron's initial password has opened.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM password_changes WHERE patron_id = $1 AND library_id = $2")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Forgets what is over.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_expired(tx: &mut Tx, now: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM password_changes WHERE expires_at <= $1")
            .bind(Timestamp::from(now))
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}
