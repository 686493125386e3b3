//! Telephone and the branch used most.

use super::applicant::{Applicant, Frame, Origin};
use crate::domain::answers::Question;
use crate::domain::library::{BranchCode, LibraryRules};
use crate::domain::person::Phone;
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::service::apply::Answer;
use crate::words::{AsWritten, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The boxes as filled in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct ContactForm {
    pub(in crate::http) phone: String,
    pub(in crate::http) branch: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/contact.html")]
struct ContactPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: ContactForm,
    branches: Vec<BranchOption>,
}

struct BranchOption {
    code: String,
    name: AsWritten,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant, origin: web::Query<Origin>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Contact)?;
    let answers = &applicant.draft.answers;
    let input = ContactForm {
        phone: answers.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
        branch: answers.branch.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let input = applicant.left(Question::Contact).unwrap_or(input);
    page::ok(&draw(applicant, &origin, input, FieldErrors::none()))
}

/// Saves both.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    origin: web::Query<Origin>,
    form: TextForm<ContactForm>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Contact)?;
    if let Some(page) = form.later() {
        return applicant.leave(Question::Contact, page).await;
    }
    match form.checked(read(&form.input, &applicant.draft.rules)) {
        Ok((phone, branch)) => {
            applicant.answer(Answer::Contact(phone, branch)).await?;
            Ok(applicant.next_after(Question::Contact, &origin))
        }
        Err(errors) => page::again(&draw(applicant, &origin, form.input, errors)),
    }
}

pub(in crate::http) fn read(
    input: &ContactForm,
    rules: &LibraryRules,
) -> Result<(Option<Phone>, BranchCode), FieldErrors> {
    let mut errors = FieldErrors::none();
    let phone = match input.phone.trim() {
        "" => None,
        phone => errors.take("phone", phone.parse()),
    };
    let branch = rules.branches.iter().find(|branch| branch.code.as_str() == input.branch);
    if branch.is_none() {
        errors.add("branch", Words::default().apply_contact_branch_missing());
    }
    match branch {
        Some(branch) if errors.is_empty() => Ok((phone, branch.code.clone())),
        _ => Err(errors),
    }
}

fn draw(applicant: Applicant, origin: &Origin, input: ContactForm, errors: FieldErrors) -> ContactPage {
    let frame = applicant.frame(Question::Contact, origin);
    let branches = &applicant.draft.rules.branches;
    let branches = branches
        .iter()
        .map(|branch| BranchOption { code: branch.code.to_string(), name: (&branch.name).into() })
        .collect();
    ContactPage { layout: applicant.here.layout, frame, errors, input, branches }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telephone_is_optional_and_the_branch_is_not_chosen_beforehand() {
        let page = ContactPage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Contact),
            errors: FieldErrors::one("branch", "よく使う図書館を選んでください"),
            input: ContactForm::default(),
            branches: vec![BranchOption { code: "main".into(), name: "中央図書館".into() }],
        };
        let page = page.render().unwrap();
        assert!(page.contains("（任意）") && page.contains("autocomplete=\"tel\""));
        assert!(page.contains("<option value=\"main\" lang=\"ja\">中央図書館</option>"));
        assert!(page.contains("id=\"branch-e\""));
    }
}
