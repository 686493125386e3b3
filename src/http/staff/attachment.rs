//! One attached picture: looked at, and destroyed if it may not be kept.

use super::signed_in::SignedInStaff;
use crate::domain::ids::AttachmentId;
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::{page, picture};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// Application and picture in the address.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Which {
    reference: Reference,
    attachment: String,
}

impl Which {
    fn id(&self) -> Result<AttachmentId, Error> {
        self.attachment.parse().map_err(|_| Error::NotFound)
    }
}

/// Shows the picture. The service notes the look in the file's own record.
pub(in crate::http) async fn show(staff: SignedInStaff, which: web::Path<Which>) -> Result<HttpResponse, Error> {
    let jpeg = staff.here.portal.view_attachment(&staff.member, &which.reference, which.id()?).await?;
    Ok(picture::show(jpeg))
}

/// Destroys it.
pub(in crate::http) async fn destroy(
    staff: SignedInStaff,
    which: web::Path<Which>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application(&which.reference);
    let once = staff.here.once(form.once, "staff/attachment/destroy", location.clone());
    staff.here.portal.destroy_attachment(&staff.member, &which.reference, which.id()?, &once).await?;
    Ok(page::see_other(location))
}
