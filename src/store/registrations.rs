//! What approvals registered for the library system: what waits, what went out in which file, what came of it.

use super::gather::Statement;
use super::rows::{count_of, time_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, CardId, ExportId, LibraryId, RegistrationId};
use crate::domain::library::ProfileName;
use crate::domain::registration::Registration;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct RegistrationRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Uuid,
    card_id: Uuid,
    registered_at: Timestamp,
    expires_on: Option<Date>,
    facts: Option<Vec<u8>>,
    confirmed_at: Option<Timestamp>,
}

/// Inserts what was registered; it waits.
///
/// # Errors
/// [`StoreError::Duplicate`] if something of the same application waits for the same card.
pub async fn insert(tx: &mut Tx, registration: &Registration) -> Result<(), StoreError> {
    insert_as(tx, registration, "waiting", None).await
}

/// Inserts what is in force as it is registered. Facts beside it would be gone at once: it has none.
///
/// # Errors
/// [`StoreError::Database`] if it has facts.
pub async fn insert_in_force(tx: &mut Tx, registration: &Registration) -> Result<(), StoreError> {
    insert_as(tx, registration, "in_force", Some(registration.registered_at)).await
}

async fn insert_as(
    tx: &mut Tx,
    registration: &Registration,
    state: &'static str,
    ended_at: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    let id = registration.id.as_uuid();
    let facts = match &registration.facts {
        Some(facts) => Some(seal::seal_json(tx, &place(id, registration.application_id.as_uuid()), facts).await?),
        None => None,
    };
    let row = Statement::new(
        "INSERT INTO registrations (id, library_id, application_id, card_id, registered_at, expires_on, facts,
             confirmed_at, state, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(registration.library_id.as_uuid())
    .bind(registration.application_id.as_uuid())
    .bind(registration.card_id.as_uuid())
    .bind(Timestamp::from(registration.registered_at))
    .bind(registration.expires_on)
    .bind(facts)
    .bind(registration.confirmed_at.map(Timestamp::from))
    .bind(state)
    .bind(ended_at.map(Timestamp::from));
    tx.write(row).await?;
    Ok(())
}

/// Lists what of an application waits.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list_waiting(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<Registration>, StoreError> {
    let rows: Vec<RegistrationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM registrations WHERE application_id = $1 AND state = 'waiting' ORDER BY registered_at, id",
        )
        .bind(application_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    open_all(tx, rows).await
}

/// Lists what waits for one card, the oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if an application's key was erased.
pub async fn list_waiting_of_card(tx: &mut Tx, card_id: CardId) -> Result<Vec<Registration>, StoreError> {
    let rows: Vec<RegistrationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM registrations WHERE card_id = $1 AND state = 'waiting' ORDER BY registered_at, id",
        )
        .bind(card_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    open_all(tx, rows).await
}

/// Lists what went out in a file and waits, in the order of its registration.
///
/// # Errors
/// [`StoreError::Unsealable`] if an application's key was erased.
pub async fn list_waiting_of_export(tx: &mut Tx, export_id: ExportId) -> Result<Vec<Registration>, StoreError> {
    let rows: Vec<RegistrationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT g.* FROM exported_registrations x JOIN registrations g ON g.id = x.registration_id
             WHERE x.export_id = $1 AND g.state = 'waiting' ORDER BY g.registered_at, g.id",
        )
        .bind(export_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    open_all(tx, rows).await
}

/// Lists what of a card never went out by a profile and was not refused.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_unexported(
    tx: &mut Tx,
    card_id: CardId,
    profile: &ProfileName,
) -> Result<Vec<RegistrationId>, StoreError> {
    let ids: Vec<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT g.id FROM registrations g WHERE g.card_id = $1 AND g.state <> 'refused' AND NOT EXISTS
                 (SELECT 1 FROM exported_registrations x WHERE x.registration_id = g.id AND x.profile = $2)
             ORDER BY g.registered_at, g.id",
        )
        .bind(card_id.as_uuid())
        .bind(profile.as_str())
        .fetch_all(conn)
        .await
    })?;
    Ok(ids.into_iter().map(RegistrationId::from_uuid).collect())
}

/// True if it went out in any file.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn has_gone_out(tx: &mut Tx, id: RegistrationId) -> Result<bool, StoreError> {
    let found: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM exported_registrations WHERE registration_id = $1")
            .bind(id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    Ok(found > 0)
}

/// Notes that the library system has it.
///
/// # Errors
/// [`StoreError::Stale`] unless it waits.
pub async fn confirm(tx: &mut Tx, id: RegistrationId, now: OffsetDateTime) -> Result<(), StoreError> {
    let changed = on!(tx, |conn| {
        sqlx::query("UPDATE registrations SET confirmed_at = $1 WHERE id = $2 AND state = 'waiting'")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Notes that all that waited of an application is in force. The facts beside it are gone with this.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put_in_force(tx: &mut Tx, application_id: ApplicationId, now: OffsetDateTime) -> Result<(), StoreError> {
    end(tx, application_id, "in_force", now).await
}

/// Notes that nothing that waited of an application will be in force. The facts beside it are gone with this.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn refuse(tx: &mut Tx, application_id: ApplicationId, now: OffsetDateTime) -> Result<(), StoreError> {
    end(tx, application_id, "refused", now).await
}

async fn end(
    tx: &mut Tx,
    application_id: ApplicationId,
    state: &'static str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE registrations SET state = $1, ended_at = $2, facts = NULL
             WHERE application_id = $3 AND state = 'waiting'",
        )
        .bind(state)
        .bind(Timestamp::from(now))
        .bind(application_id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// How many applications wait for the library system, and since when the oldest does.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_waiting(tx: &mut Tx, library_id: LibraryId) -> Result<(u64, Option<OffsetDateTime>), StoreError> {
    let (count, oldest): (i64, Option<Timestamp>) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT COUNT(*), MIN(decided_at) FROM applications WHERE library_id = $1 AND state = 'approved'",
        )
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok((count_of(count), time_of(oldest)))
}

async fn open_all(tx: &mut Tx, rows: Vec<RegistrationRow>) -> Result<Vec<Registration>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let facts = match &row.facts {
            Some(sealed) => Some(seal::open_json(tx, &place(row.id, row.application_id), sealed).await?),
            None => None,
        };
        found.push(Registration {
            id: RegistrationId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            application_id: ApplicationId::from_uuid(row.application_id),
            card_id: CardId::from_uuid(row.card_id),
            registered_at: row.registered_at.time(),
            expires_on: row.expires_on,
            facts,
            confirmed_at: time_of(row.confirmed_at),
        });
    }
    Ok(found)
}

fn place(id: Uuid, application_id: Uuid) -> Place {
    Place::new("registrations", "facts", id, application_id)
}
