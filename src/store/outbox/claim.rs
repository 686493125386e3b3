//! Who hands a mail over next: by lease, so that the mails of a worker that died become due again.

use super::place;
use crate::domain::ids::{ApplicationId, LibraryId, MailId};
use crate::domain::notice::QueuedMail;
use crate::store::rows::corrupt;
use crate::store::seal;
use crate::store::timestamp::Timestamp;
use crate::store::{Connection, StoreError, Tx, on};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct MailRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Option<Uuid>,
    kind: String,
    recipient: Vec<u8>,
    content: Vec<u8>,
    queued_at: Timestamp,
    next_at: Timestamp,
    attempts: i64,
    language: String,
}

/// What a worker holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Those that can be read.
    pub mails: Vec<QueuedMail>,
    /// Those that cannot.
    pub unopened: Vec<UnopenedMail>,
}

/// A mail that was claimed and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnopenedMail {
    /// Which.
    pub id: MailId,
    /// Whose it is.
    pub library_id: LibraryId,
    /// What it is about.
    pub application_id: Option<ApplicationId>,
    /// What kind of mail it is.
    pub kind: String,
    /// How often it was claimed.
    pub attempts: u32,
    /// True if its key was erased: nobody will ever read it. Otherwise a newer version may have written it.
    pub is_erased: bool,
}

impl Claimed {
    fn count(&self) -> usize {
        self.mails.len() + self.unopened.len()
    }

    /// True if nothing else is due, or another worker has the rest.
    #[must_use]
    pub fn is_last(&self, most: usize) -> bool {
        self.count() < most
    }
}

/// Those that are due the longest. SQLite has one writer and nobody to skip.
const CLAIM_SQLITE: &str = "UPDATE outbox SET leased_until = $1, attempts = attempts + 1
     WHERE id IN (SELECT id FROM outbox WHERE state = 'waiting' AND next_at <= $2
             AND (leased_until IS NULL OR leased_until <= $2) ORDER BY next_at, id LIMIT $3)
     RETURNING id, library_id, application_id, kind, recipient, content, queued_at, next_at, attempts, language";
/// Two couriers that each held some and wanted the other's would wait for each other, so each skips what the other has.
const CLAIM_POSTGRES: &str = "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE state = 'waiting' AND next_at <= $2
             AND (leased_until IS NULL OR leased_until <= $2) ORDER BY next_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
     UPDATE outbox SET leased_until = $1, attempts = attempts + 1 WHERE id IN (SELECT id FROM due)
     RETURNING id, library_id, application_id, kind, recipient, content, queued_at, next_at, attempts, language";

/// Claims the mails that are due the longest, at most `most`, for the length of `lease`: nobody else gets them before
/// that ends. The attempt is counted now, so that a crash while sending counts too. One that cannot be read keeps no other
/// waiting.
///
/// # Errors
/// [`StoreError::WrongKey`] if a mail's key needs another master key.
pub async fn claim(tx: &mut Tx, now: OffsetDateTime, lease: Duration, most: usize) -> Result<Claimed, StoreError> {
    let sql = match &tx.connection {
        Connection::Sqlite(_) => CLAIM_SQLITE,
        Connection::Postgres(_) => CLAIM_POSTGRES,
    };
    let mut rows: Vec<MailRow> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(Timestamp::from(now + lease))
            .bind(Timestamp::from(now))
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(conn)
            .await
    })?;
    rows.sort_by_key(|row| (row.next_at.time(), row.id));
    let mut claimed = Claimed::default();
    for row in rows {
        let (id, attempts) = (row.id, u32::try_from(row.attempts).unwrap_or(u32::MAX));
        let (library_id, application_id) = (row.library_id, row.application_id);
        let kind = row.kind.clone();
        match row.open(tx, attempts).await {
            Ok(mail) => claimed.mails.push(mail),
            Err(StoreError::Unsealable { .. } | StoreError::Corrupt { .. }) => claimed.unopened.push(UnopenedMail {
                id: MailId::from_uuid(id),
                library_id: LibraryId::from_uuid(library_id),
                application_id: application_id.map(ApplicationId::from_uuid),
                kind,
                attempts,
                is_erased: seal::find_key(tx, application_id.unwrap_or(id)).await?.is_none(),
            }),
            Err(error) => return Err(error),
        }
    }
    Ok(claimed)
}

impl MailRow {
    async fn open(self, tx: &mut Tx, attempts: u32) -> Result<QueuedMail, StoreError> {
        let place = place(self.id, self.application_id);
        let broken = || corrupt("outbox", self.id);
        let recipient = seal::open_text(tx, &place, &self.recipient).await?;
        Ok(QueuedMail {
            id: MailId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            application_id: self.application_id.map(ApplicationId::from_uuid),
            recipient: recipient.parse().map_err(|_| broken())?,
            language: self.language.parse().map_err(|_| broken())?,
            content: seal::open_json(tx, &place.beside("content"), &self.content).await?,
            queued_at: self.queued_at.time(),
            attempts,
        })
    }
}
