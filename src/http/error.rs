//! The one error of the web layer: why a request has no ordinary answer.

use crate::domain::application::Refused;
use crate::service;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use time::OffsetDateTime;

/// Why a request has no ordinary answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such page, or not this visitor's: the two look alike on purpose.
    #[error("not found")]
    NotFound,
    /// An application that was made up to try the portal with has no file.
    #[error("made up to try the portal with")]
    Seeded,
    /// The page exists, but not by this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The form does not look like the one on the page.
    #[error("the form cannot be read")]
    BadForm,
    /// The body is larger than any form of ours.
    #[error("the body is too large")]
    TooLarge,
    /// A file so large that the rest of it is not read.
    #[error("the file is too large")]
    FileTooLarge,
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
    /// Somebody's own card or application, or that of their family: a matter for colleagues.
    #[error("close to whom it is about")]
    Related,
    /// The state of the application does not allow it.
    #[error(transparent)]
    Refused(Refused),
    /// A form's one-time key came back with other contents.
    #[error("a form's key was used for another content")]
    KeyReused,
    /// A form holds a My Number, which is taken nowhere.
    #[error("a form holds what may be a My Number")]
    HoldsMyNumber,
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

    pub(super) fn from_status(status: StatusCode) -> Self {
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
            service::Error::Seeded => Self::Seeded,
            service::Error::SignedOut => Self::SignedOut,
            service::Error::Refused(refused) => Self::Refused(refused),
            service::Error::Stale => Self::Stale,
            service::Error::Related => Self::Related,
            service::Error::Repeated { location } => Self::SeeOther(location),
            service::Error::KeyReused => Self::KeyReused,
            service::Error::TooMany { retry_at } => Self::TooManyTries { retry_at },
            service::Error::SignatureBroken(_) => Self::SignatureBroken,
            service::Error::SigningApp(_) | service::Error::PictureReader(_) => Self::Unavailable(error.into()),
            other => Self::internal(other),
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Seeded | Self::ForeignSigning => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::TooLarge | Self::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::CrossSite | Self::FormExpired | Self::Forbidden | Self::SignedOut => StatusCode::FORBIDDEN,
            Self::Stale | Self::SignatureBroken | Self::Related | Self::Refused(_) => StatusCode::CONFLICT,
            Self::KeyReused | Self::HoldsMyNumber => StatusCode::UNPROCESSABLE_ENTITY,
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
