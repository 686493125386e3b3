//! What patrons ask about their record, and the library's answer.

mod facts;

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
use crate::service::requests::{Answer, Answered, OpenRequest};
use actix_web::{HttpResponse, web};
use askama::Template;
use facts::FactBox;
use serde::Deserialize;
use time::Date;

/// The answer as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct AnswerForm {
    request: String,
    outcome: String,
    answer: String,
    /// Which state of the record the boxes below were filled from; empty without them.
    seen: String,
    name: String,
    kana: String,
    birth: String,
    postcode: String,
    prefecture: String,
    municipality: String,
    line1: String,
    line2: String,
    phone: String,
    email: String,
}

/// What was just answered, as the address says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct JustNow {
    done: String,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/requests.html")]
struct RequestsPage {
    layout: Layout,
    errors: FieldErrors,
    requests: Vec<Line>,
    input: AnswerForm,
    /// What was just done.
    done: &'static str,
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
    /// What the library knows, to be put right; empty where nothing is.
    facts: Vec<FactBox>,
    /// Which state of the record that is.
    seen: String,
}

/// Shows what nobody has answered.
pub(in crate::http) async fn show(staff: SignedInStaff, just_now: web::Query<JustNow>) -> Result<HttpResponse, Error> {
    let done = match just_now.done.as_str() {
        "told" => "申し出に答えました。答えは利用者のページに表示し、メールアドレスのある方にはメールで知らせます。",
        "put-right" => {
            "登録内容を直し、申し出に答えました。図書館システムの記録も、同じように直してください。答えは利用者のページに表示し、メールアドレスのある方にはメールで知らせます。"
        }
        "erased" => "記録を消しました。メールアドレスのある方には、消したことをメールで知らせます。",
        _ => "",
    };
    draw(staff, AnswerForm::default(), FieldErrors::none(), done).await
}

/// Answers one.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: TextForm<AnswerForm>) -> Result<HttpResponse, Error> {
    let (id, answer) = match form.checked(read(&form.input, staff.here.portal.clock.today())) {
        Ok(read) => read,
        Err(errors) => return draw(staff, form.input, errors, "").await,
    };
    let location = staff.here.urls.staff_requests();
    let once = staff.here.once(form.once, "staff/requests", location);
    let here = &staff.here;
    let (field, words) = match here.portal.answer_request(&here.library, &staff.member, id, answer, &once).await {
        Ok(answered) => return Ok(page::see_other(here.urls.staff_requests_after(name_of(answered)))),
        Err(service::Error::StillNeeded) => {
            ("outcome", "まだ消せません。進んでいる申込み・登録や、記録を残す停止が残っています")
        }
        Err(service::Error::AnswerMissing) => ("answer", "説明を入力してください。利用者のページに表示します"),
        Err(service::Error::NothingPutRight) => (
            "outcome",
            "登録内容が変わっていません。下の「登録内容を直す」で直すか、「応じない」を選んで説明してください",
        ),
        Err(error) => return Err(error.into()),
    };
    draw(staff, form.input, FieldErrors::one(field, words), "").await
}

const fn name_of(answered: Answered) -> &'static str {
    match answered {
        Answered::Told => "told",
        Answered::PutRight => "put-right",
        Answered::Erased => "erased",
    }
}

fn read(input: &AnswerForm, today: Date) -> Result<(PatronRequestId, Answer), FieldErrors> {
    let mut errors = FieldErrors::none();
    let id = input.request.parse().map_err(|_| errors.add("outcome", "申し出を選びなおしてください")).ok();
    let is_empty = input.answer.trim().is_empty();
    let text = || input.answer.parse::<LetterText>().map_err(|error| ("answer", error.wording()));
    // Only what is done puts anything right.
    let right = match input.outcome.as_str() {
        "done" => facts::read(input, today).map_err(|faults| errors.extend(faults)).ok().flatten(),
        _ => None,
    };
    let answer = match input.outcome.as_str() {
        // Nobody is left to read why an account was closed.
        "done" if is_empty => Ok(Answer::Done(None, right.map(Box::new))),
        "done" => text().map(|text| Answer::Done(Some(text), right.map(Box::new))),
        "refused" => text().map(Answer::Refused),
        _ => Err(("outcome", "答えを選んでください".into())),
    };
    let answer = answer.map_err(|(field, words)| errors.add(field, words)).ok();
    match id.zip(answer) {
        Some(read) if errors.is_empty() => Ok(read),
        _ => Err(errors),
    }
}

async fn draw(
    staff: SignedInStaff,
    input: AnswerForm,
    errors: FieldErrors,
    done: &'static str,
) -> Result<HttpResponse, Error> {
    let layout = staff.here.layout;
    let open = staff.here.portal.open_requests(&staff.member).await?;
    let is_fresh = errors.is_empty();
    let lines = (1..).zip(&open).map(|(place, one)| Line::of(one, place, &input, &layout));
    let page = RequestsPage { requests: lines.collect(), layout, errors, input, done };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

impl Line {
    fn of(OpenRequest { request, patron }: &OpenRequest, place: usize, input: &AnswerForm, layout: &Layout) -> Self {
        let is_closing = request.kind == RequestKind::Closing;
        let id = request.id.to_string();
        let is_typed = input.request == id;
        let facts = if is_typed { facts::typed(input) } else { facts::known(&patron.facts, place) };
        let (kind, done) = match request.kind {
            RequestKind::Closing => ("退会", "記録を消す"),
            RequestKind::Erasure => ("記録の消去", "求めのとおりに消した"),
            RequestKind::Correction => ("記録の訂正", "求めのとおりに直す"),
        };
        Self {
            id,
            facts: if is_closing { Vec::new() } else { facts },
            seen: if is_typed { input.seen.clone() } else { patron.row_version.to_string() },
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
