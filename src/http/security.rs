//! The guard: one middleware around every request.
//!
//! It recognises the browser, refuses posts that another site caused and posts that come
//! too fast, sets the security headers, and gives every error its page.

use super::error::{self, Error};
use super::limits::{LimitSettings, Limits};
use super::session::{CsrfKey, Door, Visit};
use super::urls::{self, BaseUrl};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use std::net::IpAddr;

/// What the web layer knows of its installation. Made once at the start.
#[derive(Debug)]
pub struct Site {
    /// Where the portal is reached; the only source of absolute addresses.
    pub base: BaseUrl,
    /// Derives hidden form fields.
    pub csrf_key: CsrfKey,
    /// Reverse proxies whose last `X-Forwarded-For` entry is believed.
    pub trusted_proxies: Vec<IpAddr>,
    policy: HeaderValue,
    limits: Limits,
}

impl Site {
    /// Puts the installation together. `signing_origins` are where forms may be redirected to for signing.
    ///
    /// # Errors
    /// An origin cannot stand in a header.
    pub fn new(
        base: BaseUrl,
        csrf_secret: &[u8; 32],
        signing_origins: &[String],
        trusted_proxies: Vec<IpAddr>,
        limits: &LimitSettings,
    ) -> Result<Self, header::InvalidHeaderValue> {
        Ok(Self {
            base,
            csrf_key: CsrfKey::new(csrf_secret),
            trusted_proxies,
            policy: HeaderValue::from_str(&content_security_policy(signing_origins))?,
            limits: Limits::new(limits),
        })
    }

    /// Counts one try of staff to sign in to `login` of the library `slug`.
    ///
    /// # Errors
    /// [`Error::TooMany`] with the time to wait.
    pub(super) fn count_sign_in(&self, request: &HttpRequest, slug: &str, login: &str) -> Result<(), Error> {
        match self.client(request.peer_addr().map(|peer| peer.ip()), request.headers()) {
            Some(client) => self.limits.count_sign_in(client, slug, login),
            None => Ok(()),
        }
    }

    /// The address that the limits count for: the peer, or what a trusted proxy says of it.
    fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?;
        if !self.trusted_proxies.contains(&peer) {
            return Some(peer);
        }
        // Only the right-most hop was written by our own proxy; the rest is the client's word.
        let last = headers.get_all("x-forwarded-for").last().and_then(|value| value.to_str().ok());
        let hop = last.and_then(|list| list.rsplit(',').next()).and_then(|hop| hop.trim().parse().ok());
        Some(hop.unwrap_or(peer))
    }
}

/// The one policy of all pages: nothing inline, nothing foreign, forms only to ourselves and the signing app.
#[must_use]
pub fn content_security_policy(signing_origins: &[String]) -> String {
    let mut policy = String::from(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
    for origin in signing_origins {
        policy.push(' ');
        policy.push_str(origin);
    }
    policy
}

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
    request.extensions_mut().insert(visit.clone());
    let is_page = !request.path().starts_with("/static/");
    let response = match check(&site, &request) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(error) => request.error_response(error),
    };
    let mut response = error::dress(response, &site, &visit);
    if let Some(cookie) = visit.cookie()
        && let Err(error) = response.response_mut().add_cookie(&cookie)
    {
        tracing::error!(%error, "the session cookie cannot be set");
    }
    set_headers(response.headers_mut(), &site, is_page);
    Ok(response)
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
    match site.client(peer, request.headers()) {
        Some(client) => site.limits.count_post(client),
        None => Ok(()),
    }
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
    headers.insert(header::CONTENT_SECURITY_POLICY, site.policy.clone());
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

    fn site(proxies: &[&str]) -> Site {
        let proxies = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        Site::new("https://card.example.jp".parse().unwrap(), &[1; 32], &[], proxies, &LimitSettings::default())
            .unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn the_policy_allows_nothing_inline_and_only_known_places_for_forms() {
        let policy = content_security_policy(&["https://app.example".into()]);
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "));
        assert!(policy.ends_with("form-action 'self' https://app.example"));
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("data:"));
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
    fn only_a_trusted_proxy_is_believed_and_only_its_last_hop() {
        let forwarded = headers(&[("x-forwarded-for", "1.1.1.1, 203.0.113.9")]);
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let stranger: IpAddr = "198.51.100.4".parse().unwrap();
        let site = site(&["10.0.0.1"]);
        assert_eq!(site.client(Some(proxy), &forwarded), Some("203.0.113.9".parse().unwrap()));
        assert_eq!(site.client(Some(stranger), &forwarded), Some(stranger));
        assert_eq!(site.client(Some(proxy), &headers(&[("x-forwarded-for", "nonsense")])), Some(proxy));
    }

    #[test]
    fn https_sites_ask_for_https_for_ever_and_others_do_not() {
        let mut set = HeaderMap::new();
        set_headers(&mut set, &site(&[]), true);
        assert!(set.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert_eq!(set.get(header::CACHE_CONTROL).unwrap(), "no-store");
        let plain =
            Site::new("http://localhost:8080".parse().unwrap(), &[1; 32], &[], Vec::new(), &LimitSettings::default())
                .unwrap();
        let mut set = HeaderMap::new();
        set_headers(&mut set, &plain, true);
        assert!(!set.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
