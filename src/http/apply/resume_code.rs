//! Going on with a saved draft: the code that came by mail.

use super::email_code::CodeForm;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::http::wording;
use crate::service;
use crate::service::codes::{CODE_LIFE, TypedCode};
use crate::words::Words;
use actix_web::HttpResponse;
use askama::Template;

/// The question.
#[derive(Template)]
#[template(path = "apply/resume_code.html")]
struct ResumeCodePage {
    layout: Layout,
    errors: FieldErrors,
    input: CodeForm,
    minutes: u64,
}

/// Asks.
pub(in crate::http) async fn show(here: Here) -> Result<HttpResponse, Error> {
    page::ok(&draw(here.layout, CodeForm::default(), FieldErrors::none()))
}

/// Opens the draft in a fresh session.
pub(in crate::http) async fn submit(here: Here, form: CsrfForm<CodeForm>) -> Result<HttpResponse, Error> {
    let mut errors = FieldErrors::none();
    if let Some(typed) = errors.take("code", form.input.code.parse::<TypedCode>()) {
        match here.portal.resume(&here.library, &here.visit.token(), typed).await {
            Ok(fresh) => {
                here.visit.become_session(fresh);
                return Ok(page::see_other(here.urls.resume_list()));
            }
            Err(service::Error::NotFound) => {
                errors.add("code", Words::default().apply_resume_nothing_saved());
            }
            Err(error) => errors.add("code", wording::of_code(error)?),
        }
    }
    page::again(&draw(here.layout, form.input, errors))
}

fn draw(layout: Layout, input: CodeForm, errors: FieldErrors) -> ResumeCodePage {
    ResumeCodePage { layout, errors, input, minutes: CODE_LIFE.whole_minutes().unsigned_abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_never_says_whether_the_address_is_known() {
        let page = draw(Layout::sample(), CodeForm::default(), FieldErrors::none()).render().unwrap();
        assert!(page.contains("保存された申込みがあるとき") && page.contains("one-time-code"));
    }
}
