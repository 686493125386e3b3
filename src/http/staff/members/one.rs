//! One colleague's account: roles, suspension, a new invitation.

use super::{ChangeLine, GrantChoice, changes_of, invited, read_grant, wording};
use crate::domain::account::AccountChange;
use crate::domain::ids::StaffId;
use crate::domain::library::LibraryRules;
use crate::domain::permission::RoleGrant;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::staff::signed_in::SignedInStaff;
use crate::http::staff::wording::Chip;
use crate::service;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The colleague that an address is about.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct NamedMember {
    member: String,
}

/// What is to be done, by the button that was pressed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DeedForm {
    deed: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    branch: String,
}

/// The account.
#[derive(Template)]
#[template(path = "staff/member.html")]
struct MemberPage {
    layout: Layout,
    errors: FieldErrors,
    url: String,
    name: String,
    login: String,
    chip: Chip,
    is_absent: bool,
    signed_in_at: Option<Moment>,
    roles: Vec<GrantLine>,
    is_active: bool,
    is_theirs: bool,
    choice: GrantChoice,
    input: DeedForm,
    changes: Vec<ChangeLine>,
}

struct GrantLine {
    words: String,
    role: &'static str,
    branch: String,
}

/// Shows the account.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<NamedMember>) -> Result<HttpResponse, Error> {
    page::ok(&drawn(staff, named.id()?, DeedForm::default(), FieldErrors::none()).await?)
}

/// Changes it. A new invitation is shown at once, and only now.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<NamedMember>,
    form: CsrfForm<DeedForm>,
) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    let CsrfForm { input, once } = form;
    let location = staff.here.urls.staff_member(id);
    let once = staff.here.once(once, "staff/members/one", location.clone());
    let change = match input.read(&staff.here.library.rules) {
        Ok(change) => change,
        Err(errors) => return page::again(&drawn(staff, id, input, errors).await?),
    };
    match staff.here.portal.change_account(&staff.member, id, &change, &once).await {
        Ok(None) => Ok(page::see_other(location)),
        Ok(Some(token)) => {
            let member = staff.here.portal.staff_member(staff.member.library_id, id).await?;
            invited(staff, member.name, &token)
        }
        Err(service::Error::Account(refused)) => {
            let errors = FieldErrors::one("role", wording::of_refusal(refused));
            page::again(&drawn(staff, id, input, errors).await?)
        }
        Err(error) => Err(error.into()),
    }
}

impl NamedMember {
    fn id(&self) -> Result<StaffId, Error> {
        self.member.parse().map_err(|_| Error::NotFound)
    }
}

impl DeedForm {
    fn read(&self, rules: &LibraryRules) -> Result<AccountChange, FieldErrors> {
        let grant = || read_grant(rules, &self.role, &self.branch).map_err(|unread| FieldErrors::one("role", unread));
        match self.deed.as_str() {
            "give" => grant().map(AccountChange::Give),
            // A branch that the rules have no more can still be taken away.
            "take" => match format!("{}@{}", self.role, self.branch).trim_end_matches('@').parse() {
                Ok(grant) => Ok(AccountChange::Take(grant)),
                Err(_) => Err(FieldErrors::one("role", "役割を選んでください")),
            },
            "invite" => Ok(AccountChange::InviteAgain),
            "suspend" => Ok(AccountChange::Suspend),
            "reinstate" => Ok(AccountChange::Reinstate),
            _ => Err(FieldErrors::one("role", "何をするか、ボタンで選んでください")),
        }
    }
}

async fn drawn(staff: SignedInStaff, id: StaffId, input: DeedForm, errors: FieldErrors) -> Result<MemberPage, Error> {
    let accounts = staff.here.portal.accounts(&staff.member).await?;
    let rules = &staff.here.library.rules;
    let account = accounts.accounts.iter().find(|account| account.member.id == id).ok_or(Error::NotFound)?;
    let member = &account.member;
    let line = |grant: &RoleGrant| GrantLine {
        words: wording::of_grant(grant, rules),
        role: grant.role.as_str(),
        branch: grant.branch.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    Ok(MemberPage {
        errors,
        url: staff.here.urls.staff_member(id),
        name: member.name.clone(),
        login: member.login.clone(),
        chip: wording::of_state(account),
        is_absent: account.is_absent,
        signed_in_at: account.state.signed_in_at.map(Moment),
        roles: member.roles.iter().map(line).collect(),
        is_active: member.is_active(),
        is_theirs: account.is_theirs,
        choice: GrantChoice::of(rules),
        input,
        changes: changes_of(&accounts, rules, |change| change.staff_id == id),
        layout: staff.here.layout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_says_what_is_done() {
        let rules = LibraryRules::parse(include_str!("../../../../deploy/libraries/himeji.toml")).unwrap();
        let read = |deed: &str, role: &str, branch: &str| {
            DeedForm { deed: deed.into(), role: role.into(), branch: branch.into() }.read(&rules)
        };
        assert_eq!(read("suspend", "", "").unwrap(), AccountChange::Suspend);
        assert_eq!(read("give", "reviewer", "jonai").unwrap(), AccountChange::Give("reviewer@jonai".parse().unwrap()));
        assert!(read("give", "reviewer", "closed-long-ago").unwrap_err().has("role"));
        let taken = read("take", "reviewer", "closed-long-ago").unwrap();
        assert_eq!(taken, AccountChange::Take("reviewer@closed-long-ago".parse().unwrap()));
        assert_eq!(read("take", "auditor", "").unwrap(), AccountChange::Take("auditor".parse().unwrap()));
        assert!(read("promote", "", "").is_err());
    }
}
