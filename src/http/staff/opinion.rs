//! Asking a colleague, and saying what one thinks.

use super::Named;
use super::application::{self, Typed};
use super::signed_in::SignedInStaff;
use super::wording::of_remark;
use crate::domain::ids::StaffId;
use crate::domain::review::Remark;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page;
use crate::service;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// A question, as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct QuestionForm {
    colleague: String,
    question: String,
}

/// An answer, as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AnswerForm {
    opinion: String,
}

/// Asks a colleague.
pub(in crate::http) async fn ask(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<QuestionForm>,
) -> Result<HttpResponse, Error> {
    let CsrfForm { input, once } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/opinion", location.clone());
    let mut errors = FieldErrors::none();
    let colleague = input.colleague.parse::<StaffId>().ok();
    if colleague.is_none() {
        errors.add("colleague", "だれに聞くかを選んでください");
    }
    let question =
        input.question.parse::<Remark>().map_err(|error| errors.add("question", of_remark("聞きたいこと", error))).ok();
    if let (Some(colleague), Some(question)) = (colleague, question) {
        let (portal, by) = (&staff.here.portal, &staff.member);
        match portal.ask_opinion(by, &named.reference, (colleague, question), &once).await {
            Ok(()) => return Ok(page::see_other(location)),
            Err(service::Error::AlreadyAsked) => {
                errors.add("colleague", "この職員には、もう聞いています。返事を待ってください");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let QuestionForm { colleague, question } = input;
    application::again(staff, &named, Typed { colleague, question, ..Typed::default() }, errors).await
}

/// Says what one thinks.
pub(in crate::http) async fn answer(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<AnswerForm>,
) -> Result<HttpResponse, Error> {
    let CsrfForm { input, once } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/opinion/answer", location.clone());
    match input.opinion.parse::<Remark>() {
        Ok(text) => {
            staff.here.portal.give_opinion(&staff.member, &named.reference, text, &once).await?;
            Ok(page::see_other(location))
        }
        Err(error) => {
            let typed = Typed { opinion: input.opinion, ..Typed::default() };
            application::again(staff, &named, typed, FieldErrors::one("opinion", of_remark("意見", error))).await
        }
    }
}
