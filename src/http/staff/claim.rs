//! Taking an application on, and putting it back.

use super::Named;
use super::conflict;
use super::signed_in::SignedInStaff;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page;
use actix_web::{HttpResponse, web};

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
