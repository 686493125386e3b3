//! Collection codes, as hashes: what the "done" page printed and a thief of the mailbox does not have.

use super::rows::corrupt;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};

/// How often a collection code may be tried. Forty bits stand ten guesses with ease.
pub const MOST_TRIES: u32 = 10;

/// The collection code of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The code's hash, as the service made it.
    pub code_hash: String,
    /// How often it was tried.
    pub tries: u32,
}

#[derive(sqlx::FromRow)]
struct CollectionRow {
    code_hash: String,
    tries: i64,
}

/// Inserts the hash of a collection code.
///
/// # Errors
/// [`StoreError::Duplicate`] if the application has one.
pub async fn insert(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
    code_hash: &str,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("INSERT INTO collections (application_id, library_id, code_hash, tries) VALUES ($1, $2, $3, 0)")
            .bind(application_id.as_uuid())
            .bind(library_id.as_uuid())
            .bind(code_hash)
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Finds an application's collection code.
///
/// # Errors
/// [`StoreError::Corrupt`] if its tries cannot be counted.
pub async fn find(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<Collection>, StoreError> {
    let row: Option<CollectionRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT code_hash, tries FROM collections WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let tries = u32::try_from(row.tries).map_err(|_| corrupt("collections", application_id))?;
    Ok(Some(Collection { code_hash: row.code_hash, tries }))
}

/// Counts one try before it is judged, and tells how many there were; `None` if no try is left.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_try(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<u32>, StoreError> {
    let tries: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar(
            "UPDATE collections SET tries = tries + 1 WHERE application_id = $1 AND tries < $2 RETURNING tries",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(MOST_TRIES))
        .fetch_optional(conn)
        .await
    })?;
    tries.map(|tries| u32::try_from(tries).map_err(|_| corrupt("collections", application_id))).transpose()
}
