//! One attached picture: looked at and taken back by whoever attached it.

use super::super::applicant::Applicant;
use crate::domain::ids::AttachmentId;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::{page, picture};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The picture in the address.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Which {
    attachment: String,
}

impl Which {
    fn id(&self) -> Result<AttachmentId, Error> {
        self.attachment.parse().map_err(|_| Error::NotFound)
    }
}

/// Shows it.
pub(in crate::http) async fn show(applicant: Applicant, which: web::Path<Which>) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    let jpeg = here.portal.own_attachment(&here.library, applicant.draft.application.id, which.id()?).await?;
    Ok(picture::show(jpeg))
}

/// Takes it back.
pub(in crate::http) async fn remove(
    applicant: Applicant,
    which: web::Path<Which>,
    _form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    here.portal.detach(&here.library, applicant.draft.application.id, which.id()?).await?;
    Ok(page::see_other(here.urls.apply_documents()))
}
