//! Notices that go on paper, until somebody at the library has handed them over or posted them.

use super::about::AboutColumns;
use super::notice_reminders::UnreadNotice;
use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, MailId, NoticeId, StaffId};
use crate::domain::notice::{Notice, NoticeAbout, PaperReason, PaperWay};
use time::OffsetDateTime;
use uuid::Uuid;

/// A notice on paper, without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperNotice {
    /// Which.
    pub notice_id: NoticeId,
    /// What it hangs on.
    pub about: NoticeAbout,
    /// Which kind of notice.
    pub kind: String,
    /// Since when it waits.
    pub placed_at: OffsetDateTime,
    /// Why it goes on paper.
    pub reason: PaperReason,
    /// How it left the library, by whom and when, if it has.
    pub delivered: Option<(PaperWay, StaffId, OffsetDateTime)>,
}

#[derive(sqlx::FromRow)]
struct PaperRow {
    notice_id: Uuid,
    #[sqlx(flatten)]
    about: AboutColumns,
    kind: String,
    placed_at: Timestamp,
    reason: String,
    way: Option<String>,
    delivered_by: Option<Uuid>,
    delivered_at: Option<Timestamp>,
}

/// Notes that a notice goes on paper.
///
/// # Errors
/// [`StoreError::Duplicate`] if that was noted before.
pub async fn insert(tx: &mut Tx, notice: &Notice) -> Result<(), StoreError> {
    let about = AboutColumns::from(notice.about);
    let inserted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO paper_notices (notice_id, library_id, application_id, patron_id, placed_at, reason)
             VALUES ($1, $2, $3, $6, $4, $5) ON CONFLICT (notice_id) DO NOTHING",
        )
        .bind(notice.id.as_uuid())
        .bind(notice.library_id.as_uuid())
        .bind(about.application_id)
        .bind(Timestamp::from(notice.placed_at))
        .bind(PaperReason::Wanted.as_str())
        .bind(about.patron_id)
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if inserted == 1 { Ok(()) } else { Err(StoreError::Duplicate) }
}

/// Lets a notice go on paper that nobody has opened. False if it goes there already, or was opened or taken back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert_unread(tx: &mut Tx, notice: &UnreadNotice, now: OffsetDateTime) -> Result<bool, StoreError> {
    let inserted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO paper_notices (notice_id, library_id, application_id, patron_id, placed_at, reason)
             SELECT n.id, n.library_id, n.application_id, n.patron_id, $3, $4 FROM notices n
             WHERE n.id = $1 AND n.library_id = $2 AND n.first_read_at IS NULL
             ON CONFLICT (notice_id) DO NOTHING",
        )
        .bind(notice.notice_id.as_uuid())
        .bind(notice.library_id.as_uuid())
        .bind(Timestamp::from(now))
        .bind(PaperReason::Unread.as_str())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(inserted == 1)
}

/// Takes a notice from the list that was opened after all, unless it has left the library.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn take_back_unread(tx: &mut Tx, library_id: LibraryId, id: NoticeId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "DELETE FROM paper_notices
             WHERE notice_id = $1 AND library_id = $2 AND reason = 'unread' AND way IS NULL",
        )
        .bind(id.as_uuid())
        .bind(library_id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lets the notice of which a mail should have told go on paper, unless it was opened in the portal. True if it does from
/// now on.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert_instead_of(tx: &mut Tx, mail_id: MailId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let inserted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO paper_notices (notice_id, library_id, application_id, patron_id, placed_at, reason)
             SELECT n.id, n.library_id, n.application_id, n.patron_id, $2, $3
             FROM outbox o JOIN notices n ON n.id = o.notice_id AND n.library_id = o.library_id
             WHERE o.id = $1 AND n.first_read_at IS NULL
             ON CONFLICT (notice_id) DO NOTHING",
        )
        .bind(mail_id.as_uuid())
        .bind(Timestamp::from(now))
        .bind(PaperReason::Unread.as_str())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(inserted == 1)
}

