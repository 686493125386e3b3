//! What patrons have begun: theirs before a signature says so.

use super::{StoreError, Tx, on};
use crate::domain::application::Application;
use crate::domain::ids::{LibraryId, PatronId};
use crate::store::applications;

/// Remembers whose draft it is.
///
/// # Errors
/// [`StoreError::Duplicate`] if that was said before; [`StoreError::Database`] if the patron is another library's.
pub async fn insert(tx: &mut Tx, draft: &Application, patron_id: PatronId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("INSERT INTO holder_drafts (application_id, library_id, patron_id) VALUES ($1, $2, $3)")
            .bind(draft.id.as_uuid())
            .bind(draft.library_id.as_uuid())
            .bind(patron_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Lists what a patron has begun, whatever became of it, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    limit: u32,
) -> Result<Vec<Application>, StoreError> {
    applications::list_begun_by(tx, library_id, patron_id, limit).await
}
