//! Accounts of staff: who may change whose, and what never changes.

use super::permission::{Permission, RoleGrant, Scope};
use super::staff::StaffMember;
use time::OffsetDateTime;

/// What is done with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// These roles and no others.
    Roles(Vec<RoleGrant>),
    /// One role more.
    Give(RoleGrant),
    /// One role less.
    Take(RoleGrant),
    /// Password and second factor end; a new invitation sets new ones.
    InviteAgain,
    /// Shut out, for as long as that is not lifted.
    Suspend,
    /// Let in again, with the password and the second factor from before.
    Reinstate,
}

impl AccountChange {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Roles(_) | Self::Give(_) | Self::Take(_) => "roles",
            Self::InviteAgain => "invited_again",
            Self::Suspend => "suspended",
            Self::Reinstate => "reinstated",
        }
    }
}

/// Why an account is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefused {
    /// Nobody changes their own account: a colleague does.
    #[error("nobody changes their own account")]
    Own,
    /// It, or the role, belongs to a branch in which this person keeps no accounts.
    #[error("outside the branches of whoever asks")]
    OtherBranch,
    /// Another account has this name for signing in.
    #[error("the login is taken")]
    LoginTaken,
    /// Nobody would be left who keeps the accounts of the whole library.
    #[error("the last administrator")]
    LastAdministrator,
    /// It is suspended, or is not: a colleague was quicker.
    #[error("it is so already, or is suspended")]
    NotNow,
}

/// Tells whether `by` may keep accounts that have these roles. Without branches is the whole library.
///
/// # Errors
/// [`AccountRefused::OtherBranch`].
pub fn must_cover(by: &StaffMember, roles: &[RoleGrant]) -> Result<(), AccountRefused> {
    let scope = by.scope(Permission::ManageStaff).ok_or(AccountRefused::OtherBranch)?;
    let covers = |grant: &RoleGrant| scope.covers(grant.branch.as_ref());
    if roles.iter().all(covers) { Ok(()) } else { Err(AccountRefused::OtherBranch) }
}

/// An account after a change; `by` is nobody at the command line of the machine.
///
/// # Errors
/// See [`AccountRefused`].
pub fn change(
    member: &StaffMember,
    change: &AccountChange,
    by: Option<&StaffMember>,
    everybody: &[StaffMember],
    now: OffsetDateTime,
) -> Result<StaffMember, AccountRefused> {
    let is_reinstated = matches!(change, AccountChange::Reinstate);
    if member.is_active() == is_reinstated {
        return Err(AccountRefused::NotNow);
    }
    let mut after = member.clone();
    match change {
        AccountChange::Roles(roles) => after.roles.clone_from(roles),
        AccountChange::Give(grant) if !after.roles.contains(grant) => after.roles.push(grant.clone()),
        AccountChange::Take(grant) => after.roles.retain(|known| known != grant),
        AccountChange::Suspend => after.disabled_at = Some(now),
        AccountChange::Reinstate => after.disabled_at = None,
        AccountChange::Give(_) | AccountChange::InviteAgain => {}
    }
    if let Some(by) = by {
        if by.id == member.id {
            return Err(AccountRefused::Own);
        }
        must_cover(by, &member.roles)?;
        must_cover(by, &after.roles)?;
    }
    let is_left = everybody.iter().any(|other| other.id != member.id && keeps_accounts(other));
    if keeps_accounts(member) && !keeps_accounts(&after) && !is_left {
        return Err(AccountRefused::LastAdministrator);
    }
    Ok(after)
}

