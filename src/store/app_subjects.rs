//! By which name the signing app knows an applicant: the pairwise `sub`, as a keyed hash that finds and tells nothing.

use super::applications;
use super::rows::corrupt;
use super::seal::{self, HashPurpose};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, LibraryId};
use time::OffsetDateTime;
use uuid::Uuid;

/// More applications of one person than this are not listed.
const MOST: i64 = 50;

/// The token of a person within one library: a keyed hash of the app's issuer and its name for the person.
///
/// # Errors
/// [`StoreError::Unsealable`] if there is no such library.
pub async fn subject_token(
    tx: &mut Tx,
    library_id: LibraryId,
    issuer: &str,
    subject: &str,
) -> Result<[u8; 32], StoreError> {
    seal::keyed_hash(tx, library_id, HashPurpose::AppSubject, &[issuer.as_bytes(), subject.as_bytes()]).await
}

/// Links an application with whoever signed it. The newest signature counts.
///
/// # Errors
/// [`StoreError::Database`]; among others if there is no such application.
pub async fn save(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
    subject_token: &[u8; 32],
    linked_at: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO app_subjects (application_id, library_id, subject_token, linked_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (application_id)
             DO UPDATE SET subject_token = excluded.subject_token, linked_at = excluded.linked_at",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(&subject_token[..])
        .bind(Timestamp::from(linked_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the token that an application is linked with.
///
/// # Errors
/// [`StoreError::Corrupt`] if it has the wrong length.
pub async fn find(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Option<[u8; 32]>, StoreError> {
    let token: Option<Vec<u8>> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT subject_token FROM app_subjects WHERE application_id = $1 AND library_id = $2")
            .bind(application_id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    let broken = || corrupt("app_subjects", application_id);
    token.map(|token| token.as_slice().try_into().map_err(|_| broken())).transpose()
}

/// Lists the applications that one person signed in one library, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if one of them cannot be read.
pub async fn list_applications(
    tx: &mut Tx,
    library_id: LibraryId,
    subject_token: &[u8; 32],
) -> Result<Vec<Application>, StoreError> {
    let ids: Vec<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT application_id FROM app_subjects WHERE library_id = $1 AND subject_token = $2
             ORDER BY linked_at DESC, application_id DESC LIMIT $3",
        )
        .bind(library_id.as_uuid())
        .bind(&subject_token[..])
        .bind(MOST)
        .fetch_all(conn)
        .await
    })?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(applications::find(tx, library_id, ApplicationId::from_uuid(id)).await?);
    }
    Ok(found)
}
