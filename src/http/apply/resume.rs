//! Going on with a saved draft: the address that it was confirmed with.

use crate::domain::person::{EmailAddress, InvalidEmail};
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Here, Layout};
use crate::http::wording::{self, Wording};
use crate::service;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The box as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct ResumeForm {
    email: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/resume.html")]
struct ResumePage {
    layout: Layout,
    errors: FieldErrors,
    input: ResumeForm,
    /// True if a page of an application was asked for that this browser does not have.
    is_lost: bool,
    draft_days: u32,
}

/// Why the page was opened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Arrival {
    why: String,
}

/// Asks.
pub(in crate::http) async fn show(here: Here, arrival: web::Query<Arrival>) -> Result<HttpResponse, Error> {
    let is_lost = arrival.why == "lost";
    page::ok(&ResumePage { is_lost, ..draw(here, ResumeForm::default(), FieldErrors::none()) })
}

/// Sends a code if the address is known, and says the same if it is not.
pub(in crate::http) async fn submit(here: Here, form: TextForm<ResumeForm>) -> Result<HttpResponse, Error> {
    let email = match form.checked(read(&form.input)) {
        Ok(email) => email,
        Err(errors) => return page::again(&draw(here, form.input, errors)),
    };
    match here.portal.send_resume_code(&here.library, &here.visit.token(), &email, here.language()).await {
        Ok(_) => Ok(page::see_other(here.urls.resume_code())),
        Err(service::Error::TooMany { retry_at }) => {
            let errors = FieldErrors::one("email", wording::too_many_codes(&Moment(retry_at)));
            page::again(&draw(here, form.input, errors))
        }
        Err(error) => Err(error.into()),
    }
}

fn read(input: &ResumeForm) -> Result<EmailAddress, FieldErrors> {
    input.email.parse().map_err(|error: InvalidEmail| FieldErrors::one("email", error.wording()))
}

fn draw(here: Here, input: ResumeForm, errors: FieldErrors) -> ResumePage {
    let draft_days = here.library.rules.draft_days;
    ResumePage { layout: here.layout, errors, input, is_lost: false, draft_days }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_keeps_a_mistyped_address() {
        let errors = FieldErrors::one("email", "メールアドレスの形を確かめてください");
        let input = ResumeForm { email: "hanako@".into() };
        let page = ResumePage { layout: Layout::sample(), errors, input, is_lost: false, draft_days: 7 };
        let page = page.render().unwrap();
        assert!(!page.contains("つづきをひらけませんでした"));
        assert!(page.contains("value=\"hanako@\"") && page.contains("<title>エラー：途中からつづける"));
    }
}
