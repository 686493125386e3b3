//! Applications to be gone through: overdue, unanswered, all of a library, those of one address.

use super::row::ApplicationRow;
use crate::domain::application::{Application, ServiceTime};
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::domain::person::EmailAddress;
use crate::store::seal::{self, SearchField};
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, on, search_keys};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Lists the unfinished applications (drafts, and those that wait for a signature) of one address, newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_drafts_by_email(
    tx: &mut Tx,
    library_id: LibraryId,
    email: &EmailAddress,
) -> Result<Vec<Application>, StoreError> {
    let token = seal::token(tx, library_id, SearchField::Email, &search_keys::email(email)).await?;
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT a.* FROM applications a JOIN search_tokens s ON s.owner_id = a.id AND s.library_id = a.library_id
             WHERE s.library_id = $1 AND s.field = 'email' AND s.token = $2
                 AND a.state IN ('draft', 'awaiting_signature') AND a.asked_number IS NULL
             ORDER BY a.started_at DESC, a.id DESC LIMIT 100",
        )
        .bind(library_id.as_uuid())
        .bind(&token[..])
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Lists drafts of all libraries whose time is over, the longest overdue first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_overdue_drafts(tx: &mut Tx, now: OffsetDateTime, limit: u32) -> Result<Vec<Application>, StoreError> {
    list_overdue(tx, "draft", now, limit).await
}

/// Lists applications of all libraries whose signing request has run out, the longest overdue first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_overdue_signings(
    tx: &mut Tx,
    now: OffsetDateTime,
    limit: u32,
) -> Result<Vec<Application>, StoreError> {
    list_overdue(tx, "awaiting_signature", now, limit).await
}

/// Lists the ids of a library's applications, or of everybody's, in their order after `after`: to walk through all of them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_ids_after(
    tx: &mut Tx,
    library_id: Option<LibraryId>,
    after: Option<ApplicationId>,
    limit: u32,
) -> Result<Vec<ApplicationId>, StoreError> {
    // No application has the id that is all zeros.
    let after = after.map_or(Uuid::nil(), ApplicationId::as_uuid);
    let ids: Vec<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM applications WHERE id > $1 AND ($2 IS NULL OR library_id = $2) ORDER BY id LIMIT $3",
        )
        .bind(after)
        .bind(library_id.map(LibraryId::as_uuid))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    Ok(ids.into_iter().map(ApplicationId::from_uuid).collect())
}

/// Lists how long the library had the applications that it decided from `from` to `until`, the newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_service_times(
    tx: &mut Tx,
    library_id: LibraryId,
    from: OffsetDateTime,
    until: OffsetDateTime,
    limit: u32,
) -> Result<Vec<ServiceTime>, StoreError> {
    let rows: Vec<(Timestamp, i64)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT submitted_at, service_used FROM applications
             WHERE library_id = $1 AND state IN ('issued', 'declined') AND decided_at >= $2 AND decided_at < $3
             ORDER BY decided_at DESC, id DESC LIMIT $4",
        )
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(from))
        .bind(Timestamp::from(until))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let time = |(submitted_at, used): (Timestamp, i64)| ServiceTime {
        submitted_at: submitted_at.time(),
        used: Duration::microseconds(used),
        running_since: None,
    };
    Ok(rows.into_iter().map(time).collect())
}

/// Lists applications of all libraries that wait for their guardian's signature until `until` at the latest, the first
/// first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_overdue_guardians(
    tx: &mut Tx,
    until: OffsetDateTime,
    limit: u32,
) -> Result<Vec<Application>, StoreError> {
    list_overdue(tx, "awaiting_guardian", until, limit).await
}

/// Lists applications of all libraries whose corrections are awaited until `until` at the latest, the first first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_unanswered(tx: &mut Tx, until: OffsetDateTime, limit: u32) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM applications WHERE state = 'returned' AND answer_by <= $1 ORDER BY answer_by, id LIMIT $2",
        )
        .bind(Timestamp::from(until))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Lists applications of all libraries whose claim has ended, the longest ended first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_ended_leases(tx: &mut Tx, now: OffsetDateTime, limit: u32) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM applications WHERE state = 'under_review' AND lease_until <= $1
             ORDER BY lease_until, id LIMIT $2",
        )
        .bind(Timestamp::from(now))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

async fn list_overdue(
    tx: &mut Tx,
    state: &'static str,
    now: OffsetDateTime,
    limit: u32,
) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM applications
             WHERE state = $1 AND state IN ('draft', 'awaiting_signature', 'awaiting_guardian') AND expires_at <= $2
             ORDER BY expires_at, id LIMIT $3",
        )
        .bind(state)
        .bind(Timestamp::from(now))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}
