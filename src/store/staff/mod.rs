//! Staff accounts: who signs in, and with what.

mod absences;
mod changes;
mod invites;
mod relations;
mod roles;

pub use absences::{delete_absence, insert_absence, list_absences};
pub use changes::{StaffChange, insert_change, list_changes};
pub use invites::{consume_invite, delete_invites, find_invite, insert_invite};
pub use relations::{Relation, Ties, delete_relation, find_ties, insert_recusal, insert_relation, list_relations};
pub use roles::replace_roles;

use super::rows::time_of;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::permission::RoleGrant;
use crate::domain::staff::StaffMember;
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// A staff member with what signing in needs.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffAccount {
    /// Who.
    pub member: StaffMember,
    /// Argon2id in PHC form; `None` until the invitation was used.
    pub password_hash: Option<String>,
    /// The shared secret of the one-time codes (RFC 6238); kept sealed. Present with the password.
    pub totp_secret: Option<Vec<u8>>,
    /// The last time step whose code was used: neither it nor an earlier one is taken again.
    pub totp_last_step: Option<i64>,
}

impl fmt::Debug for StaffAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaffAccount({})", self.member.id)
    }
}

#[derive(sqlx::FromRow)]
struct StaffRow {
    id: Uuid,
    library_id: Uuid,
    login: String,
    name: String,
    disabled_at: Option<Timestamp>,
    password_hash: Option<String>,
    totp_secret: Option<Vec<u8>>,
    totp_last_step: Option<i64>,
    signed_in_at: Option<Timestamp>,
}

/// What is known of the use of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountState {
    /// True once the invitation was used.
    pub is_enrolled: bool,
    /// When somebody signed in to it last.
    pub signed_in_at: Option<OffsetDateTime>,
}

/// A staff member beside one of the roles, or beside none.
#[derive(sqlx::FromRow)]
struct MemberRow {
    login: String,
    name: String,
    disabled_at: Option<Timestamp>,
    role: Option<String>,
    branch: Option<String>,
    ties: i64,
}

/// Inserts a staff member, who cannot sign in yet.
///
/// # Errors
/// [`StoreError::Duplicate`] if the library has the sign-in name.
pub async fn insert(tx: &mut Tx, member: &StaffMember) -> Result<(), StoreError> {
    seal::create_key(tx, member.library_id, member.id.as_uuid()).await?;
    on!(tx, |conn| {
        sqlx::query("INSERT INTO staff (id, library_id, login, name, disabled_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(member.id.as_uuid())
            .bind(member.library_id.as_uuid())
            .bind(&member.login)
            .bind(&member.name)
            .bind(member.disabled_at.map(Timestamp::from))
            .execute(conn)
            .await
            .map(drop)
    })?;
    replace_roles(tx, member).await
}

/// Finds a staff member of one library.
///
/// # Errors
/// [`StoreError::Unsealable`] if the one-time codes' secret does not open.
pub async fn find(tx: &mut Tx, library_id: LibraryId, id: StaffId) -> Result<Option<StaffAccount>, StoreError> {
    let row: Option<StaffRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM staff WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Finds a staff member of one library without what signing in needs: one look for whoever acts.
///
/// # Errors
/// [`StoreError::Corrupt`] if a role cannot be read.
pub async fn find_member(tx: &mut Tx, library_id: LibraryId, id: StaffId) -> Result<Option<StaffMember>, StoreError> {
    Ok(find_member_before(tx, library_id, id, None).await?.map(|(member, _)| member))
}

/// The same before an application, with whether anything may keep them from it: [`find_ties`] says what.
///
/// # Errors
/// As [`find_member`].
pub async fn find_member_before(
    tx: &mut Tx,
    library_id: LibraryId,
    id: StaffId,
    application: Option<ApplicationId>,
) -> Result<Option<(StaffMember, bool)>, StoreError> {
    let rows: Vec<MemberRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT s.login, s.name, s.disabled_at, r.role, r.branch,
                 (SELECT COUNT(*) FROM staff_recusals c
                     WHERE c.application_id = $3 AND c.staff_id = $1 AND c.library_id = $2)
                 + (SELECT COUNT(*) FROM staff_relations o WHERE o.staff_id = $1 AND o.library_id = $2) AS ties
             FROM staff s LEFT JOIN staff_roles r ON r.staff_id = s.id AND r.library_id = s.library_id
             WHERE s.id = $1 AND s.library_id = $2 ORDER BY r.role, r.branch",
        )
        .bind(id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(application.map(ApplicationId::as_uuid))
        .fetch_all(conn)
        .await
    })?;
    let Some(first) = rows.first() else { return Ok(None) };
    let (login, name, disabled_at) = (first.login.clone(), first.name.clone(), time_of(first.disabled_at));
    let granted = rows.iter().filter_map(|row| row.role.as_deref().zip(row.branch.as_deref()));
    let roles = granted.map(|(role, branch)| roles::grant_of(id.as_uuid(), role, branch)).collect::<Result<_, _>>()?;
    let may_be_tied = first.ties > 0;
    Ok(Some((StaffMember { id, library_id, login, name, disabled_at, roles }, may_be_tied)))
}

