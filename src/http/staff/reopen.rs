//! Opening a decision again, and asking once more for a correction.

use super::Named;
use super::application::{self, Typed};
use super::conflict;
use super::signed_in::SignedInStaff;
use super::wording::of_remark;
use crate::domain::review::{Remark, ReopenEffect};
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
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

/// Opens the decision again.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<ReopenForm>,
) -> Result<HttpResponse, Error> {
    let CsrfForm { input, once } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/reopen", location.clone());
    let mut errors = FieldErrors::none();
    let effect = ReopenEffect::ALL.into_iter().find(|effect| effect.as_str() == input.effect);
    if effect.is_none() {
        errors.add("effect", "発行したカードをどうするかを選んでください");
    }
    let reason = input.reopen_reason.parse::<Remark>();
    let reason = reason.map_err(|error| errors.add("reopen_reason", of_remark("理由", error))).ok();
    let (Some(effect), Some(reason)) = (effect, reason) else { return again(staff, &named, input, errors).await };
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.reopen(library, &staff.member, &named.reference, (effect, reason), &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => explain(staff, &named, input, error).await,
    }
}

/// Gives the applicant another time for the correction.
pub(in crate::http) async fn ask_once_more(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<ReopenForm>,
) -> Result<HttpResponse, Error> {
    let CsrfForm { input, once } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/ask-once-more", location.clone());
    let reason = match input.reopen_reason.parse::<Remark>() {
        Ok(reason) => reason,
        Err(error) => {
            return again(staff, &named, input, FieldErrors::one("reopen_reason", of_remark("理由", error))).await;
        }
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
