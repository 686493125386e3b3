//! The accounts of the library's staff: who has which role where, who was there last, and a new colleague's invitation.

pub mod one;
pub mod wording;

use super::signed_in::SignedInStaff;
use super::wording::{Chip, name_of};
use crate::domain::account::AccountRefused;
use crate::domain::library::LibraryRules;
use crate::domain::permission::{Role, RoleGrant};
use crate::domain::staff::{Login, StaffMember};
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::staff::INVITATION_LIFE;
use crate::service::staff::accounts::{Account, Accounts, StaffChange};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The longest name of a colleague, in characters.
const LONGEST_NAME: usize = 60;

/// A new colleague, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct InviteForm {
    login: String,
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    branch: String,
}

/// The list.
#[derive(Template)]
#[template(path = "staff/members.html")]
struct MembersPage {
    layout: Layout,
    errors: FieldErrors,
    members: Vec<Row>,
    changes: Vec<ChangeLine>,
    choice: GrantChoice,
    input: InviteForm,
}

struct Row {
    url: String,
    name: String,
    login: String,
    roles: Vec<String>,
    chip: Chip,
    is_absent: bool,
    signed_in_at: Option<Moment>,
}

/// What was done with an account, and by whom.
struct ChangeLine {
    at: Moment,
    whose: String,
    what: &'static str,
    roles: String,
    by: String,
}

/// The roles and branches from which one is chosen: value, words.
struct GrantChoice {
    roles: Vec<(&'static str, &'static str)>,
    branches: Vec<(String, String)>,
}

/// A one-time address, shown once.
#[derive(Template)]
#[template(path = "staff/member_invited.html")]
struct InvitedPage {
    layout: Layout,
    name: String,
    address: String,
    hours: i64,
}

/// Shows the list.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    page::ok(&drawn(staff, InviteForm::default(), FieldErrors::none()).await?)
}

/// Invites somebody, and shows the address that is told to them.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: CsrfForm<InviteForm>) -> Result<HttpResponse, Error> {
    let CsrfForm { input, once } = form;
    let once = staff.here.once(once, "staff/members", staff.here.urls.staff_members());
    let (login, role) = match input.read(&staff.here.library.rules) {
        Ok(read) => read,
        Err(errors) => return page::again(&drawn(staff, input, errors).await?),
    };
    let name = input.name.trim().to_owned();
    match staff.here.portal.invite_colleague(&staff.member, &login, &name, role, &once).await {
        Ok(token) => invited(staff, name, &token),
        Err(error) => {
            let service::Error::Account(refused) = error else { return Err(error.into()) };
            let field = if refused == AccountRefused::LoginTaken { "login" } else { "role" };
            let errors = FieldErrors::one(field, wording::of_refusal(refused));
            page::again(&drawn(staff, input, errors).await?)
        }
    }
}

/// Shows the one-time address of an invitation.
fn invited(staff: SignedInStaff, name: String, token: &str) -> Result<HttpResponse, Error> {
    let address = format!("{}{}", staff.here.portal.base_url, staff.here.urls.staff_invitation(token));
    page::ok(&InvitedPage { layout: staff.here.layout, name, address, hours: INVITATION_LIFE.whole_hours() })
}

impl InviteForm {
    fn read(&self, rules: &LibraryRules) -> Result<(Login, RoleGrant), FieldErrors> {
        let mut errors = FieldErrors::none();
        let login = self.login.parse::<Login>();
        if login.is_err() {
            errors.add("login", "ログイン名を、64文字までで入力してください");
        }
        let length = self.name.trim().chars().count();
        if length == 0 || length > LONGEST_NAME || self.name.chars().any(char::is_control) {
            errors.add("name", format!("氏名を、{LONGEST_NAME}文字までで入力してください"));
        }
        let role = read_grant(rules, &self.role, &self.branch);
        match (login, role) {
            (Ok(login), Ok(role)) if errors.is_empty() => Ok((login, role)),
            (_, Err(unread)) => {
                errors.add("role", unread);
                Err(errors)
            }
            _ => Err(errors),
        }
    }
}

/// A role, and a branch of the library or all of them.
fn read_grant(rules: &LibraryRules, role: &str, branch: &str) -> Result<RoleGrant, &'static str> {
    let role: Role = role.parse().map_err(|_| "役割を選んでください")?;
    if branch.is_empty() {
        return Ok(RoleGrant::everywhere(role));
    }
    let branch = branch.parse().ok().filter(|code| rules.branch(code).is_some()).ok_or("館を選んでください")?;
    Ok(RoleGrant { role, branch: Some(branch) })
}

async fn drawn(staff: SignedInStaff, input: InviteForm, errors: FieldErrors) -> Result<MembersPage, Error> {
    let accounts = staff.here.portal.accounts(&staff.member).await?;
    let rules = &staff.here.library.rules;
    let row = |account: &Account| Row {
        url: staff.here.urls.staff_member(account.member.id),
        name: account.member.name.clone(),
        login: account.member.login.clone(),
        roles: account.member.roles.iter().map(|grant| wording::of_grant(grant, rules)).collect(),
        chip: wording::of_state(account),
        is_absent: account.is_absent,
        signed_in_at: account.state.signed_in_at.map(Moment),
    };
    Ok(MembersPage {
        errors,
        members: accounts.accounts.iter().map(row).collect(),
        changes: changes_of(&accounts, rules, |_| true),
        choice: GrantChoice::of(rules),
        input,
        layout: staff.here.layout,
    })
}

fn changes_of(accounts: &Accounts, rules: &LibraryRules, are_shown: impl Fn(&StaffChange) -> bool) -> Vec<ChangeLine> {
    let everybody: Vec<StaffMember> = accounts.accounts.iter().map(|account| account.member.clone()).collect();
    let line = |change: &StaffChange| ChangeLine {
        at: Moment(change.made_at),
        whose: name_of(&everybody, change.staff_id),
        what: wording::of_change(&change.what),
        roles: wording::of_grants(&change.roles, rules),
        by: change.made_by.map_or_else(|| "システムの管理者".to_owned(), |id| name_of(&everybody, id)),
    };
    accounts.changes.iter().filter(|change| are_shown(change)).map(line).collect()
}

impl GrantChoice {
    fn of(rules: &LibraryRules) -> Self {
        Self {
            roles: Role::ALL.into_iter().map(|role| (role.as_str(), wording::of_role(role))).collect(),
            branches: rules
                .branches
                .iter()
                .map(|branch| (branch.code.to_string(), branch.name.as_str().to_owned()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_needs_a_login_a_name_and_a_role_that_the_library_has() {
        let rules = LibraryRules::parse(include_str!("../../../../deploy/libraries/himeji.toml")).unwrap();
        let form = |login: &str, name: &str, role: &str, branch: &str| InviteForm {
            login: login.into(),
            name: name.into(),
            role: role.into(),
            branch: branch.into(),
        };
        let (login, grant) = form("Imai", "今井", "reviewer", "jonai").read(&rules).unwrap();
        assert_eq!((login.as_str(), grant.to_string()), ("imai", "reviewer@jonai".to_owned()));
        for (wrong, field) in [
            (form(" ", "今井", "reviewer", ""), "login"),
            (form("imai", " ", "reviewer", ""), "name"),
            (form("imai", "今井", "director", ""), "role"),
            (form("imai", "今井", "reviewer", "nowhere"), "role"),
        ] {
            assert!(wrong.read(&rules).unwrap_err().has(field), "{wrong:?}");
        }
    }
}
