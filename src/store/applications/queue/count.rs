//! How much waits, for whom.

use super::{BranchFilter, QueueCounts, place, waiting};
use crate::domain::ids::{LibraryId, StaffId};
use crate::store::rows::count_of;
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, on};
use time::{Date, OffsetDateTime};

#[derive(sqlx::FromRow)]
struct Count {
    place: String,
    counted: i64,
    due: i64,
}

/// Counts the parts of the queue as `staff` sees them; what has to be answered by `due_by` is counted once more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_queue(
    tx: &mut Tx,
    library_id: LibraryId,
    branches: &BranchFilter,
    (staff, today, due_by): (StaffId, Date, Date),
    now: OffsetDateTime,
) -> Result<QueueCounts, StoreError> {
    let found: Vec<Count> = on!(tx, |conn| {
        sqlx::query_as(concat!(
            "SELECT place, COUNT(*) AS counted, COUNT(*) FILTER (WHERE due_on <= $5) AS due FROM (SELECT a.due_on, ",
            place!(),
            " AS place FROM applications a LEFT JOIN holds h ON h.application_id = a.id AND h.until_on > $4
              WHERE a.library_id = $1 AND ",
            waiting!(),
            " AND ($6 IS NULL OR $6 LIKE '%,' || a.branch || ',%')) AS placed GROUP BY place"
        ))
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(now))
        .bind(staff.as_uuid())
        .bind(today)
        .bind(due_by)
        .bind(branches.listed())
        .fetch_all(conn)
        .await
    })?;
    let mut counts = QueueCounts::default();
    for Count { place, counted, due } in found {
        counts.due += count_of(due);
        let part = match place.as_str() {
            "unclaimed" => &mut counts.unclaimed,
            "mine" => &mut counts.mine,
            "colleagues" => &mut counts.colleagues,
            "on_hold" => &mut counts.on_hold,
            "with_applicant" => &mut counts.with_applicant,
            "awaiting_registration" => &mut counts.awaiting_registration,
            _ => continue,
        };
        *part = count_of(counted);
    }
    Ok(counts)
}
