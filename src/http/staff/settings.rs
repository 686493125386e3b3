//! One's own settings: whether the keys of the keyboard do anything, kept in this browser.

use super::signed_in::{KEYS_COOKIE, SignedInStaff};
use crate::http::error::Error;
use crate::http::form::CsrfForm;
use crate::http::page::{self, Layout};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// For how long the browser remembers.
const REMEMBERED: Duration = Duration::days(365);

/// The form as sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SettingsForm {
    #[serde(default)]
    keys: String,
}

/// The settings.
#[derive(Template)]
#[template(path = "staff/settings.html")]
struct SettingsPage {
    layout: Layout,
    is_saved: bool,
}

/// What brought somebody here.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Arrival {
    saved: Option<String>,
}

/// Shows the settings.
pub(in crate::http) async fn show(staff: SignedInStaff, from: web::Query<Arrival>) -> Result<HttpResponse, Error> {
    page::ok(&SettingsPage { layout: staff.here.layout, is_saved: from.saved.is_some() })
}

/// Keeps them.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: CsrfForm<SettingsForm>) -> Result<HttpResponse, Error> {
    let value = if form.input.keys == "on" { "on" } else { "off" };
    let cookie = Cookie::build(KEYS_COOKIE, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(REMEMBERED)
        .finish();
    let mut answer = page::see_other(format!("{}?saved=yes", staff.here.urls.staff_settings()));
    answer.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(answer)
}
