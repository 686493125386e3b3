//! The reviewers' queue, oldest first, in pages that continue after a key.

use super::row::ApplicationRow;
use crate::domain::answers::DraftAnswers;
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::permission::Scope;
use crate::domain::person::{BirthDate, EmailAddress, Kana, PersonName};
use crate::domain::reference::Reference;
use crate::store::rows::{corrupt, count_of};
use crate::store::seal::{self, SearchField, WrappedKey};
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, drafts, on, search_keys};
use time::OffsetDateTime;
use uuid::Uuid;

/// A part of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueTab {
    /// Waiting for a reviewer: submitted, or claimed under a lease that has ended.
    Unclaimed,
    /// Claimed by this staff member, under a living lease.
    Mine(StaffId),
    /// Issued or declined.
    Decided,
    /// Everything that was ever submitted and not withdrawn.
    All,
}

/// Of which branches applications are listed: those codes between commas, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchFilter(Option<String>);

impl BranchFilter {
    /// The branches of a scope.
    #[must_use]
    pub fn of(scope: &Scope) -> Self {
        match scope {
            Scope::Library => Self(None),
            Scope::Branches(branches) => {
                Self(Some(branches.iter().fold(",".to_owned(), |list, branch| list + branch.as_str() + ",")))
            }
        }
    }
}

/// What to look for in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueSearch {
    /// The public number.
    Reference(Reference),
    /// The whole name, however its characters are spaced.
    Name(PersonName),
    /// The beginning of the reading; its first eight signs count.
    Kana(Kana),
    /// The date of birth.
    Birth(BirthDate),
    /// The e-mail address.
    Email(EmailAddress),
}

/// A page of the queue.
#[derive(Debug, Clone, Copy)]
pub struct QueueQuery<'a> {
    /// Of which branches.
    pub branches: &'a BranchFilter,
    /// The part.
    pub tab: QueueTab,
    /// What to look for.
    pub search: Option<&'a QueueSearch>,
    /// Where the page before ended.
    pub after: Option<QueueKey>,
    /// How many rows at most.
    pub limit: u32,
}

/// The place of a row in the queue; the next page comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueKey {
    /// When it was submitted.
    pub submitted_at: OffsetDateTime,
    /// Which application.
    pub id: ApplicationId,
}

/// Something that a reviewer should know before opening the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFlag {
    /// Nobody can say yet whether the certificate was revoked.
    RevocationUnknown,
    /// The certificate was revoked when the signature was received, as was found out later.
    CertificateRevoked,
    /// A mail about this application could not be delivered.
    MailFailed,
    /// What this staff member asked to be put right has come back.
    Corrected(StaffId),
    /// The applicant has written, and nobody has read it.
    MessageUnread,
}

/// One line of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// The application.
    pub application: Application,
    /// The applicant's name; `None` once the personal data was erased.
    pub applicant: Option<PersonName>,
    /// When it was submitted.
    pub submitted_at: OffsetDateTime,
    /// What to know before opening it.
    pub flags: Vec<QueueFlag>,
}

impl QueueRow {
    /// The key after which the next page begins.
    #[must_use]
    pub const fn key(&self) -> QueueKey {
        QueueKey { submitted_at: self.submitted_at, id: self.application.id }
    }
}

/// How many applications stand in each part of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueCounts {
    /// [`QueueTab::Unclaimed`].
    pub unclaimed: u64,
    /// [`QueueTab::Mine`].
    pub mine: u64,
    /// [`QueueTab::Decided`].
    pub decided: u64,
    /// [`QueueTab::All`].
    pub all: u64,
}

