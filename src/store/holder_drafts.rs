//! What patrons have begun: theirs before a signature says so.

use super::{StoreError, Tx, on};
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId};
use crate::store::applications;
use uuid::Uuid;

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

/// Finds whose draft it is, if that was known when it was begun.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_holder(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<PatronId>, StoreError> {
    let id: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT patron_id FROM holder_drafts WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    Ok(id.map(PatronId::from_uuid))
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
