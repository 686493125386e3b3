//! Issued card numbers: never changed, never deleted, never given out twice.

use super::gather::Statement;
use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, counters, on};
use crate::domain::card::{Card, CardState};
use crate::domain::card_number::CardNumber;
use crate::domain::ids::{CardId, LibraryId, PatronId};
use time::Date;
use uuid::Uuid;

/// The name of the series of card numbers.
pub(super) const SERIES: &str = "card";

#[derive(sqlx::FromRow)]
struct CardRow {
    id: Uuid,
    library_id: Uuid,
    patron_id: Uuid,
    number: String,
    expires_on: Date,
    issued_at: Timestamp,
    row_version: i64,
    state: String,
    stopped_at: Option<Timestamp>,
    stop_reason: Option<String>,
    replaced_by: Option<Uuid>,
    /// 1 until it is in force.
    is_pending: i64,
}

/// The columns of a state.
struct StateColumns {
    state: &'static str,
    stopped_at: Option<Timestamp>,
    stop_reason: Option<&'static str>,
    replaced_by: Option<Uuid>,
    is_pending: i64,
}

impl StateColumns {
    fn of(state: CardState) -> Self {
        let active = Self { state: "active", stopped_at: None, stop_reason: None, replaced_by: None, is_pending: 0 };
        match state {
            CardState::Pending => Self { is_pending: 1, ..active },
            CardState::Active => active,
            CardState::Stopped { reason, stopped_at } => Self {
                state: "stopped",
                stopped_at: Some(stopped_at.into()),
                stop_reason: Some(reason.as_str()),
                ..active
            },
            CardState::Replaced { by, replaced_at } => Self {
                state: "replaced",
                stopped_at: Some(replaced_at.into()),
                replaced_by: Some(by.as_uuid()),
                ..active
            },
        }
    }
}

/// Takes the next place in the library's series of numbers, counted from 0 as
/// [`NumberSeries::number`](crate::domain::card_number::NumberSeries::number) counts them. Parallel
/// approvals wait for each other here; an approval that fails gives its place back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn next_sequence(tx: &mut Tx, library_id: LibraryId) -> Result<u64, StoreError> {
    Ok(counters::next(tx, library_id, SERIES).await? - 1)
}

/// Passes over the place `sequence` and those before it: a number that came from elsewhere stands there.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn pass_sequence(tx: &mut Tx, library_id: LibraryId, sequence: u64) -> Result<(), StoreError> {
    counters::raise(tx, library_id, SERIES, sequence.saturating_add(1)).await
}

/// Saves the next state of a card, and returns it as it is stored now.
///
/// # Errors
/// [`StoreError::Stale`] if anybody saved it since it was read.
pub async fn save(tx: &mut Tx, card: Card) -> Result<Card, StoreError> {
    let columns = StateColumns::of(card.state);
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE cards SET expires_on = $1, state = $2, stopped_at = $3, stop_reason = $4, replaced_by = $5,
                 is_pending = $6, row_version = row_version + 1
             WHERE id = $7 AND library_id = $8 AND row_version = $9",
        )
        .bind(card.expires_on)
        .bind(columns.state)
        .bind(columns.stopped_at)
        .bind(columns.stop_reason)
        .bind(columns.replaced_by)
        .bind(columns.is_pending)
        .bind(card.id.as_uuid())
        .bind(card.library_id.as_uuid())
        .bind(card.row_version)
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    match saved {
        0 => Err(StoreError::Stale),
        _ => Ok(Card { row_version: card.row_version + 1, ..card }),
    }
}

/// Inserts a card, which is active or not in force yet.
///
/// # Errors
/// [`StoreError::Duplicate`] if the library has ever given out the number.
pub async fn insert(tx: &mut Tx, card: &Card) -> Result<(), StoreError> {
    if insert_unless_taken(tx, card).await? { Ok(()) } else { Err(StoreError::Duplicate) }
}

