//! Patrons whose last day is long over: who they are, whether they were told, and what goes with them.

use super::rows::{corrupt, time_of};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, notices, on};
use crate::domain::erasure::{TOLD_BEFORE, Told, ToldHow};
use crate::domain::ids::{CardId, LibraryId, MailId, PatronId};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A patron none of whose cards can be used any more, and for whom nothing is in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiredPatron {
    /// The library.
    pub library_id: LibraryId,
    /// Who.
    pub patron_id: PatronId,
    /// The card that ended last.
    pub card_id: CardId,
    /// Its last day.
    pub expires_on: Date,
    /// Whether the patron was told that the record is erased.
    pub told: Option<Told>,
}

#[derive(sqlx::FromRow)]
struct ExpiredRow {
    patron_id: Uuid,
    card_id: Uuid,
    expires_on: Date,
    noted_at: Option<Timestamp>,
    mail_id: Option<Uuid>,
    mail_state: Option<String>,
    settled_at: Option<Timestamp>,
}

/// The card that ended last stands for the patron: no other one ended later, or on the same day with a later id.
macro_rules! expired {
    ($which:literal) => {
        concat!(
            "SELECT c.patron_id, c.id AS card_id, c.expires_on, r.noted_at, r.mail_id, o.state AS mail_state, o.settled_at
             FROM cards c
                 JOIN patrons p ON p.id = c.patron_id AND p.library_id = c.library_id
                 LEFT JOIN patron_reminders r ON r.subject_id = c.id AND r.kind = 'record_erased'
                     AND r.due_on = c.expires_on
                 LEFT JOIN outbox o ON o.id = r.mail_id
             WHERE c.library_id = $1 AND c.expires_on <= $2 AND p.erased_at IS NULL
                 AND EXISTS (SELECT 1 FROM data_keys k WHERE k.owner_id = p.id)
                 AND NOT EXISTS (SELECT 1 FROM cards n WHERE n.patron_id = c.patron_id AND n.library_id = c.library_id
                     AND (n.is_pending = 1 OR n.expires_on > c.expires_on
                         OR (n.expires_on = c.expires_on AND n.id > c.id)))
                 AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.patron_id = p.id AND a.library_id = p.library_id
                     AND a.state NOT IN ('issued', 'declined', 'withdrawn', 'lapsed', 'purged'))
                 AND NOT EXISTS (SELECT 1 FROM holder_drafts h JOIN applications b ON b.id = h.application_id
                     AND b.library_id = h.library_id WHERE h.patron_id = p.id AND h.library_id = p.library_id
                     AND b.state NOT IN ('issued', 'declined', 'withdrawn', 'lapsed', 'purged'))
                 AND NOT EXISTS (SELECT 1 FROM registrations g JOIN cards w ON w.id = g.card_id
                     AND w.library_id = g.library_id WHERE w.patron_id = p.id AND g.state = 'waiting') ",
            $which
        )
    };
}

