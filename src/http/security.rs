//! The guard: one middleware around every request.
//!
//! It recognises the browser, refuses posts that another site caused and posts that come
//! too fast, sets the security headers, and gives every error its page.

use super::audience::Audience;
use super::error::Error;
use super::error_page;
use super::languages;
use super::page::{Here, Layout};
use super::session::{Door, Visit};
use super::site::Site;
use super::staff::signed_in::SignedInStaff;
use super::urls;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};

/// The middleware. Wrap the application in `actix_web::middleware::from_fn(guard)`.
///
/// # Errors
/// None of its own: every failure becomes an answer.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(site) = request.app_data::<web::Data<Site>>().cloned() else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let door = if urls::is_staff(request.path()) { Door::Staff } else { Door::Public };
    let recognised = {
        let cookies = request.cookies().ok();
        let cookies = cookies.iter().flat_map(|cookies| cookies.iter());
        Visit::recognise(door, urls::slug_of(request.path()), cookies.map(Cookie::name_value))
    };
    let visit = match recognised {
        Ok(visit) => visit,
        Err(error) => return Ok(request.error_response(error)),
    };
    visit.tell_device(user_agent(request.headers()), site.network(request.request()));
    request.extensions_mut().insert(visit.clone());
    let is_page = !request.path().starts_with("/static/");
    let response = match check(&site, &request) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(error) => request.error_response(error),
    };
    let mut response = response;
    if response.status().is_client_error() || response.status().is_server_error() {
        learn_library(response.request()).await;
        if let Some(instead) = learn_staff(response.request()).await {
            response = response.error_response(instead);
        }
    }
    let mut response = error_page::dress(response, &site, &visit);
    if let Some(cookie) = visit.cookie()
        && let Err(error) = response.response_mut().add_cookie(&cookie)
    {
        tracing::error!(%error, "the session cookie cannot be set");
    }
    if let Some(cookie) = visit.device_cookie()
        && let Err(error) = response.response_mut().add_cookie(&cookie)
    {
        tracing::error!(%error, "the cookie of the device cannot be set");
    }
    if response.status().is_success()
        && let Some(cookie) = languages::newly_chosen(response.request(), site.base.origin())
        && let Err(error) = response.response_mut().add_cookie(&cookie)
    {
        tracing::error!(%error, "the cookie of the language cannot be set");
    }
    set_headers(response.headers_mut(), &site, is_page);
    Ok(response)
}

/// Has the error page wear the library's dress even if a form was refused before the library was looked up: a handler's
/// extractors run side by side. An address of no library stays bare.
async fn learn_library(request: &HttpRequest) {
    if request.extensions().get::<Layout>().is_none() {
        let _ = Here::from_request(request, &mut Payload::None).await;
    }
}

fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Has the error page wear the staff's dress even if the address was refused before it was looked up who works here.
/// Whoever may not look there, or is signed out, learns that first: nothing about the address.
async fn learn_staff(request: &HttpRequest) -> Option<Error> {
    let is_staffs = request.extensions().get::<Audience>().is_some_and(|audience| audience.is_staff());
    let is_known = request.extensions().get::<Layout>().is_some_and(|layout| layout.staff_name.is_some());
    if !is_staffs || is_known {
        return None;
    }
    let refused = SignedInStaff::from_request(request, &mut Payload::None).await.err()?;
    // A form that has expired says so, and its words are kept in the browser.
    (request.method().is_safe() && matches!(refused, Error::SeeOther(_) | Error::Forbidden)).then_some(refused)
}

fn check(site: &Site, request: &ServiceRequest) -> Result<(), Error> {
    if request.method().is_safe() {
        return Ok(());
    }
    if request.method() != Method::POST {
        return Err(Error::MethodNotAllowed);
    }
    if !comes_from_ourselves(request.headers(), site.base.origin()) {
        return Err(Error::CrossSite);
    }
    let peer = request.peer_addr().map(|peer| peer.ip());
    site.count_post(peer, request.headers())
}

/// First layer against forged posts: the browser says who caused the request (Fetch Metadata), or at least from where.
fn comes_from_ourselves(headers: &HeaderMap, own_origin: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == own_origin,
        (None, None) => false,
    }
}

fn set_headers(headers: &mut HeaderMap, site: &Site, is_page: bool) {
    const FIXED: [(&str, &str); 6] = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // An answer that brings its own is stricter: a picture that a stranger sent.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, site.policy.clone());
    }
    if is_page && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if site.base.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(base: &str) -> Site {
        let limits = crate::http::limits::LimitSettings::default();
        Site::new(base.parse().unwrap(), &[1; 32], &[], Vec::new(), &limits).unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn posts_must_come_from_our_own_pages() {
        let own = "https://card.example.jp";
        for (pairs, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://card.example.jp")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://card.example.jp")], true),
            (&[("origin", "https://card.example.jp.evil.example")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            assert_eq!(comes_from_ourselves(&headers(pairs), own), expected, "{pairs:?}");
        }
    }

    #[test]
    fn https_sites_ask_for_https_for_ever_and_others_do_not() {
        let mut set = HeaderMap::new();
        set_headers(&mut set, &site("https://card.example.jp"), true);
        assert!(set.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert_eq!(set.get(header::CACHE_CONTROL).unwrap(), "no-store");
        let mut set = HeaderMap::new();
        set_headers(&mut set, &site("http://localhost:8080"), true);
        assert!(!set.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
