//! What patrons did by themselves, where no application's record tells of it.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::patron::Patron;
use crate::domain::patron_deed::PatronDeed;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct DeedRow {
    id: Uuid,
    what: String,
    at: Timestamp,
}

/// Writes down what a patron did.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(tx: &mut Tx, by: &Patron, deed: PatronDeed, now: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("INSERT INTO patron_deeds (id, library_id, patron_id, what, at) VALUES ($1, $2, $3, $4, $5)")
            .bind(Uuid::new_v4())
            .bind(by.library_id.as_uuid())
            .bind(by.id.as_uuid())
            .bind(deed.as_str())
            .bind(Timestamp::from(now))
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Lists what a patron did, the newest `limit` first.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    limit: u32,
) -> Result<Vec<(PatronDeed, OffsetDateTime)>, StoreError> {
    let rows: Vec<DeedRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, what, at FROM patron_deeds WHERE library_id = $1 AND patron_id = $2
             ORDER BY at DESC, id LIMIT $3",
        )
        .bind(library_id.as_uuid())
        .bind(patron_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let read = |row: DeedRow| {
        let deed = row.what.parse().map_err(|_| corrupt("patron_deeds", row.id))?;
        Ok((deed, row.at.time()))
    };
    rows.into_iter().map(read).collect()
}
