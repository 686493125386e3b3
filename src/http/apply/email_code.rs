//! The code that came by mail.

use super::applicant::{Applicant, Frame, Origin};
use crate::domain::answers::Question;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors, Press};
use crate::http::page::{self, Layout};
use crate::http::wording;
use crate::service;
use crate::service::codes::{CODE_LIFE, TypedCode};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The box as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CodeForm {
    pub(super) code: String,
}

/// What the address says: from where it was opened, and whether another code was just sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Arrival {
    sent: String,
    #[serde(flatten)]
    origin: Origin,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/email_code.html")]
struct EmailCodePage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: CodeForm,
    address: String,
    minutes: u64,
    sent_again: bool,
    again_url: String,
    change_url: String,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant, arrival: web::Query<Arrival>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Email)?;
    match draw(applicant, &arrival, CodeForm::default(), FieldErrors::none()) {
        Ok(page) => page::ok(&page),
        Err(applicant) => Ok(page::see_other(applicant.here.urls.apply_email())),
    }
}

/// Confirms the address.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    arrival: web::Query<Arrival>,
    form: CsrfForm<CodeForm>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Email)?;
    // The second click: the first has confirmed it.
    if applicant.draft.answers.email_confirmed {
        return Ok(applicant.next_after(Question::Email, &arrival.origin));
    }
    let mut errors = FieldErrors::none();
    if let Some(typed) = errors.take("code", form.input.code.parse::<TypedCode>()) {
        let here = &applicant.here;
        let id = applicant.draft.application.id;
        match here.portal.confirm_email(&here.library, &here.visit.token(), id, typed).await {
            Ok(_) => return Ok(applicant.next_after(Question::Email, &arrival.origin)),
            Err(error) => errors.add("code", wording::of_code(error)?),
        }
    }
    match draw(applicant, &arrival, form.input, errors) {
        Ok(page) => page::again(&page),
        Err(applicant) => Ok(page::see_other(applicant.here.urls.apply_email())),
    }
}

/// Sends another code to the same address.
pub(in crate::http) async fn send_again(
    applicant: Applicant,
    arrival: web::Query<Arrival>,
    _form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Email)?;
    let here = &applicant.here;
    let Some(email) = &applicant.draft.answers.email else {
        return Ok(page::see_other(here.urls.apply_email()));
    };
    let id = applicant.draft.application.id;
    match here.portal.send_email_code(&here.library, &here.visit.token(), id, email).await {
        Ok(_) => Ok(page::see_other(arrival.origin.kept(here.urls.apply_email_code() + "?sent=again", '&'))),
        Err(service::Error::TooMany { retry_at }) => {
            let errors = FieldErrors::one("code", wording::too_many_codes(&Moment(retry_at)));
            match draw(applicant, &arrival, CodeForm::default(), errors) {
                Ok(page) => page::again(&page),
                Err(applicant) => Ok(page::see_other(applicant.here.urls.apply_email())),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Leads whoever reloads the address of a button to the page that it stands on.
pub(in crate::http) async fn lead_there(applicant: Applicant) -> HttpResponse {
    page::see_other(applicant.here.urls.apply_email_code())
}

/// The page; or the applicant back, if no address was given yet.
fn draw(
    applicant: Applicant,
    arrival: &Arrival,
    input: CodeForm,
    errors: FieldErrors,
) -> Result<EmailCodePage, Box<Applicant>> {
    let Some(email) = &applicant.draft.answers.email else { return Err(Box::new(applicant)) };
    let urls = &applicant.here.urls;
    Ok(EmailCodePage {
        frame: Frame {
            title: applicant.words().apply_question_code(),
            back: arrival.origin.kept(urls.apply_email(), '?'),
            ..applicant.frame(Question::Email, &arrival.origin)
        },
        address: email.as_str().to_owned(),
        minutes: CODE_LIFE.whole_minutes().unsigned_abs(),
        sent_again: arrival.sent == "again" && errors.is_empty(),
        again_url: arrival.origin.kept(urls.apply_email_again(), '?'),
        change_url: arrival.origin.kept(urls.apply_email(), '?'),
        layout: applicant.here.layout,
        errors,
        input,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_the_address_and_offers_another_code() {
        let page = EmailCodePage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Email),
            errors: FieldErrors::none(),
            input: CodeForm::default(),
            address: "hanako@example.jp".into(),
            minutes: 15,
            sent_again: true,
            again_url: "/aozora/ja/apply/email/again".into(),
            change_url: "/aozora/ja/apply/email".into(),
        };
        let page = page.render().unwrap();
        for part in ["hanako@example.jp", "15分", "one-time-code", "新しいコードを送りました", "/apply/email/again"]
        {
            assert!(page.contains(part), "{part}");
        }
    }
}
