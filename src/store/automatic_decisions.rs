//! The applications that the rules may decide by themselves, until they are decided or found to need somebody.

use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};
use time::OffsetDateTime;
use uuid::Uuid;

/// An application that waits for the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueDecision {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    application_id: Uuid,
    library_id: Uuid,
}

/// Puts an application before the rules at a time, or plans it anew.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(tx: &mut Tx, due: &DueDecision, next_at: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO automatic_decisions (application_id, library_id, next_at) VALUES ($1, $2, $3)
             ON CONFLICT (application_id) DO UPDATE SET next_at = excluded.next_at",
        )
        .bind(due.application_id.as_uuid())
        .bind(due.library_id.as_uuid())
        .bind(Timestamp::from(next_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Plans an application anew that still waits for the rules; one that was taken away from them stays so.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn postpone(tx: &mut Tx, due: &DueDecision, next_at: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE automatic_decisions SET next_at = $1 WHERE application_id = $2 AND library_id = $3")
            .bind(Timestamp::from(next_at))
            .bind(due.application_id.as_uuid())
            .bind(due.library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Lists what is due, of all libraries, the longest due first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_due(tx: &mut Tx, now: OffsetDateTime, limit: u32) -> Result<Vec<DueDecision>, StoreError> {
    let rows: Vec<DueRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT application_id, library_id FROM automatic_decisions
             WHERE next_at <= $1 ORDER BY next_at, application_id LIMIT $2",
        )
        .bind(Timestamp::from(now))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let due = |row: DueRow| DueDecision {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id: ApplicationId::from_uuid(row.application_id),
    };
    Ok(rows.into_iter().map(due).collect())
}

/// Takes an application away from the rules: it is decided, or somebody has to.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, due: &DueDecision) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM automatic_decisions WHERE application_id = $1 AND library_id = $2")
            .bind(due.application_id.as_uuid())
            .bind(due.library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}
