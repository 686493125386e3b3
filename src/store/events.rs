//! The append-only record of each application, chained by hashes.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::event::{Actor, ChainedEvent, Event, chain_input};
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::sha256::sha256;
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

/// Appends an event to its application's chain.
///
/// # Errors
/// [`StoreError::Corrupt`] if the chain's last hash cannot be read.
pub async fn insert(tx: &mut Tx, event: &Event) -> Result<ChainedEvent, StoreError> {
    lock_chain(tx, event.application_id).await?;
    let last: Option<LastRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT seq, hash FROM events WHERE application_id = $1 ORDER BY seq DESC LIMIT 1")
            .bind(event.application_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    let (seq, prev_hash) = match last {
        None => (1, [0; 32]),
        Some(LastRow { seq, hash }) => {
            let hash = hash.as_slice().try_into().map_err(|_| corrupt("events", event.application_id))?;
            (seq + 1, hash)
        }
    };
    let hash = hash_of(event, seq, &prev_hash);
    on!(tx, |conn| {
        sqlx::query(
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
        .bind(&event.detail)
        .bind(Timestamp::from(event.at))
        .bind(&prev_hash[..])
        .bind(&hash[..])
        .execute(conn)
        .await
        .map(drop)
    })?;
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

/// Makes two writers of one chain wait for each other on PostgreSQL too: a write that changes
/// nothing holds the application's row until the transaction ends.
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
