//! How often the collection code of an application was tried. The code itself is derived, not kept.

use super::rows::corrupt;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};

/// How often a collection code may be tried. Forty bits stand ten guesses with ease.
pub const MOST_TRIES: u32 = 10;

/// Counts one try before it is judged, and tells how many there were; `None` if no try is left.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Option<u32>, StoreError> {
    let tries: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar(
            "INSERT INTO collection_tries (application_id, library_id, tries) VALUES ($1, $2, 1)
             ON CONFLICT (application_id) DO UPDATE SET tries = collection_tries.tries + 1
             WHERE collection_tries.tries < $3 RETURNING tries",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(i64::from(MOST_TRIES))
        .fetch_optional(conn)
        .await
    })?;
    tries.map(|tries| u32::try_from(tries).map_err(|_| corrupt("collection_tries", application_id))).transpose()
}
