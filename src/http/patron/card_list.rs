//! Which application to look at, where the card's holder has several.

use super::reader::Holder;
use super::standing;
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::CsrfForm;
use crate::http::page::{self, Layout};
use crate::http::procedure_wording::title_for;
use crate::service::patron_page::OwnApplication;
use crate::words::{Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The choice as sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ChoiceForm {
    reference: String,
}

/// The list.
#[derive(Template)]
#[template(path = "patron/card_list.html")]
struct CardListPage {
    layout: Layout,
    count: u64,
    applications: Vec<ApplicationLine>,
}

struct ApplicationLine {
    reference: String,
    title: Phrase,
    started_on: Day,
    /// Colour, mark and word of where it stands.
    mark: standing::Mark,
}

impl ApplicationLine {
    fn of(words: Words, one: &OwnApplication) -> Self {
        let application = &one.application;
        Self {
            reference: application.reference.to_string(),
            title: title_for(words, application.procedure, one.is_for_children),
            started_on: Day::of(application.started_at),
            mark: standing::mark(words, &application.state, application.procedure),
        }
    }
}

/// Lists the applications; a single one is opened at once.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    let here = holder.here;
    let applications = here.portal.own_applications(&here.library, &holder.session).await?;
    if applications.len() < 2 {
        return Ok(page::see_other(here.urls.status()));
    }
    let count = u64::try_from(applications.len()).unwrap_or(u64::MAX);
    let line = |one| ApplicationLine::of(here.layout.words, one);
    let applications = applications.iter().map(line).collect();
    page::ok(&CardListPage { layout: here.layout, count, applications })
}

/// Opens the chosen application.
pub(in crate::http) async fn submit(holder: Holder, form: CsrfForm<ChoiceForm>) -> Result<HttpResponse, Error> {
    let here = holder.here;
    let reference: Reference = form.input.reference.parse().map_err(|_| Error::NotFound)?;
    here.portal.switch_application(&here.library, &here.visit.token(), &reference).await?;
    Ok(page::see_other(here.urls.status()))
}
