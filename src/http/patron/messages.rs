//! What applicant and staff write to each other, as the applicant sees it.

use super::reader::Reader;
use crate::domain::message::{LetterText, Message, Sender};
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::wording::Wording;
use crate::service;
use crate::words::AsTyped;
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The box as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct MessageForm {
    text: String,
}

/// The page.
#[derive(Template)]
#[template(path = "patron/messages.html")]
struct MessagesPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    messages: Vec<Line>,
    is_open: bool,
    input: MessageForm,
}

struct Line {
    is_mine: bool,
    text: AsTyped,
    at: Moment,
    read_at: Option<Moment>,
}

impl Line {
    fn of(message: Message) -> Self {
        Self {
            is_mine: message.sender == Sender::Applicant,
            text: String::from(message.text).into(),
            at: Moment(message.sent_at),
            read_at: message.read_at.map(Moment),
        }
    }
}

/// Shows what was written.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    draw(reader, MessageForm::default(), FieldErrors::none()).await
}

/// Sends a message.
pub(in crate::http) async fn submit(reader: Reader, form: TextForm<MessageForm>) -> Result<HttpResponse, Error> {
    let text = match form.checked(read(&form.input)) {
        Ok(text) => text,
        Err(errors) => return draw(reader, form.input, errors).await,
    };
    let here = &reader.here;
    let once = here.once(form.once, "status/messages", here.urls.status_messages());
    match here.portal.write_message(&here.library, reader.id, text, &once).await {
        Ok(()) => Ok(page::see_other(here.urls.status_messages())),
        Err(service::Error::TooMany { .. }) => {
            let message = here.layout.words.patron_message_too_many();
            draw(reader, form.input, FieldErrors::one("text", message)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn read(input: &MessageForm) -> Result<LetterText, FieldErrors> {
    input.text.parse::<LetterText>().map_err(|error| FieldErrors::one("text", error.wording()))
}

async fn draw(reader: Reader, input: MessageForm, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let conversation = here.portal.read_messages(&here.library, reader.id).await?;
    let is_fresh = errors.is_empty();
    let page = MessagesPage {
        errors,
        reference: conversation.application.reference.to_string(),
        is_open: conversation.is_open(),
        messages: conversation.messages.into_iter().map(Line::of).collect(),
        input,
        layout: here.layout,
    };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn what_was_written_is_text_and_a_closed_conversation_has_no_box() {
        let line = Line {
            is_mine: false,
            text: "<b>お答え</b>".into(),
            at: Moment(datetime!(2026-11-20 05:30 UTC)),
            read_at: None,
        };
        let drawn = |is_open| MessagesPage {
            layout: Layout::sample(),
            errors: FieldErrors::none(),
            reference: "LC-7K3M-92QP".into(),
            messages: vec![Line { is_mine: true, text: "質問".into(), ..line_of(&line) }, line_of(&line)],
            is_open,
            input: MessageForm::default(),
        };
        let page = drawn(true).render().unwrap();
        assert!(page.contains("&#60;b&#62;お答え") && page.contains("あなた") && page.contains("name=\"text\""));
        assert!(!drawn(false).render().unwrap().contains("name=\"text\""));
    }

    fn line_of(line: &Line) -> Line {
        Line { is_mine: line.is_mine, text: line.text.clone(), at: line.at, read_at: line.read_at }
    }
}
