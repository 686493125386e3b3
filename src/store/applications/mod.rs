//! Applications: one row each, changed only by whoever read its latest version.

mod erasure;
mod queue;
mod retention;
mod row;
mod walk;

pub use erasure::{end_tokens, end_writing, erase_contents, erase_signed, list_unerased, was_submitted};
pub use queue::{
    BranchFilter, QueueCounts, QueueFilter, QueueFlag, QueueKey, QueueQuery, QueueRow, QueueSearch, QueueTab,
    QueueWalk, count_queue, list_queue,
};
pub use retention::{count_all_kept, count_kept, list_kept};
pub use walk::{
    list_drafts_by_email, list_ended_leases, list_ids_after, list_overdue_drafts, list_overdue_guardians,
    list_overdue_signings, list_service_times, list_unanswered,
};

use super::gather::Statement;
use super::rows::count_of;
use super::seal::{self, WrappedKey};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, StaffId};
use crate::domain::language::Language;
use crate::domain::library::BranchCode;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
pub(super) use row::StateColumns;
use row::{ApplicationRow, KeyedRow};
use time::OffsetDateTime;

/// Binds the columns that change with a transition, in the order in which both statements end.
macro_rules! bind_changing {
    ($query:expr, $application:expr, $columns:expr) => {
        $query
            .bind(i64::from($application.last_version))
            .bind($application.patron_id.map(PatronId::as_uuid))
            .bind($application.branch.as_ref().map(BranchCode::as_str))
            .bind($application.due_on)
            .bind($application.state.name())
            .bind($columns.expires_at)
            .bind($columns.version_number)
            .bind($columns.version_digest)
            .bind($columns.request_id)
            .bind($columns.submitted_at)
            .bind($columns.service_used)
            .bind($columns.running_since)
            .bind($columns.reviewer_id)
            .bind($columns.lease_until)
            .bind($columns.asked_number)
            .bind($columns.asked_digest)
            .bind($columns.asked_by)
            .bind($columns.asked_at)
            .bind($columns.answer_by)
            .bind($columns.decided_by_rule)
            .bind($columns.decided_at)
            .bind($columns.ended_at)
            .bind($columns.ending)
    };
}

/// Inserts a new application, and the key that will seal what it contains.
///
/// # Errors
/// [`StoreError::Duplicate`] if the library already has the reference.
pub async fn insert(tx: &mut Tx, application: &Application) -> Result<(), StoreError> {
    let columns = StateColumns::of(&application.state);
    seal::create_key(tx, application.library_id, application.id.as_uuid()).await?;
    on!(tx, |conn| {
        let identified = sqlx::query(
            "INSERT INTO applications (id, library_id, reference, procedure, rules_version, row_version, started_at,
                 language, last_version, patron_id, branch, due_on, state, expires_at, version_number, version_digest, request_id,
                 submitted_at, service_used, running_since, reviewer_id, lease_until, asked_number, asked_digest,
                 asked_by, asked_at, answer_by, decided_by_rule, decided_at, ended_at, ending)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                 $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)",
        )
        .bind(application.id.as_uuid())
        .bind(application.library_id.as_uuid())
        .bind(application.reference.to_string())
        .bind(application.procedure.as_str())
        .bind(i64::from(application.rules_version))
        .bind(application.row_version)
        .bind(Timestamp::from(application.started_at))
        .bind(application.language.as_str());
        bind_changing!(identified, application, columns).execute(conn).await.map(drop)
    })?;
    tx.held.entry(application.id.as_uuid()).or_default();
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

