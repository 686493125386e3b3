//! Asking a colleague, and saying what one thinks.

use super::Named;
use super::application::{self, Typed};
use super::signed_in::SignedInStaff;
use super::wording::of_remark;
use crate::domain::ids::StaffId;
use crate::domain::review::Remark;
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
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

impl QuestionForm {
    fn read(&self) -> Result<(StaffId, Remark), FieldErrors> {
        let mut errors = FieldErrors::none();
        let colleague = self.colleague.parse::<StaffId>();
        let colleague = colleague.map_err(|_| errors.add("colleague", "だれに聞くかを選んでください")).ok();
        let question = self.question.parse::<Remark>();
        let question = question.map_err(|error| errors.add("question", of_remark("聞きたいこと", error))).ok();
        colleague.zip(question).ok_or(errors)
    }
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
    form: TextForm<QuestionForm>,
) -> Result<HttpResponse, Error> {
    let read = form.checked(form.input.read());
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/opinion", location.clone());
    let errors = match read {
        Ok(asked) => match staff.here.portal.ask_opinion(&staff.member, &named.reference, asked, &once).await {
            Ok(()) => return Ok(page::see_other(location)),
            Err(service::Error::AlreadyAsked) => {
                FieldErrors::one("colleague", "この職員には、もう聞いています。返事を待ってください")
            }
            Err(error) => return Err(error.into()),
        },
        Err(errors) => errors,
    };
    let QuestionForm { colleague, question } = input;
    application::again(staff, &named, Typed { colleague, question, ..Typed::default() }, errors).await
}

/// Says what one thinks.
pub(in crate::http) async fn answer(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<AnswerForm>,
) -> Result<HttpResponse, Error> {
    let read = form.input.opinion.parse::<Remark>();
    let read = form.checked(read.map_err(|error| FieldErrors::one("opinion", of_remark("意見", error))));
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/opinion/answer", location.clone());
    match read {
        Ok(text) => {
            staff.here.portal.give_opinion(&staff.member, &named.reference, text, &once).await?;
            Ok(page::see_other(location))
        }
        Err(errors) => {
            let typed = Typed { opinion: input.opinion, ..Typed::default() };
            application::again(staff, &named, typed, errors).await
        }
    }
}
