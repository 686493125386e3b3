//! The code typed on a telephone whose camera does not read the QR code.

use super::telephone::Telephone;
use crate::domain::short_code::ShortCode;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The box as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CodeForm {
    code: String,
}

/// The question.
#[derive(Template)]
#[template(path = "handoff/code.html")]
struct CodePage {
    layout: Layout,
    errors: FieldErrors,
    input: CodeForm,
}

/// Asks.
pub(in crate::http) async fn show(telephone: Telephone) -> Result<HttpResponse, Error> {
    page::ok(&CodePage { layout: telephone.bare(), errors: FieldErrors::none(), input: CodeForm::default() })
}

/// Leads to where the QR code would have led.
pub(in crate::http) async fn submit(telephone: Telephone, form: CsrfForm<CodeForm>) -> Result<HttpResponse, Error> {
    let words = telephone.words();
    let message = match ShortCode::parse(&form.input.code) {
        None => words.handoff_code_form(),
        Some(code) => {
            telephone.site.count_typed_code(&telephone.request)?;
            match telephone.portal.handle_of_code(&code).await {
                Ok(handle) => return Ok(page::see_other(urls::handoff(&handle))),
                Err(service::Error::WrongCode) => words.handoff_code_wrong(),
                Err(error) => return Err(error.into()),
            }
        }
    };
    let errors = FieldErrors::one("code", message);
    page::again(&CodePage { layout: telephone.bare(), errors, input: form.input })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_stays_in_its_box() {
        let input = CodeForm { code: "K7QF-2M9X".into() };
        let errors = FieldErrors::one("code", "このコードは使えません");
        let page = CodePage { layout: Layout::sample(), errors, input }.render().unwrap();
        assert!(page.contains("value=\"K7QF-2M9X\"") && page.contains("aria-invalid=\"true\""));
        assert!(page.contains("<title>エラー："));
    }
}
