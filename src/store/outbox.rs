//! The outbox: mails wait here, written with what they announce, until a worker has handed them over.

use super::rows::{corrupt, count_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, MailId};
use crate::domain::notice::QueuedMail;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct MailRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Option<Uuid>,
    recipient: Vec<u8>,
    content: Vec<u8>,
    queued_at: Timestamp,
    attempts: i64,
}

/// Queues a mail, due at once. A mail about an application is sealed under the application's
/// key, any other under one of its own. With `dedupe`, a second mail of the same library and
/// the same text there is not queued; the answer tells whether this one was.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn insert(tx: &mut Tx, mail: &QueuedMail, dedupe: Option<&str>) -> Result<bool, StoreError> {
    let id = mail.id.as_uuid();
    let place = place(id, mail.application_id.map(ApplicationId::as_uuid));
    if mail.application_id.is_none() {
        seal::create_key(tx, mail.library_id, id).await?;
    }
    let recipient = seal::seal(tx, &place, mail.recipient.as_str().as_bytes()).await?;
    let content = seal::seal_json(tx, &place.beside("content"), &mail.content).await?;
    let queued = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO outbox (id, library_id, application_id, kind, dedupe, state, recipient, content, queued_at,
                 next_at, attempts)
             VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $8, $9)
             ON CONFLICT (library_id, dedupe) DO NOTHING",
        )
        .bind(id)
        .bind(mail.library_id.as_uuid())
        .bind(mail.application_id.map(ApplicationId::as_uuid))
        .bind(mail.content.kind())
        .bind(dedupe)
        .bind(recipient)
        .bind(content)
        .bind(Timestamp::from(mail.queued_at))
        .bind(i64::from(mail.attempts))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if queued == 0 && mail.application_id.is_none() {
        seal::erase_key(tx, id).await?;
    }
    Ok(queued == 1)
}

/// Claims the mail that is due the longest, for the length of `lease`: nobody else gets it before
/// that ends. The attempt is counted now, so that a crash while sending counts too. A mail that
/// cannot be read, or whose key was erased, is given up on the way.
///
/// One mail a transaction: two workers that each held some and wanted the other's would wait for
/// each other. `None` says that nothing is due, or that another worker was quicker by a hair.
///
/// # Errors
/// [`StoreError::WrongKey`] if the mail's key needs another master key.
pub async fn claim(tx: &mut Tx, now: OffsetDateTime, lease: Duration) -> Result<Option<QueuedMail>, StoreError> {
    loop {
        let row: Option<MailRow> = on!(tx, |conn| {
            sqlx::query_as(
                "UPDATE outbox SET leased_until = $1, attempts = attempts + 1
                 WHERE id = (SELECT id FROM outbox WHERE state = 'waiting' AND next_at <= $2
                         AND (leased_until IS NULL OR leased_until <= $2) ORDER BY next_at, id LIMIT 1)
                     AND state = 'waiting' AND (leased_until IS NULL OR leased_until <= $2)
                 RETURNING id, library_id, application_id, recipient, content, queued_at, attempts",
            )
            .bind(Timestamp::from(now + lease))
            .bind(Timestamp::from(now))
            .fetch_optional(conn)
            .await
        })?;
        let Some(row) = row else { return Ok(None) };
        let id = MailId::from_uuid(row.id);
        match row.open(tx).await {
            Ok(mail) => return Ok(Some(mail)),
            // One unreadable mail must not hold up all the others.
            Err(StoreError::Unsealable { .. } | StoreError::Corrupt { .. }) => {
                mark_failed(tx, id, now).await?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Settles a mail that was handed over, and forgets its recipient and content. False if it was settled before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_sent(tx: &mut Tx, id: MailId, now: OffsetDateTime) -> Result<bool, StoreError> {
    settle(tx, id, "sent", now).await
}

/// Gives a mail up, and forgets its recipient and content. False if it was settled before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_failed(tx: &mut Tx, id: MailId, now: OffsetDateTime) -> Result<bool, StoreError> {
    settle(tx, id, "failed", now).await
}

/// Ends the lease of a mail that could not be handed over; it is due again at `next_at`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_retry(tx: &mut Tx, id: MailId, next_at: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE outbox SET leased_until = NULL, next_at = $1 WHERE id = $2 AND state = 'waiting'")
            .bind(Timestamp::from(next_at))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Counts the mails of all libraries that wait.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_waiting(tx: &mut Tx) -> Result<u64, StoreError> {
    let waiting: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'").fetch_one(conn).await
    })?;
    Ok(count_of(waiting))
}

/// Deletes the mails that wait about an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_waiting_of(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM outbox WHERE application_id = $1 AND state = 'waiting'")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

async fn settle(tx: &mut Tx, id: MailId, state: &'static str, now: OffsetDateTime) -> Result<bool, StoreError> {
    let settled = on!(tx, |conn| {
        sqlx::query(
            "UPDATE outbox SET state = $1, settled_at = $2, recipient = NULL, content = NULL, leased_until = NULL
             WHERE id = $3 AND state = 'waiting'",
        )
        .bind(state)
        .bind(Timestamp::from(now))
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    // Only a mail about no application has a key under its own id.
    seal::erase_key(tx, id.as_uuid()).await?;
    Ok(settled == 1)
}

fn place(id: Uuid, application_id: Option<Uuid>) -> Place {
    Place::new("outbox", "recipient", id, application_id.unwrap_or(id))
}

impl MailRow {
    async fn open(self, tx: &mut Tx) -> Result<QueuedMail, StoreError> {
        let place = place(self.id, self.application_id);
        let broken = || corrupt("outbox", self.id);
        let recipient = seal::open_text(tx, &place, &self.recipient).await?;
        Ok(QueuedMail {
            id: MailId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            application_id: self.application_id.map(ApplicationId::from_uuid),
            recipient: recipient.parse().map_err(|_| broken())?,
            content: seal::open_json(tx, &place.beside("content"), &self.content).await?,
            queued_at: self.queued_at.time(),
            attempts: u32::try_from(self.attempts).map_err(|_| broken())?,
        })
    }
}
