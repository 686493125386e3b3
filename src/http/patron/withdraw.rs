//! Taking the application back: one message, one button, one way back.

use super::reader::Reader;
use crate::domain::credential::CollectionCode;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service;
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// What is typed. Before submission no code is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct WithdrawForm {
    code: String,
}

/// The interruption.
#[derive(Template)]
#[template(path = "patron/withdraw.html")]
struct WithdrawPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    needs_code: bool,
    input: WithdrawForm,
}

/// Explains what it means; once it is decided, leads back to the status.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    draw(reader, WithdrawForm::default(), FieldErrors::none()).await
}

/// Takes it back.
pub(in crate::http) async fn submit(reader: Reader, form: CsrfForm<WithdrawForm>) -> Result<HttpResponse, Error> {
    let here = &reader.here;
    let once = here.once(form.once, "status/withdraw", here.urls.status());
    let typed = CollectionCode::parse(&form.input.code);
    match here.portal.withdraw(&here.library, reader.id, typed.as_ref(), &once).await {
        Ok(()) => Ok(page::see_other(here.urls.status())),
        Err(service::Error::WrongCollectionCode) => {
            let message = "受取コードがちがいます。申込みの終わりの画面に出た8文字を確かめてください";
            draw(reader, form.input, FieldErrors::one("code", message)).await
        }
        Err(service::Error::TooMany { .. }) => {
            let message = "入力の回数が多いため、このサイトでは取り下げられません。図書館にお電話ください";
            draw(reader, form.input, FieldErrors::one("code", message)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn draw(reader: Reader, input: WithdrawForm, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let status = here.portal.status(&here.library, reader.id).await?;
    if !status.application.may_be_withdrawn() {
        return Ok(page::see_other(here.urls.status()));
    }
    let is_fresh = errors.is_empty();
    let page = WithdrawPage {
        layout: here.layout,
        errors,
        reference: status.application.reference.to_string(),
        needs_code: status.application.needs_code_to_withdraw(),
        input,
    };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(needs_code: bool, errors: FieldErrors) -> String {
        let reference = "LC-7K3M-92QP".to_owned();
        let input = WithdrawForm { code: "K7QF".to_owned() };
        WithdrawPage { layout: Layout::sample(), errors, reference, needs_code, input }.render().unwrap()
    }

    #[test]
    fn the_page_names_the_application_and_offers_both_ways() {
        let page = drawn(false, FieldErrors::none());
        for part in ["LC-7K3M-92QP", "取り下げます", "/aozora/ja/status\"", "name=\"idem\""] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("name=\"code\""));
    }

    #[test]
    fn once_submitted_the_collection_code_is_asked_for_and_kept_when_wrong() {
        let page = drawn(true, FieldErrors::one("code", "受取コードがちがいます"));
        for part in ["name=\"code\"", "value=\"K7QF\"", "受取コードがちがいます", "エラー："] {
            assert!(page.contains(part), "{part}");
        }
    }
}
