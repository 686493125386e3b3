//! One page of a part of the queue.

use super::{ApplicationRow, QueueFlag, QueueQuery, QueueRow, QueueSearch, QueueTab, QueueWalk, place, waiting};
use crate::clock::japanese_date;
use crate::domain::answers::DraftAnswers;
use crate::domain::application::Application;
use crate::domain::ids::{LibraryId, StaffId};
use crate::domain::library::BranchCode;
use crate::domain::person::PersonName;
use crate::domain::procedure::Procedure;
use crate::store::rows::corrupt;
use crate::store::seal::{self, SearchField, WrappedKey};
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, drafts, on, search_keys};
use time::macros::datetime;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// Before and after everything, so that each page is a stretch of an index from one key.
const FIRST: OffsetDateTime = datetime!(1970-01-01 00:00 UTC);
const LAST: OffsetDateTime = datetime!(9000-01-01 00:00 UTC);

/// A mail about the application did not arrive, and none was handed over since, besides to a guardian. Whoever misses a
/// code asks for another.
macro_rules! mail_failed {
    () => {
        "EXISTS (SELECT 1 FROM outbox o WHERE o.application_id = a.id AND o.state = 'failed' AND o.kind <> 'code'
             AND NOT EXISTS (SELECT 1 FROM outbox s WHERE s.application_id = a.id AND s.state = 'sent'
                 AND s.kind <> 'cosign' AND s.settled_at > COALESCE(o.undelivered_at, o.settled_at)))"
    };
}

/// What a line shows besides the application, for the ids that `$page` picks.
macro_rules! lines {
    ($($page:expr),+) => {
        concat!(
            "SELECT a.*, d.answers, k.master_version, k.wrapped, w.until_on AS held_until,
                 COALESCE(
                     (SELECT r.status FROM revocation_answers r WHERE r.application_id = a.id
                         AND r.version_number = a.version_number ORDER BY r.seq DESC LIMIT 1),
                     (SELECT g.revocation FROM signatures g WHERE g.application_id = a.id
                         AND g.version_number = a.version_number)) AS revocation,
                 CASE WHEN ",
            mail_failed!(),
            " THEN 1 ELSE 0 END AS mail_failed,
                 CASE WHEN a.state IN ('submitted', 'under_review') AND EXISTS (
                         SELECT 1 FROM first_approvals f WHERE f.application_id = a.id
                             AND f.version_number = a.version_number AND f.version_digest = a.version_digest)
                     THEN 1 ELSE 0 END AS second_person,
                 (SELECT c.asked_by FROM corrections c WHERE c.application_id = a.id
                     AND c.resolved_number = a.version_number ORDER BY c.seq DESC LIMIT 1) AS corrected_for,
                 CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.application_id = a.id
                         AND m.sender = 'applicant' AND m.read_at IS NULL)
                     THEN 1 ELSE 0 END AS message_unread
             FROM (",
            $($page,)+
            ") page JOIN applications a ON a.id = page.id
                 LEFT JOIN drafts d ON d.application_id = a.id
                 LEFT JOIN data_keys k ON k.owner_id = a.id
                 LEFT JOIN holds w ON w.application_id = a.id"
        )
    };
}

