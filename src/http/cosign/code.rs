//! Behind the mail's address: the code that stands on the applicant's screen. Nothing personal is shown before.

use super::guardian::Guardian;
use super::void;
use crate::domain::library::Library;
use crate::domain::short_code::ShortCode;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use crate::service::sign::{ConfirmedGuardian, OpenedInvitation};
use crate::words::{AsWritten, Phrase};
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
#[template(path = "cosign/code.html")]
struct CodePage {
    layout: Layout,
    errors: FieldErrors,
    input: CodeForm,
    library: AsWritten,
    wrong_address_url: String,
}

/// Asks. Looking uses nothing up.
pub(in crate::http) async fn show(guardian: Guardian) -> Result<HttpResponse, Error> {
    match guardian.portal.open_invitation(&guardian.visit.token(), guardian.token()).await {
        Ok(OpenedInvitation { yours: Some(id), .. }) => Ok(page::see_other(urls::cosign_review(id))),
        Ok(OpenedInvitation { library, .. }) => {
            page::ok(&draw(&guardian, &library, CodeForm::default(), FieldErrors::none()))
        }
        Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

/// Takes the code.
pub(in crate::http) async fn submit(guardian: Guardian, form: CsrfForm<CodeForm>) -> Result<HttpResponse, Error> {
    let Some(code) = ShortCode::parse(&form.input.code) else {
        return again(&guardian, form.input, guardian.words().cosign_code_form()).await;
    };
    guardian.site.count_typed_code(&guardian.request)?;
    match guardian.portal.confirm_guardian(&guardian.visit.token(), guardian.token(), &code).await {
        Ok(ConfirmedGuardian { id, token }) => {
            guardian.visit.become_session(token);
            Ok(page::see_other(urls::cosign_review(id)))
        }
        Err(service::Error::WrongCode) => again(&guardian, form.input, guardian.words().cosign_code_wrong()).await,
        Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

async fn again(guardian: &Guardian, input: CodeForm, message: Phrase) -> Result<HttpResponse, Error> {
    match guardian.portal.open_invitation(&guardian.visit.token(), guardian.token()).await {
        Ok(OpenedInvitation { library, .. }) => {
            page::again(&draw(guardian, &library, input, FieldErrors::one("code", message)))
        }
        Err(service::Error::InvitationVoid) => void::answer(guardian),
        Err(error) => Err(error.into()),
    }
}

fn draw(guardian: &Guardian, library: &Library, input: CodeForm, errors: FieldErrors) -> CodePage {
    CodePage {
        layout: guardian.of(library),
        errors,
        input,
        library: (&library.rules.name).into(),
        wrong_address_url: urls::cosign_wrong_address(guardian.token()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_stays_in_its_box() {
        let page = CodePage {
            layout: Layout::sample(),
            errors: FieldErrors::one("code", "合言葉がちがいます"),
            input: CodeForm { code: "K7QF-2M9X".into() },
            library: "あおぞら市立図書館".into(),
            wrong_address_url: "/g/x/wrong-address".into(),
        };
        let page = page.render().unwrap();
        assert!(page.contains("value=\"K7QF-2M9X\"") && page.contains("aria-invalid=\"true\""));
        assert!(page.contains("href=\"/g/x/wrong-address\""));
    }
}
