//! The code that came by mail opens the session that reads.

use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::http::wording;
use crate::service::codes::{CODE_LIFE, TypedCode};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The box as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CodeForm {
    code: String,
}

/// The question. It says the same whether a code was sent or not.
#[derive(Template)]
#[template(path = "patron/sign_in_code.html")]
struct SignInCodePage {
    layout: Layout,
    errors: FieldErrors,
    input: CodeForm,
    minutes: u64,
}

/// Asks.
pub(in crate::http) async fn show(here: Here) -> Result<HttpResponse, Error> {
    page::ok(&draw(here.layout, CodeForm::default(), FieldErrors::none()))
}

/// Signs in.
pub(in crate::http) async fn submit(here: Here, form: CsrfForm<CodeForm>) -> Result<HttpResponse, Error> {
    let mut errors = FieldErrors::none();
    if let Some(typed) = errors.take("code", form.input.code.parse::<TypedCode>()) {
        let device = here.device();
        match here.portal.sign_in(&here.library, &here.visit.token(), typed, &device).await {
            Ok(fresh) => {
                here.become_signed_in(fresh, &device);
                return Ok(page::see_other(here.urls.status()));
            }
            Err(error) => errors.add("code", wording::of_code(error)?),
        }
    }
    page::again(&draw(here.layout, form.input, errors))
}

fn draw(layout: Layout, input: CodeForm, errors: FieldErrors) -> SignInCodePage {
    SignInCodePage { layout, errors, input, minutes: CODE_LIFE.whole_minutes().unsigned_abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_nobody_whether_a_code_was_sent() {
        let page = draw(Layout::sample(), CodeForm::default(), FieldErrors::none()).render().unwrap();
        for part in ["15分", "one-time-code", "登録されているときは", "/aozora/ja/sign-in\""] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains('@'), "no address is hinted at");
    }

    #[test]
    fn a_wrong_code_stays_in_its_box() {
        let input = CodeForm { code: "123456".into() };
        let page = draw(Layout::sample(), input, FieldErrors::one("code", "コードがちがいます")).render().unwrap();
        assert!(page.contains("value=\"123456\"") && page.contains("aria-invalid=\"true\""));
        assert!(page.contains("<title>エラー："));
    }
}
