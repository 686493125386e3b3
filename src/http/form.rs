//! Forms: strict reading, one-time keys, and what was wrong with each field.
//!
//! To add a form: a struct with one `String` (or `Option`, or `Vec`) per control and
//! `#[serde(deny_unknown_fields)]`; take it in the handler as [`CsrfForm`]; collect refusals
//! in [`FieldErrors`] under the id of the control; answer `page::again` with them.

use super::error::Error;
pub use super::field_errors::FieldErrors;
use super::my_number;
use super::session::Visit;
use super::site::Site;
use crate::sha256::sha256;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The largest body that a form may have.
pub const LARGEST_BODY: usize = 64 * 1024;
/// A body that takes longer than this is not a person's.
pub const BODY_DEADLINE: Duration = Duration::from_secs(8);

/// The button that keeps a page as it stands.
const LATER: &str = "later";

/// What makes a repeated submission recognisable: the page's one-time key and what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTime {
    /// The random key drawn with the page.
    pub key: String,
    /// SHA-256 over all fields except the key and the CSRF field.
    pub body_hash: [u8; 32],
}

/// A form of this portal, sent by a browser of this session: the type `T` read strictly.
#[derive(Debug)]
pub struct CsrfForm<T> {
    /// The fields.
    pub input: T,
    /// Recognises a repeated submission.
    pub once: OneTime,
}

/// A form with boxes for text, read as [`CsrfForm`] is, with what the page must say about My Numbers in them.
#[derive(Debug)]
pub struct TextForm<T> {
    /// The fields, as typed: a page that is drawn again shows them, nothing else may keep them before [`checked`](Self::checked).
    pub input: T,
    /// Recognises a repeated submission.
    pub once: OneTime,
    /// The boxes in which a My Number seems to stand.
    refusals: FieldErrors,
    /// The fields as they were sent, if 「保存して後でつづける」 was pressed.
    later: Option<String>,
}

impl<T> TextForm<T> {
    /// The page as it stands, if it shall be kept for later without being judged; never with a My Number in it.
    pub fn later(&self) -> Option<&str> {
        self.later.as_deref().filter(|_| self.refusals.is_empty())
    }

    /// What was read from the fields, unless a My Number stands in one of them.
    ///
    /// # Errors
    /// What is wrong, a My Number before anything else about its box.
    pub fn checked<V>(&self, read: Result<V, FieldErrors>) -> Result<V, FieldErrors> {
        if self.refusals.is_empty() {
            return read;
        }
        Err(self.refusals.clone().before(read.err().unwrap_or_default()))
    }
}

/// A body on its way in.
type Arriving<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for CsrfForm<T> {
    type Error = Error;
    type Future = Arriving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = arriving(request, payload);
        Box::pin(async move {
            let TextForm { input, once, refusals, later } = form.await?;
            if later.is_some() {
                // No page with this form has that button.
                return Err(Error::BadForm);
            }
            if refusals.is_empty() { Ok(Self { input, once }) } else { Err(Error::HoldsMyNumber) }
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for TextForm<T> {
    type Error = Error;
    type Future = Arriving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        arriving(request, payload)
    }
}

fn arriving<T: DeserializeOwned + 'static>(request: &HttpRequest, payload: &mut Payload) -> Arriving<TextForm<T>> {
    let content_type = request.content_type() == "application/x-www-form-urlencoded"
        && !request.headers().contains_key("content-encoding")
        && request.headers().get_all(CONTENT_TYPE).count() == 1;
    let visit = request.extensions().get::<Visit>().cloned();
    let site = request.app_data::<web::Data<Site>>().cloned();
    let body = web::Payload::from_request(request, payload);
    Box::pin(async move {
        if !content_type {
            return Err(Error::UnsupportedType);
        }
        let (Some(visit), Some(site)) = (visit, site) else {
            return Err(Error::internal("the guard middleware is missing"));
        };
        let body = body.await.map_err(|_| Error::BadForm)?;
        let bytes = tokio::time::timeout(BODY_DEADLINE, body.to_bytes_limited(LARGEST_BODY))
            .await
            .map_err(|_| Error::TooSlow)?
            .map_err(|_| Error::TooLarge)?
            .map_err(|_| Error::BadForm)?;
        read(&bytes, |field| visit.accepts(&site.csrf_key, field))
    })
}

/// Takes the hidden fields out of a form's body, checks them, and reads the rest strictly.
fn read<T: DeserializeOwned>(body: &[u8], accepts_csrf: impl Fn(&str) -> bool) -> Result<TextForm<T>, Error> {
    let body = std::str::from_utf8(body).map_err(|_| Error::BadForm)?;
    let (mut csrf, mut key, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    let (mut confirmed, mut later) = (false, false);
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("csrf", value)) => csrf.push(value),
            Some(("idem", value)) => key.push(value),
            Some((my_number::CONFIRMATION, value)) => confirmed = value == "yes",
            Some((LATER, "yes")) => later = true,
            _ => rest.push(pair),
        }
    }
    match csrf[..] {
        [field] if accepts_csrf(field) => {}
        [_] | [] => return Err(Error::FormExpired),
        _ => return Err(Error::BadForm),
    }
    let [key] = key[..] else { return Err(Error::BadForm) };
    if key.len() != 22 || !key.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_')) {
        return Err(Error::BadForm);
    }
    let rest = rest.join("&");
    let input = serde_html_form::from_str(&rest).map_err(|_| Error::BadForm)?;
    let fields: Vec<(String, String)> = serde_html_form::from_str(&rest).map_err(|_| Error::BadForm)?;
    let refusals = my_number::refusals(&fields, confirmed);
    let body_hash = sha256(rest.as_bytes());
    Ok(TextForm { input, once: OneTime { key: key.to_owned(), body_hash }, refusals, later: later.then_some(rest) })
}

