//! Reminders to patrons before a card or a linked certificate ends, each with the mail that carries it: once for every
//! card and last day, or certificate, and number of days before.

use super::rows::count_of;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::clock::japanese_date;
use crate::domain::ids::{LibraryId, MailId, PatronId};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// What a patron is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatronReminderKind {
    /// The last day of a card.
    CardExpires,
    /// The last day of the signing certificate of a linked My Number card.
    CertificateEnds,
    /// That this certificate was found revoked.
    CertificateRevoked,
}

impl PatronReminderKind {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardExpires => "card_expires",
            Self::CertificateEnds => "certificate_ends",
            Self::CertificateRevoked => "certificate_revoked",
        }
    }
}

/// One reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatronReminder {
    /// The library.
    pub library_id: LibraryId,
    /// Whom.
    pub patron_id: PatronId,
    /// Of what.
    pub kind: PatronReminderKind,
    /// The card, or the certificate's link.
    pub subject_id: Uuid,
    /// The last day; of a revoked certificate the day on which that was found.
    pub due_on: Date,
    /// For how many days before it is meant; 0 for a revoked certificate.
    pub days_before: u16,
}

/// Last days that call for the same reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// They come after this day.
    pub after: Date,
    /// The latest of them.
    pub until: Date,
    /// For how many days before the reminder is meant.
    pub days_before: u16,
}

/// How the linked certificates of a library stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reminded {
    /// Patrons to whom a reminder was handed over.
    pub patrons: u64,
    /// Those of them who have linked a certificate since.
    pub linked_again: u64,
    /// Patrons to whom nobody could write.
    pub without_address: u64,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    subject_id: Uuid,
    patron_id: Uuid,
    due_on: Date,
}

/// Notes a reminder with its mail, or without one if there is no address. False if it was noted before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(
    tx: &mut Tx,
    reminder: &PatronReminder,
    mail: Option<MailId>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let inserted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO patron_reminders (subject_id, kind, due_on, days_before, library_id, patron_id, mail_id, noted_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (subject_id, kind, due_on, days_before) DO NOTHING",
        )
        .bind(reminder.subject_id)
        .bind(reminder.kind.as_str())
        .bind(reminder.due_on)
        .bind(i64::from(reminder.days_before))
        .bind(reminder.library_id.as_uuid())
        .bind(reminder.patron_id.as_uuid())
        .bind(mail.map(MailId::as_uuid))
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(inserted == 1)
}

/// Lists cards that can be used and end in the window, whose holders were not reminded for as few days before and have
/// not asked for a renewal; the soonest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_expiring(
    tx: &mut Tx,
    library_id: LibraryId,
    window: Window,
    limit: u32,
) -> Result<Vec<PatronReminder>, StoreError> {
    let rows: Vec<DueRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT c.id AS subject_id, c.patron_id, c.expires_on AS due_on FROM cards c
             WHERE c.library_id = $1 AND c.state = 'active' AND c.is_pending = 0 AND c.expires_on > $2 AND c.expires_on <= $3
                 AND NOT EXISTS (SELECT 1 FROM patron_reminders r WHERE r.subject_id = c.id
                     AND r.kind = 'card_expires' AND r.due_on = c.expires_on AND r.days_before <= $4)
                 AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.library_id = c.library_id
                     AND a.patron_id = c.patron_id AND a.procedure = 'renewal'
                     AND a.state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved'))
             ORDER BY c.expires_on, c.id LIMIT $5",
        )
        .bind(library_id.as_uuid())
        .bind(window.after)
        .bind(window.until)
        .bind(i64::from(window.days_before))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    Ok(rows.into_iter().map(|row| row.due(library_id, PatronReminderKind::CardExpires, window.days_before)).collect())
}

