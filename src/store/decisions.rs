//! Decisions: exactly one stands per application.

use super::gather::Statement;
use super::rows::{corrupt, count_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::application::Decider;
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::review::{Decision, Outcome};
use crate::domain::version::Digest;
use crate::domain::version::Version;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct DecisionRow {
    id: Uuid,
    library_id: Uuid,
    version_number: i64,
    version_digest: Vec<u8>,
    outcome: String,
    reason: Option<Vec<u8>>,
    decided_by: Option<Uuid>,
    decided_at: Timestamp,
}

/// Inserts a decision.
///
/// # Errors
/// [`StoreError::Duplicate`] if another decision stands.
pub async fn insert(tx: &mut Tx, decision: &Decision) -> Result<(), StoreError> {
    let id = Uuid::new_v4();
    let reason = match &decision.outcome {
        Outcome::Approved => None,
        Outcome::Declined(reason) => {
            Some(seal::seal(tx, &place(id, decision.application_id), reason.as_str().as_bytes()).await?)
        }
    };
    let row = Statement::new(
        "INSERT INTO decisions (id, library_id, application_id, version_number, version_digest, outcome, reason,
             decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(decision.library_id.as_uuid())
    .bind(decision.application_id.as_uuid())
    .bind(i64::from(decision.version.number))
    .bind(&decision.version.digest.as_bytes()[..])
    .bind(decision.outcome.name())
    .bind(reason)
    .bind(decision.decided_by.staff_id().map(StaffId::as_uuid))
    .bind(Timestamp::from(decision.decided_at));
    tx.write(row).await?;
    Ok(())
}

/// Finds the decision that stands.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find_standing(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<Decision>, StoreError> {
    let row: Option<DecisionRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, version_number, version_digest, outcome, reason, decided_by, decided_at
             FROM decisions WHERE application_id = $1 AND superseded_at IS NULL",
        )
        .bind(application_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let broken = || corrupt("decisions", row.id);
    let outcome = match (row.outcome.as_str(), &row.reason) {
        ("approved", None) => Outcome::Approved,
        ("declined", Some(sealed)) => {
            let text = seal::open_text(tx, &place(row.id, application_id), sealed).await?;
            Outcome::Declined(text.parse().map_err(|_| broken())?)
        }
        _ => return Err(broken()),
    };
    Ok(Some(Decision {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        version: Version {
            number: u32::try_from(row.version_number).map_err(|_| broken())?,
            digest: Digest::try_from(row.version_digest.as_slice()).map_err(|_| broken())?,
        },
        outcome,
        decided_by: row.decided_by.map_or(Decider::Rule, |id| Decider::Staff(StaffId::from_uuid(id))),
        decided_at: row.decided_at.time(),
    }))
}

/// Lets the decision that stands stand no more; it stays on record. False if none stood.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn supersede(tx: &mut Tx, application_id: ApplicationId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let superseded = on!(tx, |conn| {
        sqlx::query("UPDATE decisions SET superseded_at = $1 WHERE application_id = $2 AND superseded_at IS NULL")
            .bind(Timestamp::from(now))
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(superseded == 1)
}

/// Finds when a decision was last opened again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_superseded_at(
    tx: &mut Tx,
    application_id: ApplicationId,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let at: Option<Timestamp> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT MAX(superseded_at) FROM decisions WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    Ok(at.map(Timestamp::time))
}

/// Counts the decisions that were opened again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_superseded(tx: &mut Tx, application_id: ApplicationId) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM decisions WHERE application_id = $1 AND superseded_at IS NOT NULL")
            .bind(application_id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    Ok(count_of(count))
}

fn place(id: Uuid, application_id: ApplicationId) -> Place {
    Place::new("decisions", "reason", id, application_id.as_uuid())
}
