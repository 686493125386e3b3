//! Reminders before a time runs out, each with the mail that carries it: only what was handed over counts.

use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, MailId};
use time::OffsetDateTime;

/// What has to be done before the time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderKind {
    /// The draft is to be finished.
    Draft,
    /// The guardian is to sign.
    AwaitingGuardian,
    /// What was asked for is to be put right.
    Returned,
}

impl ReminderKind {
    /// The name in storage: that of the state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::AwaitingGuardian => "awaiting_guardian",
            Self::Returned => "returned",
        }
    }
}

/// A time that runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// What has to be done.
    pub kind: ReminderKind,
    /// Until when.
    pub at: OffsetDateTime,
}

/// What became of the reminders before one deadline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Handed {
    /// How many are still on their way.
    pub waiting: u64,
    /// How many were given up.
    pub failed: u64,
    /// The last that was handed over: when, and how many days before the deadline it was meant to come.
    pub last: Option<(OffsetDateTime, u16)>,
}

/// Notes that a reminder was queued. False if it was before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert(tx: &mut Tx, deadline: &Deadline, days_before: u16, mail: MailId) -> Result<bool, StoreError> {
    let inserted = on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO reminders (application_id, library_id, kind, deadline, days_before, mail_id)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (application_id, kind, deadline, days_before) DO NOTHING",
        )
        .bind(deadline.application_id.as_uuid())
        .bind(deadline.library_id.as_uuid())
        .bind(deadline.kind.as_str())
        .bind(Timestamp::from(deadline.at))
        .bind(i64::from(days_before))
        .bind(mail.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(inserted == 1)
}

/// The fewest days before the deadline for which a reminder was queued.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_latest(tx: &mut Tx, deadline: &Deadline) -> Result<Option<u16>, StoreError> {
    let days: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT MIN(days_before) FROM reminders WHERE application_id = $1 AND kind = $2 AND deadline = $3",
        )
        .bind(deadline.application_id.as_uuid())
        .bind(deadline.kind.as_str())
        .bind(Timestamp::from(deadline.at))
        .fetch_one(conn)
        .await
    })?;
    Ok(days.and_then(|days| u16::try_from(days).ok()))
}

/// What became of the mails that remind of a deadline.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_handed(tx: &mut Tx, deadline: &Deadline) -> Result<Handed, StoreError> {
    let rows: Vec<(i64, String, Option<Timestamp>)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT r.days_before, o.state, o.settled_at FROM reminders r JOIN outbox o ON o.id = r.mail_id
             WHERE r.application_id = $1 AND r.kind = $2 AND r.deadline = $3 ORDER BY r.days_before DESC",
        )
        .bind(deadline.application_id.as_uuid())
        .bind(deadline.kind.as_str())
        .bind(Timestamp::from(deadline.at))
        .fetch_all(conn)
        .await
    })?;
    let mut handed = Handed::default();
    for (days, state, settled_at) in rows {
        match (state.as_str(), settled_at) {
            ("sent", Some(at)) => handed.last = Some((at.time(), u16::try_from(days).unwrap_or_default())),
            ("failed", _) => handed.failed += 1,
            _ => handed.waiting += 1,
        }
    }
    Ok(handed)
}

/// Deletes the reminders of an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM reminders WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}
