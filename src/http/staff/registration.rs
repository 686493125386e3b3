//! What the library system said of one application: taken in, or not.

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

/// The form as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RefusalForm {
    refusal_reason: String,
}

/// The library system took it in: the card is issued.
pub(in crate::http) async fn confirm(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(form.once, "staff/registration/confirm", location.clone());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.confirm_registration(library, &staff.member, &named.reference, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, "").await,
    }
}

/// The library system did not: back into review.
pub(in crate::http) async fn refuse(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<RefusalForm>,
) -> Result<HttpResponse, Error> {
    let read = form.input.refusal_reason.parse::<Remark>();
    let read = form.checked(read.map_err(|error| FieldErrors::one("refusal_reason", of_remark("理由", error))));
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/registration/refuse", location.clone());
    let reason = match read {
        Ok(reason) => reason,
        Err(errors) => {
            let typed = Typed { refusal_reason: input.refusal_reason, ..Typed::default() };
            return application::again(staff, &named, typed, errors).await;
        }
    };
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.refuse_registration(library, &staff.member, &named.reference, reason, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, &input.refusal_reason).await,
    }
}