/// Lists the notices that wait to be printed, the oldest first, without those that were taken back, without what a later
/// notice has overtaken that was not wanted on paper in the first place, and without what was opened at the very moment at
/// which it was put on the list for not being opened.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row contradicts itself.
pub async fn list_waiting(tx: &mut Tx, library_id: LibraryId, limit: u32) -> Result<Vec<PaperNotice>, StoreError> {
    let rows: Vec<PaperRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT p.notice_id, p.application_id, p.patron_id, n.kind, p.placed_at, p.reason, p.way, p.delivered_by,
                 p.delivered_at
             FROM paper_notices p JOIN notices n ON n.id = p.notice_id AND n.library_id = p.library_id
             WHERE p.library_id = $1 AND p.way IS NULL
                 AND NOT (p.reason = 'unread' AND n.kind IN ('reopened', 'returned') AND EXISTS (
                     SELECT 1 FROM notices l WHERE l.application_id = n.application_id AND l.placed_at > n.placed_at))
                 AND NOT (p.reason = 'unread' AND n.first_read_at IS NOT NULL)
                 AND NOT (n.kind IN ('stopped', 'lost') AND (EXISTS (SELECT 1 FROM notices l
                         WHERE l.patron_id = n.patron_id AND l.kind IN ('stopped', 'lost', 'released')
                             AND l.placed_at > n.placed_at)
                     OR EXISTS (SELECT 1 FROM applications a JOIN notices l ON l.application_id = a.id
                         WHERE a.patron_id = n.patron_id AND a.library_id = n.library_id
                             AND l.kind IN ('issued', 'reissued') AND l.placed_at > n.placed_at)))
             ORDER BY p.placed_at, p.notice_id LIMIT $2",
        )
        .bind(library_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(PaperRow::parse).collect()
}

/// Finds a notice that goes on paper.
///
/// # Errors
/// [`StoreError::Corrupt`] if the row contradicts itself.
pub async fn find(tx: &mut Tx, library_id: LibraryId, id: NoticeId) -> Result<Option<PaperNotice>, StoreError> {
    let row: Option<PaperRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT p.notice_id, p.application_id, p.patron_id, n.kind, p.placed_at, p.reason, p.way, p.delivered_by,
                 p.delivered_at
             FROM paper_notices p JOIN notices n ON n.id = p.notice_id AND n.library_id = p.library_id
             WHERE p.library_id = $1 AND p.notice_id = $2",
        )
        .bind(library_id.as_uuid())
        .bind(id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    row.map(PaperRow::parse).transpose()
}

/// Tells whether a notice of an application still has to leave the library on paper, because it is wanted so.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_any_waiting(tx: &mut Tx, application_id: ApplicationId) -> Result<bool, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM paper_notices p JOIN notices n ON n.id = p.notice_id
             WHERE p.application_id = $1 AND p.way IS NULL AND p.reason = 'wanted'",
        )
        .bind(application_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(count > 0)
}

/// Notes that a notice has left the library. False if somebody noted it before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_delivered(
    tx: &mut Tx,
    library_id: LibraryId,
    id: NoticeId,
    (way, by): (PaperWay, StaffId),
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let marked = on!(tx, |conn| {
        sqlx::query(
            "UPDATE paper_notices SET way = $1, delivered_by = $2, delivered_at = $3
             WHERE notice_id = $4 AND library_id = $5 AND way IS NULL",
        )
        .bind(way.as_str())
        .bind(by.as_uuid())
        .bind(Timestamp::from(now))
        .bind(id.as_uuid())
        .bind(library_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(marked == 1)
}

impl PaperRow {
    fn parse(self) -> Result<PaperNotice, StoreError> {
        let delivered = match (self.way.as_deref().map(str::parse), self.delivered_by, self.delivered_at) {
            (None, None, None) => None,
            (Some(Ok(way)), Some(by), Some(at)) => Some((way, StaffId::from_uuid(by), at.time())),
            _ => return Err(corrupt("paper_notices", self.notice_id)),
        };
        Ok(PaperNotice {
            notice_id: NoticeId::from_uuid(self.notice_id),
            about: self.about.about().ok_or_else(|| corrupt("paper_notices", self.notice_id))?,
            kind: self.kind,
            placed_at: self.placed_at.time(),
            reason: self.reason.parse().map_err(|_| corrupt("paper_notices", self.notice_id))?,
            delivered,
        })
    }
}
