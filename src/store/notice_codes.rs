//! The codes by which anybody can ask about a notice. Found by a keyed hash; the code itself is sealed under the
//! key of what its notice hangs on, to be printed.

use super::about::{AboutColumns, owner_of};
use super::seal::{self, HashPurpose, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, NoticeId};
use crate::domain::notice::{Notice, NoticeAbout};
use crate::domain::verification::{NoticeStanding, VerificationCode, VerifiedNotice};
use uuid::Uuid;

/// Gives a notice its code, unless it has one; `fresh` is a code that was never given to any.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn ensure(tx: &mut Tx, notice: &Notice, fresh: &VerificationCode) -> Result<VerificationCode, StoreError> {
    if let Some(code) = find(tx, notice).await? {
        return Ok(code);
    }
    let place = place(notice.id.as_uuid(), notice.about);
    let sealed = seal::seal(tx, &place, fresh.as_str().as_bytes()).await?;
    let hash = hash_of(tx, notice.library_id, fresh).await?;
    let about = AboutColumns::from(notice.about);
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO notice_codes (notice_id, library_id, application_id, patron_id, kind, placed_at, code, code_hash)
             VALUES ($1, $2, $3, $8, $4, $5, $6, $7) ON CONFLICT (notice_id) DO NOTHING",
        )
        .bind(notice.id.as_uuid())
        .bind(notice.library_id.as_uuid())
        .bind(about.application_id)
        .bind(notice.content.kind())
        .bind(Timestamp::from(notice.placed_at))
        .bind(sealed)
        .bind(hash.as_slice())
        .bind(about.patron_id)
        .execute(conn)
        .await
        .map(drop)
    })?;
    // Two at once: the one that was written is on paper.
    find(tx, notice).await?.ok_or(StoreError::Stale)
}

/// The code of a notice, if it has one.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(tx: &mut Tx, notice: &Notice) -> Result<Option<VerificationCode>, StoreError> {
    let sealed: Option<Vec<u8>> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT code FROM notice_codes WHERE notice_id = $1 AND library_id = $2 AND code IS NOT NULL",
        )
        .bind(notice.id.as_uuid())
        .bind(notice.library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    let Some(sealed) = sealed else { return Ok(None) };
    let place = place(notice.id.as_uuid(), notice.about);
    let clear = seal::open(tx, &place, &sealed).await?;
    let code = str::from_utf8(&clear).ok().and_then(VerificationCode::parse);
    code.map(Some).ok_or_else(|| super::rows::corrupt("notice_codes", notice.id))
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    notice_id: Uuid,
    kind: String,
    placed_at: Timestamp,
}

/// What anybody may know of the notice with this code; the same questions are asked for a code that no notice has.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn verify(
    tx: &mut Tx,
    library_id: LibraryId,
    code: &VerificationCode,
) -> Result<Option<VerifiedNotice>, StoreError> {
    let hash = hash_of(tx, library_id, code).await?;
    let row: Option<CodeRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT notice_id, kind, placed_at FROM notice_codes
             WHERE library_id = $1 AND code_hash = $2",
        )
        .bind(library_id.as_uuid())
        .bind(hash.as_slice())
        .fetch_optional(conn)
        .await
    })?;
    judge(tx, library_id, row).await
}

/// The same of a notice that is known otherwise.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn verify_notice(
    tx: &mut Tx,
    library_id: LibraryId,
    id: NoticeId,
) -> Result<Option<VerifiedNotice>, StoreError> {
    let row: Option<CodeRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT notice_id, kind, placed_at FROM notice_codes
             WHERE library_id = $1 AND notice_id = $2",
        )
        .bind(library_id.as_uuid())
        .bind(id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    judge(tx, library_id, row).await
}

async fn judge(tx: &mut Tx, library_id: LibraryId, row: Option<CodeRow>) -> Result<Option<VerifiedNotice>, StoreError> {
    let standing = standing(tx, library_id, row.as_ref().map_or(Uuid::nil(), |row| row.notice_id)).await?;
    Ok(row.map(|row| VerifiedNotice { kind: row.kind, placed_at: row.placed_at.time(), standing }))
}

/// A notice about a card that was applied for states the card as it is from then on, so the newest about the same
/// patron's is the last word; any other is followed by what comes later in its own application. That a card was stopped or
/// ends soon leaves those as they are: it is followed by the next of its sort, and by what gives the card another day.
async fn standing(tx: &mut Tx, library_id: LibraryId, id: Uuid) -> Result<NoticeStanding, StoreError> {
    let (is_placed, is_revoked, is_followed): (bool, bool, bool) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM notices n WHERE n.id = $1 AND n.library_id = $2),
                 EXISTS (SELECT 1 FROM revoked_notices r WHERE r.id = $1 AND r.library_id = $2),
                 EXISTS (SELECT 1 FROM notices own JOIN notices later ON later.application_id = own.application_id
                     WHERE own.id = $1 AND own.library_id = $2
                         AND (later.placed_at, later.id) > (own.placed_at, own.id))
                 OR EXISTS (SELECT 1 FROM notices own
                     JOIN applications first ON first.id = own.application_id
                     JOIN applications next ON next.library_id = first.library_id AND (next.patron_id = first.patron_id
                         OR next.patron_id IN (SELECT p.id FROM patrons p WHERE p.application_id = first.id))
                     JOIN notices later ON later.application_id = next.id
                     WHERE own.id = $1 AND own.library_id = $2 AND own.kind NOT IN ('declined', 'returned')
                         AND later.kind NOT IN ('declined', 'returned')
                         AND (later.placed_at, later.id) > (own.placed_at, own.id))
                 OR EXISTS (SELECT 1 FROM notices own JOIN notices later ON later.patron_id = own.patron_id
                     WHERE own.id = $1 AND own.library_id = $2
                         AND (later.kind = 'expiring') = (own.kind = 'expiring')
                         AND (later.placed_at, later.id) > (own.placed_at, own.id))
                 OR EXISTS (SELECT 1 FROM notices own
                     JOIN applications next ON next.library_id = own.library_id AND (next.patron_id = own.patron_id
                         OR next.id = (SELECT p.application_id FROM patrons p WHERE p.id = own.patron_id))
                     JOIN notices later ON later.application_id = next.id
                     WHERE own.id = $1 AND own.library_id = $2 AND later.kind IN ('issued', 'reissued', 'renewed')
                         AND (later.placed_at, later.id) > (own.placed_at, own.id))",
        )
        .bind(id)
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(match (is_revoked, is_placed, is_followed) {
        (true, ..) => NoticeStanding::Revoked,
        (false, true, true) => NoticeStanding::Superseded,
        (false, true, false) => NoticeStanding::InForce,
        (false, false, _) => NoticeStanding::Erased,
    })
}

async fn hash_of(tx: &mut Tx, library_id: LibraryId, code: &VerificationCode) -> Result<[u8; 32], StoreError> {
    seal::keyed_hash(tx, library_id, HashPurpose::NoticeCode, &[code.as_str().as_bytes()]).await
}

fn place(id: Uuid, about: NoticeAbout) -> Place {
    Place::new("notice_codes", "code", id, owner_of(about))
}
