//! Frozen versions: the documents that are signed, never changed again.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::domain::version::Digest;
use crate::domain::version::Version;
use crate::sha256::sha256;
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// A frozen version with its document.
#[derive(Clone, PartialEq, Eq)]
pub struct FrozenVersion {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// Number and digest; the digest is the SHA-256 of `document`.
    pub version: Version,
    /// The PDF that is signed.
    pub document: Vec<u8>,
    /// When it was frozen.
    pub frozen_at: OffsetDateTime,
}

impl fmt::Debug for FrozenVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrozenVersion({} {:?}, {} bytes)", self.application_id, self.version, self.document.len())
    }
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    library_id: Uuid,
    digest: Vec<u8>,
    document: Vec<u8>,
    frozen_at: Timestamp,
}

/// Inserts a version.
///
/// # Errors
/// [`StoreError::Duplicate`] if the number is taken; [`StoreError::Corrupt`] if the digest is not the document's.
pub async fn insert(tx: &mut Tx, frozen: &FrozenVersion) -> Result<(), StoreError> {
    let place = place(frozen.application_id, frozen.version.number);
    if digest_of(&frozen.document) != frozen.version.digest {
        return Err(corrupt(place.table, &place.row));
    }
    let document = seal::seal(tx, &place, &frozen.document).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO versions (application_id, number, library_id, digest, document, frozen_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(frozen.application_id.as_uuid())
        .bind(i64::from(frozen.version.number))
        .bind(frozen.library_id.as_uuid())
        .bind(&frozen.version.digest.as_bytes()[..])
        .bind(document)
        .bind(Timestamp::from(frozen.frozen_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds a version and computes its digest anew: a decision must never rest on an altered document.
///
/// # Errors
/// [`StoreError::Corrupt`] if document and digest do not fit; [`StoreError::Unsealable`] if the key was erased.
pub async fn find(
    tx: &mut Tx,
    application_id: ApplicationId,
    number: u32,
) -> Result<Option<FrozenVersion>, StoreError> {
    let row: Option<VersionRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, digest, document, frozen_at FROM versions WHERE application_id = $1 AND number = $2",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(number))
        .fetch_optional(conn)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let place = place(application_id, number);
    let document = seal::open(tx, &place, &row.document).await?.to_vec();
    match Digest::try_from(row.digest.as_slice()) {
        Ok(digest) if digest == digest_of(&document) => Ok(Some(FrozenVersion {
            library_id: LibraryId::from_uuid(row.library_id),
            application_id,
            version: Version { number, digest },
            document,
            frozen_at: row.frozen_at.time(),
        })),
        _ => Err(corrupt(place.table, &place.row)),
    }
}

/// Deletes the versions of an application whose contents are being erased; none of them was signed.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM versions WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

fn place(application_id: ApplicationId, number: u32) -> Place {
    Place::new("versions", "document", format_args!("{application_id}/{number}"), application_id.as_uuid())
}

fn digest_of(document: &[u8]) -> Digest {
    Digest::from_bytes(sha256(document))
}
