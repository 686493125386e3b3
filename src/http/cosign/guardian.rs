//! The guardian's browser.

use crate::domain::ids::CosignInvitationId;
use crate::domain::library::Library;
use crate::http::error::Error;
use crate::http::languages;
use crate::http::page::Layout;
use crate::http::session::Visit;
use crate::http::site::Site;
use crate::service::Portal;
use crate::words::Words;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Ready, ready};

/// A browser at the addresses of guardians.
pub(in crate::http) struct Guardian {
    pub(super) portal: web::Data<Portal>,
    pub(super) site: web::Data<Site>,
    pub(super) visit: Visit,
    pub(super) request: HttpRequest,
}

impl FromRequest for Guardian {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let missing = || Error::internal("the application is not put together");
        let mut found = || {
            Ok(Self {
                portal: request.app_data::<web::Data<Portal>>().cloned().ok_or_else(missing)?,
                site: request.app_data::<web::Data<Site>>().cloned().ok_or_else(missing)?,
                visit: Visit::from_request(request, payload).into_inner()?,
                request: request.clone(),
            })
        };
        ready(found())
    }
}

impl Guardian {
    /// The words of its pages: their addresses name no language, so the browser does.
    pub(super) fn words(&self) -> Words {
        languages::spoken(&self.request)
    }

    /// What stands around a page of whom nobody knows which library asks.
    pub(super) fn bare(&self) -> Layout {
        Layout::bare(&self.site, &self.visit).as_spoken(&self.request)
    }

    /// What stands around a page of the library that asks.
    pub(super) fn of(&self, library: &Library) -> Layout {
        Layout::of(library, self.words(), &self.site, &self.visit).as_spoken(&self.request)
    }

    /// The token of the mail's address.
    pub(super) fn token(&self) -> &str {
        self.request.match_info().get("token").unwrap_or_default()
    }

    /// The invitation that the address names, if it can name one.
    pub(super) fn invitation(&self) -> Option<CosignInvitationId> {
        self.request.match_info().get("invitation")?.parse().ok()
    }
}
