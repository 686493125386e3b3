//! Files of the library system that were read: who, when, what came of it; never the contents.

use super::rows::{corrupt, count_of};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ImportId, LibraryId, StaffId};
use crate::domain::library::ProfileName;
use time::OffsetDateTime;
use uuid::Uuid;

/// A file that was read and taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Internal identity.
    pub id: ImportId,
    /// The library.
    pub library_id: LibraryId,
    /// By which profile.
    pub profile: ProfileName,
    /// Of which version of the rules.
    pub rules_version: u32,
    /// By whom; nobody for the command line.
    pub made_by: Option<StaffId>,
    /// When.
    pub made_at: OffsetDateTime,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// The names of its fields, separated by spaces.
    pub fields: String,
    /// How many lines came to what.
    pub counts: ImportCounts,
}

/// How many lines of a file came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// New patrons.
    pub taken: u64,
    /// Patrons of whom the file knows something else.
    pub changed: u64,
    /// Patrons of whom the file says what is known.
    pub equal: u64,
    /// Lines that cannot be taken.
    pub refused: u64,
}

#[derive(sqlx::FromRow)]
struct ImportRow {
    id: Uuid,
    library_id: Uuid,
    profile: String,
    rules_version: i64,
    made_by: Option<Uuid>,
    made_at: Timestamp,
    sha256: Vec<u8>,
    fields: String,
    taken: i64,
    changed: i64,
    equal: i64,
    refused: i64,
}

/// Puts a file on record.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(tx: &mut Tx, import: &Import) -> Result<(), StoreError> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO imports (id, library_id, profile, rules_version, made_by, made_at, sha256, fields, taken,
                 changed, equal, refused)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(import.id.as_uuid())
        .bind(import.library_id.as_uuid())
        .bind(import.profile.as_str())
        .bind(i64::from(import.rules_version))
        .bind(import.made_by.map(StaffId::as_uuid))
        .bind(Timestamp::from(import.made_at))
        .bind(&import.sha256[..])
        .bind(&import.fields)
        .bind(count(import.counts.taken))
        .bind(count(import.counts.changed))
        .bind(count(import.counts.equal))
        .bind(count(import.counts.refused))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the newest files of a library.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list(tx: &mut Tx, library_id: LibraryId, limit: u32) -> Result<Vec<Import>, StoreError> {
    let rows: Vec<ImportRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM imports WHERE library_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2")
            .bind(library_id.as_uuid())
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Import::try_from).collect()
}

impl TryFrom<ImportRow> for Import {
    type Error = StoreError;

    fn try_from(row: ImportRow) -> Result<Self, StoreError> {
        let broken = || corrupt("imports", row.id);
        Ok(Self {
            id: ImportId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            profile: row.profile.parse().map_err(|_| broken())?,
            rules_version: u32::try_from(row.rules_version).map_err(|_| broken())?,
            made_by: row.made_by.map(StaffId::from_uuid),
            made_at: row.made_at.time(),
            sha256: row.sha256.try_into().map_err(|_| corrupt("imports", row.id))?,
            fields: row.fields,
            counts: ImportCounts {
                taken: count_of(row.taken),
                changed: count_of(row.changed),
                equal: count_of(row.equal),
                refused: count_of(row.refused),
            },
        })
    }
}
