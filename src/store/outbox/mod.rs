//! The outbox: mails wait here, written with what they announce, until a worker has handed them over.

mod claim;

pub use claim::{Claimed, UnopenedMail, claim};

use super::gather::Statement;
use super::rows::count_of;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, dead_addresses, on};
use crate::domain::ids::{ApplicationId, LibraryId, MailId, NoticeId};
use crate::domain::notice::QueuedMail;
use time::OffsetDateTime;
use uuid::Uuid;

/// A mail that was handed over, as far as it is still known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMail {
    /// Whose it was.
    pub library_id: LibraryId,
    /// What it was about.
    pub application_id: Option<ApplicationId>,
    /// What kind of mail it was.
    pub kind: String,
    /// By what its address is known.
    pub address_token: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct SentRow {
    library_id: Uuid,
    application_id: Option<Uuid>,
    kind: String,
    address_token: Vec<u8>,
}

/// How the outbox of all libraries stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// How many mails wait.
    pub waiting: u64,
    /// Since when the one does that waits the longest.
    pub oldest_queued_at: Option<OffsetDateTime>,
    /// When one was handed over last.
    pub last_sent_at: Option<OffsetDateTime>,
    /// How many were given up lately, not counting those to addresses at which nobody is.
    pub failed: u64,
    /// How many people those are to, together with those that wait after a try.
    pub recipients: u64,
    /// Since when the one waits that waits the longest without any try.
    pub untried_since: Option<OffsetDateTime>,
}

/// Queues a mail, due at once. A mail about an application is sealed under the application's
/// key, any other under one of its own. With `dedupe`, a second mail of the same library and
/// the same text there is not queued; the answer tells whether this one was.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn insert(tx: &mut Tx, mail: &QueuedMail, dedupe: Option<&str>) -> Result<bool, StoreError> {
    let row = row_of(tx, mail, dedupe, None).await?;
    let is_queued = tx.write_counted(row).await? == 1;
    if !is_queued && mail.application_id.is_none() {
        seal::erase_key(tx, mail.id.as_uuid()).await?;
    }
    Ok(is_queued)
}

/// Queues a mail that tells of a notice of its application, once for each `dedupe`.
///
/// # Errors
/// As [`insert`].
pub async fn insert_telling_of(
    tx: &mut Tx,
    notice_id: NoticeId,
    mail: &QueuedMail,
    dedupe: &str,
) -> Result<(), StoreError> {
    let row = row_of(tx, mail, Some(dedupe), Some(notice_id)).await?;
    Ok(tx.write(row).await?)
}

async fn row_of(
    tx: &mut Tx,
    mail: &QueuedMail,
    dedupe: Option<&str>,
    notice_id: Option<NoticeId>,
) -> Result<Statement, StoreError> {
    let id = mail.id.as_uuid();
    let place = place(id, mail.application_id.map(ApplicationId::as_uuid));
    if mail.application_id.is_none() {
        seal::create_key(tx, mail.library_id, id).await?;
    }
    let recipient = seal::seal(tx, &place, mail.recipient.as_str().as_bytes()).await?;
    let content = seal::seal_json(tx, &place.beside("content"), &mail.content).await?;
    let address_token = dead_addresses::token_of(tx, mail.library_id, &mail.recipient).await?;
    let row = Statement::new(
        "INSERT INTO outbox (id, library_id, application_id, kind, dedupe, state, recipient, content, queued_at,
             next_at, attempts, address_token, notice_id, language)
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $8, $9, $10, $11, $12)
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
    .bind(address_token)
    .bind(notice_id.map(NoticeId::as_uuid))
    .bind(mail.language.as_str());
    Ok(row)
}

/// Finds a mail that was handed over, while its return would say something.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_sent(tx: &mut Tx, id: MailId) -> Result<Option<SentMail>, StoreError> {
    let row: Option<SentRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, application_id, kind, address_token FROM outbox
             WHERE id = $1 AND state = 'sent' AND address_token IS NOT NULL",
        )
        .bind(id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    Ok(row.map(|row| SentMail {
        library_id: LibraryId::from_uuid(row.library_id),
        application_id: row.application_id.map(ApplicationId::from_uuid),
        kind: row.kind,
        address_token: row.address_token,
    }))
}

/// Notes that a mail that was handed over has come back. False if that was noted before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_returned(tx: &mut Tx, id: MailId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let marked = on!(tx, |conn| {
        sqlx::query("UPDATE outbox SET state = 'failed', undelivered_at = $1 WHERE id = $2 AND state = 'sent'")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    // Whoever was told by another mail was told all the same.
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE notices SET mailed_at = NULL
             WHERE id = (SELECT notice_id FROM outbox WHERE id = $1 AND state = 'failed')
                 AND mailed_at = (SELECT settled_at FROM outbox WHERE id = $1)",
        )
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(marked == 1)
}

