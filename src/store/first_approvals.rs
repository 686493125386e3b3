//! First approvals: one per version, by whoever must not give the second.

use super::events::ChainEnd;
use super::rows::corrupt;
use super::seal::{self, WrappedKey};
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

/// How many decisions were opened again, beside the first approval, the last event and the key if there are any.
#[derive(sqlx::FromRow)]
struct PastRow {
    superseded: i64,
    library_id: Option<Uuid>,
    version_digest: Option<Vec<u8>>,
    approved_by: Option<Uuid>,
    approved_at: Option<Timestamp>,
    seq: Option<i64>,
    hash: Option<Vec<u8>>,
    owner_library: Option<Uuid>,
    master_version: Option<i64>,
    wrapped: Option<Vec<u8>>,
}

impl PastRow {
    /// Keeps what this transaction will need of the application: its key, and if it holds it the end of its chain.
    fn keep_beside(&mut self, tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
        let id = application_id.as_uuid();
        if let (Some(library), Some(version), Some(wrapped)) =
            (self.owner_library, self.master_version, self.wrapped.take())
        {
            seal::bring_key(tx, WrappedKey::new(id, library, version, wrapped));
        }
        if let Some(held) = tx.held.get_mut(&id) {
            let end = ChainEnd::read(application_id, self.seq.zip(self.hash.take()))?;
            held.chain_end.get_or_insert(end);
        }
        Ok(())
    }
}

impl FirstApprovalRow {
    /// The first approval, if it is of exactly this version.
    fn of_version(self, application_id: ApplicationId, version: Version) -> Result<Option<FirstApproval>, StoreError> {
        let digest = Digest::try_from(self.version_digest.as_slice());
        let digest = digest.map_err(|_| corrupt("first_approvals", application_id))?;
        let first = FirstApproval {
            library_id: LibraryId::from_uuid(self.library_id),
            application_id,
            version: Version { number: version.number, digest },
            approved_by: StaffId::from_uuid(self.approved_by),
            approved_at: self.approved_at.time(),
        };
        Ok(Some(first).filter(|first| first.version == version))
    }
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
    row.map_or(Ok(None), |row| row.of_version(application_id, version))
}

/// What came before a decision about a version: the first approval of exactly it, and whether the application was
/// decided before. What the decision will be written with comes along: the application's key, the end of its chain.
///
/// # Errors
/// [`StoreError::Corrupt`] if its digest cannot be read.
pub async fn find_with_past(
    tx: &mut Tx,
    application_id: ApplicationId,
    version: Version,
) -> Result<(Option<FirstApproval>, bool), StoreError> {
    let mut row: PastRow = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT p.superseded, f.library_id, f.version_digest, f.approved_by, f.approved_at, e.seq, e.hash,
                 k.library_id AS owner_library, k.master_version, k.wrapped
             FROM (SELECT COUNT(*) AS superseded FROM decisions
                     WHERE application_id = $1 AND superseded_at IS NOT NULL) AS p
                 LEFT JOIN first_approvals f ON f.application_id = $1 AND f.version_number = $2
                 LEFT JOIN (SELECT seq, hash FROM events WHERE application_id = $1 ORDER BY seq DESC LIMIT 1) AS e
                     ON 1 = 1
                 LEFT JOIN data_keys k ON k.owner_id = $1",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version.number))
        .fetch_one(conn)
        .await
    })?;
    row.keep_beside(tx, application_id)?;
    let was_decided = row.superseded > 0;
    let (Some(library_id), Some(version_digest), Some(approved_by), Some(approved_at)) =
        (row.library_id, row.version_digest, row.approved_by, row.approved_at)
    else {
        return Ok((None, was_decided));
    };
    let row = FirstApprovalRow { library_id, version_digest, approved_by, approved_at };
    Ok((row.of_version(application_id, version)?, was_decided))
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