/// From a small set: what waits for somebody, or what was sought.
macro_rules! few_sql {
    ($from:expr, $after:literal, $order:literal) => {
        lines!(
            "SELECT a.id FROM applications a LEFT JOIN holds h ON h.application_id = a.id AND h.until_on > $4 WHERE ",
            $from,
            " AND a.library_id = $1
               AND (CASE $5 WHEN 'all' THEN a.submitted_at IS NOT NULL
                        WHEN 'decided' THEN a.state IN ('issued', 'declined')
                        WHEN 'due' THEN a.due_on IS NOT NULL
                        ELSE $5 = ",
            place!(),
            " END)
               AND ($6 IS NULL OR a.due_on <= $6)
               AND (COALESCE(a.submitted_at, a.started_at), a.id) ",
            $after,
            " ($7, $8)
               AND COALESCE(a.submitted_at, a.started_at) >= $10 AND COALESCE(a.submitted_at, a.started_at) < $11
               AND ($12 IS NULL OR $12 LIKE '%,' || a.branch || ',%')
               AND ($13 IS NULL OR a.procedure = $13) AND ($14 IS NULL OR a.branch = $14)
               AND ($15 IS NULL
                   OR ($15 = 'on_hold' AND h.application_id IS NOT NULL)
                   OR ($15 = 'second_person' AND EXISTS (SELECT 1 FROM first_approvals f
                       WHERE f.application_id = a.id AND f.version_number = a.version_number
                           AND f.version_digest = a.version_digest))
                   OR ($15 = 'mail_failed' AND ",
            mail_failed!(),
            ")
                   OR ($15 = 'revocation_unknown' AND EXISTS (SELECT 1 FROM revocation_checks c
                       WHERE c.application_id = a.id)))
             ORDER BY COALESCE(a.submitted_at, a.started_at) ",
            $order,
            ", a.id ",
            $order,
            " LIMIT $9"
        )
    };
}

/// Each set, forwards and backwards in time.
macro_rules! both_ways {
    ($sql:ident, $($part:expr),+) => {
        [$sql!($($part,)+ ">", "ASC"), $sql!($($part,)+ "<", "DESC")]
    };
}

const WAITING: [&str; 2] = both_ways!(few_sql, waiting!());
const BY_REFERENCE: [&str; 2] = both_ways!(few_sql, "a.reference = $16");
const BY_CARD: [&str; 2] = both_ways!(
    few_sql,
    "a.id IN (SELECT x.id FROM cards c JOIN applications x ON x.patron_id = c.patron_id
         WHERE x.patron_id IS NOT NULL AND c.library_id = $1 AND c.number = $16)"
);
/// From those whom a token leads to. One that thousands share says too little to be worth reading them all: the newest
/// of them count.
macro_rules! by_token {
    ($most:literal) => {
        both_ways!(
            few_sql,
            concat!(
                "a.id IN (SELECT s.owner_id FROM search_tokens s
                     WHERE s.library_id = $1 AND s.field = $16 AND s.token = $17 ORDER BY s.owner_id DESC LIMIT ",
                $most,
                ")"
            )
        )
    };
}

const BY_TOKEN: [&str; 2] = by_token!(2000);
/// What is over is shown newest first, so the newest few fill the pages that anybody turns to.
const NEWEST_BY_TOKEN: [&str; 2] = by_token!(400);

/// From everything that was ever submitted, along an index.
macro_rules! received_sql {
    ($state:expr, $narrow:expr, ">", $order:literal) => {
        received_sql!($state, $narrow, ">", "<", $order)
    };
    ($state:expr, $narrow:expr, "<", $order:literal) => {
        received_sql!($state, $narrow, "<", ">=", $order)
    };
    ($state:expr, $narrow:expr, $after:literal, $bound:literal, $order:literal) => {
        lines!(
            "SELECT a.id FROM applications a WHERE a.library_id = $1 AND a.submitted_at IS NOT NULL",
            $state,
            $narrow,
            " AND (a.submitted_at, a.id) ",
            $after,
            " ($2, $3) AND a.submitted_at ",
            $bound,
            " $5 ORDER BY a.submitted_at ",
            $order,
            ", a.id ",
            $order,
            " LIMIT $4"
        )
    };
}

const RECEIVED: [&str; 2] = both_ways!(received_sql, "", "");
const RECEIVED_BY_PROCEDURE: [&str; 2] = both_ways!(received_sql, "", " AND a.procedure = $6");
const RECEIVED_AT_BRANCH: [&str; 2] =
    both_ways!(received_sql, "", " AND a.branch = $6 AND ($7 IS NULL OR a.procedure = $7)");
const DECIDED: [&str; 2] = both_ways!(received_sql, " AND a.state IN ('issued', 'declined')", "");
const DECIDED_BY_PROCEDURE: [&str; 2] =
    both_ways!(received_sql, " AND a.state IN ('issued', 'declined')", " AND a.procedure = $6");
const DECIDED_AT_BRANCH: [&str; 2] = both_ways!(
    received_sql,
    " AND a.state IN ('issued', 'declined')",
    " AND a.branch = $6 AND ($7 IS NULL OR a.procedure = $7)"
);

#[derive(sqlx::FromRow)]
struct QueueLine {
    #[sqlx(flatten)]
    application: ApplicationRow,
    answers: Option<Vec<u8>>,
    master_version: Option<i64>,
    wrapped: Option<Vec<u8>>,
    held_until: Option<Date>,
    revocation: Option<String>,
    mail_failed: i32,
    second_person: i32,
    corrected_for: Option<Uuid>,
    message_unread: i32,
}

/// From where a page goes on, and which way.
struct Start {
    /// Which of the two texts: 0 walks towards the newest, 1 towards the oldest.
    way: usize,
    at: Timestamp,
    id: Uuid,
    from: Timestamp,
    until: Timestamp,
    /// The one of the two that ends the walk.
    bound: Timestamp,
}

impl Start {
    fn of(query: &QueueQuery<'_>) -> Self {
        let goes_back = matches!(query.walk, QueueWalk::Before(_)) != query.tab.is_newest_first();
        let from = query.filter.from.unwrap_or(FIRST);
        let until = query.filter.until.unwrap_or(LAST);
        // The days that were chosen begin the walk as a row before them would.
        let edge = if goes_back { (until, Uuid::nil()) } else { (from, Uuid::nil()) };
        let (at, id) = match query.walk {
            QueueWalk::After(key) | QueueWalk::Before(key) => {
                let key = (key.submitted_at, key.id.as_uuid());
                if goes_back { key.min(edge) } else { key.max(edge) }
            }
            QueueWalk::First => edge,
        };
        Self {
            way: usize::from(goes_back),
            at: at.into(),
            id,
            from: from.into(),
            until: until.into(),
            bound: if goes_back { from } else { until }.into(),
        }
    }
}

/// Lists one page of a part of the queue: what waits oldest first, what is over newest first, and the other way round
/// when walking back.
///
/// # Errors
/// [`StoreError::Corrupt`] or [`StoreError::Unsealable`] if a row is damaged.
pub async fn list_queue(
    tx: &mut Tx,
    library_id: LibraryId,
    query: &QueueQuery<'_>,
    now: OffsetDateTime,
) -> Result<Vec<QueueRow>, StoreError> {
    let start = Start::of(query);
    let is_few = query.search.is_some() || !query.tab.is_newest_first();
    let lines = if is_few {
        list_few(tx, library_id, query, &start, now).await?
    } else {
        list_received(tx, library_id, query, &start).await?
    };
    let today = japanese_date(now);
    let mut rows = lines.into_iter().map(|line| line.into_row(tx, today)).collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_key(QueueRow::key);
    if start.way == 1 {
        rows.reverse();
    }
    rows.truncate(query.limit as usize);
    Ok(rows)
}

async fn list_few(
    tx: &mut Tx,
    library_id: LibraryId,
    query: &QueueQuery<'_>,
    start: &Start,
    now: OffsetDateTime,
) -> Result<Vec<QueueLine>, StoreError> {
    let by_token = if query.tab.is_newest_first() { NEWEST_BY_TOKEN } else { BY_TOKEN };
    let (sql, first, second) = match query.search {
        None => (WAITING, None, None),
        Some(QueueSearch::Reference(reference)) => (BY_REFERENCE, Some(reference.to_string()), None),
        Some(QueueSearch::Card(number)) => (BY_CARD, Some(number.as_str().to_owned()), None),
        Some(QueueSearch::Name(name)) => {
            let token = token_of(tx, library_id, SearchField::Name, &search_keys::name(name)).await?;
            (by_token, Some(SearchField::Name.as_str().to_owned()), Some(token))
        }
        Some(QueueSearch::NameStart(name)) => {
            let token = token_of(tx, library_id, SearchField::Name, &search_keys::name_start(name)).await?;
            (BY_TOKEN, Some(SearchField::Name.as_str().to_owned()), Some(token))
        }
        Some(QueueSearch::Kana(kana)) => {
            let token = token_of(tx, library_id, SearchField::Kana, &search_keys::kana_prefix(kana)).await?;
            (by_token, Some(SearchField::Kana.as_str().to_owned()), Some(token))
        }
        Some(QueueSearch::Birth(birth)) => {
            let token = token_of(tx, library_id, SearchField::Birth, &search_keys::birth(*birth)).await?;
            (by_token, Some(SearchField::Birth.as_str().to_owned()), Some(token))
        }
        Some(QueueSearch::Email(email)) => {
            let token = token_of(tx, library_id, SearchField::Email, &search_keys::email(email)).await?;
            (by_token, Some(SearchField::Email.as_str().to_owned()), Some(token))
        }
    };
    let due_by = match query.tab {
        QueueTab::DueBy(day) => Some(day),
        _ => None,
    };
    let flag = query.filter.flag.filter(|_| !query.tab.is_newest_first());
    Ok(on!(tx, |conn| {
        let mut bound = sqlx::query_as(sql[start.way])
            .bind(library_id.as_uuid())
            .bind(Timestamp::from(now))
            .bind(query.staff.as_uuid())
            .bind(japanese_date(now))
            .bind(query.tab.name())
            .bind(due_by)
            .bind(start.at)
            .bind(start.id)
            .bind(i64::from(query.limit))
            .bind(start.from)
            .bind(start.until)
            .bind(query.branches.listed())
            .bind(query.filter.procedure.map(Procedure::as_str))
            .bind(query.filter.branch.as_ref().map(BranchCode::as_str))
            .bind(flag.map(QueueFlag::as_str));
        if let Some(first) = first {
            bound = bound.bind(first);
        }
        if let Some(second) = second {
            bound = bound.bind(second);
        }
        bound.fetch_all(conn).await
    })?)
}

/// Branch by branch where only some are seen: each is a stretch of an index.
async fn list_received(
    tx: &mut Tx,
    library_id: LibraryId,
    query: &QueueQuery<'_>,
    start: &Start,
) -> Result<Vec<QueueLine>, StoreError> {
    let procedure = query.filter.procedure.map(Procedure::as_str);
    let is_decided = query.tab == QueueTab::Decided;
    if let Some(branches) = query.branches.each(query.filter.branch.as_ref()) {
        let sql = if is_decided { DECIDED_AT_BRANCH } else { RECEIVED_AT_BRANCH };
        let mut lines = Vec::new();
        for branch in branches {
            let found: Vec<QueueLine> = on!(tx, |conn| {
                sqlx::query_as(sql[start.way])
                    .bind(library_id.as_uuid())
                    .bind(start.at)
                    .bind(start.id)
                    .bind(i64::from(query.limit))
                    .bind(start.bound)
                    .bind(branch.as_str())
                    .bind(procedure)
                    .fetch_all(conn)
                    .await
            })?;
            lines.extend(found);
        }
        return Ok(lines);
    }
    let sql = match (is_decided, procedure) {
        (true, None) => DECIDED,
        (true, Some(_)) => DECIDED_BY_PROCEDURE,
        (false, None) => RECEIVED,
        (false, Some(_)) => RECEIVED_BY_PROCEDURE,
    };
    Ok(on!(tx, |conn| {
        let mut bound = sqlx::query_as(sql[start.way])
            .bind(library_id.as_uuid())
            .bind(start.at)
            .bind(start.id)
            .bind(i64::from(query.limit))
            .bind(start.bound);
        if let Some(procedure) = procedure {
            bound = bound.bind(procedure);
        }
        bound.fetch_all(conn).await
    })?)
}

async fn token_of(tx: &mut Tx, library_id: LibraryId, field: SearchField, value: &str) -> Result<Vec<u8>, StoreError> {
    Ok(seal::token(tx, library_id, field, value).await?.to_vec())
}

impl QueueLine {
    fn into_row(self, tx: &Tx, today: Date) -> Result<QueueRow, StoreError> {
        let applicant = self.applicant(tx)?;
        let application = Application::try_from(self.application)?;
        let held_until = self.held_until.filter(|until| *until > today && application.state.is_in_queue());
        let revocation = match self.revocation.as_deref() {
            Some("unknown") => Some(QueueFlag::RevocationUnknown),
            Some("revoked") => Some(QueueFlag::CertificateRevoked),
            _ => None,
        };
        let flags = [
            revocation,
            (self.mail_failed != 0).then_some(QueueFlag::MailFailed),
            held_until.map(|_| QueueFlag::OnHold),
            (self.second_person != 0).then_some(QueueFlag::SecondPerson),
            self.corrected_for.map(|id| QueueFlag::Corrected(StaffId::from_uuid(id))),
            (self.message_unread != 0).then_some(QueueFlag::MessageUnread),
        ];
        Ok(QueueRow { application, applicant, flags: flags.into_iter().flatten().collect(), held_until })
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
