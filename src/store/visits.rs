//! Visit slips, and what staff saw at the counter in place of a signature.

use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::visit::{Sighting, SlipTerm};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct SlipRow {
    library_id: Uuid,
    made_at: Timestamp,
    valid_until: Timestamp,
}

#[derive(sqlx::FromRow)]
struct SightingRow {
    library_id: Uuid,
    documents: Vec<u8>,
    sighted_by: Uuid,
    sighted_at: Timestamp,
}

/// Remembers that a draft became a visit slip.
///
/// # Errors
/// [`StoreError::Duplicate`] if it did so before.
pub async fn insert_slip(tx: &mut Tx, slip: &SlipTerm) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO visit_slips (application_id, library_id, made_at, valid_until) VALUES ($1, $2, $3, $4)",
        )
        .bind(slip.application_id.as_uuid())
        .bind(slip.library_id.as_uuid())
        .bind(Timestamp::from(slip.made_at))
        .bind(Timestamp::from(slip.valid_until))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the slip of a draft.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_slip(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<SlipTerm>, StoreError> {
    let row: Option<SlipRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT library_id, made_at, valid_until FROM visit_slips WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    Ok(row.map(|row| SlipTerm {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        made_at: row.made_at.time(),
        valid_until: row.valid_until.time(),
    }))
}

/// Keeps what staff saw, sealed under the application's key.
///
/// # Errors
/// [`StoreError::Duplicate`] if something was seen for this version before.
pub async fn insert_sighting(tx: &mut Tx, sighting: &Sighting) -> Result<(), StoreError> {
    let place = place(sighting.application_id, sighting.version_number);
    let documents = seal::seal_json(tx, &place, &sighting.documents).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO sightings (application_id, version_number, library_id, documents, sighted_by, sighted_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(sighting.application_id.as_uuid())
        .bind(i64::from(sighting.version_number))
        .bind(sighting.library_id.as_uuid())
        .bind(documents)
        .bind(sighting.sighted_by.as_uuid())
        .bind(Timestamp::from(sighting.sighted_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds what staff saw for a version.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find_sighting(
    tx: &mut Tx,
    application_id: ApplicationId,
    version_number: u32,
) -> Result<Option<Sighting>, StoreError> {
    let row: Option<SightingRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, documents, sighted_by, sighted_at FROM sightings
             WHERE application_id = $1 AND version_number = $2",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version_number))
        .fetch_optional(conn)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let documents = seal::open_json(tx, &place(application_id, version_number), &row.documents).await?;
    Ok(Some(Sighting {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        version_number,
        documents,
        sighted_by: StaffId::from_uuid(row.sighted_by),
        sighted_at: row.sighted_at.time(),
    }))
}

/// Tells whether any version of an application was entered at the counter.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_any_seen(tx: &mut Tx, application_id: ApplicationId) -> Result<bool, StoreError> {
    let seen: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM sightings WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    Ok(seen > 0)
}

fn place(application_id: ApplicationId, version_number: u32) -> Place {
    Place::new("sightings", "documents", format_args!("{application_id}/{version_number}"), application_id.as_uuid())
}
