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
use crate::service::passkeys::{MOST_PASSKEYS, NewPasskeyAnswer, Passkey, PasskeyOffer};
use crate::words::{Phrase, Words};
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
    complaint: Phrase,
    passkeys: Vec<PasskeyLine>,
    nonce: String,
    challenge: String,
    user: String,
    /// What authenticators show: of the library, and of the patron.
    rp: String,
    name: String,
    /// Those that are there are not made again.
    known: String,
    /// Whether another one can be added.
    adding: Adding,
}

/// Whether a passkey can be added.
enum Adding {
    Possible,
    /// Only soon after a sign-in.
    AfterSignIn,
    /// There are as many as anybody may have.
    Enough,
}

/// One passkey.
struct PasskeyLine {
    id: String,
    device: Phrase,
    added_at: Moment,
    used_at: Option<Moment>,
}

impl PasskeyLine {
    fn of(words: Words, passkey: &Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            device: of_device(words, Some(passkey.device)),
            added_at: Moment(passkey.added_at),
            used_at: passkey.used_at.map(Moment),
        }
    }
}

/// Shows them.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    draw(&holder, Phrase::default()).await
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
            draw(&holder, here.layout.words.patron_passkey_not_added()).await
        }
        // The page says what is in the way.
        Err(service::Error::TooManyPasskeys | service::Error::SignInAgain) => {
            draw(&holder, here.layout.words.patron_passkey_not_now()).await
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

async fn draw(holder: &Holder, complaint: Phrase) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let token = here.visit.token();
    let offer = match here.portal.passkey_offer(&here.library, &holder.session, &token).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(holder.elsewhere())),
        offer => offer?,
    };
    let is_fresh = complaint.is_empty();
    let page = page_of(here.layout.clone(), here.layout.words.say(&here.library.rules.name).plain(), &offer, complaint);
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

fn page_of(layout: Layout, rp: String, offer: &PasskeyOffer, complaint: Phrase) -> PasskeysPage {
    let known: Vec<String> = offer.passkeys.iter().map(|one| BASE64URL_NOPAD.encode(&one.credential_id)).collect();
    let words = layout.words;
    PasskeysPage {
        layout,
        rp,
        complaint,
        passkeys: offer.passkeys.iter().map(|passkey| PasskeyLine::of(words, passkey)).collect(),
        nonce: offer.challenge.nonce.clone(),
        challenge: BASE64URL_NOPAD.encode(&offer.challenge.bytes),
        user: BASE64URL_NOPAD.encode(&offer.user),
        name: words.patron_passkey_name(offer.number.as_str()).plain(),
        known: known.join(" "),
        adding: match offer {
            PasskeyOffer { passkeys, .. } if passkeys.len() >= MOST_PASSKEYS => Adding::Enough,
            PasskeyOffer { may_add: true, .. } => Adding::Possible,
            PasskeyOffer { .. } => Adding::AfterSignIn,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::passkeys::Challenge;

    #[test]
    fn without_a_script_nothing_is_offered_that_does_not_work() {
        let challenge = Challenge { nonce: "nonce".into(), bytes: [7; 32] };
        let (number, passkeys) = ("3000 0001 4".to_owned(), Vec::new());
        let offer = PasskeyOffer { challenge, user: [8; 32], number, passkeys, may_add: true };
        let drawn = |offer: &PasskeyOffer| {
            page_of(Layout::sample(), "あおぞら市立図書館".into(), offer, Phrase::default()).render().unwrap()
        };
        let page = drawn(&offer);
        assert!(page.contains("data-passkey=\"create\" hidden") && page.contains("<noscript>"), "{page}");
        assert!(page.contains("まだありません"));
        let page = drawn(&PasskeyOffer { may_add: false, ..offer });
        assert!(!page.contains("data-passkey") && page.contains("サインインし直して"), "{page}");
    }
}
