//! While the guardian's signature is awaited: another guardian, another address, or the mail once more.

use super::reader::Reader;
use crate::http::apply::cosigner::{CosignerForm, RelationChoice, relations};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::service;
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "patron/cosigner.html")]
struct CosignerPage {
    layout: Layout,
    errors: FieldErrors,
    input: CosignerForm,
    relations: Vec<RelationChoice>,
}

/// Shows who was asked; unless somebody is awaited, leads back to the status.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    let here = &reader.here;
    match here.portal.cosign_status(&here.library, reader.id).await? {
        Some(status) => draw(reader, CosignerForm::of(&status.cosigner), FieldErrors::none()).await,
        None => Ok(page::see_other(here.urls.status())),
    }
}

/// Names the guardian anew, and asks.
pub(in crate::http) async fn submit(reader: Reader, form: TextForm<CosignerForm>) -> Result<HttpResponse, Error> {
    let here = &reader.here;
    let rules = here.portal.draft(&here.library, reader.id).await?.rules;
    let cosigner = match form.checked(form.input.read(&rules)) {
        Ok(cosigner) => cosigner,
        Err(errors) => return draw(reader, form.input, errors).await,
    };
    let once = here.once(form.once, "status/guardian", here.urls.status());
    match here.portal.name_guardian(&here.library, reader.id, cosigner, &once).await {
        // The guardian was quicker, or time was.
        Ok(()) | Err(service::Error::NotFound | service::Error::Stale) => Ok(page::see_other(here.urls.status())),
        Err(error) => Err(error.into()),
    }
}

async fn draw(reader: Reader, input: CosignerForm, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let rules = here.portal.draft(&here.library, reader.id).await?.rules;
    let is_fresh = errors.is_empty();
    let page = CosignerPage { relations: relations(&rules), layout: here.layout, errors, input };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_asked_before_is_told_to_be_out_of_it() {
        let input = CosignerForm { guardian_email: "shiori@example.jp".into(), ..CosignerForm::default() };
        let page = CosignerPage { layout: Layout::sample(), errors: FieldErrors::none(), input, relations: Vec::new() };
        let page = page.render().unwrap();
        assert!(page.contains("value=\"shiori@example.jp\"") && page.contains("前に送ったメールは使えなくなります"));
    }
}
