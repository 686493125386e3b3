//! Taking an application on, putting it back, taking it over.

use super::Named;
use super::application::{self, Typed};
use super::conflict;
use super::signed_in::SignedInStaff;
use super::wording::of_remark;
use crate::domain::review::Remark;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors, Press, TextForm};
use crate::http::page;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// Claims the application, from the queue or from its file, and opens the file.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(form.once, "staff/claim", location.clone());
    match staff.here.portal.claim(&staff.member, &named.reference, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, "").await,
    }
}

/// Puts the application back into the queue, and goes there.
pub(in crate::http) async fn release(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_queue();
    let once = staff.here.once(form.once, "staff/release", location.clone());
    match staff.here.portal.release(&staff.member, &named.reference, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, "").await,
    }
}

/// Why a claim is taken over, as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TakeOverForm {
    take_over_reason: String,
}

/// Takes a colleague's claim, and opens the file.
pub(in crate::http) async fn take_over(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<TakeOverForm>,
) -> Result<HttpResponse, Error> {
    let read = form.input.take_over_reason.parse::<Remark>();
    let read =
        form.checked(read.map_err(|error| FieldErrors::one("take_over_reason", of_remark("引き継ぐ理由", error))));
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/take-over", location.clone());
    let reason = match read {
        Ok(reason) => reason,
        Err(errors) => {
            let typed = Typed { take_over_reason: input.take_over_reason, ..Typed::default() };
            return application::again(staff, &named, typed, errors).await;
        }
    };
    match staff.here.portal.take_over(&staff.member, &named.reference, reason, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, &input.take_over_reason).await,
    }
}