/// Finds an application by its public number. Its key comes along: who looks for it here nearly always opens something.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn find_by_reference(
    tx: &mut Tx,
    library_id: LibraryId,
    reference: &Reference,
) -> Result<Option<Application>, StoreError> {
    let row: Option<KeyedRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT a.*, k.master_version, k.wrapped FROM applications a LEFT JOIN data_keys k ON k.owner_id = a.id
             WHERE a.library_id = $1 AND a.reference = $2",
        )
        .bind(library_id.as_uuid())
        .bind(reference.to_string())
        .fetch_optional(conn)
        .await
    })?;
    let Some(KeyedRow { application, master_version, wrapped }) = row else { return Ok(None) };
    if let Some((master_version, wrapped)) = master_version.zip(wrapped) {
        seal::bring_key(tx, WrappedKey::new(application.id, application.library_id, master_version, wrapped));
    }
    Application::try_from(application).map(Some)
}

/// Finds an application by its public number, and holds it until the transaction ends: whoever wants to change it waits.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn hold_by_reference(
    tx: &mut Tx,
    library_id: LibraryId,
    reference: &Reference,
) -> Result<Option<Application>, StoreError> {
    let row: Option<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "UPDATE applications SET row_version = row_version WHERE library_id = $1 AND reference = $2 RETURNING *",
        )
        .bind(library_id.as_uuid())
        .bind(reference.to_string())
        .fetch_optional(conn)
        .await
    })?;
    note_held(tx, row)
}

/// The same by its identity.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn hold(tx: &mut Tx, library_id: LibraryId, id: ApplicationId) -> Result<Option<Application>, StoreError> {
    let row: Option<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "UPDATE applications SET row_version = row_version WHERE library_id = $1 AND id = $2 RETURNING *",
        )
        .bind(library_id.as_uuid())
        .bind(id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    note_held(tx, row)
}

fn note_held(tx: &mut Tx, row: Option<ApplicationRow>) -> Result<Option<Application>, StoreError> {
    let Some(application) = row.map(Application::try_from).transpose()? else { return Ok(None) };
    tx.held.entry(application.id.as_uuid()).or_default().row_version = Some(application.row_version);
    Ok(Some(application))
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

/// Lists what a patron has begun, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub(super) async fn list_begun_by(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    limit: u32,
) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT a.* FROM holder_drafts h JOIN applications a ON a.id = h.application_id
             WHERE h.patron_id = $1 AND h.library_id = $2 ORDER BY a.started_at DESC, a.id DESC LIMIT $3",
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
    let (id, row_version) = (application.id.as_uuid(), application.row_version + 1);
    let known = tx.held.get(&id).and_then(|held| held.row_version);
    if known.is_some_and(|known| known != application.row_version) {
        return Err(StoreError::Stale);
    }
    let stored = tx.stored_version(id).unwrap_or(application.row_version);
    let columns = StateColumns::of(&application.state);
    let identified = Statement::new(
        "UPDATE applications SET last_version = $5, patron_id = $6, branch = $7, due_on = $8, state = $9,
             expires_at = $10, version_number = $11, version_digest = $12, request_id = $13, submitted_at = $14,
             service_used = $15, running_since = $16, reviewer_id = $17, lease_until = $18, asked_number = $19,
             asked_digest = $20, asked_by = $21, asked_at = $22, answer_by = $23, decided_by_rule = $24,
             decided_at = $25, ended_at = $26, ending = $27, row_version = $4
         WHERE id = $1 AND library_id = $2 AND row_version = $3",
    )
    .bind(id)
    .bind(application.library_id.as_uuid())
    .bind(stored)
    .bind(row_version);
    let next = bind_changing!(identified, application, columns);
    // Nobody else can change a row that is held: it will be found as it is known.
    if tx.gathers() && known.is_some() {
        tx.put_off_state(id, stored, next);
    } else if tx.write_counted(next).await? == 0 {
        return Err(StoreError::Stale);
    }
    tx.held.entry(id).or_default().row_version = Some(row_version);
    Ok(Application { row_version, ..application })
}

/// Notes the language in which the applicant reads. It counts as no change of the application: nobody who saves it at the
/// same time is in the way.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save_language(
    tx: &mut Tx,
    library_id: LibraryId,
    id: ApplicationId,
    language: Language,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE applications SET language = $1 WHERE id = $2 AND library_id = $3 AND language <> $1")
            .bind(language.as_str())
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
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
