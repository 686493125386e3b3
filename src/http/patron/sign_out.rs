//! The end of the session, as on a computer that others use too.

use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Here};
use actix_web::HttpResponse;

/// Ends the session and takes the cookie away.
pub(in crate::http) async fn submit(here: Here, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    here.portal.end_session(&here.visit.token()).await?;
    here.visit.forget();
    Ok(page::see_other(here.urls.start_signed_out()))
}
