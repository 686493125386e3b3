//! The card as a picture to keep, for where there is no network.

use crate::http::error::Error;
use crate::http::page;
use crate::http::patron::pdf::disposition;
use crate::http::patron::reader::Holder;
use crate::service;
use actix_web::HttpResponse;

/// Answers the picture; a card that cannot be used has none.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    match here.portal.card_picture(&here.library, &holder.session).await {
        Ok(Some(picture)) => Ok(HttpResponse::Ok()
            .content_type("image/png")
            .insert_header(disposition("図書館カード.png", "library-card.png"))
            .body(picture)),
        Ok(None) => Ok(page::see_other(here.urls.card_show())),
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}
