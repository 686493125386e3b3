//! The append-only record of each application, chained by hashes.

use super::gather::Statement;
use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{HeldRow, StoreError, Tx, on};
use crate::domain::event::{Actor, ChainedEvent, Event, EventKind, chain_input};
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::reference::Reference;
use crate::sha256::sha256;
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

/// Where a chain of events does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the chain of events breaks at {seq}")]
pub struct BrokenChain {
    /// The first event that does not fit, counted from 1.
    pub seq: i64,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    application_id: Uuid,
    seq: i64,
    library_id: Uuid,
    kind: String,
    actor: String,
    staff_id: Option<Uuid>,
    version_number: i64,
    detail: String,
    occurred_at: Timestamp,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct LastRow {
    seq: i64,
    hash: Vec<u8>,
}

/// The last event of a chain; its hash is all zeros while there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChainEnd {
    seq: i64,
    hash: [u8; 32],
}

impl ChainEnd {
    /// The end of an application's chain, by number and hash of its last event if there is one.
    pub(super) fn read(application_id: ApplicationId, last: Option<(i64, Vec<u8>)>) -> Result<Self, StoreError> {
        let Some((seq, hash)) = last else { return Ok(Self { seq: 0, hash: [0; 32] }) };
        let hash = hash.as_slice().try_into().map_err(|_| corrupt("events", application_id))?;
        Ok(Self { seq, hash })
    }
}

/// Appends an event to its application's chain.
///
/// # Errors
/// [`StoreError::Corrupt`] if the chain's last hash cannot be read.
pub async fn insert(tx: &mut Tx, event: &Event) -> Result<ChainedEvent, StoreError> {
    let ChainEnd { seq, hash: prev_hash } = hold_chain(tx, event.application_id).await?;
    let seq = seq + 1;
    let hash = hash_of(event, seq, &prev_hash);
    let row = Statement::new(
        "INSERT INTO events (application_id, seq, library_id, kind, actor, staff_id, version_number, detail,
             occurred_at, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(event.application_id.as_uuid())
    .bind(seq)
    .bind(event.library_id.as_uuid())
    .bind(event.kind.as_str())
    .bind(event.actor.kind())
    .bind(event.actor.staff_id().map(StaffId::as_uuid))
    .bind(i64::from(event.version))
    .bind(event.detail.as_str())
    .bind(Timestamp::from(event.at))
    .bind(&prev_hash[..])
    .bind(&hash[..]);
    tx.write(row).await?;
    tx.held.entry(event.application_id.as_uuid()).or_default().chain_end = Some(ChainEnd { seq, hash });
    Ok(ChainedEvent { event: event.clone(), seq, prev_hash, hash })
}

/// The first event of a chain in its place.
pub(super) fn first_of_chain(event: Event) -> ChainedEvent {
    let prev_hash = [0; 32];
    ChainedEvent { seq: 1, hash: hash_of(&event, 1, &prev_hash), prev_hash, event }
}

/// Lists the events of an application in their order.
///
/// # Errors
/// [`StoreError::Corrupt`] if one of them cannot be read.
pub async fn list(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<ChainedEvent>, StoreError> {
    list_rows(tx, application_id).await?.into_iter().map(ChainedEvent::try_from).collect()
}

/// What of the record of a library is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Only what this member of staff did.
    pub staff: Option<StaffId>,
    /// Only this kind.
    pub kind: Option<EventKind>,
    /// Only this application.
    pub application: Option<ApplicationId>,
    /// At this time or later.
    pub from: Option<OffsetDateTime>,
    /// Before this time.
    pub until: Option<OffsetDateTime>,
    /// Older than this entry.
    pub before: Option<RecordKey>,
    /// How many at most.
    pub limit: u32,
}

/// The place of an entry in the record of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordKey {
    /// When.
    pub at: OffsetDateTime,
    /// Of which application.
    pub application: ApplicationId,
    /// Which of its events.
    pub seq: i64,
}

/// An entry in the record of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// The application's public number.
    pub reference: Reference,
    /// What happened.
    pub event: ChainedEvent,
}

impl RecordEntry {
    /// Its place.
    #[must_use]
    pub const fn key(&self) -> RecordKey {
        let event = &self.event.event;
        RecordKey { at: event.at, application: event.application_id, seq: self.event.seq }
    }
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    reference: String,
    #[sqlx(flatten)]
    event: EventRow,
}

/// What all texts have in common; each walks another index.
macro_rules! record_sql {
    ($narrow:literal) => {
        concat!(
            "SELECT a.reference, e.* FROM (SELECT * FROM events WHERE library_id = $1",
            $narrow,
            " AND ($2 IS NULL OR kind = $2) AND occurred_at >= $3 AND occurred_at < $4
              AND (occurred_at, application_id, seq) < ($5, $6, $7)
              ORDER BY occurred_at DESC, application_id DESC, seq DESC LIMIT $8) e
             JOIN applications a ON a.id = e.application_id
             ORDER BY e.occurred_at DESC, e.application_id DESC, e.seq DESC"
        )
    };
}