/// Inserts a card, which is active or not in force yet. False if the library has ever given out the number.
///
/// # Errors
/// [`StoreError::Duplicate`] if there is such a card.
pub async fn insert_unless_taken(tx: &mut Tx, card: &Card) -> Result<bool, StoreError> {
    let row = Statement::new(
        "INSERT INTO cards (id, library_id, patron_id, number, expires_on, issued_at, is_pending)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (library_id, number) DO NOTHING",
    )
    .bind(card.id.as_uuid())
    .bind(card.library_id.as_uuid())
    .bind(card.patron_id.as_uuid())
    .bind(card.number.as_str())
    .bind(card.expires_on)
    .bind(Timestamp::from(card.issued_at))
    .bind(i64::from(card.is_pending()));
    Ok(tx.write_counted(row).await? == 1)
}

/// Finds the newest card of a patron. One that is not in force counts only where there is no other.
///
/// # Errors
/// [`StoreError::Corrupt`] if its number cannot be read.
pub async fn find_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<Card>, StoreError> {
    let row: Option<CardRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM cards WHERE patron_id = $1 AND library_id = $2
             ORDER BY is_pending, issued_at DESC, id DESC LIMIT 1",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    row.map(Card::try_from).transpose()
}

/// Finds a card of one library.
///
/// # Errors
/// [`StoreError::Corrupt`] if its number cannot be read.
pub async fn find(tx: &mut Tx, library_id: LibraryId, id: CardId) -> Result<Option<Card>, StoreError> {
    let row: Option<CardRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM cards WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    row.map(Card::try_from).transpose()
}

/// Lists the cards of a patron, the newest first and those that are not in force last.
///
/// # Errors
/// [`StoreError::Corrupt`] if a number cannot be read.
pub async fn list_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<Vec<Card>, StoreError> {
    let rows: Vec<CardRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM cards WHERE patron_id = $1 AND library_id = $2
             ORDER BY is_pending, issued_at DESC, id DESC LIMIT 100",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Card::try_from).collect()
}

/// Finds a card of one library by its number.
///
/// # Errors
/// [`StoreError::Corrupt`] if its number cannot be read.
pub async fn find_by_number(
    tx: &mut Tx,
    library_id: LibraryId,
    number: &CardNumber,
) -> Result<Option<Card>, StoreError> {
    let row: Option<CardRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM cards WHERE number = $1 AND library_id = $2")
            .bind(number.as_str())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    row.map(Card::try_from).transpose()
}

/// Lists cards of a library in the order of their ids after `after`: to walk through all of them.
///
/// # Errors
/// [`StoreError::Corrupt`] if a number cannot be read.
pub async fn list_after(
    tx: &mut Tx,
    library_id: LibraryId,
    after: Option<CardId>,
    limit: u32,
) -> Result<Vec<Card>, StoreError> {
    // No card has the id that is all zeros.
    let after = after.map_or(Uuid::nil(), CardId::as_uuid);
    let rows: Vec<CardRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM cards WHERE library_id = $1 AND id > $2 ORDER BY id LIMIT $3")
            .bind(library_id.as_uuid())
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Card::try_from).collect()
}

impl TryFrom<CardRow> for Card {
    type Error = StoreError;

    fn try_from(row: CardRow) -> Result<Self, StoreError> {
        let wrong = || corrupt("cards", row.id);
        let state = match (row.state.as_str(), row.stopped_at, row.stop_reason.as_deref(), row.replaced_by) {
            ("active", None, None, None) if row.is_pending == 1 => CardState::Pending,
            ("active", None, None, None) => CardState::Active,
            ("stopped", Some(at), Some(reason), None) => {
                CardState::Stopped { reason: reason.parse().map_err(|_| wrong())?, stopped_at: at.time() }
            }
            ("replaced", Some(at), None, Some(by)) => {
                CardState::Replaced { by: CardId::from_uuid(by), replaced_at: at.time() }
            }
            _ => return Err(wrong()),
        };
        Ok(Self {
            id: CardId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            patron_id: PatronId::from_uuid(row.patron_id),
            number: row.number.parse().map_err(|_| corrupt("cards", row.id))?,
            expires_on: row.expires_on,
            issued_at: row.issued_at.time(),
            state,
            row_version: row.row_version,
        })
    }
}
