//! Signing out: the session ends in the portal, and the cookie goes.

use super::signed_in::SignedInStaff;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page;
use actix_web::HttpResponse;

/// Ends the session.
pub(in crate::http) async fn submit(staff: SignedInStaff, _: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let here = staff.here;
    here.portal.sign_out_staff(&staff.member, &here.visit.token()).await?;
    here.visit.forget();
    Ok(page::see_other(format!("{}?from=left", here.urls.staff_sign_in())))
}
