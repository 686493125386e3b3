//! What staff did besides applications, and their listing together with what they did with patrons and with the accounts
//! of colleagues. Append-only.

use super::rows::{corrupt, count_of};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::deed::Deed;
use crate::domain::ids::{LibraryId, PatronId, StaffId};
use crate::domain::staff::StaffMember;
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeedEntry {
    /// When, and which of those at the same instant.
    pub key: DeedKey,
    /// By whom; nobody at the command line of the machine.
    pub staff_id: Option<StaffId>,
    /// What.
    pub deed: Deed,
    /// With whose record.
    pub patron_id: Option<PatronId>,
    /// With whose account.
    pub account: Option<StaffId>,
    /// By which kinds of facts, how many, which kind of block, or which roles from then on.
    pub detail: String,
    /// How many a search found.
    pub hits: u64,
}

/// A place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeedKey {
    /// When.
    pub at: OffsetDateTime,
    /// Which.
    pub id: Uuid,
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeedQuery {
    /// Only this person's.
    pub staff: Option<StaffId>,
    /// Only these.
    pub deed: Option<Deed>,
    /// From then on.
    pub from: Option<OffsetDateTime>,
    /// Before then.
    pub until: Option<OffsetDateTime>,
    /// Only what comes after this in the list.
    pub before: Option<DeedKey>,
    /// At most so many.
    pub limit: u32,
}

#[derive(sqlx::FromRow)]
struct DeedRow {
    id: Uuid,
    at: Timestamp,
    staff_id: Option<Uuid>,
    what: String,
    patron_id: Option<Uuid>,
    account: Option<Uuid>,
    detail: String,
    hits: i64,
}

/// Records what a member of staff did.
///
/// # Errors
/// [`StoreError::Database`] for what belongs to the patrons' own table.
pub async fn insert(
    tx: &mut Tx,
    (library_id, staff_id): (LibraryId, StaffId),
    deed: Deed,
    detail: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO staff_deeds (id, library_id, staff_id, what, detail, at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(Uuid::new_v4())
        .bind(library_id.as_uuid())
        .bind(staff_id.as_uuid())
        .bind(deed.as_str())
        .bind(detail)
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Records what `by` did.
///
/// # Errors
/// As [`insert`].
pub async fn record(
    tx: &mut Tx,
    by: &StaffMember,
    deed: Deed,
    detail: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    insert(tx, (by.library_id, by.id), deed, detail, now).await
}

macro_rules! stretch {
    ($name:literal, $table:literal, ($patron:literal, $account:literal, $hits:literal), $narrow:literal) => {
        concat!(
            "SELECT * FROM (SELECT id, at, staff_id, what, ",
            $patron,
            " AS patron_id, ",
            $account,
            " AS account, detail, ",
            $hits,
            " AS hits FROM ",
            $table,
            " WHERE library_id = $1 AND ($2 IS NULL OR what = $2) AND at >= $3 AND at < $4 AND (at, id) < ($5, $6)",
            $narrow,
            " ORDER BY at DESC, id DESC LIMIT $7) ",
            $name
        )
    };
}

macro_rules! listing {
    ($narrow:literal) => {
        concat!(
            stretch!("patron_views", "patron_views", ("patron_id", "CAST(NULL AS UUID)", "hits"), $narrow),
            " UNION ALL ",
            stretch!(
                "staff_deeds",
                "staff_deeds",
                ("CAST(NULL AS UUID)", "CAST(NULL AS UUID)", "CAST(0 AS BIGINT)"),
                $narrow
            ),
            " UNION ALL ",
            stretch!(
                "staff_changes",
                "(SELECT id, library_id, made_at AS at, made_by AS staff_id, 'account_' || what AS what, detail,
                     staff_id AS account FROM staff_changes) changes",
                ("CAST(NULL AS UUID)", "account", "CAST(0 AS BIGINT)"),
                $narrow
            ),
            " ORDER BY at DESC, id DESC LIMIT $7"
        )
    };
}

/// Lists what the staff of a library did, newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list(tx: &mut Tx, library_id: LibraryId, query: &DeedQuery) -> Result<Vec<DeedEntry>, StoreError> {
    const BEGINNING: OffsetDateTime = datetime!(1970-01-01 00:00 UTC);
    const END: OffsetDateTime = datetime!(9000-01-01 00:00 UTC);
    let sql = if query.staff.is_some() { listing!(" AND staff_id = $8") } else { listing!("") };
    let (at, id) = query.before.map_or((END, Uuid::max()), |key| (key.at, key.id));
    let rows: Vec<DeedRow> = on!(tx, |conn| {
        let mut bound = sqlx::query_as(sql)
            .bind(library_id.as_uuid())
            .bind(query.deed.map(Deed::as_str))
            .bind(Timestamp::from(query.from.unwrap_or(BEGINNING)))
            .bind(Timestamp::from(query.until.unwrap_or(END)))
            .bind(Timestamp::from(at))
            .bind(id)
            .bind(i64::from(query.limit));
        if let Some(staff) = query.staff {
            bound = bound.bind(staff.as_uuid());
        }
        bound.fetch_all(conn).await
    })?;
    rows.into_iter().map(DeedEntry::try_from).collect()
}

impl TryFrom<DeedRow> for DeedEntry {
    type Error = StoreError;

    fn try_from(row: DeedRow) -> Result<Self, Self::Error> {
        Ok(Self {
            key: DeedKey { at: row.at.time(), id: row.id },
            staff_id: row.staff_id.map(StaffId::from_uuid),
            account: row.account.map(StaffId::from_uuid),
            deed: row.what.parse().map_err(|_| corrupt("staff_deeds", row.id))?,
            patron_id: row.patron_id.map(PatronId::from_uuid),
            detail: row.detail,
            hits: count_of(row.hits),
        })
    }
}
