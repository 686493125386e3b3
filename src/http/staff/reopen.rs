//! Opening a decision again, and asking once more for a correction.

use super::Named;
use super::application::{self, Typed};
use super::conflict;
use super::signed_in::SignedInStaff;
use super::wording::of_remark;
use crate::domain::review::{Remark, ReopenEffect};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page;
use crate::service;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The form as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReopenForm {
    #[serde(default)]
    effect: String,
    reopen_reason: String,
}

impl ReopenForm {
    fn read(&self) -> Result<(ReopenEffect, Remark), FieldErrors> {
        let mut errors = FieldErrors::none();
        let effect = ReopenEffect::ALL.into_iter().find(|effect| effect.as_str() == self.effect);
        if effect.is_none() {
            errors.add("effect", "発行したカードをどうするかを選んでください");
        }
        let reason = self.reason().map_err(|faults| errors.extend(faults)).ok();
        effect.zip(reason).ok_or(errors)
    }

    fn reason(&self) -> Result<Remark, FieldErrors> {
        let reason = self.reopen_reason.parse::<Remark>();
        reason.map_err(|error| FieldErrors::one("reopen_reason", of_remark("理由", error)))
    }
}

/// Opens the decision again.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<ReopenForm>,
) -> Result<HttpResponse, Error> {
    let read = form.checked(form.input.read());
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/reopen", location.clone());
    let reopening = match read {
        Ok(reopening) => reopening,
        Err(errors) => return again(staff, &named, input, errors).await,
    };
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.reopen(library, &staff.member, &named.reference, reopening, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => explain(staff, &named, input, error).await,
    }
}

/// Gives the applicant another time for the correction.
pub(in crate::http) async fn ask_once_more(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<ReopenForm>,
) -> Result<HttpResponse, Error> {
    let read = form.checked(form.input.reason());
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/ask-once-more", location.clone());
    let reason = match read {
        Ok(reason) => reason,
        Err(errors) => return again(staff, &named, input, errors).await,
    };
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.ask_once_more(library, &staff.member, &named.reference, reason, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => explain(staff, &named, input, error).await,
    }
}

async fn explain(
    staff: SignedInStaff,
    named: &Named,
    input: ReopenForm,
    error: service::Error,
) -> Result<HttpResponse, Error> {
    match error {
        service::Error::AnotherOpen => {
            let words = "同じ人の、同じ種別の申込みがもう1件あるため、取り消せません。先にそちらを終えてください";
            again(staff, named, input, FieldErrors::one("reopen_reason", words)).await
        }
        service::Error::RecordErased => {
            let words = "利用者の記録が消されているため、取り消せません。もう一度申し込んでいただいてください";
            again(staff, named, input, FieldErrors::one("reopen_reason", words)).await
        }
        error => conflict::explain(staff, &named.reference, error, &input.reopen_reason).await,
    }
}

async fn again(
    staff: SignedInStaff,
    named: &Named,
    input: ReopenForm,
    errors: FieldErrors,
) -> Result<HttpResponse, Error> {
    let ReopenForm { effect, reopen_reason } = input;
    application::again(staff, named, Typed { reopen_reason, effect, ..Typed::default() }, errors).await
}
