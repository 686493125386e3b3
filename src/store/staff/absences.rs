//! Days on which members of staff are not there.

use crate::domain::ids::{AbsenceId, LibraryId, StaffId};
use crate::domain::staff::Absence;
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, on};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct AbsenceRow {
    id: Uuid,
    library_id: Uuid,
    staff_id: Uuid,
    from_on: Date,
    until_on: Date,
    entered_by: Uuid,
}

/// Inserts an absence.
///
/// # Errors
/// [`StoreError::Database`] if it ends before it begins.
pub async fn insert_absence(tx: &mut Tx, absence: &Absence, now: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO absences (id, library_id, staff_id, from_on, until_on, entered_by, entered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(absence.id.as_uuid())
        .bind(absence.library_id.as_uuid())
        .bind(absence.staff_id.as_uuid())
        .bind(absence.from_on)
        .bind(absence.until_on)
        .bind(absence.entered_by.as_uuid())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists everybody's absences that are not over on `today`, the next first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_absences(tx: &mut Tx, library_id: LibraryId, today: Date) -> Result<Vec<Absence>, StoreError> {
    let rows: Vec<AbsenceRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, staff_id, from_on, until_on, entered_by FROM absences
             WHERE library_id = $1 AND until_on >= $2 ORDER BY from_on, id LIMIT 500",
        )
        .bind(library_id.as_uuid())
        .bind(today)
        .fetch_all(conn)
        .await
    })?;
    Ok(rows
        .into_iter()
        .map(|row| Absence {
            id: AbsenceId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            staff_id: StaffId::from_uuid(row.staff_id),
            from_on: row.from_on,
            until_on: row.until_on,
            entered_by: StaffId::from_uuid(row.entered_by),
        })
        .collect())
}

/// Deletes an absence of one library. False if there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_absence(tx: &mut Tx, library_id: LibraryId, id: AbsenceId) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM absences WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted == 1)
}
