//! What patrons have shown by now: the last document of each kind, and until when it counts.

use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::proof::ShownProof;
use time::{Date, OffsetDateTime};

/// Keeps that a patron showed a document, in place of an earlier one of its kind.
///
/// # Errors
/// [`StoreError::Database`] if the patron is another library's.
pub async fn save(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    shown: &ShownProof,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO patron_proofs (patron_id, kind, library_id, counts_until, shown_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (patron_id, kind) DO UPDATE SET counts_until = excluded.counts_until,
                 shown_at = excluded.shown_at",
        )
        .bind(patron_id.as_uuid())
        .bind(shown.kind.as_str())
        .bind(library_id.as_uuid())
        .bind(shown.counts_until)
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists what a patron has shown, by kind; what has run out as well.
///
/// # Errors
/// [`StoreError::Corrupt`] if a kind cannot be read.
pub async fn list(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<Vec<ShownProof>, StoreError> {
    let rows: Vec<(String, Option<Date>)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT kind, counts_until FROM patron_proofs WHERE patron_id = $1 AND library_id = $2 ORDER BY kind",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let shown = rows.into_iter().map(|(kind, counts_until)| {
        let kind = kind.parse().map_err(|_| corrupt("patron_proofs", patron_id))?;
        Ok(ShownProof { kind, counts_until })
    });
    shown.collect()
}
