//! Taking the application back: one message, one button, one way back.

use super::reader::Reader;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use actix_web::HttpResponse;
use askama::Template;

/// The interruption.
#[derive(Template)]
#[template(path = "patron/withdraw.html")]
struct WithdrawPage {
    layout: Layout,
    reference: String,
}

/// Explains what it means; once it is decided, leads back to the status.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let status = here.portal.status(&here.library, reader.id).await?;
    if status.application.state.is_final() {
        return Ok(page::see_other(here.urls.status()));
    }
    page::ok(&WithdrawPage { layout: here.layout, reference: status.application.reference.to_string() })
}

/// Takes it back.
pub(in crate::http) async fn submit(reader: Reader, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let once = here.once(form.once, "status/withdraw", here.urls.status());
    here.portal.withdraw(&here.library, reader.id, &once).await?;
    Ok(page::see_other(here.urls.status()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_the_application_and_offers_both_ways() {
        let page = WithdrawPage { layout: Layout::sample(), reference: "LC-7K3M-92QP".into() }.render().unwrap();
        for part in ["LC-7K3M-92QP", "取り下げます", "/aozora/ja/status\"", "name=\"idem\""] {
            assert!(page.contains(part), "{part}");
        }
    }
}
