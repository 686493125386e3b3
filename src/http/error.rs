//! The one error of the web layer, and the page that each kind of it gets.
//!
//! Pages say what happened, that nothing is lost, and where to go; they never carry text
//! from below. What cannot be explained gets an incident number, under which the whole
//! chain is logged once.

use super::page::{self, Layout};
use super::security::Site;
use super::session::{Visit, random_bytes};
use super::wording;
use crate::domain::application::Refused;
use crate::service;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use askama::Template;
use data_encoding::BASE32_NOPAD;
use std::fmt::Write as _;
use time::OffsetDateTime;

/// Why a request has no ordinary answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such page, or not this visitor's: the two look alike on purpose.
    #[error("not found")]
    NotFound,
    /// The page exists, but not by this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The form does not look like the one on the page.
    #[error("the form cannot be read")]
    BadForm,
    /// The body is larger than any form of ours.
    #[error("the body is too large")]
    TooLarge,
    /// Not a form at all.
    #[error("not a form")]
    UnsupportedType,
    /// The body did not arrive in time.
    #[error("the body came too slowly")]
    TooSlow,
    /// Another site caused the request.
    #[error("the request comes from another site")]
    CrossSite,
    /// The form's hidden field belongs to no living session of this browser.
    #[error("the form has expired")]
    FormExpired,
    /// Signed in, but this is not theirs to do.
    #[error("forbidden")]
    Forbidden,
    /// The session has ended.
    #[error("signed out")]
    SignedOut,
    /// The signing app's answer belongs to no request of this browser.
    #[error("an answer to no signing request of this browser")]
    ForeignSigning,
    /// Somebody else was faster.
    #[error("changed by somebody else in between")]
    Stale,
    /// A stored signature does not verify any more, so nothing can be approved on it.
    #[error("a stored signature does not verify")]
    SignatureBroken,
    /// The state of the application does not allow it.
    #[error(transparent)]
    Refused(Refused),
    /// A form's one-time key came back with other contents.
    #[error("a form's key was used for another content")]
    KeyReused,
    /// Too many requests; worth trying again in so many seconds.
    #[error("too many requests")]
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// Too many tries of one thing; worth trying again at the given time.
    #[error("too many tries")]
    TooManyTries {
        /// When it is worth trying again.
        retry_at: OffsetDateTime,
    },
    /// Something outside does not answer.
    #[error("unavailable: {0}")]
    Unavailable(Box<dyn std::error::Error>),
    /// Something inside broke.
    #[error("internal: {0}")]
    Internal(Box<dyn std::error::Error>),
    /// Not an error for people: they are led on.
    #[error("see {0}")]
    SeeOther(String),
}

impl Error {
    /// Something inside broke.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error>>) -> Self {
        Self::Internal(cause.into())
    }

    fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedType,
            StatusCode::REQUEST_TIMEOUT => Self::TooSlow,
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => Self::Forbidden,
            status if status.is_client_error() => Self::BadForm,
            status => Self::internal(format!("an answer with status {status}")),
        }
    }
}

impl From<service::Error> for Error {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::NotFound => Self::NotFound,
            service::Error::SignedOut => Self::SignedOut,
            service::Error::Refused(refused) => Self::Refused(refused),
            service::Error::Stale => Self::Stale,
            service::Error::Repeated { location } => Self::SeeOther(location),
            service::Error::KeyReused => Self::KeyReused,
            service::Error::TooMany { retry_at } => Self::TooManyTries { retry_at },
            service::Error::SignatureBroken(_) => Self::SignatureBroken,
            service::Error::SigningApp(_) => Self::Unavailable(error.into()),
            other => Self::internal(other),
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::ForeignSigning => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::CrossSite | Self::FormExpired | Self::Forbidden | Self::SignedOut => StatusCode::FORBIDDEN,
            Self::Stale | Self::SignatureBroken | Self::Refused(_) => StatusCode::CONFLICT,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } | Self::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::SeeOther(_) => StatusCode::SEE_OTHER,
        }
    }

    /// A bare answer; the guard gives it its page, which needs the request.
    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        match self {
            Self::SeeOther(location) => answer.insert_header((header::LOCATION, location.as_str())),
            Self::TooMany { retry_after } => answer.insert_header((header::RETRY_AFTER, retry_after.to_string())),
            Self::TooSlow => answer.force_close(),
            _ => &mut answer,
        };
        answer.finish()
    }
}

/// The page of an error.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    heading: &'static str,
    paragraphs: Vec<String>,
    again: Option<String>,
    incident: Option<String>,
}

