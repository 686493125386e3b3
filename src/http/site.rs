//! What the web layer knows of its installation.

use super::concealed::AddressKey;
use super::error::Error;
use super::limits::{LimitSettings, Limits, network_of};
use super::session::CsrfKey;
use super::urls::BaseUrl;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use std::net::IpAddr;

/// What the web layer knows of its installation. Made once at the start.
#[derive(Debug)]
pub struct Site {
    /// Where the portal is reached; the only source of absolute addresses.
    pub base: BaseUrl,
    /// Derives hidden form fields.
    pub csrf_key: CsrfKey,
    /// Conceals words in addresses.
    pub address_key: AddressKey,
    /// Reverse proxies whose last `X-Forwarded-For` entry is believed.
    pub trusted_proxies: Vec<IpAddr>,
    pub(super) policy: HeaderValue,
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
            address_key: AddressKey::new(csrf_secret),
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

    /// Counts one try of a patron to sign in with number and password.
    ///
    /// # Errors
    /// [`Error::TooMany`] with the time to wait.
    pub(super) fn count_patron_sign_in(&self, request: &HttpRequest) -> Result<(), Error> {
        match self.client(request.peer_addr().map(|peer| peer.ip()), request.headers()) {
            Some(client) => self.limits.count_patron_sign_in(client),
            None => Ok(()),
        }
    }

    /// Counts one typed code of a hand-off to a telephone.
    ///
    /// # Errors
    /// [`Error::TooMany`] with the time to wait.
    pub(super) fn count_typed_code(&self, request: &HttpRequest) -> Result<(), Error> {
        match self.client(request.peer_addr().map(|peer| peer.ip()), request.headers()) {
            Some(client) => self.limits.count_typed_code(client),
            None => Ok(()),
        }
    }

    /// Counts one notice that is looked up.
    ///
    /// # Errors
    /// [`Error::TooMany`] with the time to wait.
    pub(super) fn count_verification(&self, request: &HttpRequest) -> Result<(), Error> {
        match self.client(request.peer_addr().map(|peer| peer.ip()), request.headers()) {
            Some(client) => self.limits.count_verification(client),
            None => Ok(()),
        }
    }

    /// Counts one post.
    ///
    /// # Errors
    /// [`Error::TooMany`] with the time to wait.
    pub(super) fn count_post(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Result<(), Error> {
        match self.client(peer, headers) {
            Some(client) => self.limits.count_post(client),
            None => Ok(()),
        }
    }

    /// In which network whoever asks is.
    pub(super) fn network(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.client(request.peer_addr().map(|peer| peer.ip()), request.headers()).map(network_of)
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
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
    for origin in signing_origins {
        policy.push(' ');
        policy.push_str(origin);
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderName;

    #[test]
    fn the_policy_allows_nothing_inline_and_only_known_places_for_forms() {
        let policy = content_security_policy(&["https://app.example".into()]);
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "));
        assert!(policy.ends_with("form-action 'self' https://app.example"));
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("data:"));
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_last_hop() {
        let hops = forwarded_for("1.1.1.1, 203.0.113.9");
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let stranger: IpAddr = "198.51.100.4".parse().unwrap();
        let limits = LimitSettings::default();
        let base = "https://card.example.jp".parse().unwrap();
        let site = Site::new(base, &[1; 32], &[], vec![proxy], &limits).unwrap();
        assert_eq!(site.client(Some(proxy), &hops), Some("203.0.113.9".parse().unwrap()));
        assert_eq!(site.client(Some(stranger), &hops), Some(stranger));
        assert_eq!(site.client(Some(proxy), &forwarded_for("nonsense")), Some(proxy));
    }

    fn forwarded_for(hops: &'static str) -> HeaderMap {
        let mut map = HeaderMap::new();
        map.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static(hops));
        map
    }
}
