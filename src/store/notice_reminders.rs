//! Notices that nobody has opened, and who was reminded of them: once for every notice and number of days.

use super::about::AboutColumns;
use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, MailId, NoticeId};
use crate::domain::notice::NoticeAbout;
use time::OffsetDateTime;
use uuid::Uuid;

/// A notice that nobody has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadNotice {
    /// The library.
    pub library_id: LibraryId,
    /// Which.
    pub notice_id: NoticeId,
    /// What it hangs on.
    pub about: NoticeAbout,
    /// Since when it waits.
    pub placed_at: OffsetDateTime,
}

/// Notices that have waited equally long, as far as reminders go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// They were placed after this moment.
    pub after: OffsetDateTime,
    /// The latest of them.
    pub until: OffsetDateTime,
    /// Without those of which somebody was reminded for as many days or more; `None`: with them.
    pub reminded_for: Option<u16>,
}

#[derive(sqlx::FromRow)]
struct UnreadRow {
    id: Uuid,
    #[sqlx(flatten)]
    about: AboutColumns,
    placed_at: Timestamp,
}

/// Lists unread notices that do not go on paper yet, the oldest first. Requests for correction are not among them, nor is
/// that a decision is looked at again once a later notice tells how it ended. That a card ends soon has reminders of its
/// own; that it can be used again, or that its holder stopped it, needs none; nor that the library stopped it, once it can
/// be used again or there is another in its place.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row contradicts itself.
pub async fn list_unread(
    tx: &mut Tx,
    library_id: LibraryId,
    waiting: Waiting,
    limit: u32,
) -> Result<Vec<UnreadNotice>, StoreError> {
    let beyond = waiting.reminded_for.map_or(i64::MAX, i64::from);
    let rows: Vec<UnreadRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT n.id, n.application_id, n.patron_id, n.placed_at FROM notices n
             WHERE n.library_id = $1 AND n.first_read_at IS NULL AND n.placed_at > $2 AND n.placed_at <= $3
                 AND n.kind NOT IN ('returned', 'lost', 'released', 'expiring')
                 AND NOT (n.kind = 'stopped' AND (EXISTS (SELECT 1 FROM notices l WHERE l.patron_id = n.patron_id
                         AND l.kind IN ('stopped', 'lost', 'released') AND l.placed_at > n.placed_at)
                     OR EXISTS (SELECT 1 FROM applications a JOIN notices l ON l.application_id = a.id
                         WHERE a.patron_id = n.patron_id AND a.library_id = n.library_id
                             AND l.kind IN ('issued', 'reissued') AND l.placed_at > n.placed_at)))
                 AND NOT (n.kind = 'reopened' AND EXISTS (SELECT 1 FROM notices l
                     WHERE l.application_id = n.application_id AND l.placed_at > n.placed_at))
                 AND NOT EXISTS (SELECT 1 FROM paper_notices p WHERE p.notice_id = n.id)
                 AND NOT EXISTS (SELECT 1 FROM notice_reminders r WHERE r.notice_id = n.id AND r.days >= $4)
             ORDER BY n.placed_at, n.id LIMIT $5",
        )
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(waiting.after))
        .bind(Timestamp::from(waiting.until))
        .bind(beyond)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let unread = |row: UnreadRow| {
        let about = row.about.about().ok_or_else(|| corrupt("notices", row.id))?;
        let (notice_id, placed_at) = (NoticeId::from_uuid(row.id), row.placed_at.time());
        Ok(UnreadNotice { library_id, notice_id, about, placed_at })
    };
    rows.into_iter().map(unread).collect()
}

/// Notes that somebody was reminded, with the mail, or without one if there is no address. False if it was noted before,
/// or the notice was opened or taken back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(
    tx: &mut Tx,
    notice: &UnreadNotice,
    days: u16,
    mail: Option<MailId>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let inserted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO notice_reminders (notice_id, days, library_id, application_id, patron_id, mail_id, noted_at)
             SELECT n.id, $2, n.library_id, n.application_id, n.patron_id, $3, $4 FROM notices n
             WHERE n.id = $1 AND n.library_id = $5 AND n.first_read_at IS NULL
             ON CONFLICT (notice_id, days) DO NOTHING",
        )
        .bind(notice.notice_id.as_uuid())
        .bind(i64::from(days))
        .bind(mail.map(MailId::as_uuid))
        .bind(Timestamp::from(now))
        .bind(notice.library_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(inserted == 1)
}
