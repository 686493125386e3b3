//! What reviewers noted of documents while they worked on an application: in place of what the applicant typed.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, StaffId};
use crate::domain::proof::ShownProof;
use time::{Date, OffsetDateTime};

/// Notes until when a document counts, in place of what was noted of this kind before.
///
/// # Errors
/// [`StoreError::Database`] if application and staff belong to different libraries.
pub async fn save(
    tx: &mut Tx,
    application: &Application,
    shown: &ShownProof,
    by: StaffId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO application_proofs (application_id, kind, library_id, counts_until, noted_by, noted_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (application_id, kind) DO UPDATE SET counts_until = excluded.counts_until,
                 noted_by = excluded.noted_by, noted_at = excluded.noted_at",
        )
        .bind(application.id.as_uuid())
        .bind(shown.kind.as_str())
        .bind(application.library_id.as_uuid())
        .bind(shown.counts_until)
        .bind(by.as_uuid())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists what was noted, by kind.
///
/// # Errors
/// [`StoreError::Corrupt`] if a kind cannot be read.
pub async fn list(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<ShownProof>, StoreError> {
    let rows: Vec<(String, Option<Date>)> = on!(tx, |conn| {
        sqlx::query_as("SELECT kind, counts_until FROM application_proofs WHERE application_id = $1 ORDER BY kind")
            .bind(application_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    let shown = rows.into_iter().map(|(kind, counts_until)| {
        let kind = kind.parse().map_err(|_| corrupt("application_proofs", application_id))?;
        Ok(ShownProof { kind, counts_until })
    });
    shown.collect()
}