/// The states stand in the text, so that both engines see which partial index serves it.
macro_rules! queue_sql {
    ($states:literal) => {
        concat!(
            "SELECT a.*, d.answers, k.master_version, k.wrapped,
                 COALESCE(
                     (SELECT r.status FROM revocation_answers r WHERE r.application_id = a.id
                         AND r.version_number = a.version_number ORDER BY r.seq DESC LIMIT 1),
                     (SELECT g.revocation FROM signatures g WHERE g.application_id = a.id
                         AND g.version_number = a.version_number)) AS revocation,
                 CASE WHEN EXISTS (SELECT 1 FROM outbox o WHERE o.application_id = a.id AND o.state = 'failed')
                     THEN 1 ELSE 0 END AS mail_failed,
                 (SELECT c.asked_by FROM corrections c WHERE c.application_id = a.id
                     AND c.resolved_number = a.version_number ORDER BY c.seq DESC LIMIT 1) AS corrected_for,
                 CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.application_id = a.id
                         AND m.sender = 'applicant' AND m.read_at IS NULL)
                     THEN 1 ELSE 0 END AS message_unread
             FROM applications a
                 LEFT JOIN drafts d ON d.application_id = a.id
                 LEFT JOIN data_keys k ON k.owner_id = a.id
             WHERE a.library_id = $1 AND a.state IN ",
            $states,
            " AND ($2 IS NULL OR a.reviewer_id = $2)
                 AND ($3 IS NULL OR a.lease_until > $3)
                 AND ($4 IS NULL OR a.lease_until IS NULL OR a.lease_until <= $4)
                 AND ($5 IS NULL OR a.reference = $5)
                 AND ($6 IS NULL OR EXISTS (SELECT 1 FROM search_tokens s WHERE s.library_id = a.library_id
                     AND s.field = $7 AND s.token = $6 AND s.owner_id = a.id))
                 AND ($8 IS NULL OR (a.submitted_at, a.id) > ($8, $9))
                 AND ($11 IS NULL OR $11 LIKE '%,' || a.branch || ',%')
             ORDER BY a.submitted_at, a.id LIMIT $10"
        )
    };
}

#[derive(sqlx::FromRow)]
struct QueueLine {
    #[sqlx(flatten)]
    application: ApplicationRow,
    answers: Option<Vec<u8>>,
    master_version: Option<i64>,
    wrapped: Option<Vec<u8>>,
    revocation: Option<String>,
    mail_failed: i32,
    corrected_for: Option<Uuid>,
    message_unread: i32,
}

/// Lists one page of a part of the queue, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`] or [`StoreError::Unsealable`] if a row is damaged.
pub async fn list_queue(
    tx: &mut Tx,
    library_id: LibraryId,
    query: &QueueQuery<'_>,
    now: OffsetDateTime,
) -> Result<Vec<QueueRow>, StoreError> {
    let QueueQuery { branches, tab, search, after, limit } = *query;
    let now = Timestamp::from(now);
    let (sql, reviewer, held_at, free_at) = match tab {
        QueueTab::Unclaimed => (queue_sql!("('submitted', 'under_review')"), None, None, Some(now)),
        QueueTab::Mine(staff) => (queue_sql!("('submitted', 'under_review')"), Some(staff.as_uuid()), Some(now), None),
        QueueTab::Decided => (queue_sql!("('issued', 'declined')"), None, None, None),
        QueueTab::All => (
            queue_sql!("('submitted', 'under_review', 'returned', 'approved', 'issued', 'declined')"),
            None,
            None,
            None,
        ),
    };
    let reference = match search {
        Some(QueueSearch::Reference(reference)) => Some(reference.to_string()),
        _ => None,
    };
    let token = match search {
        Some(search) => token_of(tx, library_id, search).await?,
        None => None,
    };
    let (field, token) = token.map(|token| (token.field, token.token)).unzip();
    let lines: Vec<QueueLine> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(library_id.as_uuid())
            .bind(reviewer)
            .bind(held_at)
            .bind(free_at)
            .bind(reference)
            .bind(token)
            .bind(field)
            .bind(after.map(|key| Timestamp::from(key.submitted_at)))
            .bind(after.map(|key| key.id.as_uuid()))
            .bind(i64::from(limit))
            .bind(branches.0.as_deref())
            .fetch_all(conn)
            .await
    })?;
    lines.into_iter().map(|line| line.into_row(tx)).collect()
}