/// A form of nothing but a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NameForm {
        name: String,
        #[serde(default)]
        consent: Vec<String>,
    }

    const KEY: &str = "abcdefghijklmnopqrst-_";

    fn posted(fields: &str) -> Result<TextForm<NameForm>, Error> {
        read(format!("csrf=good&idem={KEY}&{fields}").as_bytes(), |field| field == "good")
    }

    #[test]
    fn a_form_is_read_with_its_one_time_key() {
        let form = posted("name=%E9%AB%99%E6%A9%8B+%E8%8A%B1%E5%AD%90&consent=a&consent=b").unwrap();
        assert_eq!(form.input, NameForm { name: "髙橋 花子".into(), consent: vec!["a".into(), "b".into()] });
        assert_eq!(form.once.key, KEY);
        assert_ne!(form.once.body_hash, posted("name=x").unwrap().once.body_hash);
    }

    #[test]
    fn the_same_fields_have_the_same_hash_under_any_key() {
        let other = read::<NameForm>(b"csrf=good&idem=0000000000000000000000&name=x", |_| true).unwrap();
        assert_eq!(other.once.body_hash, posted("name=x").unwrap().once.body_hash);
    }

    #[test]
    fn unknown_and_repeated_fields_are_refused() {
        for fields in ["name=x&state=issued", "name=x&name=y", "", "name=x&%63srf=good", "name=x&idem=abc"] {
            assert!(matches!(posted(fields), Err(Error::BadForm)), "{fields}");
        }
    }

    #[test]
    fn a_page_is_kept_for_later_only_if_asked_and_never_with_a_my_number() {
        assert_eq!(posted("name=x&later=yes").unwrap().later(), Some("name=x"));
        assert_eq!(posted("name=x").unwrap().later(), None);
        assert_eq!(posted("name=1234-5678-9018&later=yes").unwrap().later(), None);
        assert!(matches!(posted("name=x&later=no"), Err(Error::BadForm)));
    }

    #[test]
    fn a_missing_or_foreign_token_is_an_expired_form() {
        for body in ["name=x", "csrf=bad&idem=abcdefghijklmnopqrst-_&name=x", "csrf=&name=x"] {
            assert!(matches!(read::<NameForm>(body.as_bytes(), |field| field == "good"), Err(Error::FormExpired)));
        }
        assert!(matches!(read::<NameForm>(b"csrf=good&csrf=good&name=x", |_| true), Err(Error::BadForm)));
    }

    #[test]
    fn a_key_that_the_page_cannot_have_drawn_is_refused() {
        for key in ["", "short", "abcdefghijklmnopqrst-%2F", "abcdefghijklmnopqrst-_x"] {
            let body = format!("csrf=good&idem={key}&name=x");
            assert!(matches!(read::<NameForm>(body.as_bytes(), |_| true), Err(Error::BadForm)), "{key}");
        }
    }

    #[test]
    fn a_lone_button_carries_no_fields() {
        let body = format!("csrf=good&idem={KEY}");
        assert_eq!(read::<Press>(body.as_bytes(), |_| true).unwrap().input, Press {});
        assert!(read::<Press>(format!("{body}&role=admin").as_bytes(), |_| true).is_err());
    }

    #[test]
    fn a_my_number_stands_before_all_else_that_is_wrong_with_its_box() {
        let form = posted("name=1234-5678-9018").unwrap();
        let mut wrong = FieldErrors::one("name", "氏名は100文字までです");
        wrong.add("kana", "フリガナを入力してください");
        let errors = form.checked::<()>(Err(wrong)).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field.as_ref()).collect::<Vec<_>>(), ["name", "kana"]);
        assert_eq!(errors.of("name"), Some(my_number::refused().plain().as_str()));
        assert_eq!(form.input.name, "1234-5678-9018", "the page shows what was typed");
        assert!(form.checked(Ok(())).is_err(), "sound or not, it is not taken");
        assert_eq!(posted("name=090-1234-5678").unwrap().checked(Ok(7)), Ok(7));
    }
}
