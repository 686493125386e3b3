//! The evidence archives: manifests, answers from the outside, time-stamps, and the files that many archives share.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::sha256::sha256;
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// What an archive consists of besides document, signature, certificate and verdict.
#[derive(Clone, PartialEq, Eq)]
pub struct GatheredEvidence {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The signed version.
    pub version_number: u32,
    /// The manifest as it was written; it names the application, so it is kept sealed.
    pub manifest_json: Vec<u8>,
    /// Files about this one certificate, such as OCSP responses; kept sealed.
    pub answers: Vec<NamedFile>,
    /// When it was gathered.
    pub gathered_at: OffsetDateTime,
    /// The RFC 3161 token over the manifest, once there is one.
    pub time_stamp: Option<Vec<u8>>,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Its name in the archive.
    pub name: String,
    /// What is in it.
    pub contents: Vec<u8>,
}

/// A signature by its application and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureKey {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The signed version.
    pub version_number: u32,
}

impl fmt::Debug for GatheredEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GatheredEvidence({} version {})", self.application_id, self.version_number)
    }
}

#[derive(sqlx::FromRow)]
struct EvidenceRow {
    library_id: Uuid,
    manifest: Vec<u8>,
    answers: Vec<u8>,
    gathered_at: Timestamp,
    time_stamp: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    library_id: Uuid,
    application_id: Uuid,
    version_number: i64,
}

impl TryFrom<KeyRow> for SignatureKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        Ok(Self {
            library_id: LibraryId::from_uuid(row.library_id),
            application_id: ApplicationId::from_uuid(row.application_id),
            version_number: u32::try_from(row.version_number).map_err(|_| corrupt("evidence", row.application_id))?,
        })
    }
}

/// Inserts what was gathered.
///
/// # Errors
/// [`StoreError::Duplicate`] if it was gathered before.
pub async fn insert(tx: &mut Tx, gathered: &GatheredEvidence) -> Result<(), StoreError> {
    let place = place(gathered.application_id, gathered.version_number);
    let manifest = seal::seal(tx, &place, &gathered.manifest_json).await?;
    let answers = seal::seal_json(tx, &place.beside("answers"), &gathered.answers).await?;
    let stamped_at = gathered.time_stamp.as_ref().map(|_| Timestamp::from(gathered.gathered_at));
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO evidence (application_id, version_number, library_id, manifest, answers, gathered_at,
                 time_stamp, stamped_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(gathered.application_id.as_uuid())
        .bind(i64::from(gathered.version_number))
        .bind(gathered.library_id.as_uuid())
        .bind(manifest)
        .bind(answers)
        .bind(Timestamp::from(gathered.gathered_at))
        .bind(gathered.time_stamp.as_deref())
        .bind(stamped_at)
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds what was gathered for a signature.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(
    tx: &mut Tx,
    application_id: ApplicationId,
    version_number: u32,
) -> Result<Option<GatheredEvidence>, StoreError> {
    let row: Option<EvidenceRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, manifest, answers, gathered_at, time_stamp
             FROM evidence WHERE application_id = $1 AND version_number = $2",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version_number))
        .fetch_optional(conn)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let place = place(application_id, version_number);
    Ok(Some(GatheredEvidence {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id,
        version_number,
        manifest_json: seal::open(tx, &place, &row.manifest).await?.to_vec(),
        answers: seal::open_json(tx, &place.beside("answers"), &row.answers).await?,
        gathered_at: row.gathered_at.time(),
        time_stamp: row.time_stamp,
    }))
}

/// Lists signatures whose evidence was not gathered yet and about whose certificate no question is open, the oldest
/// first. One that still waits for a guardian's is none yet.
///
/// # Errors
/// Only the database's.
pub async fn list_ungathered(tx: &mut Tx, limit: u32) -> Result<Vec<SignatureKey>, StoreError> {
    let rows: Vec<KeyRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT s.library_id, s.application_id, s.version_number FROM signatures s
             WHERE NOT EXISTS (SELECT 1 FROM evidence e
                 WHERE e.application_id = s.application_id AND e.version_number = s.version_number)
                 AND NOT EXISTS (SELECT 1 FROM revocation_checks c WHERE c.application_id = s.application_id)
                 AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.id = s.application_id
                     AND a.state = 'awaiting_guardian' AND a.version_number = s.version_number)
             ORDER BY s.received_at LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(SignatureKey::try_from).collect()
}

/// Lists gathered evidence that nobody has time-stamped yet, the oldest first.
///
/// # Errors
/// Only the database's.
pub async fn list_unstamped(tx: &mut Tx, limit: u32) -> Result<Vec<SignatureKey>, StoreError> {
    let rows: Vec<KeyRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, application_id, version_number FROM evidence
             WHERE time_stamp IS NULL ORDER BY gathered_at LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(SignatureKey::try_from).collect()
}

/// Keeps the time-stamp over a manifest; false if there is one already.
///
/// # Errors
/// Only the database's.
pub async fn set_time_stamp(
    tx: &mut Tx,
    key: &SignatureKey,
    token: &[u8],
    stamped_at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let changed = on!(tx, |conn| {
        sqlx::query(
            "UPDATE evidence SET time_stamp = $1, stamped_at = $2
             WHERE application_id = $3 AND version_number = $4 AND time_stamp IS NULL",
        )
        .bind(token)
        .bind(Timestamp::from(stamped_at))
        .bind(key.application_id.as_uuid())
        .bind(i64::from(key.version_number))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// When the manifest of a signature's evidence was time-stamped, if it was.
///
/// # Errors
/// Only the database's.
pub async fn find_stamped_at(tx: &mut Tx, key: &SignatureKey) -> Result<Option<OffsetDateTime>, StoreError> {
    let stamped_at: Option<Option<Timestamp>> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT stamped_at FROM evidence WHERE application_id = $1 AND version_number = $2")
            .bind(key.application_id.as_uuid())
            .bind(i64::from(key.version_number))
            .fetch_optional(conn)
            .await
    })?;
    Ok(stamped_at.flatten().map(Timestamp::time))
}

/// Keeps a file that many archives share; one that is there already stays.
///
/// # Errors
/// Only the database's.
pub async fn keep_file(
    tx: &mut Tx,
    library_id: LibraryId,
    contents: &[u8],
    stored_at: OffsetDateTime,
) -> Result<(), StoreError> {
    let digest = sha256(contents);
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO evidence_files (library_id, sha256, contents, stored_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (library_id, sha256) DO NOTHING",
        )
        .bind(library_id.as_uuid())
        .bind(&digest[..])
        .bind(contents)
        .bind(Timestamp::from(stored_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds a shared file by its SHA-256.
///
/// # Errors
/// [`StoreError::Corrupt`] if it is no longer what it was.
pub async fn find_file(tx: &mut Tx, library_id: LibraryId, digest: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
    let contents: Option<Vec<u8>> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT contents FROM evidence_files WHERE library_id = $1 AND sha256 = $2")
            .bind(library_id.as_uuid())
            .bind(&digest[..])
            .fetch_optional(conn)
            .await
    })?;
    match contents {
        Some(contents) if sha256(&contents) != *digest => Err(corrupt("evidence_files", library_id)),
        contents => Ok(contents),
    }
}

fn place(application_id: ApplicationId, version_number: u32) -> Place {
    Place::new("evidence", "manifest", format_args!("{application_id}/{version_number}"), application_id.as_uuid())
}
