//! Passkeys: those there are, another one, and removing one. Adding needs a script; everything else does not.

use super::of_device;
use crate::domain::ids::PasskeyId;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::CsrfForm;
use crate::http::page::{self, Layout};
use crate::http::patron::passkey_field::bytes;
use crate::http::patron::reader::Holder;
use crate::service;
use crate::service::passkeys::{NewPasskeyAnswer, Passkey, PasskeyOffer};
use actix_web::HttpResponse;
use askama::Template;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

/// What the script has put in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewPasskeyForm {
    nonce: String,
    credential: String,
    client: String,
    authenticator: String,
    key: String,
    algorithm: i64,
}

/// Which passkey.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RemovalForm {
    passkey: String,
}

/// The page.
#[derive(Template)]
#[template(path = "patron/account/passkeys.html")]
struct PasskeysPage {
    layout: Layout,
    /// Why the last one was not added; empty if nothing was wrong.
    complaint: &'static str,
    passkeys: Vec<PasskeyLine>,
    nonce: String,
    challenge: String,
    user: String,
    /// What authenticators show: of the library, and of the patron.
    rp: String,
    name: String,
    /// Those that are there are not made again.
    known: String,
}

/// One passkey.
struct PasskeyLine {
    id: String,
    device: &'static str,
    added_at: Moment,
    used_at: Option<Moment>,
}

impl From<&Passkey> for PasskeyLine {
    fn from(passkey: &Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            device: of_device(Some(passkey.device)),
            added_at: Moment(passkey.added_at),
            used_at: passkey.used_at.map(Moment),
        }
    }
}

/// Shows them.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    draw(&holder, "").await
}

/// Adds one.
pub(in crate::http) async fn submit(holder: Holder, form: CsrfForm<NewPasskeyForm>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let answer = read(&form.input)?;
    let (device, token, location) = (here.device(), here.visit.token(), here.urls.account_passkeys());
    let once = here.once(form.once, "account/passkeys", location.clone());
    match here.portal.add_passkey(&here.library, (&holder.session, &token), &answer, &device, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::Passkey(fault)) => {
            tracing::info!(%fault, "a passkey was not added");
            draw(&holder, "パスキーを追加できませんでした。もう一度お試しください").await
        }
        Err(service::Error::TooManyPasskeys) => {
            draw(&holder, "パスキーは10個までです。使わないものを消してから、もう一度お試しください").await
        }
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

/// Removes one.
pub(in crate::http) async fn remove(holder: Holder, form: CsrfForm<RemovalForm>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let location = here.urls.account_passkeys();
    let once = here.once(form.once, "account/passkeys/remove", location.clone());
    let id: PasskeyId = form.input.passkey.parse().map_err(|_| Error::NotFound)?;
    match here.portal.remove_passkey(&holder.session, id, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

fn read(form: &NewPasskeyForm) -> Result<NewPasskeyAnswer, Error> {
    // The name stands in the authenticator's data as well, and is read from there.
    bytes(&form.credential)?;
    Ok(NewPasskeyAnswer {
        nonce: form.nonce.clone(),
        client_data: bytes(&form.client)?,
        authenticator_data: bytes(&form.authenticator)?,
        public_key: bytes(&form.key)?,
        algorithm: form.algorithm,
    })
}

async fn draw(holder: &Holder, complaint: &'static str) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let token = here.visit.token();
    let offer = match here.portal.passkey_offer(&here.library, &holder.session, &token).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(holder.elsewhere())),
        offer => offer?,
    };
    let page = page_of(here.layout.clone(), here.library.rules.name.clone(), &offer, complaint);
    if complaint.is_empty() { page::ok(&page) } else { page::again(&page) }
}

fn page_of(layout: Layout, rp: String, offer: &PasskeyOffer, complaint: &'static str) -> PasskeysPage {
    let known: Vec<String> = offer.passkeys.iter().map(|one| BASE64URL_NOPAD.encode(&one.credential_id)).collect();
    PasskeysPage {
        layout,
        rp,
        complaint,
        passkeys: offer.passkeys.iter().map(PasskeyLine::from).collect(),
        nonce: offer.challenge.nonce.clone(),
        challenge: BASE64URL_NOPAD.encode(&offer.challenge.bytes),
        user: BASE64URL_NOPAD.encode(&offer.user),
        name: format!("図書館カード {}", offer.number),
        known: known.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::passkeys::Challenge;

    #[test]
    fn without_a_script_nothing_is_offered_that_does_not_work() {
        let challenge = Challenge { nonce: "nonce".into(), bytes: [7; 32] };
        let offer = PasskeyOffer { challenge, user: [8; 32], number: "3000 0001 4".into(), passkeys: Vec::new() };
        let page = page_of(Layout::sample(), "あおぞら市立図書館".into(), &offer, "").render().unwrap();
        assert!(page.contains("data-passkey=\"create\" hidden") && page.contains("<noscript>"), "{page}");
        assert!(page.contains("まだありません"));
    }
}
