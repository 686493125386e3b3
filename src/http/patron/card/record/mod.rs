//! My record: everything that the library keeps of a patron, until when, and who looked. As a page, as JSON, as PDF.

mod applications;
mod json;
mod sections;
mod wording;

use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::page::{self, Layout};
use crate::http::patron::pdf;
use crate::http::patron::reader::Holder;
use crate::service;
use crate::service::own_record::OwnRecord;
use actix_web::HttpResponse;
use askama::Template;
use sections::Section;

/// The page.
#[derive(Template)]
#[template(path = "patron/card/record.html")]
struct RecordPage {
    layout: Layout,
    at: Moment,
    sections: Vec<Section>,
    telephone: String,
}

/// Shows everything.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    match record(&holder).await? {
        Some(record) => page::ok(&RecordPage {
            at: Moment(record.at),
            sections: sections::of(&record, &here.library.rules, here.layout.words),
            telephone: here.library.rules.contact.telephone.clone(),
            layout: here.layout.clone(),
        }),
        None => Ok(page::see_other(holder.elsewhere())),
    }
}

/// The same for programs.
pub(in crate::http) async fn json(holder: Holder) -> Result<HttpResponse, Error> {
    let Some(record) = record(&holder).await? else { return Ok(page::see_other(holder.elsewhere())) };
    let body = serde_json::to_string_pretty(&json::of(&record, &holder.here.library.rules)).map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(pdf::disposition("わたしの記録.json", "my-record.json"))
        .body(body))
}

/// The same on paper.
pub(in crate::http) async fn document(holder: Holder) -> Result<HttpResponse, Error> {
    let Some(record) = record(&holder).await? else { return Ok(page::see_other(holder.elsewhere())) };
    let rules = &holder.here.library.rules;
    let paper = sections::paper(&record, rules, holder.here.layout.words);
    let document = holder.here.portal.typeset(move |typesetter| typesetter.own_record(&paper)).await?;
    let name = format!("{}.pdf", holder.here.layout.words.card_record_title());
    Ok(pdf::attachment(document, &name, "my-record.pdf"))
}

async fn record(holder: &Holder) -> Result<Option<OwnRecord>, Error> {
    match holder.here.portal.own_record(&holder.here.library, &holder.session).await {
        Ok(record) => Ok(Some(record)),
        Err(service::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
