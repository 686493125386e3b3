//! Search tokens for rows from before there were as many: a walk over each library, remembered from step to step.
//!
//! Whatever is saved now brings its tokens along, so one walk is enough; a row of this table goes when its walk is over.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::{StoreError, Tx, drafts, on, search_keys};
use crate::domain::answers::DraftAnswers;
use crate::domain::ids::LibraryId;
use crate::domain::patron::PatronFacts;
use uuid::Uuid;

/// What is walked over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Patrons,
    Applications,
}

#[derive(sqlx::FromRow)]
struct Walk {
    library_id: Uuid,
    kind: String,
    after_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    id: Uuid,
    sealed: Vec<u8>,
}

/// Makes the tokens of up to `limit` rows. True if there is more to do.
///
/// # Errors
/// [`StoreError::Corrupt`] or [`StoreError::Unsealable`] if a row is damaged.
pub async fn step(tx: &mut Tx, limit: u32) -> Result<bool, StoreError> {
    let walk: Option<Walk> = on!(tx, |conn| {
        sqlx::query_as("SELECT library_id, kind, after_id FROM token_backfills ORDER BY library_id, kind LIMIT 1")
            .fetch_optional(conn)
            .await
    })?;
    let Some(walk) = walk else { return Ok(false) };
    let kind = match walk.kind.as_str() {
        "patrons" => Kind::Patrons,
        "applications" => Kind::Applications,
        _ => return Err(corrupt("token_backfills", walk.library_id)),
    };
    let rows = lock_rows(tx, &walk, kind, limit).await?;
    for row in &rows {
        make_tokens(tx, LibraryId::from_uuid(walk.library_id), kind, row).await?;
    }
    match rows.last() {
        Some(last) => move_on(tx, &walk, last.id).await?,
        None => finish(tx, &walk).await?,
    }
    Ok(true)
}

/// The next rows that still have a key. Writing them as they are keeps whoever changes one waiting, so that older
/// tokens never follow newer ones.
async fn lock_rows(tx: &mut Tx, walk: &Walk, kind: Kind, limit: u32) -> Result<Vec<SealedRow>, StoreError> {
    let sql = match kind {
        Kind::Patrons => {
            "UPDATE patrons SET facts = facts WHERE id IN (
                 SELECT p.id FROM patrons p JOIN data_keys k ON k.owner_id = p.id
                 WHERE p.library_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3)
             RETURNING id, facts AS sealed"
        }
        Kind::Applications => {
            "UPDATE drafts SET answers = answers WHERE application_id IN (
                 SELECT d.application_id FROM drafts d JOIN data_keys k ON k.owner_id = d.application_id
                 WHERE d.library_id = $1 AND d.application_id > $2 ORDER BY d.application_id LIMIT $3)
             RETURNING application_id AS id, answers AS sealed"
        }
    };
    let mut rows: Vec<SealedRow> = on!(tx, |conn| {
        sqlx::query_as(sql).bind(walk.library_id).bind(walk.after_id).bind(i64::from(limit)).fetch_all(conn).await
    })?;
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}

async fn make_tokens(tx: &mut Tx, library_id: LibraryId, kind: Kind, row: &SealedRow) -> Result<(), StoreError> {
    let keys = match kind {
        Kind::Patrons => {
            let place = Place::new("patrons", "facts", row.id, row.id);
            let facts: PatronFacts = seal::open_json(tx, &place, &row.sealed).await?;
            search_keys::of_patron(&facts)
        }
        Kind::Applications => {
            let answers: DraftAnswers = seal::open_json(tx, &drafts::place(row.id), &row.sealed).await?;
            search_keys::of_draft(&answers)
        }
    };
    seal::replace_tokens(tx, library_id, row.id, &keys).await
}

async fn move_on(tx: &mut Tx, walk: &Walk, after: Uuid) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE token_backfills SET after_id = $1 WHERE library_id = $2 AND kind = $3")
            .bind(after)
            .bind(walk.library_id)
            .bind(&walk.kind)
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

async fn finish(tx: &mut Tx, walk: &Walk) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM token_backfills WHERE library_id = $1 AND kind = $2")
            .bind(walk.library_id)
            .bind(&walk.kind)
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}
