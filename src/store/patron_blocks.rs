//! Blocks on patrons, each until it is lifted. The note is sealed under the patron's key and dies with it.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::block::Block;
use crate::domain::ids::{LibraryId, PatronId, StaffId};
use crate::domain::library::BlockCode;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct BlockRow {
    code: String,
    note: Option<Vec<u8>>,
    set_by: Uuid,
    set_at: Timestamp,
}

/// Puts a block on a patron, in the place of whatever was said of the same kind before.
///
/// # Errors
/// [`StoreError::Unsealable`] for a note about a patron whose key was erased, [`StoreError::Database`] if patron and
/// staff belong to different libraries.
pub async fn save(tx: &mut Tx, block: &Block) -> Result<(), StoreError> {
    let note = match &block.note {
        Some(note) => Some(seal::seal(tx, &place(block.patron_id, &block.code), note.as_str().as_bytes()).await?),
        None => None,
    };
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO patron_blocks (library_id, patron_id, code, note, set_by, set_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (patron_id, code) DO UPDATE SET note = excluded.note, set_by = excluded.set_by,
                 set_at = excluded.set_at",
        )
        .bind(block.library_id.as_uuid())
        .bind(block.patron_id.as_uuid())
        .bind(block.code.as_str())
        .bind(note)
        .bind(block.set_by.as_uuid())
        .bind(Timestamp::from(block.set_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lifts a block. False if there was none of the kind.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    code: &BlockCode,
) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM patron_blocks WHERE patron_id = $1 AND library_id = $2 AND code = $3")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .bind(code.as_str())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted > 0)
}

/// Deletes every block of a patron who is being erased, and tells how many there were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM patron_blocks WHERE patron_id = $1 AND library_id = $2")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// Lists the kinds of the blocks on a patron, without opening anything.
///
/// # Errors
/// [`StoreError::Corrupt`] if a kind cannot be read.
pub async fn list_codes(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<Vec<BlockCode>, StoreError> {
    let codes: Vec<String> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT code FROM patron_blocks WHERE patron_id = $1 AND library_id = $2 ORDER BY code")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    codes.into_iter().map(|code| code.parse().map_err(|_| corrupt("patron_blocks", patron_id))).collect()
}

/// Lists the blocks on a patron, the oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn list_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<Vec<Block>, StoreError> {
    let rows: Vec<BlockRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT code, note, set_by, set_at FROM patron_blocks WHERE patron_id = $1 AND library_id = $2
             ORDER BY set_at, code",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let mut blocks = Vec::with_capacity(rows.len());
    for row in rows {
        let broken = || corrupt("patron_blocks", patron_id);
        let code: BlockCode = row.code.parse().map_err(|_| broken())?;
        let note = match &row.note {
            Some(note) => Some(seal::open_text(tx, &place(patron_id, &code), note).await?),
            None => None,
        };
        blocks.push(Block {
            library_id,
            patron_id,
            note: note.map(|note| note.parse()).transpose().map_err(|_| broken())?,
            code,
            set_by: StaffId::from_uuid(row.set_by),
            set_at: row.set_at.time(),
        });
    }
    Ok(blocks)
}

fn place(patron_id: PatronId, code: &BlockCode) -> Place {
    Place::new("patron_blocks", "note", format!("{patron_id}/{code}"), patron_id.as_uuid())
}
