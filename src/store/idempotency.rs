//! Forms that were already sent: each carries a one-time key, and has its effect once.

use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::LibraryId;
use time::OffsetDateTime;

/// One sending of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnceKey<'a> {
    /// The library.
    pub library_id: LibraryId,
    /// Who sends it: SHA-256 of the session's token.
    pub actor: [u8; 32],
    /// Where it is sent to.
    pub route: &'a str,
    /// The random key that was in the form.
    pub key: &'a str,
    /// SHA-256 of what was sent.
    pub body_hash: [u8; 32],
    /// Where the sender goes from here.
    pub location: &'a str,
}

/// What the sending of a form is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The first: do what it asks.
    Fresh,
    /// The same once more: do nothing, and send the sender there.
    Repeat {
        /// Where the first went.
        location: String,
    },
    /// The same key with another content: refuse it.
    OtherBody,
}

#[derive(sqlx::FromRow)]
struct OnceRow {
    body_hash: Vec<u8>,
    location: String,
}

/// Claims the form's effect for this transaction. If the transaction fails, the next sending is the first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(tx: &mut Tx, once: &OnceKey<'_>, now: OffsetDateTime) -> Result<Claim, StoreError> {
    let claimed = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO once_keys (library_id, actor, route, once_key, body_hash, location, claimed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(once.library_id.as_uuid())
        .bind(&once.actor[..])
        .bind(once.route)
        .bind(once.key)
        .bind(&once.body_hash[..])
        .bind(once.location)
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if claimed == 1 {
        return Ok(Claim::Fresh);
    }
    let first: OnceRow = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT body_hash, location FROM once_keys
             WHERE library_id = $1 AND actor = $2 AND route = $3 AND once_key = $4",
        )
        .bind(once.library_id.as_uuid())
        .bind(&once.actor[..])
        .bind(once.route)
        .bind(once.key)
        .fetch_one(conn)
        .await
    })?;
    Ok(if first.body_hash == once.body_hash { Claim::Repeat { location: first.location } } else { Claim::OtherBody })
}

/// Tells whether `actor` has sent a form to `route` that had its effect at `at`, as long as that is remembered.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_claimed(
    tx: &mut Tx,
    library_id: LibraryId,
    actor: &[u8; 32],
    route: &str,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let claimed: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM once_keys WHERE library_id = $1 AND actor = $2 AND route = $3 AND claimed_at = $4",
        )
        .bind(library_id.as_uuid())
        .bind(&actor[..])
        .bind(route)
        .bind(Timestamp::from(at))
        .fetch_one(conn)
        .await
    })?;
    Ok(claimed > 0)
}

/// Tells whether a form that `actor` has sent to `route` under this key had its effect, as long as that is remembered.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_used(
    tx: &mut Tx,
    library_id: LibraryId,
    actor: &[u8; 32],
    route: &str,
    key: &str,
) -> Result<bool, StoreError> {
    let used: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM once_keys WHERE library_id = $1 AND actor = $2 AND route = $3 AND once_key = $4",
        )
        .bind(library_id.as_uuid())
        .bind(&actor[..])
        .bind(route)
        .bind(key)
        .fetch_one(conn)
        .await
    })?;
    Ok(used > 0)
}

/// Forgets the keys that were claimed before `before`, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_before(tx: &mut Tx, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM once_keys WHERE claimed_at < $1")
            .bind(Timestamp::from(before))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}
