//! How work goes, and the keys of the keyboard.

use super::signed_in::SignedInStaff;
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use actix_web::HttpResponse;
use askama::Template;

/// The help.
#[derive(Template)]
#[template(path = "staff/help.html")]
struct HelpPage {
    layout: Layout,
}

/// There is no such page on the staff's side.
pub(in crate::http) async fn nowhere(_staff: SignedInStaff) -> Result<HttpResponse, Error> {
    Err(Error::NotFound)
}

/// Shows the help.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    page::ok(&HelpPage { layout: staff.here.layout })
}
