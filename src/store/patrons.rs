//! Patrons: the sealed facts of people who hold a card.

use super::gather::Statement;
use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on, search_keys};
use crate::domain::ids::{ApplicationId, LibraryId, PatronId};
use crate::domain::language::Language;
use crate::domain::patron::Patron;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct PatronRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Option<Uuid>,
    facts: Vec<u8>,
    registered_at: Timestamp,
    row_version: i64,
    child_number: i64,
    language: String,
    erased_at: Option<Timestamp>,
}

/// Inserts a patron with a data key of its own, so that the application can be erased before.
///
/// # Errors
/// [`StoreError::Duplicate`] if the application has made this patron already.
pub async fn insert(tx: &mut Tx, patron: &Patron) -> Result<(), StoreError> {
    let id = patron.id.as_uuid();
    seal::create_key(tx, patron.library_id, id).await?;
    let facts = seal::seal_json(tx, &place(id), &patron.facts).await?;
    let row = Statement::new(
        "INSERT INTO patrons (id, library_id, application_id, facts, registered_at, row_version, child_number, language)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(patron.library_id.as_uuid())
    .bind(patron.application_id.map(ApplicationId::as_uuid))
    .bind(facts)
    .bind(Timestamp::from(patron.registered_at))
    .bind(patron.row_version)
    .bind(i64::from(patron.child_number))
    .bind(patron.language.as_str());
    tx.write(row).await?;
    seal::insert_tokens(tx, patron.library_id, id, &search_keys::of_patron(&patron.facts)).await
}

/// Saves what the library knows of a patron, and what they are found by.
///
/// # Errors
/// [`StoreError::Stale`] if anybody saved it since it was read.
pub async fn save(tx: &mut Tx, patron: &Patron) -> Result<(), StoreError> {
    let id = patron.id.as_uuid();
    let facts = seal::seal_json(tx, &place(id), &patron.facts).await?;
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE patrons SET facts = $1, row_version = row_version + 1
             WHERE id = $2 AND library_id = $3 AND row_version = $4",
        )
        .bind(facts)
        .bind(id)
        .bind(patron.library_id.as_uuid())
        .bind(patron.row_version)
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if saved == 0 {
        return Err(StoreError::Stale);
    }
    seal::replace_tokens(tx, patron.library_id, id, &search_keys::of_patron(&patron.facts)).await
}

/// Notes the language in which a patron reads. It counts as no change of what is known of them: nobody who saves that at
/// the same time is in the way.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save_language(
    tx: &mut Tx,
    library_id: LibraryId,
    id: PatronId,
    language: Language,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE patrons SET language = $1 WHERE id = $2 AND library_id = $3 AND language <> $1")
            .bind(language.as_str())
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Holds a patron until the transaction ends: whoever wants the same waits. False if there is no such patron.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock(tx: &mut Tx, library_id: LibraryId, id: PatronId) -> Result<bool, StoreError> {
    let held = on!(tx, |conn| {
        sqlx::query("UPDATE patrons SET row_version = row_version WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(held > 0)
}

/// Finds a patron of one library; nobody who was erased.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn find(tx: &mut Tx, library_id: LibraryId, id: PatronId) -> Result<Option<Patron>, StoreError> {
    let row: Option<PatronRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM patrons WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    open(tx, row).await
}

/// Finds the patron whom an application is about: whom it made one, or whose card it names.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn find_by_application(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Option<Patron>, StoreError> {
    let row: Option<PatronRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT p.* FROM patrons p JOIN applications a ON a.patron_id = p.id AND a.library_id = p.library_id
             WHERE a.id = $1 AND p.library_id = $2",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    open(tx, row).await
}

/// Lists the children whom a guardian's application made patrons, in its order.
///
/// # Errors
/// [`StoreError::Unsealable`] if a patron's key was erased.
pub async fn list_children(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Vec<Patron>, StoreError> {
    let rows: Vec<PatronRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM patrons WHERE application_id = $1 AND library_id = $2 AND child_number > 0
             ORDER BY child_number",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let mut patrons = Vec::with_capacity(rows.len());
    for row in rows {
        patrons.extend(open(tx, Some(row)).await?);
    }
    Ok(patrons)
}

/// Forgets somebody who was to become a patron and did not: nothing leads from the application to them any more, and
/// what was known of them cannot be read. Their number is not given to anybody else.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn give_up(tx: &mut Tx, library_id: LibraryId, id: PatronId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE patrons SET application_id = NULL WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    seal::erase_key(tx, id.as_uuid()).await.map(drop)
}

/// Erases a patron: what was known of them, what they were found by and what only they could open. The row stays
/// behind their numbers, which are given to nobody else.
///
/// # Errors
/// [`StoreError::Stale`] if somebody did it before.
pub async fn erase(tx: &mut Tx, library_id: LibraryId, id: PatronId, now: OffsetDateTime) -> Result<(), StoreError> {
    let erased = on!(tx, |conn| {
        sqlx::query(
            "UPDATE patrons SET facts = $1, erased_at = $2, row_version = row_version + 1
             WHERE id = $3 AND library_id = $4 AND erased_at IS NULL",
        )
        .bind(Vec::<u8>::new())
        .bind(Timestamp::from(now))
        .bind(id.as_uuid())
        .bind(library_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if erased == 0 {
        return Err(StoreError::Stale);
    }
    seal::erase_key(tx, id.as_uuid()).await.map(drop)
}

/// When a patron was erased, if it is so.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_erased_at(
    tx: &mut Tx,
    library_id: LibraryId,
    id: PatronId,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let at: Option<Option<Timestamp>> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT erased_at FROM patrons WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    Ok(at.flatten().map(Timestamp::time))
}

/// Tells whether somebody was erased whom an application made a patron, or whom it is about.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_anybody_erased(
    tx: &mut Tx,
    library_id: LibraryId,
    made_by: ApplicationId,
    about: Option<PatronId>,
) -> Result<bool, StoreError> {
    let erased: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM patrons
             WHERE library_id = $1 AND (application_id = $2 OR id = $3) AND erased_at IS NOT NULL",
        )
        .bind(library_id.as_uuid())
        .bind(made_by.as_uuid())
        .bind(about.map(PatronId::as_uuid))
        .fetch_one(conn)
        .await
    })?;
    Ok(erased > 0)
}

async fn open(tx: &mut Tx, row: Option<PatronRow>) -> Result<Option<Patron>, StoreError> {
    let Some(row) = row.filter(|row| row.erased_at.is_none()) else { return Ok(None) };
    let facts = seal::open_json(tx, &place(row.id), &row.facts).await?;
    let child_number = u32::try_from(row.child_number).map_err(|_| corrupt("patrons", row.id))?;
    Ok(Some(Patron {
        child_number,
        id: PatronId::from_uuid(row.id),
        library_id: LibraryId::from_uuid(row.library_id),
        application_id: row.application_id.map(ApplicationId::from_uuid),
        facts,
        language: row.language.parse().map_err(|_| corrupt("patrons", row.id))?,
        registered_at: row.registered_at.time(),
        row_version: row.row_version,
    }))
}

/// Where the facts of a patron are sealed.
pub(super) fn place(id: Uuid) -> Place {
    Place::new("patrons", "facts", id, id)
}
