//! How often somebody tried to sign in to one account without success.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::LibraryId;
use data_encoding::HEXLOWER;
use time::OffsetDateTime;

/// What became of the wish to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// It is counted, as this one since the last success.
    Counted(u32),
    /// It has to wait.
    Wait {
        /// Until then.
        until: OffsetDateTime,
    },
}

/// Counts one try before it is judged, unless it has to wait.
///
/// # Errors
/// [`StoreError::Corrupt`] if the count is none.
pub async fn count(
    tx: &mut Tx,
    library_id: LibraryId,
    account_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Try, StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO sign_in_tries (account_hash, library_id, tries, next_at) VALUES ($1, $2, 0, $3)
             ON CONFLICT (account_hash) DO NOTHING",
        )
        .bind(&account_hash[..])
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    let tries: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar(
            "UPDATE sign_in_tries SET tries = tries + 1 WHERE account_hash = $1 AND next_at <= $2 RETURNING tries",
        )
        .bind(&account_hash[..])
        .bind(Timestamp::from(now))
        .fetch_optional(conn)
        .await
    })?;
    let broken = || corrupt("sign_in_tries", HEXLOWER.encode(&account_hash[..4]));
    if let Some(tries) = tries {
        return Ok(Try::Counted(u32::try_from(tries).map_err(|_| broken())?));
    }
    let until: Option<Timestamp> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT next_at FROM sign_in_tries WHERE account_hash = $1")
            .bind(&account_hash[..])
            .fetch_optional(conn)
            .await
    })?;
    Ok(Try::Wait { until: until.ok_or_else(broken)?.time() })
}

/// Lets the next try wait until `next_at`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn postpone(tx: &mut Tx, account_hash: &[u8; 32], next_at: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE sign_in_tries SET next_at = $1 WHERE account_hash = $2")
            .bind(Timestamp::from(next_at))
            .bind(&account_hash[..])
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// How many tries are counted.
///
/// # Errors
/// [`StoreError::Corrupt`] if the count is none.
pub async fn find(tx: &mut Tx, account_hash: &[u8; 32]) -> Result<u32, StoreError> {
    let tries: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT tries FROM sign_in_tries WHERE account_hash = $1")
            .bind(&account_hash[..])
            .fetch_optional(conn)
            .await
    })?;
    u32::try_from(tries.unwrap_or_default()).map_err(|_| corrupt("sign_in_tries", HEXLOWER.encode(&account_hash[..4])))
}

/// Takes back one try that was a success, where the others still count.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn take_back(tx: &mut Tx, account_hash: &[u8; 32]) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE sign_in_tries SET tries = tries - 1 WHERE account_hash = $1 AND tries > 0")
            .bind(&account_hash[..])
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Forgets the tries, after a success.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, account_hash: &[u8; 32]) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM sign_in_tries WHERE account_hash = $1")
            .bind(&account_hash[..])
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Forgets the tries of which none had to wait since `before`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_before(tx: &mut Tx, before: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM sign_in_tries WHERE next_at <= $1")
            .bind(Timestamp::from(before))
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}