/// Lists the staff members of a library, for showing who did what.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(tx: &mut Tx, library_id: LibraryId) -> Result<Vec<StaffMember>, StoreError> {
    Ok(list_accounts(tx, library_id).await?.into_iter().map(|(member, _)| member).collect())
}

/// Finds a staff member of one library by the sign-in name, in lower case.
///
/// # Errors
/// [`StoreError::Unsealable`] if the one-time codes' secret does not open.
pub async fn find_by_login(
    tx: &mut Tx,
    library_id: LibraryId,
    login: &str,
) -> Result<Option<StaffAccount>, StoreError> {
    let row: Option<StaffRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM staff WHERE login = $1 AND library_id = $2")
            .bind(login)
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Saves a new password and a new secret for one-time codes.
///
/// # Errors
/// [`StoreError::Unsealable`] if there is no such staff member.
pub async fn save_credentials(
    tx: &mut Tx,
    id: StaffId,
    password_hash: &str,
    totp_secret: &[u8],
) -> Result<(), StoreError> {
    let sealed = seal::seal(tx, &place(id.as_uuid()), totp_secret).await?;
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE staff SET password_hash = $1, totp_secret = $2, totp_last_step = NULL
             WHERE id = $3",
        )
        .bind(password_hash)
        .bind(sealed)
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Erases password and secret: nobody signs in to the account until an invitation is used.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn erase_credentials(tx: &mut Tx, id: StaffId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE staff SET password_hash = NULL, totp_secret = NULL, totp_last_step = NULL
             WHERE id = $1",
        )
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Takes the one-time code of a time step. False if it, or a later one, was taken before: a code
/// that somebody has looked at over the shoulder is worth nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn accept_totp_step(tx: &mut Tx, id: StaffId, step: i64) -> Result<bool, StoreError> {
    let accepted = on!(tx, |conn| {
        sqlx::query(
            "UPDATE staff SET totp_last_step = $1
             WHERE id = $2 AND totp_secret IS NOT NULL AND (totp_last_step IS NULL OR totp_last_step < $1)",
        )
        .bind(step)
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(accepted == 1)
}

/// Lets a staff member sign in no more. False if that was so already. End the sessions in the same transaction.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn disable(tx: &mut Tx, library_id: LibraryId, id: StaffId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let disabled = on!(tx, |conn| {
        sqlx::query("UPDATE staff SET disabled_at = $1 WHERE id = $2 AND library_id = $3 AND disabled_at IS NULL")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(disabled == 1)
}

/// Lets a staff member sign in again. False if nobody had shut them out.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn enable(tx: &mut Tx, library_id: LibraryId, id: StaffId) -> Result<bool, StoreError> {
    let enabled = on!(tx, |conn| {
        sqlx::query("UPDATE staff SET disabled_at = NULL WHERE id = $1 AND library_id = $2 AND disabled_at IS NOT NULL")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(enabled == 1)
}

/// Holds the accounts of a library until the transaction ends: two administrators cannot shut out each other.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock_accounts(tx: &mut Tx, library_id: LibraryId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE libraries SET updated_at = updated_at WHERE id = $1")
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Notes that somebody has signed in.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_signed_in(tx: &mut Tx, id: StaffId, now: OffsetDateTime) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE staff SET signed_in_at = $1 WHERE id = $2")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Lists the accounts of a library by login.
///
/// # Errors
/// [`StoreError::Corrupt`] if a role cannot be read.
pub async fn list_accounts(tx: &mut Tx, library_id: LibraryId) -> Result<Vec<(StaffMember, AccountState)>, StoreError> {
    let rows: Vec<StaffRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM staff WHERE library_id = $1 ORDER BY login")
            .bind(library_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    let mut roles = roles::list_roles(tx, library_id, None).await?;
    let account = |row: &StaffRow| {
        let state = AccountState { is_enrolled: row.password_hash.is_some(), signed_in_at: time_of(row.signed_in_at) };
        (row.member(roles.remove(&row.id).unwrap_or_default()), state)
    };
    Ok(rows.iter().map(account).collect())
}

fn place(id: Uuid) -> Place {
    Place::new("staff", "totp_secret", id, id)
}

impl StaffRow {
    fn member(&self, roles: Vec<RoleGrant>) -> StaffMember {
        StaffMember {
            id: StaffId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            login: self.login.clone(),
            name: self.name.clone(),
            disabled_at: time_of(self.disabled_at),
            roles,
        }
    }

    async fn open(self, tx: &mut Tx) -> Result<StaffAccount, StoreError> {
        let totp_secret = match &self.totp_secret {
            Some(sealed) => Some(seal::open(tx, &place(self.id), sealed).await?.to_vec()),
            None => None,
        };
        let id = StaffId::from_uuid(self.id);
        let mut roles = roles::list_roles(tx, LibraryId::from_uuid(self.library_id), Some(id)).await?;
        Ok(StaffAccount {
            member: self.member(roles.remove(&self.id).unwrap_or_default()),
            password_hash: self.password_hash,
            totp_secret,
            totp_last_step: self.totp_last_step,
        })
    }
}
