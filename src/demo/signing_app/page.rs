//! The app's pages: what a telephone would show.

use super::SimulatedApp;
use super::cards::Card;
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use reqwest::Url;

/// Where the style sheet is.
pub(super) const STYLE_PATH: &str = "/assets/app.css";
const STYLE: &str = include_str!("../../../templates/demo/signing_app/app.css");

/// The cards on the table.
#[derive(Template)]
#[template(path = "demo/signing_app/cards.html")]
pub(super) struct CardsPage<'a> {
    pub(super) action: &'static str,
    pub(super) visit: &'a str,
    pub(super) client_id: &'a str,
    /// The beginning of what is signed; none where somebody only signs in.
    pub(super) fingerprint: Option<String>,
    /// Whether the client can read encrypted results.
    pub(super) may_seal: bool,
    pub(super) cards: &'a [Card],
    /// What went wrong just now; empty at first.
    pub(super) message: String,
}

/// Why there are no cards on the table.
#[derive(Template)]
#[template(path = "demo/signing_app/refused.html")]
pub(super) struct RefusedPage {
    pub(super) reason: &'static str,
}

impl SimulatedApp {
    /// Renders a page under a policy that allows the style sheet and the ways out, nothing else.
    pub(super) fn page(&self, status: StatusCode, page: &impl Template) -> HttpResponse {
        let Ok(html) = page.render() else {
            return HttpResponse::InternalServerError().finish();
        };
        HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, self.content_security_policy()))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(html)
    }

    /// Browsers apply `form-action` to the redirect after a form, too, so the clients' origins stand in it.
    fn content_security_policy(&self) -> String {
        let mut origins: Vec<String> = self
            .0
            .client
            .redirect_uris
            .iter()
            .filter_map(|uri| Url::parse(uri).ok())
            .map(|uri| uri.origin().ascii_serialization())
            .collect();
        origins.sort();
        origins.dedup();
        format!(
            "default-src 'none'; style-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            origins.join(" ")
        )
    }
}

/// The style sheet.
pub(super) async fn show_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLE)
}