/// Lists those whose last day was `until` or before, by that day, after one of them: to walk through all.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row contradicts itself.
pub async fn list(
    tx: &mut Tx,
    library_id: LibraryId,
    until: Date,
    after: Option<&ExpiredPatron>,
    limit: u32,
) -> Result<Vec<ExpiredPatron>, StoreError> {
    let (day, card) = after.map_or((Date::MIN, Uuid::nil()), |last| (last.expires_on, last.card_id.as_uuid()));
    // PostgreSQL knows no day as early as the first.
    let day = day.max(FIRST_DAY);
    let rows: Vec<ExpiredRow> = on!(tx, |conn| {
        sqlx::query_as(expired!(
            "AND (c.expires_on > $3 OR (c.expires_on = $3 AND c.id > $4)) ORDER BY c.expires_on, c.id LIMIT $5"
        ))
        .bind(library_id.as_uuid())
        .bind(until.max(FIRST_DAY))
        .bind(day)
        .bind(card)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(|row| row.expired(library_id)).collect()
}

/// No card ended before it.
const FIRST_DAY: Date = time::macros::date!(1900 - 01 - 01);

/// The same patron as they are now; none if anything has begun since, or somebody erased them.
///
/// # Errors
/// [`StoreError::Corrupt`] if the row contradicts itself.
pub async fn find(
    tx: &mut Tx,
    library_id: LibraryId,
    until: Date,
    patron_id: PatronId,
) -> Result<Option<ExpiredPatron>, StoreError> {
    let row: Option<ExpiredRow> = on!(tx, |conn| {
        sqlx::query_as(expired!("AND c.patron_id = $3"))
            .bind(library_id.as_uuid())
            .bind(until.max(FIRST_DAY))
            .bind(patron_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    row.map(|row| row.expired(library_id)).transpose()
}

/// Counts the patrons of whom anything is known.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_known(tx: &mut Tx, library_id: LibraryId) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM patrons WHERE library_id = $1 AND erased_at IS NULL")
            .bind(library_id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    Ok(super::rows::count_of(count))
}

/// Notes that a patron was told, with the mail, or without one if there is no address. False if it was noted before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert_told(
    tx: &mut Tx,
    expired: &ExpiredPatron,
    mail: Option<MailId>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let inserted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO patron_reminders (subject_id, kind, due_on, days_before, library_id, patron_id, mail_id, noted_at)
             VALUES ($1, 'record_erased', $2, $3, $4, $5, $6, $7)
             ON CONFLICT (subject_id, kind, due_on, days_before) DO NOTHING",
        )
        .bind(expired.card_id.as_uuid())
        .bind(expired.expires_on)
        .bind(TOLD_BEFORE.whole_days())
        .bind(expired.library_id.as_uuid())
        .bind(expired.patron_id.as_uuid())
        .bind(mail.map(MailId::as_uuid))
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(inserted == 1)
}

/// Tells whether something is in progress for a patron: a card that waits, an application, a registration.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_busy(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<bool, StoreError> {
    let found: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM cards c WHERE c.patron_id = $1 AND c.library_id = $2 AND c.is_pending = 1)
                 + (SELECT COUNT(*) FROM applications a WHERE a.patron_id = $1 AND a.library_id = $2
                     AND a.state NOT IN ('issued', 'declined', 'withdrawn', 'lapsed', 'purged'))
                 + (SELECT COUNT(*) FROM holder_drafts h JOIN applications b ON b.id = h.application_id
                     AND b.library_id = h.library_id WHERE h.patron_id = $1 AND h.library_id = $2
                     AND b.state NOT IN ('issued', 'declined', 'withdrawn', 'lapsed', 'purged'))
                 + (SELECT COUNT(*) FROM registrations g JOIN cards w ON w.id = g.card_id
                     AND w.library_id = g.library_id WHERE w.patron_id = $1 AND w.library_id = $2
                     AND g.state = 'waiting')",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(found > 0)
}

/// Forgets by what the signing app knows whoever sent a patron's applications: the card signs nobody in any more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_app_subjects(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "DELETE FROM app_subjects WHERE library_id = $2 AND application_id IN
                 (SELECT id FROM applications WHERE patron_id = $1 AND library_id = $2)",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Deletes what only served a patron who is being erased: the password, whoever is still signed in and from where, by what the signing
/// app knows them, and which members of staff are close to them. Their applications are kept as long as the rules say.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_belongings(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<(), StoreError> {
    notices::delete_by_patron(tx, library_id, patron_id).await?;
    for text in [
        "DELETE FROM credentials WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM staff_relations WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM app_subjects WHERE library_id = $2 AND application_id IN
             (SELECT id FROM applications WHERE patron_id = $1 AND library_id = $2)",
        "DELETE FROM sessions WHERE library_id = $2 AND subject IN ('reader', 'applicant') AND subject_id IN
             (SELECT id FROM applications WHERE patron_id = $1 AND library_id = $2)",
        "DELETE FROM sessions WHERE library_id = $2 AND proved_by IN
             (SELECT id FROM applications WHERE patron_id = $1 AND library_id = $2)",
        "DELETE FROM sessions WHERE library_id = $2 AND (proved_patron = $1 OR (subject = 'patron' AND subject_id = $1))",
        "DELETE FROM patron_requests WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM password_changes WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM patron_devices WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM passkeys WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM holder_drafts WHERE patron_id = $1 AND library_id = $2",
        "DELETE FROM patron_proofs WHERE patron_id = $1 AND library_id = $2",
    ] {
        on!(tx, |conn| {
            sqlx::query(text).bind(patron_id.as_uuid()).bind(library_id.as_uuid()).execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

impl ExpiredRow {
    fn expired(self, library_id: LibraryId) -> Result<ExpiredPatron, StoreError> {
        let told = match self.noted_at {
            Some(noted_at) => Some(self.told(noted_at.time())?),
            None => None,
        };
        Ok(ExpiredPatron {
            library_id,
            patron_id: PatronId::from_uuid(self.patron_id),
            card_id: CardId::from_uuid(self.card_id),
            expires_on: self.expires_on,
            told,
        })
    }

    fn told(&self, noted_at: OffsetDateTime) -> Result<Told, StoreError> {
        let how = match (self.mail_id, self.mail_state.as_deref(), time_of(self.settled_at)) {
            (None, ..) => ToldHow::NoAddress,
            (Some(_), Some("waiting"), _) => ToldHow::Waiting,
            (Some(_), Some("sent"), Some(at)) => ToldHow::HandedOver(at),
            (Some(_), Some("failed"), _) => ToldHow::Failed,
            _ => return Err(corrupt("patron_reminders", self.card_id)),
        };
        Ok(Told { noted_at, how })
    }
}