/// Lists linked certificates that end in the window, of patrons who can use their card today, were not reminded for as
/// few days before and have not asked to link the next one; the soonest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_ending(
    tx: &mut Tx,
    library_id: LibraryId,
    window: Window,
    today: Date,
    limit: u32,
) -> Result<Vec<PatronReminder>, StoreError> {
    let rows: Vec<DueRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT l.id AS subject_id, l.patron_id, l.ends_on AS due_on FROM certificate_links l
                 JOIN applications b ON b.id = l.application_id AND b.library_id = l.library_id
             WHERE l.library_id = $1 AND l.ends_on > $2 AND l.ends_on <= $3 AND l.found_at IS NULL
                 AND b.procedure = 'card_link'
                 AND NOT EXISTS (SELECT 1 FROM patron_reminders r WHERE r.subject_id = l.id
                     AND r.kind = 'certificate_ends' AND r.due_on = l.ends_on AND r.days_before <= $4)
                 AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.library_id = l.library_id
                     AND a.patron_id = l.patron_id AND a.procedure = 'card_link'
                     AND a.state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved'))
                 AND EXISTS (SELECT 1 FROM cards c WHERE c.patron_id = l.patron_id AND c.library_id = l.library_id
                     AND c.state = 'active' AND c.is_pending = 0 AND c.expires_on >= $5)
             ORDER BY l.ends_on, l.id LIMIT $6",
        )
        .bind(library_id.as_uuid())
        .bind(window.after)
        .bind(window.until)
        .bind(i64::from(window.days_before))
        .bind(today)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let kind = PatronReminderKind::CertificateEnds;
    Ok(rows.into_iter().map(|row| row.due(library_id, kind, window.days_before)).collect())
}

/// Lists linked certificates that were found revoked, of the same patrons as [`list_ending`], who were not told yet.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_revoked(
    tx: &mut Tx,
    library_id: LibraryId,
    today: Date,
    limit: u32,
) -> Result<Vec<PatronReminder>, StoreError> {
    let rows: Vec<(Uuid, Uuid, Timestamp)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT l.id, l.patron_id, l.found_at FROM certificate_links l
                 JOIN applications b ON b.id = l.application_id AND b.library_id = l.library_id
             WHERE l.library_id = $1 AND l.found_at IS NOT NULL AND b.procedure = 'card_link'
                 AND NOT EXISTS (SELECT 1 FROM patron_reminders r WHERE r.subject_id = l.id
                     AND r.kind = 'certificate_revoked')
                 AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.library_id = l.library_id
                     AND a.patron_id = l.patron_id AND a.procedure = 'card_link'
                     AND a.state IN ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved'))
                 AND EXISTS (SELECT 1 FROM cards c WHERE c.patron_id = l.patron_id AND c.library_id = l.library_id
                     AND c.state = 'active' AND c.is_pending = 0 AND c.expires_on >= $2)
             ORDER BY l.found_at, l.id LIMIT $3",
        )
        .bind(library_id.as_uuid())
        .bind(today)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let due = |(subject_id, patron_id, found_at): (Uuid, Uuid, Timestamp)| {
        let row = DueRow { subject_id, patron_id, due_on: japanese_date(found_at.time()) };
        row.due(library_id, PatronReminderKind::CertificateRevoked, 0)
    };
    Ok(rows.into_iter().map(due).collect())
}

/// Counts the patrons whom the library reminded of a linked certificate: only what was handed over counts.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_of_certificates(tx: &mut Tx, library_id: LibraryId) -> Result<Reminded, StoreError> {
    let counts: (i64, i64, i64) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT COUNT(DISTINCT CASE WHEN o.state = 'sent' THEN r.patron_id END),
                 COUNT(DISTINCT CASE WHEN o.state = 'sent' AND EXISTS (SELECT 1 FROM certificate_links l
                         JOIN applications a ON a.id = l.application_id AND a.library_id = l.library_id
                     WHERE l.library_id = r.library_id AND l.patron_id = r.patron_id AND a.procedure = 'card_link'
                         AND l.linked_at > r.noted_at) THEN r.patron_id END),
                 COUNT(DISTINCT CASE WHEN r.mail_id IS NULL THEN r.patron_id END)
             FROM patron_reminders r LEFT JOIN outbox o ON o.id = r.mail_id
             WHERE r.library_id = $1 AND r.kind IN ('certificate_ends', 'certificate_revoked')",
        )
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    let (patrons, linked_again, without_address) = counts;
    Ok(Reminded {
        patrons: count_of(patrons),
        linked_again: count_of(linked_again),
        without_address: count_of(without_address),
    })
}

/// Forgets what a patron was told of certificates: whoever ends the link ends that as well.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_of_certificates(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query(
            "DELETE FROM patron_reminders WHERE library_id = $1 AND patron_id = $2
                 AND kind IN ('certificate_ends', 'certificate_revoked')",
        )
        .bind(library_id.as_uuid())
        .bind(patron_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?)
}

impl DueRow {
    const fn due(&self, library_id: LibraryId, kind: PatronReminderKind, days_before: u16) -> PatronReminder {
        PatronReminder {
            library_id,
            patron_id: PatronId::from_uuid(self.patron_id),
            kind,
            subject_id: self.subject_id,
            due_on: self.due_on,
            days_before,
        }
    }
}
