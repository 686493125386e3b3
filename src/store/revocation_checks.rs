//! The applications about whose signing certificate the question of revocation is open.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};
use time::OffsetDateTime;
use uuid::Uuid;

/// An open question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenCheck {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// How often it was asked again in vain.
    pub tries: u32,
    /// When it is asked again.
    pub next_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct CheckRow {
    application_id: Uuid,
    library_id: Uuid,
    tries: i64,
    next_at: Timestamp,
}

impl TryFrom<CheckRow> for OpenCheck {
    type Error = StoreError;

    fn try_from(row: CheckRow) -> Result<Self, StoreError> {
        Ok(Self {
            library_id: LibraryId::from_uuid(row.library_id),
            application_id: ApplicationId::from_uuid(row.application_id),
            tries: u32::try_from(row.tries).map_err(|_| corrupt("revocation_checks", row.application_id))?,
            next_at: row.next_at.time(),
        })
    }
}

/// Opens the question about an application, or plans it anew.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save(tx: &mut Tx, check: &OpenCheck) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO revocation_checks (application_id, library_id, tries, next_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (application_id) DO UPDATE SET tries = excluded.tries, next_at = excluded.next_at",
        )
        .bind(check.application_id.as_uuid())
        .bind(check.library_id.as_uuid())
        .bind(i64::from(check.tries))
        .bind(Timestamp::from(check.next_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the open question about an application.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Option<OpenCheck>, StoreError> {
    let row: Option<CheckRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM revocation_checks WHERE application_id = $1 AND library_id = $2")
            .bind(application_id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    row.map(OpenCheck::try_from).transpose()
}

/// Lists the questions that are due, of all libraries, the longest due first.
///
/// # Errors
/// [`StoreError::Corrupt`] if one cannot be read.
pub async fn list_due(tx: &mut Tx, now: OffsetDateTime, limit: u32) -> Result<Vec<OpenCheck>, StoreError> {
    let rows: Vec<CheckRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM revocation_checks WHERE next_at <= $1 ORDER BY next_at LIMIT $2")
            .bind(Timestamp::from(now))
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(OpenCheck::try_from).collect()
}

/// Closes the question. True if it was open.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, library_id: LibraryId, application_id: ApplicationId) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM revocation_checks WHERE application_id = $1 AND library_id = $2")
            .bind(application_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted > 0)
}
