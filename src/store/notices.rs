//! Notices, sealed under the key of the application that they answer, or of the patron whose card they are about.

use super::about::{AboutColumns, owner_of};
use super::gather::Statement;
use super::rows::{corrupt, count_of, time_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, counters, on};
use crate::domain::ids::{ApplicationId, LibraryId, NoticeId, PatronId};
use crate::domain::notice::{Notice, NoticeAbout};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct NoticeRow {
    id: Uuid,
    library_id: Uuid,
    #[sqlx(flatten)]
    about: AboutColumns,
    language: String,
    content: Vec<u8>,
    placed_at: Timestamp,
    mailed_at: Option<Timestamp>,
    first_read_at: Option<Timestamp>,
    first_saved_at: Option<Timestamp>,
}

/// Places a notice: about the application's latest version, if it answers one.
///
/// # Errors
/// [`StoreError::Duplicate`] if the same kind of notice was placed for this version.
pub async fn insert(tx: &mut Tx, notice: &Notice) -> Result<(), StoreError> {
    let content = seal::seal_json(tx, &place(notice.id.as_uuid(), notice.about), &notice.content).await?;
    let about = AboutColumns::from(notice.about);
    let row = Statement::new(
        "INSERT INTO notices (id, library_id, application_id, patron_id, kind, version_number, content, placed_at,
             first_read_at, language)
         VALUES ($1, $2, $3, $9, $4, (SELECT last_version FROM applications WHERE id = $3 AND library_id = $2),
             $5, $6, $7, $8)",
    )
    .bind(notice.id.as_uuid())
    .bind(notice.library_id.as_uuid())
    .bind(about.application_id)
    .bind(notice.content.kind())
    .bind(content)
    .bind(Timestamp::from(notice.placed_at))
    .bind(notice.first_read_at.map(Timestamp::from))
    .bind(notice.language.as_str())
    .bind(about.patron_id);
    tx.write(row).await?;
    Ok(())
}

/// Finds a notice of one library.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find(tx: &mut Tx, library_id: LibraryId, id: NoticeId) -> Result<Option<Notice>, StoreError> {
    let row: Option<NoticeRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM notices WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Lists the notices of an application, oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list_by_application(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Vec<Notice>, StoreError> {
    let rows: Vec<NoticeRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM notices WHERE application_id = $1 AND library_id = $2 ORDER BY placed_at, id")
            .bind(application_id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    open_all(tx, rows).await
}

/// Lists the notices about a patron's card for which nobody applied, oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn list_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Vec<Notice>, StoreError> {
    let rows: Vec<NoticeRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM notices WHERE patron_id = $1 AND library_id = $2 ORDER BY placed_at, id")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    open_all(tx, rows).await
}

/// When a notice was placed, told of and opened: all that is kept of it in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeTimes {
    /// The name of its kind.
    pub kind: String,
    /// When it was placed.
    pub placed_at: OffsetDateTime,
    /// When the mail that tells of it was handed over, unless that came back.
    pub mailed_at: Option<OffsetDateTime>,
    /// When it was first opened.
    pub first_read_at: Option<OffsetDateTime>,
}

#[derive(sqlx::FromRow)]
struct TimesRow {
    kind: String,
    placed_at: Timestamp,
    mailed_at: Option<Timestamp>,
    first_read_at: Option<Timestamp>,
}

/// Lists when the notices of an application were placed, told of and opened, oldest first. Nothing is opened for it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_times(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Vec<NoticeTimes>, StoreError> {
    let rows: Vec<TimesRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT kind, placed_at, mailed_at, first_read_at FROM notices
             WHERE application_id = $1 AND library_id = $2 ORDER BY placed_at, id",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let times = |row: TimesRow| NoticeTimes {
        kind: row.kind,
        placed_at: row.placed_at.time(),
        mailed_at: time_of(row.mailed_at),
        first_read_at: time_of(row.first_read_at),
    };
    Ok(rows.into_iter().map(times).collect())
}

/// Counts the notices of a patron that were never opened, nor given to them on paper.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_unread_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT n.id FROM notices n
                     WHERE n.library_id = $2 AND n.first_read_at IS NULL AND n.patron_id = $1
                 UNION ALL SELECT n.id FROM applications a JOIN notices n ON n.application_id = a.id
                     WHERE a.patron_id = $1 AND a.library_id = $2 AND n.first_read_at IS NULL) AS unread
             WHERE NOT EXISTS (SELECT 1 FROM paper_notices p WHERE p.notice_id = unread.id AND p.way IS NOT NULL)",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(count_of(count))
}

/// Records that a notice was opened. True the first time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_read(tx: &mut Tx, id: NoticeId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let marked = on!(tx, |conn| {
        sqlx::query("UPDATE notices SET first_read_at = $1 WHERE id = $2 AND first_read_at IS NULL")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(marked == 1)
}

/// Records that the file of a notice was saved. True the first time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_saved(tx: &mut Tx, id: NoticeId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let marked = on!(tx, |conn| {
        sqlx::query("UPDATE notices SET first_saved_at = $1 WHERE id = $2 AND first_saved_at IS NULL")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(marked == 1)
}

