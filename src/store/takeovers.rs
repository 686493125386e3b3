//! Claims that were taken over, until whoever lost one has seen it.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::reference::Reference;
use crate::domain::review::Remark;
use time::OffsetDateTime;
use uuid::Uuid;

/// A claim that somebody took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// Which application.
    pub reference: Reference,
    /// Who has it now, or had it next.
    pub taken_by: StaffId,
    /// When.
    pub taken_at: OffsetDateTime,
    /// Why.
    pub reason: Remark,
}

#[derive(sqlx::FromRow)]
struct TakeoverRow {
    application_id: Uuid,
    reference: String,
    taken_by: Uuid,
    taken_at: Timestamp,
    reason: Vec<u8>,
}

/// Notes that `taken_by` took the claim of `taken_from`.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn save(
    tx: &mut Tx,
    application: &Application,
    taken_from: StaffId,
    takeover: &Takeover,
) -> Result<(), StoreError> {
    let reason = place(application.id, taken_from);
    let reason = seal::seal(tx, &reason, takeover.reason.as_str().as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO takeovers (application_id, library_id, taken_from, taken_by, taken_at, reason)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (application_id, taken_from) DO UPDATE SET taken_by = excluded.taken_by,
                 taken_at = excluded.taken_at, reason = excluded.reason",
        )
        .bind(application.id.as_uuid())
        .bind(application.library_id.as_uuid())
        .bind(taken_from.as_uuid())
        .bind(takeover.taken_by.as_uuid())
        .bind(Timestamp::from(takeover.taken_at))
        .bind(reason)
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the claims that somebody lost since `since`, newest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if a key was erased.
pub async fn list_lost(
    tx: &mut Tx,
    library_id: LibraryId,
    taken_from: StaffId,
    since: OffsetDateTime,
) -> Result<Vec<Takeover>, StoreError> {
    let rows: Vec<TakeoverRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT t.application_id, a.reference, t.taken_by, t.taken_at, t.reason
             FROM takeovers t JOIN applications a ON a.id = t.application_id
                 JOIN data_keys k ON k.owner_id = t.application_id
             WHERE t.taken_from = $1 AND t.library_id = $2 AND t.taken_at > $3 ORDER BY t.taken_at DESC LIMIT 20",
        )
        .bind(taken_from.as_uuid())
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(since))
        .fetch_all(conn)
        .await
    })?;
    let mut lost = Vec::with_capacity(rows.len());
    for row in rows {
        let place = place(ApplicationId::from_uuid(row.application_id), taken_from);
        let reason = seal::open_text(tx, &place, &row.reason).await?;
        let broken = || corrupt("takeovers", row.application_id);
        lost.push(Takeover {
            reference: row.reference.parse().map_err(|_| broken())?,
            taken_by: StaffId::from_uuid(row.taken_by),
            taken_at: row.taken_at.time(),
            reason: reason.parse().map_err(|_| broken())?,
        });
    }
    Ok(lost)
}

/// Forgets that somebody lost a claim, because they have it again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, application_id: ApplicationId, taken_from: StaffId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM takeovers WHERE application_id = $1 AND taken_from = $2")
            .bind(application_id.as_uuid())
            .bind(taken_from.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

fn place(application_id: ApplicationId, taken_from: StaffId) -> Place {
    Place::new("takeovers", "reason", format_args!("{application_id}/{taken_from}"), application_id.as_uuid())
}
