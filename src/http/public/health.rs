//! Health, for load balancers and monitoring: one word each, and nothing about anybody.

use crate::http::error_page::AsItIs;
use crate::service::Portal;
use actix_web::{HttpResponse, web};

/// The process answers.
pub(in crate::http) async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("live")
}

/// The database answers too.
pub(in crate::http) async fn ready(portal: web::Data<Portal>) -> HttpResponse {
    match portal.ready().await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain").body("ready"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let mut answer = HttpResponse::ServiceUnavailable().content_type("text/plain").body("not ready");
            answer.extensions_mut().insert(AsItIs);
            answer
        }
    }
}
