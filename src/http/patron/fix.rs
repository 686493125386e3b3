//! What has to be put right: the reviewer's words, and each field that was asked about, before and now.

use super::reader::Reader;
use crate::domain::answers::Question;
use crate::domain::application::ApplicationState;
use crate::domain::correction::{Correction, Field};
use crate::domain::message::LetterText;
use crate::http::apply::answers_list::{self, Row};
use crate::http::apply::applicant::url_of;
use crate::http::asked::AskedLine;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::wording::Wording;
use crate::service;
use crate::service::correction::CorrectionDesk;
use crate::words::{AsTyped, AsWritten, Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// "It is right as it is", and why.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct AnswerForm {
    field: String,
    text: String,
}

/// The page.
#[derive(Template)]
#[template(path = "patron/fix.html")]
struct FixPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    answer_by: Moment,
    is_late: bool,
    text: Option<AsWritten>,
    count: u64,
    items: Vec<Item>,
    open: usize,
    next_url: String,
    /// Where to attach what is missing, because staff destroyed a picture that the rules ask for.
    documents_url: Option<String>,
    /// True if it was entered at the counter, where it is put right.
    is_visit: bool,
    /// True if pictures of documents came in place of a signature.
    is_unsigned: bool,
}

/// One field that was asked about.
struct Item {
    code: &'static str,
    /// The id of the box for an answer.
    control: String,
    asked: AskedLine,
    before: Vec<Phrase>,
    now: Vec<Phrase>,
    is_changed: bool,
    answer: Option<AsTyped>,
    change_url: String,
    typed: String,
}

impl Item {
    /// True once it was changed or answered.
    const fn is_settled(&self) -> bool {
        self.is_changed || self.answer.is_some()
    }
}

/// Shows what is asked.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    draw(reader, &AnswerForm::default(), FieldErrors::none()).await
}

/// Takes the answer that a field is right as it is.
pub(in crate::http) async fn submit(reader: Reader, form: TextForm<AnswerForm>) -> Result<HttpResponse, Error> {
    let field = form.input.field.parse::<Field>().map_err(|_| Error::BadForm)?;
    let read = form.input.text.parse::<LetterText>().map_err(|error| FieldErrors::one("text", error.wording()));
    let text = match form.checked(read) {
        Ok(text) => text,
        Err(errors) => {
            let message = errors.said_of("text").cloned().unwrap_or_default();
            return draw(reader, &form.input, FieldErrors::one(format!("text-{}", field.as_str()), message)).await;
        }
    };
    let here = &reader.here;
    let once = here.once(form.once, "status/fix", here.urls.status_fix());
    here.portal.answer_correction(&here.library, reader.id, field, Some(text), &once).await?;
    Ok(page::see_other(here.urls.status_fix()))
}

async fn draw(reader: Reader, typed: &AnswerForm, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let desk = match here.portal.correction_desk(&here.library, reader.id).await {
        // Nothing is asked (any more).
        Err(service::Error::NotFound) => return Ok(page::see_other(here.urls.status())),
        desk => desk?,
    };
    let is_late = desk.answer_by < here.portal.clock.now();
    let is_fresh = errors.is_empty();
    let page = page_of(here.layout, &desk, typed, errors, is_late);
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

fn page_of(layout: Layout, desk: &CorrectionDesk, typed: &AnswerForm, errors: FieldErrors, is_late: bool) -> FixPage {
    let before = answers_list::of_statement(&desk.signed, Some(&desk.rules));
    let now = answers_list::of_draft_with_delivery(&desk.now, &desk.rules);
    let items: Vec<Item> =
        desk.corrections.iter().map(|one| item_of(one, desk, (&before, &now), typed, &layout)).collect();
    let next = items.iter().find(|item| !item.is_settled());
    let is_frozen = matches!(desk.application.state, ApplicationState::AwaitingSignature { .. });
    let last = if is_frozen { layout.urls.apply_sign() } else { layout.urls.apply_check() };
    FixPage {
        errors,
        reference: desk.application.reference.to_string(),
        answer_by: Moment(desk.answer_by),
        is_late,
        text: desk.text.as_ref().map(|text| text.as_str().into()),
        count: u64::try_from(items.len()).unwrap_or(u64::MAX),
        open: items.iter().filter(|item| !item.is_settled()).count(),
        next_url: next.map_or(last, |item| item.change_url.clone()),
        items,
        documents_url: (desk.lacks_documents && !desk.is_visit).then(|| layout.urls.apply_documents()),
        is_visit: desk.is_visit,
        is_unsigned: desk.now.unsigned,
        layout,
    }
}

fn item_of(
    correction: &Correction,
    desk: &CorrectionDesk,
    (before, now): (&[Row], &[Row]),
    typed: &AnswerForm,
    Layout { words, urls, .. }: &Layout,
) -> Item {
    let field = correction.item.field;
    Item {
        code: field.as_str(),
        control: format!("text-{}", field.as_str()),
        asked: AskedLine::of(*words, &correction.item),
        before: values(*words, before, field.question()),
        now: values(*words, now, field.question()),
        is_changed: desk.changed.contains(&field),
        answer: correction.answer.as_ref().map(|answer| answer.as_str().into()),
        change_url: url_of(urls, field.question()),
        typed: if typed.field == field.as_str() { typed.text.clone() } else { String::new() },
    }
}

fn values(words: Words, rows: &[Row], question: Question) -> Vec<Phrase> {
    rows.iter().filter(|row| row.question == question).map(|row| row.value.in_words(words)).collect()
}
