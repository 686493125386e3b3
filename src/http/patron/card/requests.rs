//! What a patron asks the library about the record: to put something right, or to erase something.

use super::wording::{Chip, of_request, of_request_state};
use crate::domain::ids::PatronRequestId;
use crate::domain::message::LetterText;
use crate::domain::patron_request::{PatronRequest, RequestKind, RequestState};
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::patron::reader::Holder;
use crate::service;
use crate::words::{AsTyped, AsWritten, Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The boxes as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct RequestForm {
    kind: String,
    text: String,
}

/// Which one is taken back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TakeBackForm {
    request: String,
}

/// The page.
#[derive(Template)]
#[template(path = "patron/card/requests.html")]
struct RequestsPage {
    layout: Layout,
    errors: FieldErrors,
    requests: Vec<Line>,
    input: RequestForm,
}

struct Line {
    id: String,
    kind: Phrase,
    text: AsTyped,
    at: Moment,
    chip: Chip,
    answer: AsWritten,
    is_open: bool,
}

/// Shows what was asked, and the boxes.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    draw(&holder, RequestForm::default(), FieldErrors::none()).await
}

/// Asks.
pub(in crate::http) async fn submit(holder: Holder, form: TextForm<RequestForm>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let words = here.layout.words;
    let (kind, text) = match form.checked(read(words, &form.input)) {
        Ok(read) => read,
        Err(errors) => return draw(&holder, form.input, errors).await,
    };
    let location = here.urls.card_requests();
    let once = here.once(form.once, "card/requests", location.clone());
    match here.portal.ask_about_record(&holder.session, kind, text, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::RequestOpen) => {
            draw(&holder, form.input, FieldErrors::one("kind", words.card_requests_already())).await
        }
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

/// Leads from an address that only takes forms to the page.
pub(in crate::http) async fn lead_there(holder: Holder) -> Result<HttpResponse, Error> {
    Ok(page::see_other(holder.here.urls.card_requests()))
}

/// Takes one back.
pub(in crate::http) async fn take_back(holder: Holder, form: CsrfForm<TakeBackForm>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let id: PatronRequestId = form.input.request.parse().map_err(|_| Error::NotFound)?;
    let location = here.urls.card_requests();
    let once = here.once(form.once, "card/requests/take-back", location.clone());
    here.portal.take_request_back(&holder.session, id, &once).await?;
    Ok(page::see_other(location))
}

fn read(words: Words, input: &RequestForm) -> Result<(RequestKind, LetterText), FieldErrors> {
    let mut errors = FieldErrors::none();
    // An account is closed on a page of its own.
    let kind = input.kind.parse::<RequestKind>().ok().filter(|kind| *kind != RequestKind::Closing);
    if kind.is_none() {
        errors.add("kind", words.card_requests_kind_missing());
    }
    let text =
        input.text.parse::<LetterText>().map_err(|_| errors.add("text", words.card_requests_text_missing())).ok();
    kind.zip(text).ok_or(errors)
}

async fn draw(holder: &Holder, input: RequestForm, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let requests = match here.portal.own_requests(&holder.session).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(holder.elsewhere())),
        requests => requests?,
    };
    let is_fresh = errors.is_empty();
    let page = RequestsPage {
        errors,
        requests: requests.iter().map(|one| Line::of(here.layout.words, one)).collect(),
        input,
        layout: here.layout.clone(),
    };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

impl Line {
    fn of(words: Words, request: &PatronRequest) -> Self {
        let answer = request.state.settled().map(|settled| settled.answer.as_str()).unwrap_or_default();
        Self {
            id: request.id.to_string(),
            kind: of_request(words, request.kind),
            text: request.words.as_ref().map(LetterText::as_str).unwrap_or_default().into(),
            at: Moment(request.made_at),
            chip: of_request_state(words, &request.state),
            answer: answer.into(),
            is_open: request.state == RequestState::Open,
        }
    }
}
