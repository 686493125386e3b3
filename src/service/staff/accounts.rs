//! Keeping accounts: inviting, roles, shutting out and letting in again. The page and the command line do the same, and
//! every change is recorded.

use super::{INVITATION_LIFE, active_member, random_token};
use crate::clock::japanese_date;
use crate::domain::account::{self, AccountChange, AccountRefused};
use crate::domain::ids::{LibraryId, StaffId};
use crate::domain::library::Library;
use crate::domain::permission::{Permission, RoleGrant, Scope};
use crate::domain::staff::{Login, StaffMember};
use crate::service::patrons::allowed;
use crate::service::review::release_all;
use crate::service::{Error, Once, Portal};
use crate::sha256::sha256;
pub use crate::store::staff::{AccountState, StaffChange};
use crate::store::{StoreError, Tx, sessions, staff};
use time::OffsetDateTime;

/// How many changes are shown.
const SHOWN_CHANGES: u32 = 50;

/// Everybody's accounts, as whoever keeps them sees them.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// Each account, by login.
    pub accounts: Vec<Account>,
    /// The newest changes first.
    pub changes: Vec<StaffChange>,
}

/// One account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whose.
    pub member: StaffMember,
    /// What is known of its use.
    pub state: AccountState,
    /// True if its owner is noted as not there today.
    pub is_absent: bool,
    /// True if whoever looks may change it.
    pub is_theirs: bool,
}