/// Lists the record of a library, newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if one of the events cannot be read.
pub async fn list_record(
    tx: &mut Tx,
    library_id: LibraryId,
    query: &RecordQuery,
) -> Result<Vec<RecordEntry>, StoreError> {
    const BEGINNING: OffsetDateTime = datetime!(1970-01-01 00:00 UTC);
    const END: OffsetDateTime = datetime!(9000-01-01 00:00 UTC);
    let (sql, narrow) = match (query.application, query.staff) {
        (Some(application), None) => (record_sql!(" AND application_id = $9"), Some(application.as_uuid())),
        (None, Some(staff)) => (record_sql!(" AND staff_id = $9"), Some(staff.as_uuid())),
        (Some(application), Some(_)) => {
            (record_sql!(" AND application_id = $9 AND staff_id = $10"), Some(application.as_uuid()))
        }
        (None, None) => (record_sql!(""), None),
    };
    let (at, application, seq) = match query.before {
        Some(key) => (key.at, key.application.as_uuid(), key.seq),
        None => (END, Uuid::max(), i64::MAX),
    };
    let rows: Vec<RecordRow> = on!(tx, |conn| {
        let mut bound = sqlx::query_as(sql)
            .bind(library_id.as_uuid())
            .bind(query.kind.map(EventKind::as_str))
            .bind(Timestamp::from(query.from.unwrap_or(BEGINNING)))
            .bind(Timestamp::from(query.until.unwrap_or(END)))
            .bind(Timestamp::from(at))
            .bind(application)
            .bind(seq)
            .bind(i64::from(query.limit));
        if let Some(narrow) = narrow {
            bound = bound.bind(narrow);
        }
        if let (Some(_), Some(staff)) = (query.application, query.staff) {
            bound = bound.bind(staff.as_uuid());
        }
        bound.fetch_all(conn).await
    })?;
    rows.into_iter()
        .map(|row| {
            let reference = row.reference.parse().map_err(|_| corrupt("applications", row.event.application_id))?;
            Ok(RecordEntry { reference, event: ChainedEvent::try_from(row.event)? })
        })
        .collect()
}

/// Computes the chain of an application anew; `None` if every event is as it was written.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn verify_chain(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<BrokenChain>, StoreError> {
    let mut prev_hash = [0; 32];
    for (expected, row) in (1..).zip(list_rows(tx, application_id).await?) {
        match ChainedEvent::try_from(row) {
            Ok(chained)
                if chained.seq == expected
                    && chained.prev_hash == prev_hash
                    && chained.hash == hash_of(&chained.event, expected, &prev_hash) =>
            {
                prev_hash = chained.hash;
            }
            _ => return Ok(Some(BrokenChain { seq: expected })),
        }
    }
    Ok(None)
}

/// Makes two writers of one chain wait for each other on PostgreSQL too, and finds its end: a write that changes
/// nothing holds the application's row until the transaction ends. Whoever has changed the row holds it already.
async fn hold_chain(tx: &mut Tx, application_id: ApplicationId) -> Result<ChainEnd, StoreError> {
    match tx.held.get(&application_id.as_uuid()) {
        Some(HeldRow { chain_end: Some(end), .. }) => return Ok(*end),
        Some(_) => {}
        None => lock_chain(tx, application_id).await?,
    }
    let last: Option<LastRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT seq, hash FROM events WHERE application_id = $1 ORDER BY seq DESC LIMIT 1")
            .bind(application_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    ChainEnd::read(application_id, last.map(|LastRow { seq, hash }| (seq, hash)))
}

async fn lock_chain(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE applications SET row_version = row_version WHERE id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

async fn list_rows(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<EventRow>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM events WHERE application_id = $1 ORDER BY seq")
            .bind(application_id.as_uuid())
            .fetch_all(conn)
            .await
    })?)
}

fn hash_of(event: &Event, seq: i64, prev_hash: &[u8; 32]) -> [u8; 32] {
    sha256(&chain_input(event, seq, prev_hash))
}

impl EventRow {
    fn parse(&self) -> Option<ChainedEvent> {
        let actor = match (self.actor.as_str(), self.staff_id) {
            ("applicant", None) => Actor::Applicant,
            ("staff", Some(id)) => Actor::Staff(StaffId::from_uuid(id)),
            ("system", None) => Actor::System,
            _ => return None,
        };
        let event = Event {
            library_id: LibraryId::from_uuid(self.library_id),
            application_id: ApplicationId::from_uuid(self.application_id),
            kind: self.kind.parse().ok()?,
            actor,
            version: u32::try_from(self.version_number).ok()?,
            detail: self.detail.clone(),
            at: self.occurred_at.time(),
        };
        Some(ChainedEvent {
            event,
            seq: self.seq,
            prev_hash: self.prev_hash.as_slice().try_into().ok()?,
            hash: self.hash.as_slice().try_into().ok()?,
        })
    }
}

impl TryFrom<EventRow> for ChainedEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        row.parse().ok_or_else(|| corrupt("events", format_args!("{}/{}", row.application_id, row.seq)))
    }
}
