//! Memos among colleagues, sealed under their application's key.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, MemoId, StaffId};
use crate::domain::review::Memo;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct MemoRow {
    id: Uuid,
    library_id: Uuid,
    written_by: Uuid,
    written_at: Timestamp,
    memo: Vec<u8>,
}

/// Inserts a memo.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn insert(tx: &mut Tx, memo: &Memo) -> Result<(), StoreError> {
    let text = seal::seal(tx, &place(memo.id.as_uuid(), memo.application_id), memo.text.as_str().as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO memos (id, library_id, application_id, written_by, written_at, memo)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(memo.id.as_uuid())
        .bind(memo.library_id.as_uuid())
        .bind(memo.application_id.as_uuid())
        .bind(memo.written_by.as_uuid())
        .bind(Timestamp::from(memo.written_at))
        .bind(text)
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the memos about an application, oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<Memo>, StoreError> {
    let rows: Vec<MemoRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, written_by, written_at, memo FROM memos WHERE application_id = $1
             ORDER BY written_at, id",
        )
        .bind(application_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let mut memos = Vec::with_capacity(rows.len());
    for row in rows {
        let text = seal::open_text(tx, &place(row.id, application_id), &row.memo).await?;
        memos.push(Memo {
            id: MemoId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            application_id,
            written_by: StaffId::from_uuid(row.written_by),
            written_at: row.written_at.time(),
            text: text.parse().map_err(|_| corrupt("memos", row.id))?,
        });
    }
    Ok(memos)
}

fn place(id: Uuid, application_id: ApplicationId) -> Place {
    Place::new("memos", "memo", id, application_id.as_uuid())
}
