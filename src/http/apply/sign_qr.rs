//! Another QR code for a telephone; older ones become void.

use super::applicant::Applicant;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page;
use crate::service;
use actix_web::HttpResponse;

/// Shows another one.
pub(in crate::http) async fn submit(applicant: Applicant, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let here = applicant.here;
    match here.portal.show_handoff(&here.library, &here.visit.token(), applicant.draft.application.id).await {
        Ok(()) => Ok(page::see_other(here.urls.apply_sign())),
        Err(service::Error::NotFound) => Ok(page::see_other(here.urls.apply_check())),
        Err(error) => Err(error.into()),
    }
}

/// Leads whoever reloads the address of the button to the page that it stands on.
pub(in crate::http) async fn lead_there(applicant: Applicant) -> HttpResponse {
    page::see_other(applicant.here.urls.apply_sign())
}
