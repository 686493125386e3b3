//! The patron's way in with a passkey. Its button is on the page for number and password, where scripts run.

use super::passkey_field::bytes;
use super::password_sign_in;
use crate::http::error::Error;
use crate::http::form::CsrfForm;
use crate::http::page::{self, Here};
use crate::http::site::Site;
use crate::passkey::PasskeyFault;
use crate::service;
use crate::service::passkeys::PasskeyAnswer;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// What the script has put in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PasskeyForm {
    nonce: String,
    credential: String,
    user: String,
    client: String,
    authenticator: String,
    signature: String,
}

/// An address that only takes forms.
pub(in crate::http) async fn lead_there(here: Here) -> Result<HttpResponse, Error> {
    Ok(page::see_other(here.urls.sign_in_password()))
}

/// Signs in.
pub(in crate::http) async fn submit(
    here: Here,
    site: web::Data<Site>,
    request: HttpRequest,
    form: CsrfForm<PasskeyForm>,
) -> Result<HttpResponse, Error> {
    let answer = read(form.input)?;
    site.count_patron_sign_in(&request)?;
    let (device, token) = (here.device(), here.visit.token());
    let once = here.once(form.once, "sign-in/passkey", here.urls.card());
    match here.portal.sign_in_with_passkey(&here.library, &token, &answer, &device, &once).await {
        Ok(fresh) => {
            here.become_signed_in(fresh, &device);
            Ok(page::see_other(here.urls.card()))
        }
        Err(service::Error::Passkey(PasskeyFault::TooLate)) => {
            let complaint = here.layout.words.patron_passkey_too_late();
            password_sign_in::again(here, complaint)
        }
        Err(service::Error::Passkey(fault)) => {
            tracing::info!(%fault, library = here.library.rules.slug, "a passkey opened nothing");
            let complaint = here.layout.words.patron_passkey_opens_nothing();
            password_sign_in::again(here, complaint)
        }
        Err(error) => Err(error.into()),
    }
}

fn read(form: PasskeyForm) -> Result<PasskeyAnswer, Error> {
    Ok(PasskeyAnswer {
        nonce: form.nonce,
        credential_id: bytes(&form.credential)?,
        user: bytes(&form.user)?,
        client_data: bytes(&form.client)?,
        authenticator_data: bytes(&form.authenticator)?,
        signature: bytes(&form.signature)?,
    })
}
