//! Who speaks: access tokens as they come back in requests.

use super::SimulatedApp;
use super::refusal::Refusal;
use super::state::Holder;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// For whom the request's bearer token speaks.
pub(super) fn holder(app: &SimulatedApp, request: &HttpRequest) -> Result<Holder, Refusal> {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Refusal::InvalidToken)?;
    let now = app.0.clock.now();
    match app.state().tokens.get(token) {
        Some(token) if token.expires_at > now => Ok(token.holder.clone()),
        _ => Err(Refusal::InvalidToken),
    }
}

/// The `userinfo` endpoint: no attributes are asked for, so only the subject is told.
pub(super) async fn show_person(app: web::Data<SimulatedApp>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    match holder(&app, &request)? {
        Holder::Person { subject, .. } => {
            Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({ "sub": subject })))
        }
        Holder::Client => Err(Refusal::InsufficientScope),
    }
}