impl Portal {
    /// Adds a staff member without any way in but the returned one-time token.
    ///
    /// # Errors
    /// [`Error::Store`] with a duplicate if the login is taken.
    pub async fn add_staff(
        &self,
        library: &Library,
        login: &Login,
        name: &str,
        roles: Vec<RoleGrant>,
    ) -> Result<String, Error> {
        let mut tx = self.db.begin().await?;
        let now = self.clock.now();
        let token = add(&mut tx, library.id, login, name, roles, None, now).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The same for somebody at the page who keeps accounts.
    ///
    /// # Errors
    /// [`Error::Store`] with a duplicate if the login is taken, [`Error::Account`] for roles in other branches,
    /// [`Error::Refused`] for whoever keeps no accounts.
    pub async fn invite_colleague(
        &self,
        by: &StaffMember,
        login: &Login,
        name: &str,
        role: RoleGrant,
        once: &Once,
    ) -> Result<String, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = allowed(&mut tx, by, Permission::ManageStaff).await?;
        let roles = vec![role];
        account::must_cover(&by, &roles)?;
        let token = add(&mut tx, by.library_id, login, name, roles, Some(&by), now).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Invites an active staff member once more, for a lost phone or a forgotten password. The old ways in end
    /// now: password, second factor, sessions and earlier invitations.
    ///
    /// # Errors
    /// [`Error::NotFound`] if nobody active has the login.
    pub async fn invite_staff(&self, library: &Library, login: &Login) -> Result<String, Error> {
        let token = self.change_staff(library, login, &AccountChange::InviteAgain).await?;
        token.ok_or(Error::Internal("an invitation without a token"))
    }

    /// Shuts a staff member out: sessions and open invitations end now. What they did stays on record.
    ///
    /// # Errors
    /// [`Error::NotFound`] if nobody active has the login, [`Error::Account`] for the last administrator.
    pub async fn disable_staff(&self, library: &Library, login: &Login) -> Result<(), Error> {
        self.change_staff(library, login, &AccountChange::Suspend).await.map(drop)
    }

    /// Gives a staff member exactly these roles, from the next page they open.
    ///
    /// # Errors
    /// As [`disable_staff`](Self::disable_staff).
    pub async fn assign_roles(&self, library: &Library, login: &Login, roles: Vec<RoleGrant>) -> Result<(), Error> {
        self.change_staff(library, login, &AccountChange::Roles(roles)).await.map(drop)
    }

    /// Lets somebody in again who was shut out.
    ///
    /// # Errors
    /// [`Error::NotFound`] if nobody has the login, [`Error::Account`] if nobody shut them out.
    pub async fn reinstate_staff(&self, library: &Library, login: &Login) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        staff::lock_accounts(&mut tx, library.id).await?;
        let account = staff::find_by_login(&mut tx, library.id, login.as_str()).await?.ok_or(Error::NotFound)?;
        carry_out(&mut tx, &account.member, &AccountChange::Reinstate, None, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn change_staff(
        &self,
        library: &Library,
        login: &Login,
        change: &AccountChange,
    ) -> Result<Option<String>, Error> {
        let mut tx = self.db.begin().await?;
        staff::lock_accounts(&mut tx, library.id).await?;
        let member = active_member(&mut tx, library, login).await?;
        let token = carry_out(&mut tx, &member, change, None, self.clock.now()).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Changes a colleague's account; the token of the new invitation, if it was to be one.
    ///
    /// # Errors
    /// [`Error::Account`] with the reason, [`Error::Refused`] for whoever keeps no accounts, [`Error::NotFound`] for
    /// somebody else's staff.
    pub async fn change_account(
        &self,
        by: &StaffMember,
        id: StaffId,
        change: &AccountChange,
        once: &Once,
    ) -> Result<Option<String>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        staff::lock_accounts(&mut tx, by.library_id).await?;
        let by = allowed(&mut tx, by, Permission::ManageStaff).await?;
        let account = staff::find(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        let token = carry_out(&mut tx, &account.member, change, Some(&by), now).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Everybody who works or worked for a library, by login.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn list_staff(&self, library: &Library) -> Result<Vec<StaffMember>, Error> {
        let mut tx = self.db.read().await?;
        Ok(staff::list(&mut tx, library.id).await?)
    }

    /// Everybody's accounts, with what was done with them.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever keeps no accounts.
    pub async fn accounts(&self, by: &StaffMember) -> Result<Accounts, Error> {
        let mut tx = self.db.read().await?;
        let by = allowed(&mut tx, by, Permission::ManageStaff).await?;
        let today = japanese_date(self.clock.now());
        let absences = staff::list_absences(&mut tx, by.library_id, today).await?;
        let is_absent = |id| absences.iter().any(|absence| absence.staff_id == id && absence.covers(today));
        let accounts = staff::list_accounts(&mut tx, by.library_id).await?;
        let account = |(member, state): (StaffMember, AccountState)| Account {
            is_absent: is_absent(member.id),
            is_theirs: member.id != by.id && account::must_cover(&by, &member.roles).is_ok(),
            member,
            state,
        };
        let changes = staff::list_changes(&mut tx, by.library_id, SHOWN_CHANGES).await?;
        Ok(Accounts { accounts: accounts.into_iter().map(account).collect(), changes })
    }
}

async fn add(
    tx: &mut Tx,
    library_id: LibraryId,
    login: &Login,
    name: &str,
    roles: Vec<RoleGrant>,
    by: Option<&StaffMember>,
    now: OffsetDateTime,
) -> Result<String, Error> {
    let member = StaffMember {
        id: StaffId::new(now),
        library_id,
        login: login.as_str().to_owned(),
        name: name.trim().to_owned(),
        disabled_at: None,
        roles,
    };
    staff::insert(tx, &member).await.map_err(|error| match error {
        StoreError::Duplicate => Error::Account(AccountRefused::LoginTaken),
        error => error.into(),
    })?;
    record(tx, &member, "invited", by, now).await?;
    invite(tx, &member, now).await
}

/// Changes an account as the domain allows, and everything that hangs on it.
async fn carry_out(
    tx: &mut Tx,
    member: &StaffMember,
    change: &AccountChange,
    by: Option<&StaffMember>,
    now: OffsetDateTime,
) -> Result<Option<String>, Error> {
    let everybody = staff::list(tx, member.library_id).await?;
    let after = account::change(member, change, by, &everybody, now)?;
    let mut token = None;
    match change {
        AccountChange::Roles(_) | AccountChange::Give(_) | AccountChange::Take(_) => {
            staff::replace_roles(tx, &after).await?;
        }
        AccountChange::InviteAgain => {
            staff::erase_credentials(tx, after.id).await?;
            sessions::delete_by_staff(tx, after.id).await?;
            token = Some(invite(tx, &after, now).await?);
        }
        AccountChange::Suspend => {
            staff::disable(tx, after.library_id, after.id, now).await?;
            release_all(tx, after.library_id, (after.id, &Scope::Library), "left", now).await?;
            staff::delete_invites(tx, after.id).await?;
            sessions::delete_by_staff(tx, after.id).await?;
        }
        AccountChange::Reinstate => {
            staff::enable(tx, after.library_id, after.id).await?;
        }
    }
    record(tx, &after, change.as_str(), by, now).await?;
    Ok(token)
}

async fn invite(tx: &mut Tx, member: &StaffMember, now: OffsetDateTime) -> Result<String, Error> {
    let token = random_token();
    staff::insert_invite(tx, member.id, &sha256(token.as_bytes()), now + INVITATION_LIFE).await?;
    Ok(token)
}

async fn record(
    tx: &mut Tx,
    member: &StaffMember,
    what: &str,
    by: Option<&StaffMember>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let change = StaffChange {
        library_id: member.library_id,
        staff_id: member.id,
        what: what.to_owned(),
        roles: member.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        made_by: by.map(|by| by.id),
        made_at: now,
    };
    staff::insert_change(tx, &change).await?;
    tracing::info!(staff = %member.id, what, "an account was changed");
    Ok(())
}
