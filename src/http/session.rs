//! The visit: which browser is speaking, known by a cookie alone.
//!
//! A cookie whose token has no session in the portal is a visitor: nothing is written
//! until there is something to keep. The cookie is only set once a form was drawn, for
//! its hidden field is derived from the token.

use super::error::Error;
use crate::domain::device::DeviceKind;
use crate::random;
use crate::service::devices::Device;
use crate::service::session::SessionToken;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::rc::Rc;

/// How long a browser keeps the public cookie: as long as a draft lives.
const PUBLIC_LIFE: Duration = Duration::days(7);
/// What a patron's device is known by again: one cookie for each library.
const DEVICE_COOKIE: &str = "__Host-todoke-device.";
/// How long a browser keeps that: the longest that browsers keep any.
const DEVICE_LIFE: Duration = Duration::days(400);

/// Through which door somebody came in: staff sessions never mix with the public ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Applicants and patrons.
    Public,
    /// Members of staff.
    Staff,
}

impl Door {
    /// The name of a library's cookie. The prefix makes browsers insist on `Secure`, `Path=/` and no domain
    /// (RFC 6265bis §4.1.3.2); each library has its own, so that signing in to one ends nothing at another.
    #[must_use]
    pub fn cookie_name(self, slug: &str) -> String {
        format!("{}{slug}", self.cookie_prefix())
    }

    const fn cookie_prefix(self) -> &'static str {
        match self {
            Self::Public => "__Host-todoke.",
            Self::Staff => "__Host-todoke-staff.",
        }
    }
}

/// The key under which hidden form fields are derived from session tokens.
pub struct CsrfKey(hmac::Key);

impl CsrfKey {
    /// Takes the server's secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    fn tag(&self, token: &SessionToken) -> [u8; 32] {
        let mut tag = [0; 32];
        tag.copy_from_slice(hmac::sign(&self.0, token.to_cookie().as_bytes()).as_ref());
        tag
    }

    /// The hidden field for a page of this session. It looks different on every page, so that
    /// compressing it beside reflected input gives nothing away (BREACH).
    #[must_use]
    pub fn field(&self, token: &SessionToken) -> String {
        let mask = random::bytes::<32>();
        let mut field = [0; 64];
        field[..32].copy_from_slice(&mask);
        for (place, (tag, mask)) in field[32..].iter_mut().zip(self.tag(token).iter().zip(mask)) {
            *place = tag ^ mask;
        }
        BASE64URL_NOPAD.encode(&field)
    }

    /// Tells, in constant time, whether `field` was made for this session.
    #[must_use]
    pub fn accepts(&self, token: &SessionToken, field: &str) -> bool {
        let Ok(bytes) = BASE64URL_NOPAD.decode(field.as_bytes()) else { return false };
        let Some((mask, masked)) = bytes.split_at_checked(32) else { return false };
        let tag: Vec<u8> = masked.iter().zip(mask).map(|(masked, mask)| masked ^ mask).collect();
        hmac::verify(&self.0, token.to_cookie().as_bytes(), &tag).is_ok()
    }
}

impl fmt::Debug for CsrfKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfKey(…)")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Nothing,
    Keep,
    Forget,
}

/// One request of one browser. Cheap to clone; all clones are the same visit.
#[derive(Clone)]
pub struct Visit(Rc<Inner>);

struct Inner {
    door: Door,
    cookie_name: RefCell<String>,
    others: Vec<SessionToken>,
    token: RefCell<SessionToken>,
    /// True as long as nobody but this visit has ever seen the token.
    is_new: Cell<bool>,
    change: Cell<Change>,
    /// What each library knows this device by, as the browser says.
    devices: Vec<(String, SessionToken)>,
    kind: Cell<DeviceKind>,
    network: Cell<Option<IpAddr>>,
    kept_device: RefCell<Option<(String, SessionToken)>>,
}

/// The name of the cookie by which a patron's device is known to a library.
#[must_use]
pub fn device_cookie_name(slug: &str) -> String {
    format!("{DEVICE_COOKIE}{slug}")
}

