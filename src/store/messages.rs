//! What applicants and staff write to each other, sealed under the application's key.

use super::rows::{corrupt, count_of, time_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, MessageId, StaffId};
use crate::domain::message::{Message, Sender};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Uuid,
    sender: String,
    staff_id: Option<Uuid>,
    body: Vec<u8>,
    sent_at: Timestamp,
    read_at: Option<Timestamp>,
}

/// Which side wrote a message, or reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The applicant.
    Applicant,
    /// The staff.
    Staff,
}

impl Side {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Staff => "staff",
        }
    }
}

/// Inserts a message.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn insert(tx: &mut Tx, message: &Message) -> Result<(), StoreError> {
    let place = place(message.id.as_uuid(), message.application_id.as_uuid());
    let body = seal::seal(tx, &place, message.text.as_str().as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO messages (id, library_id, application_id, sender, staff_id, body, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(message.id.as_uuid())
        .bind(message.library_id.as_uuid())
        .bind(message.application_id.as_uuid())
        .bind(message.sender.kind())
        .bind(message.sender.staff_id().map(StaffId::as_uuid))
        .bind(body)
        .bind(Timestamp::from(message.sent_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the newest `limit` messages about an application, oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list(tx: &mut Tx, application_id: ApplicationId, limit: u32) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<MessageRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM messages WHERE application_id = $1 ORDER BY sent_at DESC, id DESC LIMIT $2")
            .bind(application_id.as_uuid())
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    let mut messages = Vec::with_capacity(rows.len());
    for row in rows.into_iter().rev() {
        messages.push(row.open(tx).await?);
    }
    Ok(messages)
}

/// Records that `reader` has opened what the other side wrote, and tells how many messages were new.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_read(
    tx: &mut Tx,
    application_id: ApplicationId,
    reader: Side,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("UPDATE messages SET read_at = $1 WHERE application_id = $2 AND sender <> $3 AND read_at IS NULL")
            .bind(Timestamp::from(now))
            .bind(application_id.as_uuid())
            .bind(reader.as_str())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// Counts what `reader` has not opened yet.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_unread(tx: &mut Tx, application_id: ApplicationId, reader: Side) -> Result<u64, StoreError> {
    let unread: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM messages WHERE application_id = $1 AND sender <> $2 AND read_at IS NULL",
        )
        .bind(application_id.as_uuid())
        .bind(reader.as_str())
        .fetch_one(conn)
        .await
    })?;
    Ok(count_of(unread))
}

/// Counts what one side has written since `since`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_sent_since(
    tx: &mut Tx,
    application_id: ApplicationId,
    side: Side,
    since: OffsetDateTime,
) -> Result<u64, StoreError> {
    let sent: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM messages WHERE application_id = $1 AND sender = $2 AND sent_at > $3")
            .bind(application_id.as_uuid())
            .bind(side.as_str())
            .bind(Timestamp::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(count_of(sent))
}

/// Deletes the messages about an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM messages WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

fn place(id: Uuid, application_id: Uuid) -> Place {
    Place::new("messages", "body", id, application_id)
}

impl MessageRow {
    async fn open(self, tx: &mut Tx) -> Result<Message, StoreError> {
        let broken = || corrupt("messages", self.id);
        let text = seal::open_text(tx, &place(self.id, self.application_id), &self.body).await?;
        let sender = match (self.sender.as_str(), self.staff_id) {
            ("applicant", None) => Sender::Applicant,
            ("staff", Some(id)) => Sender::Staff(StaffId::from_uuid(id)),
            _ => return Err(broken()),
        };
        Ok(Message {
            id: MessageId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            application_id: ApplicationId::from_uuid(self.application_id),
            sender,
            text: text.parse().map_err(|_| broken())?,
            sent_at: self.sent_at.time(),
            read_at: time_of(self.read_at),
        })
    }
}