fn keeps_accounts(member: &StaffMember) -> bool {
    member.scope(Permission::ManageStaff) == Some(Scope::Library)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{LibraryId, StaffId};
    use crate::domain::permission::Role;
    use time::Duration;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn member(number: i64, roles: Vec<RoleGrant>) -> StaffMember {
        StaffMember {
            id: StaffId::new(NOW + Duration::seconds(number)),
            library_id: LibraryId::new(NOW),
            login: format!("login{number}"),
            name: String::new(),
            disabled_at: None,
            roles,
        }
    }

    fn grant(role: Role, branch: &str) -> RoleGrant {
        RoleGrant { role, branch: Some(branch.parse().unwrap()) }
    }

    fn administrator(number: i64) -> StaffMember {
        member(number, vec![RoleGrant::everywhere(Role::Administrator)])
    }

    #[test]
    fn nobody_changes_their_own_account() {
        let (by, other) = (administrator(1), administrator(2));
        let everybody = [by.clone(), other.clone()];
        for wish in [AccountChange::Suspend, AccountChange::InviteAgain, AccountChange::Roles(Vec::new())] {
            assert_eq!(change(&by, &wish, Some(&by), &everybody, NOW), Err(AccountRefused::Own), "{wish:?}");
            assert!(change(&other, &wish, Some(&by), &everybody, NOW).is_ok(), "{wish:?}");
        }
    }

    #[test]
    fn the_last_administrator_stays_also_against_the_command_line() {
        let (last, clerk) = (administrator(1), member(2, vec![RoleGrant::everywhere(Role::Reviewer)]));
        let one_branch = member(3, vec![grant(Role::Administrator, "jonai")]);
        let suspended = StaffMember { disabled_at: Some(NOW), ..administrator(4) };
        let everybody = [last.clone(), clerk.clone(), one_branch, suspended];
        for wish in [AccountChange::Suspend, AccountChange::Take(RoleGrant::everywhere(Role::Administrator))] {
            assert_eq!(change(&last, &wish, None, &everybody, NOW), Err(AccountRefused::LastAdministrator), "{wish:?}");
        }
        assert!(change(&last, &AccountChange::InviteAgain, None, &everybody, NOW).is_ok());
        assert!(change(&clerk, &AccountChange::Suspend, None, &everybody, NOW).is_ok());
        assert!(change(&last, &AccountChange::Suspend, None, &[last.clone(), administrator(5)], NOW).is_ok());
    }

    #[test]
    fn an_administrator_of_one_branch_keeps_the_accounts_of_that_branch() {
        let by = member(1, vec![grant(Role::Administrator, "jonai")]);
        let clerk = member(2, vec![grant(Role::Reviewer, "jonai")]);
        let everybody = [by.clone(), clerk.clone(), administrator(3)];
        let done = |member: &StaffMember, wish| change(member, &wish, Some(&by), &everybody, NOW);
        assert!(done(&clerk, AccountChange::Suspend).is_ok());
        let given = done(&clerk, AccountChange::Give(grant(Role::Approver, "jonai"))).unwrap();
        assert_eq!(given.roles.len(), 2);
        for roles in [RoleGrant::everywhere(Role::Reviewer), grant(Role::Reviewer, "aboshi")] {
            assert_eq!(done(&clerk, AccountChange::Give(roles.clone())), Err(AccountRefused::OtherBranch));
            assert_eq!(done(&member(4, vec![roles]), AccountChange::Suspend), Err(AccountRefused::OtherBranch));
        }
    }

    #[test]
    fn what_is_so_already_is_said() {
        let (by, gone) = (administrator(1), StaffMember { disabled_at: Some(NOW), ..administrator(2) });
        let done = |member: &StaffMember, wish| change(member, &wish, Some(&by), std::slice::from_ref(&by), NOW);
        assert_eq!(done(&gone, AccountChange::Suspend), Err(AccountRefused::NotNow));
        assert_eq!(done(&gone, AccountChange::InviteAgain), Err(AccountRefused::NotNow));
        assert_eq!(done(&administrator(3), AccountChange::Reinstate), Err(AccountRefused::NotNow));
        assert!(done(&gone, AccountChange::Reinstate).unwrap().is_active());
    }
}