/// Deletes the mails settled before a time of which nothing is to be said any more: about no application, queued without
/// a key that keeps a second one away, and no reminder that is counted. Tells how many there were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_settled(tx: &mut Tx, before: OffsetDateTime) -> Result<u64, StoreError> {
    // What is kept has its address forgotten next, so that it is not looked at again each time.
    Ok(on!(tx, |conn| {
        sqlx::query(
            "DELETE FROM outbox WHERE address_token IS NOT NULL AND settled_at < $1
                 AND application_id IS NULL AND dedupe IS NULL
                 AND NOT EXISTS (SELECT 1 FROM patron_reminders r WHERE r.mail_id = outbox.id)",
        )
        .bind(Timestamp::from(before))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// Of the mails settled before a time, forgets by what their addresses were known. Tells how many there were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn forget_addresses(tx: &mut Tx, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("UPDATE outbox SET address_token = NULL WHERE address_token IS NOT NULL AND settled_at < $1")
            .bind(Timestamp::from(before))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// How the outbox stands; what was given up is counted from `since` on.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn figures(tx: &mut Tx, since: OffsetDateTime) -> Result<OutboxFigures, StoreError> {
    let (waiting, oldest): (i64, Option<Timestamp>) = on!(tx, |conn| {
        sqlx::query_as("SELECT COUNT(*), MIN(queued_at) FROM outbox WHERE state = 'waiting'").fetch_one(conn).await
    })?;
    let last: Option<Timestamp> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT settled_at FROM outbox WHERE state = 'sent' AND settled_at IS NOT NULL
             ORDER BY settled_at DESC LIMIT 1",
        )
        .fetch_optional(conn)
        .await
    })?;
    let failed: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM outbox
             WHERE settled_at >= $1 AND state = 'failed' AND undelivered_at IS NULL",
        )
        .bind(Timestamp::from(since))
        .fetch_one(conn)
        .await
    })?;
    let recipients: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(DISTINCT t.address_token) FROM (
                 SELECT address_token FROM outbox WHERE state = 'waiting' AND attempts > 0
                 UNION ALL
                 SELECT address_token FROM outbox
                 WHERE settled_at >= $1 AND state = 'failed' AND undelivered_at IS NULL) t",
        )
        .bind(Timestamp::from(since))
        .fetch_one(conn)
        .await
    })?;
    let untried: Option<Timestamp> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT MIN(queued_at) FROM outbox WHERE state = 'waiting' AND attempts = 0")
            .fetch_one(conn)
            .await
    })?;
    Ok(OutboxFigures {
        waiting: count_of(waiting),
        oldest_queued_at: oldest.map(Timestamp::time),
        last_sent_at: last.map(Timestamp::time),
        failed: count_of(failed),
        recipients: count_of(recipients),
        untried_since: untried.map(Timestamp::time),
    })
}

/// Settles a mail that was handed over, and forgets its recipient and content. False if it was settled before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_sent(tx: &mut Tx, id: MailId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let is_settled = settle(tx, id, "sent", now).await?;
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE notices SET mailed_at = $1
             WHERE mailed_at IS NULL AND id = (SELECT notice_id FROM outbox WHERE id = $2 AND state = 'sent')",
        )
        .bind(Timestamp::from(now))
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(is_settled)
}

/// Gives a mail up, and forgets its recipient and content. False if it was settled before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_failed(tx: &mut Tx, id: MailId, now: OffsetDateTime) -> Result<bool, StoreError> {
    settle(tx, id, "failed", now).await
}

/// Gives a mail up because nobody is at its address, and forgets recipient and content. False if it was settled before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_undelivered(tx: &mut Tx, id: MailId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let is_settled = settle(tx, id, "failed", now).await?;
    on!(tx, |conn| {
        sqlx::query("UPDATE outbox SET undelivered_at = $1 WHERE id = $2 AND settled_at = $1 AND state = 'failed'")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(is_settled)
}

/// Ends the lease of a mail that could not be handed over; it is due again at `next_at`. Whoever claimed it as `attempts`
/// says ends no later lease of somebody else.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_retry(tx: &mut Tx, id: MailId, attempts: u32, next_at: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE outbox SET leased_until = NULL, next_at = $1
             WHERE id = $2 AND state = 'waiting' AND attempts = $3",
        )
        .bind(Timestamp::from(next_at))
        .bind(id.as_uuid())
        .bind(i64::from(attempts))
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
