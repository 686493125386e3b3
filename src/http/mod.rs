//! Requests in, pages out.
//!
//! [`routes`] lists every address; a handler parses, calls one service function and
//! answers. Around all of them stands [`security::guard`]. What a page shows around its
//! contents is [`page::Layout`]; forms are read by [`form::CsrfForm`]; refusals become
//! Japanese in [`wording`].
//!
//! To add a page: an address in [`urls`], a line in [`routes`], a file here with the page's
//! struct, its `show` and `submit`, and a template of the same name.

pub mod apply;
mod asked;
pub mod assets;
pub mod audience;
mod base_url;
pub mod concealed;
pub mod cosign;
mod cosigning_card;
pub mod error;
mod error_page;
pub mod field_errors;
pub mod filters;
pub mod form;
pub mod handoff;
pub mod languages;
pub mod limits;
mod my_number;
pub mod page;
pub mod patron;
mod picture;
pub mod procedure_wording;
pub mod public;
pub mod routes;
pub mod security;
pub mod session;
pub mod site;
pub mod staff;
mod upload;
pub mod urls;
pub mod wording;

use crate::service::Portal;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, web};
use error::Error;
use site::Site;

/// The whole web application, as the server runs it and as tests call it.
pub fn app(
    portal: web::Data<Portal>,
    site: web::Data<Site>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(portal)
        .app_data(site)
        .configure(routes::configure)
        .default_service(web::to(nowhere))
        .wrap(from_fn(security::guard))
        .wrap(Compress::default())
}

async fn nowhere() -> Result<&'static str, Error> {
    Err(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::form::{CsrfForm, Press};
    use super::page::{self, Layout};
    use super::session::Visit;
    use super::*;
    use actix_web::HttpResponse;
    use actix_web::http::{StatusCode, header};
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    /// A form and its answer behind the guard; no portal is needed.
    fn small_app() -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody>,
            Error = actix_web::Error,
            InitError = (),
        >,
    > {
        async fn draw(site: web::Data<Site>, visit: Visit) -> String {
            let layout = Layout::bare(&site, &visit);
            format!("csrf={}&idem={}", layout.csrf(), layout.one_time_key())
        }
        async fn press(_form: CsrfForm<Press>) -> HttpResponse {
            page::see_other("/done")
        }
        let base = "https://card.example.jp".parse().unwrap();
        let site = Site::new(
            base,
            &[1; 32],
            &["https://app.example".to_owned()],
            Vec::new(),
            &limits::LimitSettings::default(),
        )
        .unwrap();
        App::new()
            .app_data(web::Data::new(site))
            .route("/form", web::get().to(draw))
            .route("/form", web::post().to(press))
            .default_service(web::to(nowhere))
            .wrap(from_fn(security::guard))
    }

    fn post(cookie: &str, body: String) -> TestRequest {
        TestRequest::post()
            .uri("/form")
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
            .insert_header((header::COOKIE, cookie.to_owned()))
            .set_payload(body)
    }

    #[actix_web::test]
    async fn a_form_is_accepted_from_the_browser_that_drew_it_and_from_no_other() {
        let app = init_service(small_app()).await;
        let drawn = call_service(&app, TestRequest::get().uri("/form").to_request()).await;
        let cookie = drawn.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let body = String::from_utf8(read_body(drawn).await.to_vec()).unwrap();

        let accepted = call_service(&app, post(&cookie, body.clone()).to_request()).await;
        assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
        let foreign = call_service(&app, post("__Host-todoke=other", body.clone()).to_request()).await;
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
        let page = read_body(foreign).await;
        assert!(String::from_utf8_lossy(&page).contains("時間がたったため、もう一度確認が必要です"));
        let extra = call_service(&app, post(&cookie, body + "&state=issued").to_request()).await;
        assert_eq!(extra.status(), StatusCode::BAD_REQUEST);
    }

    #[actix_web::test]
    async fn other_sites_other_methods_and_other_bodies_get_pages_not_effects() {
        let app = init_service(small_app()).await;
        let requests = [
            (TestRequest::post().uri("/form").insert_header(("sec-fetch-site", "cross-site")), StatusCode::FORBIDDEN),
            (TestRequest::post().uri("/form"), StatusCode::FORBIDDEN),
            (TestRequest::delete().uri("/form"), StatusCode::METHOD_NOT_ALLOWED),
            (post("", "{}".into()).insert_header(("content-type", "text/json")), StatusCode::UNSUPPORTED_MEDIA_TYPE),
            (post("", "x".repeat(form::LARGEST_BODY + 1)), StatusCode::PAYLOAD_TOO_LARGE),
            (TestRequest::get().uri("/nowhere"), StatusCode::NOT_FOUND),
        ];
        for (request, status) in requests {
            let answer = call_service(&app, request.to_request()).await;
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), page::HTML);
            assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{status}: nothing to keep");
            let body = read_body(answer).await;
            assert!(String::from_utf8_lossy(&body).contains("<h1"), "{status}");
        }
    }

    #[actix_web::test]
    async fn every_answer_carries_the_security_headers() {
        let app = init_service(small_app()).await;
        for path in ["/form", "/nowhere"] {
            let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            let policy = answer.headers().get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
            assert!(policy.ends_with("form-action 'self' https://app.example"), "{policy}");
            assert_eq!(answer.headers().get(header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
            assert_eq!(answer.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
            assert!(answer.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
        }
    }
}
