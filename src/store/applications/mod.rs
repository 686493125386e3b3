//! Applications: one row each, changed only by whoever read its latest version.

mod erasure;
mod queue;
mod retention;
mod row;

pub use erasure::{end_tokens, end_writing, erase_contents, erase_signed, list_unerased, was_submitted};
pub use queue::{
    BranchFilter, QueueCounts, QueueFilter, QueueFlag, QueueKey, QueueQuery, QueueRow, QueueSearch, QueueTab,
    QueueWalk, count_queue, list_queue,
};
pub use retention::{count_all_kept, count_kept, list_kept};

use super::rows::count_of;
use super::seal::{self, SearchField};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on, search_keys};
use crate::domain::application::{Application, ServiceTime};
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, StaffId};
use crate::domain::library::BranchCode;
use crate::domain::person::EmailAddress;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use row::ApplicationRow;
pub(super) use row::StateColumns;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Inserts a new application, and the key that will seal what it contains.
///
/// # Errors
/// [`StoreError::Duplicate`] if the library already has the reference.
pub async fn insert(tx: &mut Tx, application: &Application) -> Result<(), StoreError> {
    let columns = StateColumns::of(&application.state);
    seal::create_key(tx, application.library_id, application.id.as_uuid()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO applications (id, library_id, reference, procedure, rules_version, row_version, started_at,
                 last_version, patron_id, branch, due_on, state, expires_at, version_number, version_digest, request_id,
                 submitted_at, service_used, running_since, reviewer_id, lease_until, asked_number, asked_digest,
                 asked_by, asked_at, answer_by, decided_by_rule, decided_at, ended_at, ending)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                 $22, $23, $24, $25, $26, $27, $28, $29, $30)",
        )
        .bind(application.id.as_uuid())
        .bind(application.library_id.as_uuid())
        .bind(application.reference.to_string())
        .bind(application.procedure.as_str())
        .bind(i64::from(application.rules_version))
        .bind(application.row_version)
        .bind(Timestamp::from(application.started_at))
        .bind(i64::from(application.last_version))
        .bind(application.patron_id.map(PatronId::as_uuid))
        .bind(application.branch.as_ref().map(BranchCode::as_str))
        .bind(application.due_on)
        .bind(application.state.name())
        .bind(columns.expires_at)
        .bind(columns.version_number)
        .bind(columns.version_digest)
        .bind(columns.request_id)
        .bind(columns.submitted_at)
        .bind(columns.service_used)
        .bind(columns.running_since)
        .bind(columns.reviewer_id)
        .bind(columns.lease_until)
        .bind(columns.asked_number)
        .bind(columns.asked_digest)
        .bind(columns.asked_by)
        .bind(columns.asked_at)
        .bind(columns.answer_by)
        .bind(columns.decided_by_rule)
        .bind(columns.decided_at)
        .bind(columns.ended_at)
        .bind(columns.ending)
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds an application of one library.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn find(tx: &mut Tx, library_id: LibraryId, id: ApplicationId) -> Result<Option<Application>, StoreError> {
    let row: Option<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM applications WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    row.map(Application::try_from).transpose()
}

/// Finds an application by its public number.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn find_by_reference(
    tx: &mut Tx,
    library_id: LibraryId,
    reference: &Reference,
) -> Result<Option<Application>, StoreError> {
    let row: Option<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM applications WHERE library_id = $1 AND reference = $2")
            .bind(library_id.as_uuid())
            .bind(reference.to_string())
            .fetch_optional(conn)
            .await
    })?;
    row.map(Application::try_from).transpose()
}

/// Finds the open application of a patron for a procedure.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn find_open_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    procedure: Procedure,
    patron_id: PatronId,
) -> Result<Option<Application>, StoreError> {
    let row: Option<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM applications WHERE library_id = $1 AND procedure = $2 AND patron_id = $3
                 AND state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved') LIMIT 1",
        )
        .bind(library_id.as_uuid())
        .bind(procedure.as_str())
        .bind(patron_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    row.map(Application::try_from).transpose()
}