/// Gives an error its page, in the library's own dress if the library is known. Other answers pass through.
pub(super) fn dress(
    response: ServiceResponse<BoxBody>,
    site: &web::Data<Site>,
    visit: &Visit,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || has_words_of_its_own(&response) {
        return response;
    }
    let guessed = Error::from_status(status);
    let cause = response.response().error();
    let error = cause.and_then(|error| error.as_error::<Error>()).unwrap_or(&guessed);
    let request = response.request();
    let layout = request.extensions().get::<Layout>().cloned().unwrap_or_else(|| Layout::bare(site, visit));
    // Only a path that a route of ours has matched is offered: `//elsewhere` would lead away.
    let again = (layout.library.is_some() && request.method() == Method::POST && !request.path().starts_with("//"))
        .then(|| request.path().to_owned());
    let page = page_of(error, layout, again);
    let body = page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "the error page cannot be drawn");
        String::from("Todoke")
    });
    let mut answer = HttpResponse::build(status);
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers().get(&name) {
            answer.insert_header((name, value.clone()));
        }
    }
    if matches!(error, Error::TooSlow | Error::TooLarge) {
        answer.force_close();
    }
    let answer = answer.content_type(page::HTML).body(body);
    response.into_response(answer)
}

/// Put into an answer's extensions, says that it is meant as it is, though it is plain text.
pub(super) struct AsItIs;

/// The framework's own answers are bare or plain text; anything else was drawn on purpose.
fn has_words_of_its_own(response: &ServiceResponse<BoxBody>) -> bool {
    if response.response().extensions().get::<AsItIs>().is_some() {
        return true;
    }
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| !media_type.starts_with("text/plain"))
}

fn page_of(error: &Error, layout: Layout, again: Option<String>) -> ErrorPage {
    let incident = match error {
        Error::Internal(_) | Error::Unavailable(_) => Some(log(error)),
        _ => None,
    };
    let (heading, paragraphs) = wording::of_error(error);
    let again = again.filter(|_| matches!(error, Error::FormExpired | Error::Stale | Error::KeyReused));
    ErrorPage { layout, heading, paragraphs, again, incident }
}

/// Writes the whole chain to the log under a number that the visitor can read out.
fn log(error: &Error) -> String {
    let incident = random_bytes::<5>().map(|bytes| BASE32_NOPAD.encode(&bytes)).unwrap_or_default();
    let mut chain = error.to_string();
    let mut source = match error {
        Error::Internal(cause) | Error::Unavailable(cause) => cause.source(),
        _ => None,
    };
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(chain, ": {cause}");
        source = cause.source();
    }
    tracing::error!(incident, chain, "a request failed");
    incident
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn drawn(error: &Error) -> String {
        page_of(error, Layout::sample(), Some("/aozora/ja/apply/name".into())).render().unwrap()
    }

    fn all() -> Vec<Error> {
        vec![
            Error::NotFound,
            Error::MethodNotAllowed,
            Error::BadForm,
            Error::TooLarge,
            Error::UnsupportedType,
            Error::TooSlow,
            Error::CrossSite,
            Error::FormExpired,
            Error::Forbidden,
            Error::SignedOut,
            Error::ForeignSigning,
            Error::Stale,
            Error::SignatureBroken,
            Error::Refused(Refused::RequestExpired),
            Error::KeyReused,
            Error::TooMany { retry_after: 61 },
            Error::TooManyTries { retry_at: datetime!(2026-11-20 05:05 UTC) },
            Error::Unavailable("connection refused".into()),
            Error::internal("UNIQUE constraint failed: applications.reference"),
        ]
    }

    #[test]
    fn every_error_is_a_whole_page_with_a_way_out() {
        for error in all() {
            let page = drawn(&error);
            for part in ["<html lang=\"ja\">", "<h1", "id=\"main\"", "/aozora/ja/counter", "あおぞら市立図書館"]
            {
                assert!(page.contains(part), "{error:?} lacks {part}");
            }
        }
    }

    #[test]
    fn causes_stay_inside_and_an_incident_number_goes_out() {
        for error in [Error::internal("UNIQUE constraint failed: applications"), Error::Unavailable("refused".into())] {
            let page = drawn(&error);
            assert!(!page.contains("UNIQUE") && !page.contains("refused"));
            assert!(page.contains("お問い合わせ番号"));
        }
    }

    #[test]
    fn an_expired_form_leads_back_to_its_page() {
        assert!(drawn(&Error::FormExpired).contains("href=\"/aozora/ja/apply/name\""));
        assert!(!drawn(&Error::NotFound).contains("href=\"/aozora/ja/apply/name\""));
    }

    #[test]
    fn waiting_times_are_said_in_words_and_in_the_header() {
        assert!(drawn(&Error::TooMany { retry_after: 61 }).contains("2分"));
        assert!(drawn(&Error::TooManyTries { retry_at: datetime!(2026-11-20 05:05 UTC) }).contains("14:05"));
        let answer = Error::TooMany { retry_after: 61 }.error_response();
        assert_eq!(answer.headers().get(header::RETRY_AFTER).unwrap(), "61");
    }

    #[test]
    fn a_repeat_is_led_to_where_the_first_one_went() {
        let error = Error::from(service::Error::Repeated { location: "/aozora/ja/apply/email".into() });
        let answer = error.error_response();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers().get(header::LOCATION).unwrap(), "/aozora/ja/apply/email");
    }
}
