//! Leaving an application to others: one's own, or that of somebody close.

use super::Named;
use super::conflict;
use super::signed_in::SignedInStaff;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page;
use actix_web::{HttpResponse, web};

/// Leaves the application to others for good, and goes back to the queue.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_queue();
    let once = staff.here.once(form.once, "staff/recusal", location.clone());
    match staff.here.portal.recuse(&staff.member, &named.reference, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, "").await,
    }
}
