//! Closing the account: what happens then, one button, and the page that follows, which needs no session any more.

use crate::domain::chosen_password::TypedPassword;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::http::patron::reader::Holder;
use crate::http::wording;
use crate::service;
use crate::service::Once;
use crate::service::closing::{Closed, ClosingProof};
use crate::service::my_card::OwnCard;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The page before.
#[derive(Template)]
#[template(path = "patron/card/close.html")]
struct ClosePage {
    layout: Layout,
    errors: FieldErrors,
    number: String,
    /// True if the rules erase the record, unless something still runs.
    erases: bool,
    proof: ClosingProof,
}

/// The page after.
#[derive(Template)]
#[template(path = "patron/card/closed.html")]
struct ClosedPage {
    layout: Layout,
    is_erased: bool,
    is_asked: bool,
    telephone: String,
}

/// That somebody means it, and who it is.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CloseForm {
    sure: String,
    current: String,
}

/// What came of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Outcome {
    how: String,
}

/// Says what happens.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    draw(&holder, FieldErrors::none()).await
}

/// Closes it. Whoever sends the form twice has no session left by the second time, and is led where the first one went.
pub(in crate::http) async fn submit(
    holder: Result<Holder, Error>,
    here: Here,
    form: CsrfForm<CloseForm>,
) -> Result<HttpResponse, Error> {
    let once = here.once_of_secret(form.once, "card/close", here.urls.card_closed("closed"));
    let holder = match holder {
        Ok(holder) => holder,
        Err(error) => return led_on(&here, &once, error).await,
    };
    if form.input.sure != "yes" {
        return draw(&holder, FieldErrors::one("sure", here.layout.words.card_close_sure_missing())).await;
    }
    let (typed, device) = (TypedPassword::new(form.input.current), here.device());
    match here.portal.close_account(&here.library, &holder.session, &typed, &device, &once).await {
        Ok(closed) => {
            here.visit.forget();
            let how = if closed == Closed::Erased { "erased" } else { "asked" };
            Ok(page::see_other(here.urls.card_closed(how)))
        }
        Err(service::Error::NotFound) => led_on(&here, &once, Error::SeeOther(holder.elsewhere())).await,
        Err(error) => refused(&holder, error).await,
    }
}

/// Says that it is closed; whoever reads it has no session.
pub(in crate::http) async fn closed(here: Here, outcome: web::Query<Outcome>) -> Result<HttpResponse, Error> {
    page::ok(&ClosedPage {
        is_erased: outcome.how == "erased",
        is_asked: outcome.how == "asked",
        telephone: here.library.rules.contact.telephone.clone(),
        layout: here.layout,
    })
}

/// Where whoever is signed out goes: on, if it was this form that did it.
async fn led_on(here: &Here, once: &Once, otherwise: Error) -> Result<HttpResponse, Error> {
    if here.portal.has_closed(once).await? { Ok(page::see_other(once.location.clone())) } else { Err(otherwise) }
}

async fn refused(holder: &Holder, error: service::Error) -> Result<HttpResponse, Error> {
    let words = holder.here.layout.words;
    let complaint = match error {
        service::Error::WrongCredentials => words.patron_new_password_wrong(),
        service::Error::TooMany { retry_at } => wording::too_many_tries(&Moment(retry_at)),
        // The page says what to do.
        service::Error::SignInAgain => return Ok(page::see_other(holder.here.urls.card_close())),
        error => return Err(error.into()),
    };
    draw(holder, FieldErrors::one("current", complaint)).await
}

async fn own(holder: &Holder) -> Result<(OwnCard, ClosingProof), service::Error> {
    let here = &holder.here;
    let proof = here.portal.closing_proof(&holder.session).await?;
    Ok((here.portal.own_card(&here.library, &holder.session).await?, proof))
}

async fn draw(holder: &Holder, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let (own, proof) = match own(holder).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(holder.elsewhere())),
        own => own?,
    };
    let (rules, is_fresh) = (&holder.here.library.rules, errors.is_empty());
    let page = ClosePage {
        layout: holder.here.layout.clone(),
        errors,
        number: rules.number_series.grouped(&own.my.card.number),
        erases: rules.after_expiry.erased_after.is_some(),
        proof,
    };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}