impl Visit {
    /// Recognises the browser by its cookie, or gives it a token that it does not have yet.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn recognise<'a>(
        door: Door,
        slug: &str,
        cookies: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Error> {
        let cookie_name = door.cookie_name(slug);
        let (mut own, mut others, mut devices) = (None, Vec::new(), Vec::new());
        for (name, value) in cookies {
            let Some(token) = SessionToken::parse(value) else { continue };
            if name == cookie_name {
                own = Some(token);
            } else if name.starts_with(door.cookie_prefix()) {
                others.push(token);
            } else if let Some(slug) = name.strip_prefix(DEVICE_COOKIE) {
                devices.push((slug.to_owned(), token));
            }
        }
        let is_new = Cell::new(own.is_none());
        let token = own.unwrap_or_else(SessionToken::random);
        let (change, cookie_name) = (Cell::new(Change::Nothing), RefCell::new(cookie_name));
        let (kind, network, kept_device) = (Cell::new(DeviceKind::Other), Cell::new(None), RefCell::new(None));
        let token = RefCell::new(token);
        Ok(Self(Rc::new(Inner {
            door,
            cookie_name,
            others,
            token,
            is_new,
            change,
            devices,
            kind,
            network,
            kept_device,
        })))
    }

    /// Notes what the browser says of its device, and in which network that is.
    pub fn tell_device(&self, user_agent: &str, network: Option<IpAddr>) {
        self.0.kind.set(DeviceKind::of_user_agent(user_agent));
        self.0.network.set(network);
    }

    /// The device, as one library knows it; one that it does not know yet gets a name that it keeps from
    /// [`keep_device`](Self::keep_device) on.
    #[must_use]
    pub fn device(&self, slug: &str) -> Device {
        let known = self.0.devices.iter().find(|(name, _)| name == slug).map(|(_, token)| token.clone());
        Device {
            token: known.unwrap_or_else(SessionToken::random),
            kind: self.0.kind.get(),
            network: self.0.network.get(),
        }
    }

    /// Lets the browser keep what the library knows its device by: after a sign-in, not before.
    pub fn keep_device(&self, slug: &str, device: &Device) {
        self.0.kept_device.replace(Some((slug.to_owned(), device.token.clone())));
    }