/// Counts the parts of the queue as `staff` sees them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_queue(
    tx: &mut Tx,
    library_id: LibraryId,
    branches: &BranchFilter,
    staff: StaffId,
    now: OffsetDateTime,
) -> Result<QueueCounts, StoreError> {
    #[derive(sqlx::FromRow)]
    struct Counts {
        unclaimed: i64,
        mine: i64,
        decided: i64,
        counted: i64,
    }
    let counts: Counts = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT
                 COUNT(*) FILTER (WHERE state = 'submitted' OR (state = 'under_review' AND lease_until <= $2))
                     AS unclaimed,
                 COUNT(*) FILTER (WHERE state = 'under_review' AND reviewer_id = $3 AND lease_until > $2) AS mine,
                 COUNT(*) FILTER (WHERE state IN ('issued', 'declined')) AS decided,
                 COUNT(*) AS counted
             FROM applications
             WHERE library_id = $1
                 AND state IN ('submitted', 'under_review', 'returned', 'approved', 'issued', 'declined')
                 AND ($4 IS NULL OR $4 LIKE '%,' || branch || ',%')",
        )
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(now))
        .bind(staff.as_uuid())
        .bind(branches.0.as_deref())
        .fetch_one(conn)
        .await
    })?;
    Ok(QueueCounts {
        unclaimed: count_of(counts.unclaimed),
        mine: count_of(counts.mine),
        decided: count_of(counts.decided),
        all: count_of(counts.counted),
    })
}

struct FieldToken {
    field: &'static str,
    token: Vec<u8>,
}

async fn token_of(tx: &mut Tx, library_id: LibraryId, search: &QueueSearch) -> Result<Option<FieldToken>, StoreError> {
    let (field, value) = match search {
        QueueSearch::Reference(_) => return Ok(None),
        QueueSearch::Name(name) => (SearchField::Name, search_keys::name(name)),
        QueueSearch::Kana(kana) => (SearchField::Kana, search_keys::kana_prefix(kana)),
        QueueSearch::Birth(birth) => (SearchField::Birth, search_keys::birth(*birth)),
        QueueSearch::Email(email) => (SearchField::Email, search_keys::email(email)),
    };
    let token = seal::token(tx, library_id, field, &value).await?.to_vec();
    Ok(Some(FieldToken { field: field.as_str(), token }))
}

impl QueueLine {
    fn into_row(self, tx: &Tx) -> Result<QueueRow, StoreError> {
        let applicant = self.applicant(tx)?;
        let submitted_at =
            self.application.submitted_at().ok_or_else(|| corrupt("applications", self.application.id))?;
        let revocation = match self.revocation.as_deref() {
            Some("unknown") => Some(QueueFlag::RevocationUnknown),
            Some("revoked") => Some(QueueFlag::CertificateRevoked),
            _ => None,
        };
        let mail = (self.mail_failed != 0).then_some(QueueFlag::MailFailed);
        let corrected = self.corrected_for.map(|id| QueueFlag::Corrected(StaffId::from_uuid(id)));
        let message = (self.message_unread != 0).then_some(QueueFlag::MessageUnread);
        Ok(QueueRow {
            application: Application::try_from(self.application)?,
            applicant,
            submitted_at,
            flags: [corrected, message, revocation, mail].into_iter().flatten().collect(),
        })
    }

    /// Opens the name with the key that came in the same row: one query for the whole page.
    fn applicant(&self, tx: &Tx) -> Result<Option<PersonName>, StoreError> {
        let (Some(answers), Some(version), Some(wrapped)) = (&self.answers, self.master_version, &self.wrapped) else {
            return Ok(None);
        };
        let (id, library_id) = (self.application.id, self.application.library_id);
        let place = drafts::place(id);
        let json = WrappedKey::new(id, library_id, version, wrapped.clone()).open(tx)?.open(&place, answers)?;
        let answers: DraftAnswers = serde_json::from_slice(&json).map_err(|_| corrupt(place.table, &place.row))?;
        Ok(answers.name)
    }
}