/// Takes an application's notices back: they are kept as they were said, and count no more. Tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn revoke(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO revoked_notices (id, library_id, application_id, kind, version_number, content, placed_at,
                 first_read_at, first_saved_at, mailed_at, language, revoked_at)
             SELECT id, library_id, application_id, kind, version_number, content, placed_at, first_read_at,
                 first_saved_at, mailed_at, language, $3
             FROM notices WHERE application_id = $1 AND library_id = $2",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM notices WHERE application_id = $1 AND library_id = $2")
            .bind(application_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// A notice that was taken back, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedNotice {
    /// The notice as it was said.
    pub notice: Notice,
    /// When it was taken back.
    pub revoked_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct RevokedRow {
    #[sqlx(flatten)]
    notice: NoticeRow,
    revoked_at: Timestamp,
}

/// Finds a notice of one library that was taken back.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find_revoked(
    tx: &mut Tx,
    library_id: LibraryId,
    id: NoticeId,
) -> Result<Option<RevokedNotice>, StoreError> {
    let row: Option<RevokedRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, application_id, NULL AS patron_id, language, content, placed_at, mailed_at,
                 first_read_at, first_saved_at, revoked_at
             FROM revoked_notices WHERE id = $1 AND library_id = $2",
        )
        .bind(id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Lists the notices of an application that were taken back, oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list_revoked(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Vec<RevokedNotice>, StoreError> {
    let rows: Vec<RevokedRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, application_id, NULL AS patron_id, language, content, placed_at, mailed_at,
                 first_read_at, first_saved_at, revoked_at
             FROM revoked_notices WHERE application_id = $1 AND library_id = $2 ORDER BY placed_at, id",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let mut notices = Vec::with_capacity(rows.len());
    for row in rows {
        notices.push(row.open(tx).await?);
    }
    Ok(notices)
}

/// Finds the notice of what was granted that was taken back last.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find_revoked_grant(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
) -> Result<Option<Notice>, StoreError> {
    let row: Option<NoticeRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, application_id, NULL AS patron_id, language, content, placed_at, mailed_at,
                 first_read_at, first_saved_at
             FROM revoked_notices
             WHERE application_id = $1 AND library_id = $2 AND kind NOT IN ('declined', 'returned', 'reopened')
             ORDER BY revoked_at DESC, placed_at DESC LIMIT 1",
        )
        .bind(application_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Takes the next document number (文書番号) of a year, from 1.
///
/// # Errors
/// [`StoreError::Corrupt`] after more than four billion of them.
pub async fn next_document_number(tx: &mut Tx, library_id: LibraryId, year: i32) -> Result<u32, StoreError> {
    let name = series_of(year);
    let number = counters::next(tx, library_id, &name).await?;
    u32::try_from(number).map_err(|_| corrupt("counters", name))
}

/// The name of the series of a year's document numbers.
pub(super) fn series_of(year: i32) -> String {
    format!("document/{year}")
}

/// Deletes the notices about patrons' cards that were placed before a time, with what belongs to them, at most `limit`.
/// Their codes stay, so that whoever holds the paper can still ask. Tells how many there were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_about_patrons(
    tx: &mut Tx,
    library_id: LibraryId,
    before: OffsetDateTime,
    limit: u32,
) -> Result<u64, StoreError> {
    let due: Vec<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM notices WHERE library_id = $1 AND patron_id IS NOT NULL AND placed_at < $2
             ORDER BY placed_at, id LIMIT $3",
        )
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(before))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    for id in &due {
        for text in [
            "UPDATE notice_codes SET code = NULL WHERE notice_id = $1",
            "DELETE FROM notice_documents WHERE notice_id = $1",
            "DELETE FROM notice_reminders WHERE notice_id = $1",
            "DELETE FROM paper_notices WHERE notice_id = $1",
            "DELETE FROM notices WHERE id = $1",
        ] {
            on!(tx, |conn| sqlx::query(text).bind(id).execute(conn).await.map(drop))?;
        }
    }
    Ok(due.len() as u64)
}

/// How many notices about patrons' cards of a library were placed before `before`, and how many there are.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_about_patrons(
    tx: &mut Tx,
    library_id: LibraryId,
    before: OffsetDateTime,
) -> Result<(u64, u64), StoreError> {
    let (due, kept): (i64, i64) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT COUNT(CASE WHEN placed_at < $2 THEN 1 END), COUNT(*) FROM notices
             WHERE library_id = $1 AND patron_id IS NOT NULL",
        )
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(before))
        .fetch_one(conn)
        .await
    })?;
    Ok((count_of(due), count_of(kept)))
}

/// Deletes the notices about a patron's card, with what belongs to them, and what came to one that is gone already.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<(), StoreError> {
    for text in [
        "UPDATE notice_codes SET code = NULL WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM notice_documents WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM notice_reminders WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM paper_notices WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM notices WHERE patron_id = $1 AND library_id = $2",
    ] {
        on!(tx, |conn| {
            sqlx::query(text).bind(patron_id.as_uuid()).bind(library_id.as_uuid()).execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

fn place(id: Uuid, about: NoticeAbout) -> Place {
    Place::new("notices", "content", id, owner_of(about))
}

async fn open_all(tx: &mut Tx, rows: Vec<NoticeRow>) -> Result<Vec<Notice>, StoreError> {
    let mut notices = Vec::with_capacity(rows.len());
    for row in rows {
        notices.push(row.open(tx).await?);
    }
    Ok(notices)
}

impl RevokedRow {
    async fn open(self, tx: &mut Tx) -> Result<RevokedNotice, StoreError> {
        Ok(RevokedNotice { notice: self.notice.open(tx).await?, revoked_at: self.revoked_at.time() })
    }
}

impl NoticeRow {
    async fn open(self, tx: &mut Tx) -> Result<Notice, StoreError> {
        let about = self.about.about().ok_or_else(|| corrupt("notices", self.id))?;
        Ok(Notice {
            id: NoticeId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            about,
            language: self.language.parse().map_err(|_| corrupt("notices", self.id))?,
            content: seal::open_json(tx, &place(self.id, about), &self.content).await?,
            placed_at: self.placed_at.time(),
            mailed_at: time_of(self.mailed_at),
            first_read_at: time_of(self.first_read_at),
            first_saved_at: time_of(self.first_saved_at),
        })
    }
}
