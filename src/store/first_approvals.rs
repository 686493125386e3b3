//! First approvals: one per version, by whoever must not give the second.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::review::FirstApproval;
use crate::domain::version::{Digest, Version};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct FirstApprovalRow {
    library_id: Uuid,
    version_digest: Vec<u8>,
    approved_by: Uuid,
    approved_at: Timestamp,
}

/// Inserts the first approval of a version.
///
/// # Errors
/// [`StoreError::Duplicate`] if the version has one.
pub async fn insert(tx: &mut Tx, first: &FirstApproval) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO first_approvals (application_id, version_number, library_id, version_digest, approved_by,
                 approved_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(first.application_id.as_uuid())
        .bind(i64::from(first.version.number))
        .bind(first.library_id.as_uuid())
        .bind(&first.version.digest.as_bytes()[..])
        .bind(first.approved_by.as_uuid())
        .bind(Timestamp::from(first.approved_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the first approval of exactly this version; one of another version or digest counts for nothing.
///
/// # Errors
/// [`StoreError::Corrupt`] if its digest cannot be read.
pub async fn find(
    tx: &mut Tx,
    application_id: ApplicationId,
    version: Version,
) -> Result<Option<FirstApproval>, StoreError> {
    let row: Option<FirstApprovalRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, version_digest, approved_by, approved_at FROM first_approvals
             WHERE application_id = $1 AND version_number = $2",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version.number))
        .fetch_optional(conn)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let digest = Digest::try_from(row.version_digest.as_slice());
    let digest = digest.map_err(|_| corrupt("first_approvals", application_id))?;
    let first = FirstApproval {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        version: Version { number: version.number, digest },
        approved_by: StaffId::from_uuid(row.approved_by),
        approved_at: row.approved_at.time(),
    };
    Ok(Some(first).filter(|first| first.version == version))
}

/// Deletes the first approvals of an application whose decision was opened again: both persons look anew.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM first_approvals WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}
