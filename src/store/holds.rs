//! Applications that are put aside until a day.

use super::gather::Statement;
use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::review::Hold;
use time::Date;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct HoldRow {
    library_id: Uuid,
    held_by: Uuid,
    held_at: Timestamp,
    until_on: Date,
    reason: Vec<u8>,
}

/// Puts an application aside, in the place of whatever was said before.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn save(tx: &mut Tx, hold: &Hold) -> Result<(), StoreError> {
    let reason = seal::seal(tx, &place(hold.application_id), hold.reason.as_str().as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO holds (application_id, library_id, held_by, held_at, until_on, reason)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (application_id) DO UPDATE SET held_by = excluded.held_by, held_at = excluded.held_at,
                 until_on = excluded.until_on, reason = excluded.reason",
        )
        .bind(hold.application_id.as_uuid())
        .bind(hold.library_id.as_uuid())
        .bind(hold.held_by.as_uuid())
        .bind(Timestamp::from(hold.held_at))
        .bind(hold.until_on)
        .bind(reason)
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds out whether and why an application is, or was last, put aside.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<Hold>, StoreError> {
    let row: Option<HoldRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT library_id, held_by, held_at, until_on, reason FROM holds WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let reason = seal::open_text(tx, &place(application_id), &row.reason).await?;
    Ok(Some(Hold {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        held_by: StaffId::from_uuid(row.held_by),
        held_at: row.held_at.time(),
        until_on: row.until_on,
        reason: reason.parse().map_err(|_| corrupt("holds", application_id))?,
    }))
}

/// Ends the hold on an application that is decided, if there is one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    let hold = Statement::new("DELETE FROM holds WHERE application_id = $1").bind(application_id.as_uuid());
    Ok(tx.write(hold).await?)
}

/// Ends a hold. False if there was none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, application_id: ApplicationId) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM holds WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted == 1)
}

fn place(application_id: ApplicationId) -> Place {
    Place::new("holds", "reason", application_id, application_id.as_uuid())
}
