//! What patrons ask about their record, and the library's answer.

use super::signed_in::SignedInStaff;
use crate::domain::ids::PatronRequestId;
use crate::domain::message::LetterText;
use crate::domain::patron_request::RequestKind;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::wording::Wording;
use crate::service;
use crate::service::requests::{Answer, OpenRequest};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The answer as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct AnswerForm {
    request: String,
    outcome: String,
    answer: String,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/requests.html")]
struct RequestsPage {
    layout: Layout,
    errors: FieldErrors,
    requests: Vec<Line>,
    input: AnswerForm,
}

struct Line {
    id: String,
    name: String,
    patron_url: String,
    kind: &'static str,
    at: Moment,
    text: String,
    /// What is done by saying yes.
    done: &'static str,
    is_closing: bool,
    /// What the box for the answer is called.
    label: &'static str,
}

/// Shows what nobody has answered.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    draw(staff, AnswerForm::default(), FieldErrors::none()).await
}

/// Answers one.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: TextForm<AnswerForm>) -> Result<HttpResponse, Error> {
    let (id, answer) = match form.checked(read(&form.input)) {
        Ok(read) => read,
        Err(errors) => return draw(staff, form.input, errors).await,
    };
    let location = staff.here.urls.staff_requests();
    let once = staff.here.once(form.once, "staff/requests", location.clone());
    let here = &staff.here;
    match here.portal.answer_request(&here.library, &staff.member, id, answer, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::StillNeeded) => {
            let words = "まだ消せません。進んでいる申込み・登録や、記録を残す停止が残っています";
            draw(staff, form.input, FieldErrors::one("outcome", words)).await
        }
        Err(service::Error::AnswerMissing) => {
            let words = "説明を入力してください。利用者のページに表示します";
            draw(staff, form.input, FieldErrors::one("answer", words)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn read(input: &AnswerForm) -> Result<(PatronRequestId, Answer), FieldErrors> {
    let mut errors = FieldErrors::none();
    let id = input.request.parse().map_err(|_| errors.add("outcome", "申し出を選びなおしてください")).ok();
    let is_empty = input.answer.trim().is_empty();
    let text = || input.answer.parse::<LetterText>().map_err(|error| ("answer", error.wording()));
    let answer = match input.outcome.as_str() {
        // Nobody is left to read why an account was closed.
        "done" if is_empty => Ok(Answer::Done(None)),
        "done" => text().map(|text| Answer::Done(Some(text))),
        "refused" => text().map(Answer::Refused),
        _ => Err(("outcome", "答えを選んでください".into())),
    };
    let answer = answer.map_err(|(field, words)| errors.add(field, words)).ok();
    id.zip(answer).ok_or(errors)
}

async fn draw(staff: SignedInStaff, input: AnswerForm, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let layout = staff.here.layout;
    let open = staff.here.portal.open_requests(&staff.member).await?;
    let is_fresh = errors.is_empty();
    let requests = open.iter().map(|one| Line::of(one, &layout)).collect();
    let page = RequestsPage { layout, errors, requests, input };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

impl Line {
    fn of(OpenRequest { request, patron }: &OpenRequest, layout: &Layout) -> Self {
        let is_closing = request.kind == RequestKind::Closing;
        let (kind, done) = match request.kind {
            RequestKind::Closing => ("退会", "記録を消す"),
            RequestKind::Erasure => ("記録の消去", "求めのとおりに消した"),
            RequestKind::Correction => ("記録の訂正", "求めのとおりに直した"),
        };
        Self {
            id: request.id.to_string(),
            name: patron.facts.name.as_str().to_owned(),
            patron_url: layout.urls.staff_patron(patron.id, ""),
            kind,
            at: Moment(request.made_at),
            text: request.words.as_ref().map(LetterText::as_str).unwrap_or_default().to_owned(),
            done,
            is_closing,
            label: if is_closing { "利用者への説明（応じないとき）" } else { "利用者への説明" },
        }
    }
}