/// Lists the applications of a patron, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    limit: u32,
) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM applications WHERE patron_id = $1 AND library_id = $2
             ORDER BY started_at DESC, id DESC LIMIT $3",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Counts what was issued to a patron by a procedure since a time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_issued_since(
    tx: &mut Tx,
    library_id: LibraryId,
    procedure: Procedure,
    patron_id: PatronId,
    since: OffsetDateTime,
) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM applications WHERE library_id = $1 AND procedure = $2 AND patron_id = $3
                 AND state = 'issued' AND decided_at >= $4",
        )
        .bind(library_id.as_uuid())
        .bind(procedure.as_str())
        .bind(patron_id.as_uuid())
        .bind(Timestamp::from(since))
        .fetch_one(conn)
        .await
    })?;
    Ok(count_of(count))
}

/// Saves the next state of an application, and returns it as it is stored now.
///
/// # Errors
/// [`StoreError::Stale`] if anybody saved it since it was read; [`StoreError::Duplicate`] if the
/// signer already has an open application for the same procedure.
pub async fn save(tx: &mut Tx, application: Application) -> Result<Application, StoreError> {
    let columns = StateColumns::of(&application.state);
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE applications SET last_version = $4, patron_id = $5, branch = $6, due_on = $7, state = $8,
                 expires_at = $9, version_number = $10, version_digest = $11, request_id = $12, submitted_at = $13,
                 service_used = $14, running_since = $15, reviewer_id = $16, lease_until = $17, asked_number = $18,
                 asked_digest = $19, asked_by = $20, asked_at = $21, answer_by = $22, decided_by_rule = $23,
                 decided_at = $24, ended_at = $25, ending = $26, row_version = row_version + 1
             WHERE id = $1 AND library_id = $2 AND row_version = $3",
        )
        .bind(application.id.as_uuid())
        .bind(application.library_id.as_uuid())
        .bind(application.row_version)
        .bind(i64::from(application.last_version))
        .bind(application.patron_id.map(PatronId::as_uuid))
        .bind(application.branch.as_ref().map(BranchCode::as_str))
        .bind(application.due_on)
        .bind(application.state.name())
        .bind(columns.expires_at)
        .bind(columns.version_number)
        .bind(columns.version_digest)
        .bind(columns.request_id)
        .bind(columns.submitted_at)
        .bind(columns.service_used)
        .bind(columns.running_since)
        .bind(columns.reviewer_id)
        .bind(columns.lease_until)
        .bind(columns.asked_number)
        .bind(columns.asked_digest)
        .bind(columns.asked_by)
        .bind(columns.asked_at)
        .bind(columns.answer_by)
        .bind(columns.decided_by_rule)
        .bind(columns.decided_at)
        .bind(columns.ended_at)
        .bind(columns.ending)
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    match saved {
        0 => Err(StoreError::Stale),
        _ => Ok(Application { row_version: application.row_version + 1, ..application }),
    }
}

/// Prolongs the living claim of a reviewer, if there is one. It counts as no change of the application: whoever
/// decides in another tab is not in the way.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn slide_lease(
    tx: &mut Tx,
    id: ApplicationId,
    reviewer: StaffId,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<bool, StoreError> {
    let slid = on!(tx, |conn| {
        sqlx::query(
            "UPDATE applications SET lease_until = $1
             WHERE id = $2 AND state = 'under_review' AND reviewer_id = $3 AND lease_until > $4",
        )
        .bind(Timestamp::from(until))
        .bind(id.as_uuid())
        .bind(reviewer.as_uuid())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(slid == 1)
}

/// Lists what a staff member has claimed, under whatever lease.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_claimed_by(
    tx: &mut Tx,
    library_id: LibraryId,
    reviewer: StaffId,
) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM applications WHERE reviewer_id = $1 AND library_id = $2 AND state = 'under_review'
             ORDER BY submitted_at, id",
        )
        .bind(reviewer.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

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
