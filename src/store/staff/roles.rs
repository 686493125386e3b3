//! What members of staff are, and in which branches.

use crate::domain::ids::{LibraryId, StaffId};
use crate::domain::permission::RoleGrant;
use crate::domain::staff::StaffMember;
use crate::store::rows::corrupt;
use crate::store::{StoreError, Tx, on};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct RoleRow {
    staff_id: Uuid,
    role: String,
    /// Empty for all branches.
    branch: String,
}

/// Gives a staff member exactly the roles that it names.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn replace_roles(tx: &mut Tx, member: &StaffMember) -> Result<(), StoreError> {
    let (id, library_id) = (member.id.as_uuid(), member.library_id.as_uuid());
    on!(tx, |conn| {
        sqlx::query("DELETE FROM staff_roles WHERE staff_id = $1 AND library_id = $2")
            .bind(id)
            .bind(library_id)
            .execute(conn)
            .await
            .map(drop)
    })?;
    for grant in &member.roles {
        on!(tx, |conn| {
            sqlx::query(
                "INSERT INTO staff_roles (staff_id, library_id, role, branch) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
            )
            .bind(id)
            .bind(library_id)
            .bind(grant.role.as_str())
            .bind(grant.branch.as_ref().map_or("", |branch| branch.as_str()))
            .execute(conn)
            .await
            .map(drop)
        })?;
    }
    Ok(())
}

/// The roles of one staff member, or of everybody at the library.
pub(super) async fn list_roles(
    tx: &mut Tx,
    library_id: LibraryId,
    id: Option<StaffId>,
) -> Result<HashMap<Uuid, Vec<RoleGrant>>, StoreError> {
    let rows: Vec<RoleRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT staff_id, role, branch FROM staff_roles
             WHERE library_id = $1 AND ($2 IS NULL OR staff_id = $2) ORDER BY staff_id, role, branch",
        )
        .bind(library_id.as_uuid())
        .bind(id.map(StaffId::as_uuid))
        .fetch_all(conn)
        .await
    })?;
    let mut roles: HashMap<Uuid, Vec<RoleGrant>> = HashMap::new();
    for row in rows {
        roles.entry(row.staff_id).or_default().push(grant_of(row.staff_id, &row.role, &row.branch)?);
    }
    Ok(roles)
}

/// A role as its row has it.
pub(super) fn grant_of(staff_id: Uuid, role: &str, branch: &str) -> Result<RoleGrant, StoreError> {
    let broken = || corrupt("staff_roles", staff_id);
    let branch = match branch {
        "" => None,
        code => Some(code.parse().map_err(|_| broken())?),
    };
    Ok(RoleGrant { role: role.parse().map_err(|_| broken())?, branch })
}
