//! The end of what nobody signed: an application that ended before it was submitted keeps its number and its
//! record, and nothing of what was written in it.

use super::row::ApplicationRow;
use crate::domain::application::Application;
use crate::store::{
    StoreError, Tx, attachments, drafts, email_codes, handoffs, on, outbox, seal, signing_requests, versions,
};

/// Lists applications of all libraries that ended without ever being signed and still have contents, the
/// longest ended first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_unerased(tx: &mut Tx, limit: u32) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT a.* FROM applications a
             WHERE a.state IN ('withdrawn', 'lapsed')
                 AND EXISTS (SELECT 1 FROM data_keys k WHERE k.owner_id = a.id)
                 AND NOT EXISTS (SELECT 1 FROM signatures g WHERE g.application_id = a.id)
             ORDER BY a.ended_at, a.id LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Erases everything that an application without a signature contains: answers, pictures, versions, signing requests,
/// codes, waiting mail, what it is found by, and at last its data key. True if there was a key.
///
/// # Errors
/// [`StoreError::Database`]; among others if a version was signed, for then it stays.
pub async fn erase_contents(tx: &mut Tx, application: &Application) -> Result<bool, StoreError> {
    drafts::erase(tx, application).await?;
    attachments::delete_by_application(tx, application.id).await?;
    email_codes::delete_by_application(tx, application.id).await?;
    outbox::delete_waiting_of(tx, application.id).await?;
    // Requests and hand-offs name versions, so they go first.
    handoffs::delete_by_application(tx, application.id).await?;
    signing_requests::delete_by_application(tx, application.id).await?;
    versions::delete_by_application(tx, application.id).await?;
    seal::erase_key(tx, application.id.as_uuid()).await
}