    /// The cookie of the device to set on the answer, if any.
    #[must_use]
    pub fn device_cookie(&self) -> Option<Cookie<'static>> {
        let (slug, token) = self.0.kept_device.borrow().clone()?;
        let cookie = Cookie::build(device_cookie_name(&slug), token.to_cookie()).path("/").secure(true).http_only(true);
        Some(cookie.same_site(SameSite::Lax).max_age(DEVICE_LIFE).finish())
    }

    /// What other libraries know this browser by: for the one address that belongs to no library.
    #[must_use]
    pub fn tokens_elsewhere(&self) -> &[SessionToken] {
        &self.0.others
    }

    /// Through which door.
    #[must_use]
    pub fn door(&self) -> Door {
        self.0.door
    }

    /// What the portal knows this browser by.
    #[must_use]
    pub fn token(&self) -> SessionToken {
        self.0.token.borrow().clone()
    }

    /// True for a browser that has brought no token: there can be no session behind what it was given just now.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.0.is_new.get()
    }

    /// Keeps the browser's token: the answer sets the cookie. Call it wherever a session was made.
    pub fn keep(&self) {
        self.0.change.set(Change::Keep);
    }

    /// Gives the browser the token of a fresh session, as at every change of rights.
    pub fn become_session(&self, token: SessionToken) {
        self.0.token.replace(token);
        self.0.is_new.set(false);
        self.keep();
    }

    /// The same for one library, at the one address that belongs to none.
    pub fn become_session_of(&self, slug: &str, token: SessionToken) {
        self.0.cookie_name.replace(self.0.door.cookie_name(slug));
        self.become_session(token);
    }

    /// Takes the cookie away.
    pub fn forget(&self) {
        self.0.change.set(Change::Forget);
    }

    /// The hidden field `csrf` for a form on this answer; keeps the token.
    #[must_use]
    pub fn csrf_field(&self, key: &CsrfKey) -> String {
        self.keep();
        key.field(&self.0.token.borrow())
    }

    /// Tells whether a posted `csrf` field belongs to this browser.
    #[must_use]
    pub fn accepts(&self, key: &CsrfKey, field: &str) -> bool {
        key.accepts(&self.0.token.borrow(), field)
    }

    /// The cookie to set on the answer, if any.
    #[must_use]
    pub fn cookie(&self) -> Option<Cookie<'static>> {
        let name = self.0.cookie_name.borrow().clone();
        let value = match self.0.change.get() {
            Change::Nothing => return None,
            Change::Keep => self.0.token.borrow().to_cookie(),
            Change::Forget => String::new(),
        };
        let mut cookie =
            Cookie::build(name, value).path("/").secure(true).http_only(true).same_site(SameSite::Lax).finish();
        match (self.0.change.get(), self.0.door) {
            (Change::Forget, _) => cookie.make_removal(),
            (_, Door::Public) => cookie.set_max_age(PUBLIC_LIFE),
            (_, Door::Staff) => {}
        }
        Some(cookie)
    }
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visit = request.extensions().get::<Self>().cloned();
        ready(visit.ok_or_else(|| Error::internal("the guard middleware is missing")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> CsrfKey {
        CsrfKey::new(&[7; 32])
    }

    #[test]
    fn a_visitor_gets_no_cookie_until_a_form_is_drawn() {
        let visit = Visit::recognise(Door::Public, "aozora", []).unwrap();
        assert!(visit.cookie().is_none());
        let _ = visit.csrf_field(&key());
        let cookie = visit.cookie().unwrap().to_string();
        for part in ["__Host-todoke.aozora=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(part), "{cookie} lacks {part}");
        }
        assert!(!cookie.contains("Domain"));
    }

    #[test]
    fn a_field_is_accepted_in_its_own_session_only() {
        let (mine, other) = (SessionToken::random(), SessionToken::random());
        let field = key().field(&mine);
        assert!(key().accepts(&mine, &field));
        assert!(!key().accepts(&other, &field));
        assert!(!CsrfKey::new(&[8; 32]).accepts(&mine, &field));
    }

    #[test]
    fn a_field_never_looks_the_same_twice_and_short_ones_fail() {
        let token = SessionToken::random();
        assert_ne!(key().field(&token), key().field(&token));
        for field in ["", "AA", "not base64!", &"A".repeat(86)] {
            assert!(!key().accepts(&token, field), "{field}");
        }
    }

    #[test]
    fn a_cookie_of_the_wrong_size_counts_as_none() {
        let one = Visit::recognise(Door::Staff, "aozora", [("__Host-todoke-staff.aozora", "c2hvcnQ")]).unwrap();
        let two = Visit::recognise(Door::Staff, "aozora", [("__Host-todoke-staff.aozora", "c2hvcnQ")]).unwrap();
        assert_ne!(one.token().hash(), two.token().hash());
        assert!(one.is_new());
        one.become_session(SessionToken::random());
        assert!(!one.is_new(), "there is a session from now on");
    }

    #[test]
    fn a_known_cookie_is_recognised_until_a_fresh_session_replaces_it() {
        let (old, fresh) = (SessionToken::random(), SessionToken::random());
        let cookie = old.to_cookie();
        let visit = Visit::recognise(Door::Staff, "aozora", [("__Host-todoke-staff.aozora", cookie.as_str())]).unwrap();
        assert_eq!(visit.token().hash(), old.hash());
        assert!(visit.cookie().is_none() && !visit.is_new());
        visit.become_session(fresh.clone());
        assert_eq!(
            visit.cookie().unwrap().to_string().split(';').next().unwrap(),
            format!("__Host-todoke-staff.aozora={}", fresh.to_cookie())
        );
    }

    #[test]
    fn libraries_and_doors_do_not_share_a_cookie() {
        let (himeji, shiomi) = (SessionToken::random().to_cookie(), SessionToken::random().to_cookie());
        let cookies = [("__Host-todoke.himeji", himeji.as_str()), ("__Host-todoke.shiomi", shiomi.as_str())];
        let visit = Visit::recognise(Door::Public, "shiomi", cookies).unwrap();
        assert_eq!(visit.token().to_cookie(), shiomi);
        assert_eq!(visit.tokens_elsewhere().iter().map(SessionToken::to_cookie).collect::<Vec<_>>(), [himeji.as_str()]);
        let staff = Visit::recognise(Door::Staff, "shiomi", cookies).unwrap();
        assert_ne!(staff.token().to_cookie(), shiomi);
        assert!(staff.tokens_elsewhere().is_empty());
    }

    #[test]
    fn a_device_is_known_again_by_a_cookie_of_its_own() {
        let visit = Visit::recognise(Door::Public, "himeji", []).unwrap();
        visit.tell_device("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)", None);
        let device = visit.device("himeji");
        assert_eq!(device.kind, DeviceKind::Iphone);
        assert!(visit.device_cookie().is_none(), "nothing is kept of whoever does not sign in");
        visit.keep_device("himeji", &device);
        let cookie = visit.device_cookie().unwrap();
        assert_eq!(cookie.name(), "__Host-todoke-device.himeji");
        let again = Visit::recognise(Door::Public, "himeji", [(cookie.name(), cookie.value())]).unwrap();
        assert_eq!(again.device("himeji").token.hash(), device.token.hash());
        assert_ne!(again.device("shiomi").token.hash(), device.token.hash(), "each library knows it by another name");
        assert!(again.tokens_elsewhere().is_empty(), "it is no session");
    }

    #[test]
    fn forgetting_removes_the_cookie() {
        let visit = Visit::recognise(Door::Public, "aozora", []).unwrap();
        visit.forget();
        assert!(visit.cookie().unwrap().to_string().contains("Max-Age=0"));
    }
}
