//! Closing the account: what happens then, one button, and the page that follows, which needs no session any more.

use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::http::patron::reader::Holder;
use crate::service;
use crate::service::my_card::OwnCard;
use crate::service::requests::Closed;
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
}

/// The page after.
#[derive(Template)]
#[template(path = "patron/card/closed.html")]
struct ClosedPage {
    layout: Layout,
    is_erased: bool,
    telephone: String,
}

/// That somebody means it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CloseForm {
    #[serde(default)]
    sure: String,
}

/// What came of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Outcome {
    how: String,
}

/// Says what happens.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    match own(&holder).await? {
        Some(own) => page::ok(&draw(&holder, &own, FieldErrors::none())),
        None => Ok(page::see_other(holder.elsewhere())),
    }
}

/// Closes it.
pub(in crate::http) async fn submit(holder: Holder, form: CsrfForm<CloseForm>) -> Result<HttpResponse, Error> {
    let Some(own) = own(&holder).await? else { return Ok(page::see_other(holder.elsewhere())) };
    let here = &holder.here;
    if form.input.sure != "yes" {
        let errors = FieldErrors::one("sure", here.layout.words.card_close_sure_missing());
        return page::again(&draw(&holder, &own, errors));
    }
    let once = here.once(form.once, "card/close", here.urls.card_closed("asked"));
    match here.portal.close_account(&here.library, &holder.session, &once).await {
        Ok(closed) => {
            here.visit.forget();
            let how = if closed == Closed::Erased { "erased" } else { "asked" };
            Ok(page::see_other(here.urls.card_closed(how)))
        }
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

/// Says that it is closed; whoever reads it has no session.
pub(in crate::http) async fn closed(here: Here, outcome: web::Query<Outcome>) -> Result<HttpResponse, Error> {
    page::ok(&ClosedPage {
        is_erased: outcome.how == "erased",
        telephone: here.library.rules.contact.telephone.clone(),
        layout: here.layout,
    })
}

async fn own(holder: &Holder) -> Result<Option<OwnCard>, Error> {
    match holder.here.portal.own_card(&holder.here.library, &holder.session).await {
        Ok(own) => Ok(Some(own)),
        Err(service::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn draw(holder: &Holder, own: &OwnCard, errors: FieldErrors) -> ClosePage {
    let rules = &holder.here.library.rules;
    ClosePage {
        layout: holder.here.layout.clone(),
        errors,
        number: rules.number_series.grouped(&own.my.card.number),
        erases: rules.after_expiry.erased_after.is_some(),
    }
}
