//! The address for notices: sent a code, so that it is known to be read.

use super::applicant::{Applicant, Frame, Origin};
use crate::domain::answers::Question;
use crate::domain::person::EmailAddress;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::wording;
use crate::service;
use crate::words::Words;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The box as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct EmailForm {
    email: String,
    /// The address that the page has already asked about because it looks mistyped.
    as_typed: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/email.html")]
struct EmailPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: EmailForm,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant, origin: web::Query<Origin>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Email)?;
    let email = applicant.draft.answers.email.as_ref().map(|email| email.as_str().to_owned());
    let input = EmailForm { email: email.unwrap_or_default(), as_typed: String::new() };
    page::ok(&draw(applicant, &origin, input, FieldErrors::none()))
}

/// Sends a code to the address, unless it is confirmed already.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    origin: web::Query<Origin>,
    form: CsrfForm<EmailForm>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Email)?;
    let mut input = form.input;
    let mut errors = FieldErrors::none();
    let Some(email) = errors.take("email", input.email.parse::<EmailAddress>()) else {
        return page::again(&draw(applicant, &origin, input, errors));
    };
    if let Some(meant) = email.typo_hint().filter(|_| input.as_typed != email.as_str()) {
        email.as_str().clone_into(&mut input.as_typed);
        let question = Words::default().apply_email_typo(meant);
        return page::again(&draw(applicant, &origin, input, FieldErrors::one("email", question)));
    }
    let answers = &applicant.draft.answers;
    let is_same = answers.email.as_ref() == Some(&email);
    if is_same && answers.email_confirmed {
        return Ok(applicant.next_after(Question::Email, &origin));
    }
    let here = &applicant.here;
    let sent =
        here.portal.send_email_code(&here.library, &here.visit.token(), applicant.draft.application.id, &email).await;
    match sent {
        Ok(_) => Ok(page::see_other(code_url(&applicant, &origin))),
        // The second click: the code of the first is on its way.
        Err(service::Error::TooMany { .. }) if is_same => Ok(page::see_other(code_url(&applicant, &origin))),
        Err(service::Error::TooMany { retry_at }) => {
            let errors = FieldErrors::one("email", wording::too_many_codes(&Moment(retry_at)));
            page::again(&draw(applicant, &origin, input, errors))
        }
        Err(error) => Err(error.into()),
    }
}

/// The page where the code is typed, which leads to where this one would.
fn code_url(applicant: &Applicant, origin: &Origin) -> String {
    origin.kept(applicant.here.urls.apply_email_code(), '?')
}

fn draw(applicant: Applicant, origin: &Origin, input: EmailForm, errors: FieldErrors) -> EmailPage {
    let frame = applicant.frame(Question::Email, origin);
    EmailPage { layout: applicant.here.layout, frame, errors, input }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_why_and_keeps_what_was_typed() {
        let page = EmailPage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Email),
            errors: FieldErrors::one("email", "「gmail.com」ではありませんか"),
            input: EmailForm { email: "a@gmial.com\"><script>".into(), as_typed: "a@gmial.com".into() },
        };
        let page = page.render().unwrap();
        assert!(page.contains("ほかの目的には使いません"));
        assert!(page.contains("autocomplete=\"email\"") && page.contains("name=\"as_typed\" value=\"a@gmial.com\""));
        assert!(!page.contains("<script>"), "what was typed is escaped");
    }
}
