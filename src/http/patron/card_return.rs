//! The way back from the signing app after the card was shown.

use crate::http::error::Error;
use crate::http::languages;
use crate::http::page;
use crate::http::session::Visit;
use crate::http::urls::Urls;
use crate::service::card_sign_in::{CardOutcome, CardPurpose, CardRequest};
use crate::service::sign::Callback;
use crate::service::{self, Portal};
use actix_web::{HttpRequest, HttpResponse, web};

/// Takes the app's answer and leads on: to what the card opened, or to why it opened nothing.
pub(in crate::http) async fn complete(
    portal: web::Data<Portal>,
    visit: Visit,
    request: &HttpRequest,
    state: String,
    callback: Callback,
) -> Result<HttpResponse, Error> {
    let mut asked = None;
    for token in visit.tokens_elsewhere() {
        match portal.card_request(token, &state).await {
            Ok(request) => asked = Some((request, token.clone())),
            Err(service::Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // Another browser than the one that asked, or nothing of ours.
    let (CardRequest { library, purpose }, token) = asked.ok_or(Error::ForeignSigning)?;
    let slug = library.rules.slug.clone();
    let urls = Urls::new(&slug, languages::preferred(request));
    // Telephones drop connections when they change apps; the answer must have its effect all the same.
    let device = visit.device(&slug);
    let shown = device.clone();
    let completed = actix_web::rt::spawn(async move {
        portal.complete_card_sign_in(&library, &token, (&state, callback), &shown).await
    });
    let leads_to = match (completed.await.map_err(Error::internal)??, purpose) {
        (CardOutcome::Opened { fresh, is_choice }, purpose) => {
            visit.become_session_of(&slug, fresh);
            visit.keep_device(&slug, &device);
            match purpose {
                CardPurpose::Reveal => urls.password(),
                CardPurpose::SignIn if is_choice => urls.sign_in_list(),
                CardPurpose::SignIn => urls.status(),
            }
        }
        (CardOutcome::Repeated, CardPurpose::Reveal) => urls.password(),
        (CardOutcome::Repeated, CardPurpose::SignIn) => urls.status(),
        (CardOutcome::Problem(problem), CardPurpose::Reveal) => urls.password_card_problem(problem.kind()),
        (CardOutcome::Problem(problem), CardPurpose::SignIn) => urls.sign_in_card_problem(problem.kind()),
    };
    Ok(page::see_other(leads_to))
}
