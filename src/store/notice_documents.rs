//! The sealed files of notices, kept as they were made first, under the key of what their notice hangs on.

use super::about::{AboutColumns, owner_of};
use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, NoticeId};
use crate::domain::notice::{Notice, PaperSize};
use crate::sha256::sha256;
use time::OffsetDateTime;
use uuid::Uuid;

/// Which file of which notice.
#[derive(Debug, Clone, Copy)]
pub struct DocumentKey<'a> {
    /// The notice.
    pub notice: &'a Notice,
    /// How large its type is.
    pub size: PaperSize,
}

/// Keeps a sealed file, unless one is kept already; gives the one that is.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn keep(
    tx: &mut Tx,
    key: DocumentKey<'_>,
    pdf: &[u8],
    is_timestamped: bool,
    now: OffsetDateTime,
) -> Result<Vec<u8>, StoreError> {
    let document = seal::seal(tx, &place(key), pdf).await?;
    let about = AboutColumns::from(key.notice.about);
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO notice_documents (notice_id, size, library_id, application_id, patron_id, document, digest, level,
                 sealed_at)
             VALUES ($1, $2, $3, $4, $9, $5, $6, $7, $8) ON CONFLICT (notice_id, size) DO NOTHING",
        )
        .bind(key.notice.id.as_uuid())
        .bind(key.size.as_str())
        .bind(key.notice.library_id.as_uuid())
        .bind(about.application_id)
        .bind(document)
        .bind(sha256(pdf).as_slice())
        .bind(if is_timestamped { "b_t" } else { "b_b" })
        .bind(Timestamp::from(now))
        .bind(about.patron_id)
        .execute(conn)
        .await
        .map(drop)
    })?;
    find(tx, key).await?.ok_or_else(|| corrupt("notice_documents", key.notice.id))
}

/// The kept file.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(tx: &mut Tx, key: DocumentKey<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed: Option<Vec<u8>> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT document FROM notice_documents WHERE notice_id = $1 AND size = $2 AND library_id = $3",
        )
        .bind(key.notice.id.as_uuid())
        .bind(key.size.as_str())
        .bind(key.notice.library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    match sealed {
        Some(sealed) => Ok(Some(seal::open(tx, &place(key), &sealed).await?.to_vec())),
        None => Ok(None),
    }
}

/// The notice whose kept file has this SHA-256.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_by_digest(
    tx: &mut Tx,
    library_id: LibraryId,
    digest: &[u8; 32],
) -> Result<Option<NoticeId>, StoreError> {
    let id: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT notice_id FROM notice_documents WHERE library_id = $1 AND digest = $2")
            .bind(library_id.as_uuid())
            .bind(digest.as_slice())
            .fetch_optional(conn)
            .await
    })?;
    Ok(id.map(NoticeId::from_uuid))
}

/// Lists notices of a library without a sealed file, the newest first: somebody may be about to open those. That a card
/// ends soon is told to many who never save it: such a notice is sealed when it is.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_unsealed(tx: &mut Tx, library_id: LibraryId, limit: u32) -> Result<Vec<NoticeId>, StoreError> {
    let ids: Vec<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT n.id FROM notices n
             WHERE n.library_id = $1 AND n.kind <> 'expiring' AND NOT EXISTS
                 (SELECT 1 FROM notice_documents d WHERE d.notice_id = n.id AND d.size = 'regular')
             ORDER BY n.placed_at DESC, n.id DESC LIMIT $2",
        )
        .bind(library_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    Ok(ids.into_iter().map(NoticeId::from_uuid).collect())
}

fn place(key: DocumentKey<'_>) -> Place {
    let column = match key.size {
        PaperSize::Regular => "document/regular",
        PaperSize::Large => "document/large",
    };
    Place::new("notice_documents", column, key.notice.id.as_uuid(), owner_of(key.notice.about))
}
