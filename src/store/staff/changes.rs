//! What was done with accounts. Append-only.

use crate::domain::ids::{LibraryId, StaffId};
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, on};
use time::OffsetDateTime;
use uuid::Uuid;

/// One change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffChange {
    /// The library.
    pub library_id: LibraryId,
    /// Whose account.
    pub staff_id: StaffId,
    /// What: `invited`, `invited_again`, `roles`, `suspended`, `reinstated`.
    pub what: String,
    /// The roles from then on.
    pub roles: String,
    /// Who did it; nobody at the command line.
    pub made_by: Option<StaffId>,
    /// When.
    pub made_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    staff_id: Uuid,
    what: String,
    detail: String,
    made_by: Option<Uuid>,
    made_at: Timestamp,
}

/// Records a change.
///
/// # Errors
/// [`StoreError::Database`] if somebody changed their own account, or one of another library.
pub async fn insert_change(tx: &mut Tx, change: &StaffChange) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO staff_changes (id, library_id, staff_id, what, detail, made_by, made_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(Uuid::new_v4())
        .bind(change.library_id.as_uuid())
        .bind(change.staff_id.as_uuid())
        .bind(&change.what)
        .bind(&change.roles)
        .bind(change.made_by.map(StaffId::as_uuid))
        .bind(Timestamp::from(change.made_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the newest changes of the accounts of a library.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_changes(tx: &mut Tx, library_id: LibraryId, limit: u32) -> Result<Vec<StaffChange>, StoreError> {
    let rows: Vec<ChangeRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT staff_id, what, detail, made_by, made_at FROM staff_changes WHERE library_id = $1
             ORDER BY made_at DESC, id DESC LIMIT $2",
        )
        .bind(library_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let change = |row: ChangeRow| StaffChange {
        library_id,
        staff_id: StaffId::from_uuid(row.staff_id),
        what: row.what,
        roles: row.detail,
        made_by: row.made_by.map(StaffId::from_uuid),
        made_at: row.made_at.time(),
    };
    Ok(rows.into_iter().map(change).collect())
}
