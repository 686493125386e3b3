//! Issued card numbers: never changed, never deleted, never given out twice.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, counters, on};
use crate::domain::card::Card;
use crate::domain::card_number::CardNumber;
use crate::domain::ids::{CardId, LibraryId, PatronId};
use time::Date;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct CardRow {
    id: Uuid,
    library_id: Uuid,
    patron_id: Uuid,
    number: String,
    expires_on: Date,
    issued_at: Timestamp,
}

/// Takes the next place in the library's series of numbers, counted from 0 as
/// [`NumberSeries::number`](crate::domain::card_number::NumberSeries::number) counts them. Parallel
/// approvals wait for each other here; an approval that fails gives its place back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn next_sequence(tx: &mut Tx, library_id: LibraryId) -> Result<u64, StoreError> {
    Ok(counters::next(tx, library_id, "card").await? - 1)
}

/// Passes over the place `sequence` and those before it: a number that came from elsewhere stands there.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn pass_sequence(tx: &mut Tx, library_id: LibraryId, sequence: u64) -> Result<(), StoreError> {
    counters::raise(tx, library_id, "card", sequence.saturating_add(1)).await
}

/// Sets the last day of a card anew.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save_expiry(tx: &mut Tx, card: &Card) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE cards SET expires_on = $1 WHERE id = $2 AND library_id = $3")
            .bind(card.expires_on)
            .bind(card.id.as_uuid())
            .bind(card.library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Inserts a card.
///
/// # Errors
/// [`StoreError::Duplicate`] if the library has ever given out the number.
pub async fn insert(tx: &mut Tx, card: &Card) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO cards (id, library_id, patron_id, number, expires_on, issued_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(card.id.as_uuid())
        .bind(card.library_id.as_uuid())
        .bind(card.patron_id.as_uuid())
        .bind(card.number.as_str())
        .bind(card.expires_on)
        .bind(Timestamp::from(card.issued_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the newest card of a patron.
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
            "SELECT * FROM cards WHERE patron_id = $1 AND library_id = $2 ORDER BY issued_at DESC, id DESC LIMIT 1",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    row.map(Card::try_from).transpose()
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
        Ok(Self {
            id: CardId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            patron_id: PatronId::from_uuid(row.patron_id),
            number: row.number.parse().map_err(|_| corrupt("cards", row.id))?,
            expires_on: row.expires_on,
            issued_at: row.issued_at.time(),
        })
    }
}
