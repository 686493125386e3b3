//! Whom members of staff are close to: the patrons they named, and the applications they left to others.

use crate::domain::application::Application;
use crate::domain::card_number::CardNumber;
use crate::domain::ids::{LibraryId, PatronId, StaffId};
use crate::domain::staff::StaffMember;
use crate::store::rows::corrupt;
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, on};
use time::OffsetDateTime;
use uuid::Uuid;

/// A patron whom a member of staff is, or is close to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The patron.
    pub patron_id: PatronId,
    /// The number of the newest card, if there ever was one.
    pub number: Option<CardNumber>,
    /// Since when it is known.
    pub recorded_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct RelationRow {
    patron_id: Uuid,
    number: Option<String>,
    recorded_at: Timestamp,
}

/// What may keep a member of staff from an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ties {
    /// True if they have left it to others.
    pub is_recused: bool,
    /// The patrons whom they are, or are close to.
    pub patrons: Vec<PatronId>,
}

/// Records that `staff` is, or is close to, a patron. Twice is as good as once.
///
/// # Errors
/// [`StoreError::Database`] if the two belong to different libraries.
pub async fn insert_relation(
    tx: &mut Tx,
    staff: &StaffMember,
    patron_id: PatronId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO staff_relations (staff_id, patron_id, library_id, recorded_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (staff_id, patron_id) DO NOTHING",
        )
        .bind(staff.id.as_uuid())
        .bind(patron_id.as_uuid())
        .bind(staff.library_id.as_uuid())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Takes such a record back. True if there was one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_relation(tx: &mut Tx, staff: &StaffMember, patron_id: PatronId) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM staff_relations WHERE staff_id = $1 AND patron_id = $2 AND library_id = $3")
            .bind(staff.id.as_uuid())
            .bind(patron_id.as_uuid())
            .bind(staff.library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted > 0)
}

/// Lists the patrons whom a member of staff is, or is close to.
///
/// # Errors
/// [`StoreError::Corrupt`] if a card number cannot be read.
pub async fn list_relations(
    tx: &mut Tx,
    library_id: LibraryId,
    staff_id: StaffId,
) -> Result<Vec<Relation>, StoreError> {
    let rows: Vec<RelationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT r.patron_id, r.recorded_at,
                 (SELECT c.number FROM cards c WHERE c.patron_id = r.patron_id
                     ORDER BY c.is_pending, c.issued_at DESC, c.id DESC LIMIT 1) AS number
             FROM staff_relations r WHERE r.staff_id = $1 AND r.library_id = $2
             ORDER BY r.recorded_at, r.patron_id LIMIT 100",
        )
        .bind(staff_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(Relation::try_from).collect()
}

/// Remembers that `staff` leaves an application to others. Twice is as good as once.
///
/// # Errors
/// [`StoreError::Database`] if the two belong to different libraries.
pub async fn insert_recusal(
    tx: &mut Tx,
    application: &Application,
    staff: &StaffMember,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO staff_recusals (application_id, staff_id, library_id, declared_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (application_id, staff_id) DO NOTHING",
        )
        .bind(application.id.as_uuid())
        .bind(staff.id.as_uuid())
        .bind(staff.library_id.as_uuid())
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds what may keep `staff` from an application.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_ties(tx: &mut Tx, application: &Application, staff: &StaffMember) -> Result<Ties, StoreError> {
    let found: Vec<Option<Uuid>> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT NULL AS patron_id FROM staff_recusals
                 WHERE application_id = $1 AND staff_id = $2 AND library_id = $3
             UNION ALL SELECT patron_id FROM (
                 SELECT patron_id FROM staff_relations WHERE staff_id = $2 AND library_id = $3
                 ORDER BY recorded_at, patron_id LIMIT 100) AS related",
        )
        .bind(application.id.as_uuid())
        .bind(staff.id.as_uuid())
        .bind(staff.library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let is_recused = found.contains(&None);
    Ok(Ties { is_recused, patrons: found.into_iter().flatten().map(PatronId::from_uuid).collect() })
}

impl TryFrom<RelationRow> for Relation {
    type Error = StoreError;

    fn try_from(row: RelationRow) -> Result<Self, StoreError> {
        let number = row.number.map(|number| number.parse()).transpose();
        Ok(Self {
            patron_id: PatronId::from_uuid(row.patron_id),
            number: number.map_err(|_| corrupt("cards", row.patron_id))?,
            recorded_at: row.recorded_at.time(),
        })
    }
}
