//! The way to the signing app to show the card: to sign in, or to see the initial password.

use super::reader::Reader;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Here};
use crate::service;
use crate::service::card_sign_in::{CardProblem, CardPurpose};
use actix_web::{HttpRequest, HttpResponse};

/// Sends the browser to the app to sign in.
pub(in crate::http) async fn submit(
    here: Here,
    request: HttpRequest,
    _form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    begin(&here, &request, CardPurpose::SignIn, Here::sign_in_problem).await
}

/// Sends the browser to the app to show the card in place of the collection code.
pub(in crate::http) async fn submit_for_password(
    reader: Reader,
    request: HttpRequest,
    _form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    begin(&reader.here, &request, CardPurpose::Reveal, Here::password_problem).await
}

async fn begin(
    here: &Here,
    request: &HttpRequest,
    purpose: CardPurpose,
    explain: fn(&Here, CardProblem) -> String,
) -> Result<HttpResponse, Error> {
    match here.portal.begin_card_sign_in(&here.library, &here.visit.token(), purpose).await {
        Ok(address) => page::see_app(address, here.layout.words, request),
        Err(service::Error::SigningApp(error)) => {
            tracing::warn!(%error, "the signing app cannot be reached");
            Ok(page::see_other(explain(here, CardProblem::AppUnavailable)))
        }
        Err(error) => Err(error.into()),
    }
}

impl Here {
    fn sign_in_problem(&self, problem: CardProblem) -> String {
        self.urls.sign_in_card_problem(problem.kind())
    }

    fn password_problem(&self, problem: CardProblem) -> String {
        self.urls.password_card_problem(problem.kind())
    }
}
