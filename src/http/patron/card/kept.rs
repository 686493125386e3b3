//! The card to keep, for where there is no network: as a picture, and as a document.

use crate::http::error::Error;
use crate::http::page;
use crate::http::patron::pdf::{attachment, disposition};
use crate::http::patron::reader::Holder;
use crate::service;
use actix_web::HttpResponse;

/// Answers the picture; a card that cannot be used has none.
pub(in crate::http) async fn picture(holder: Holder) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let made = here.portal.card_picture(&here.library, &holder.session, here.layout.words).await;
    kept(&holder, made, |picture| {
        let name = disposition("図書館カード.png", "library-card.png");
        HttpResponse::Ok().content_type("image/png").insert_header(name).body(picture)
    })
}

/// Answers the document; a card that cannot be used has none.
pub(in crate::http) async fn paper(holder: Holder) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let made = here.portal.card_paper(&here.library, &holder.session, here.layout.words).await;
    kept(&holder, made, |paper| attachment(paper, "図書館カード.pdf", "library-card.pdf"))
}

fn kept(
    holder: &Holder,
    made: Result<Option<Vec<u8>>, service::Error>,
    answer: impl FnOnce(Vec<u8>) -> HttpResponse,
) -> Result<HttpResponse, Error> {
    match made {
        Ok(Some(file)) => Ok(answer(file)),
        Ok(None) => Ok(page::see_other(holder.here.urls.card_show())),
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}
