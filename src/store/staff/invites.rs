//! One-time invitations with which a staff member sets password and one-time codes.

use crate::domain::ids::StaffId;
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, on};
use time::OffsetDateTime;
use uuid::Uuid;

/// Inserts an invitation; earlier ones of the same staff member become void.
///
/// # Errors
/// [`StoreError::Duplicate`] if the token is in use.
pub async fn insert_invite(
    tx: &mut Tx,
    staff_id: StaffId,
    token_hash: &[u8; 32],
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    delete_invites(tx, staff_id).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO staff_invites (token_hash, library_id, staff_id, expires_at)
             VALUES ($1, (SELECT library_id FROM staff WHERE id = $2), $2, $3)",
        )
        .bind(&token_hash[..])
        .bind(staff_id.as_uuid())
        .bind(Timestamp::from(expires_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Makes the invitations void that a staff member has not used.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_invites(tx: &mut Tx, staff_id: StaffId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM staff_invites WHERE staff_id = $1 AND used_at IS NULL")
            .bind(staff_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Finds whom a living invitation is for, without using it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_invite(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<StaffId>, StoreError> {
    let id: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT staff_id FROM staff_invites WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(&token_hash[..])
        .bind(Timestamp::from(now))
        .fetch_optional(conn)
        .await
    })?;
    Ok(id.map(StaffId::from_uuid))
}

/// Uses an invitation, once, and tells whom it was for.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn consume_invite(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<StaffId>, StoreError> {
    let id: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "UPDATE staff_invites SET used_at = $1
             WHERE token_hash = $2 AND used_at IS NULL AND expires_at > $1 RETURNING staff_id",
        )
        .bind(Timestamp::from(now))
        .bind(&token_hash[..])
        .fetch_optional(conn)
        .await
    })?;
    Ok(id.map(StaffId::from_uuid))
}
