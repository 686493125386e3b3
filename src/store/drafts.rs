//! The working copy of an application's answers, sealed, and what it is found by.

use super::seal::{self, Place};
use super::{StoreError, Tx, on, search_keys};
use crate::domain::answers::DraftAnswers;
use crate::domain::application::Application;
use crate::domain::ids::ApplicationId;
use uuid::Uuid;

/// Where the answers of an application are sealed.
pub(super) fn place(application_id: Uuid) -> Place {
    Place::new("drafts", "answers", application_id, application_id)
}

/// The answers so far; none were given if there is no row.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(tx: &mut Tx, application_id: ApplicationId) -> Result<DraftAnswers, StoreError> {
    let sealed: Option<Vec<u8>> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT answers FROM drafts WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    match sealed {
        Some(sealed) => seal::open_json(tx, &place(application_id.as_uuid()), &sealed).await,
        None => Ok(DraftAnswers::default()),
    }
}

/// Saves the answers, and makes the application findable by them. Save the application in the same
/// transaction: its row version is what keeps two tabs from overwriting each other.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn save(tx: &mut Tx, application: &Application, answers: &DraftAnswers) -> Result<(), StoreError> {
    let sealed = seal::seal_json(tx, &place(application.id.as_uuid()), answers).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO drafts (application_id, library_id, answers) VALUES ($1, $2, $3)
             ON CONFLICT (application_id) DO UPDATE SET answers = excluded.answers",
        )
        .bind(application.id.as_uuid())
        .bind(application.library_id.as_uuid())
        .bind(sealed)
        .execute(conn)
        .await
        .map(drop)
    })?;
    seal::replace_tokens(tx, application.library_id, application.id.as_uuid(), &search_keys::of_draft(answers)).await
}

/// Erases the answers and everything by which they are found.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn erase(tx: &mut Tx, application: &Application) -> Result<(), StoreError> {
    let owner = application.id.as_uuid();
    on!(tx, |conn| {
        sqlx::query("DELETE FROM drafts WHERE application_id = $1").bind(owner).execute(conn).await.map(drop)
    })?;
    seal::replace_tokens(tx, application.library_id, owner, &[]).await
}
