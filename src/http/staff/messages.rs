//! What applicant and staff write to each other, as staff see it.

use super::Named;
use super::signed_in::SignedInStaff;
use super::template_choice::{self, TemplateChoice};
use super::wording::name_of;
use crate::domain::message::{LetterText, Sender};
use crate::domain::permission::Permission;
use crate::domain::template::TemplateKind;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::wording::Wording;
use crate::service::messages::Conversation;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The box as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct MessageForm {
    text: String,
    /// The template to put into the text.
    template: String,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/messages.html")]
struct MessagesPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    file_url: String,
    messages: Vec<Line>,
    may_write: bool,
    input: MessageForm,
    choice: TemplateChoice,
    template_url: String,
}

struct Line {
    who: String,
    text: String,
    at: Moment,
    read_at: Option<Moment>,
}

/// Shows what was written.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    draw(staff, &named, MessageForm::default(), FieldErrors::none()).await
}

/// Leads from an address that only takes posts to the messages.
pub(in crate::http) async fn lead_there(staff: SignedInStaff, named: web::Path<Named>) -> HttpResponse {
    page::see_other(staff.here.urls.staff_application_path(&named.reference, "/messages"))
}

/// Shows the page again with the chosen template after what was typed. Sends nothing.
pub(in crate::http) async fn insert_template(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<MessageForm>,
) -> Result<HttpResponse, Error> {
    let input = form.input;
    match template_choice::words(&staff, TemplateKind::Message, &input.template, &named.reference).await? {
        Some(words) => {
            let text = template_choice::appended(&input.text, &words);
            draw(staff, &named, MessageForm { text, ..input }, FieldErrors::none()).await
        }
        None => draw(staff, &named, input, FieldErrors::one("template", "ひな形を選んでください")).await,
    }
}

/// Sends a message.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<MessageForm>,
) -> Result<HttpResponse, Error> {
    let text = match form.checked(read(&form.input)) {
        Ok(text) => text,
        Err(errors) => return draw(staff, &named, form.input, errors).await,
    };
    let location = staff.here.urls.staff_application_path(&named.reference, "/messages");
    let once = staff.here.once(form.once, "staff/messages", location.clone());
    staff.here.portal.write_message_as_staff(&staff.member, &named.reference, text, &once).await?;
    Ok(page::see_other(location))
}

fn read(input: &MessageForm) -> Result<LetterText, FieldErrors> {
    input.text.parse::<LetterText>().map_err(|error| FieldErrors::one("text", error.wording()))
}

async fn draw(
    staff: SignedInStaff,
    named: &Named,
    input: MessageForm,
    errors: FieldErrors,
) -> Result<HttpResponse, Error> {
    let conversation = staff.here.portal.read_messages_as_staff(&staff.member, &named.reference).await?;
    let is_fresh = errors.is_empty();
    let may_write =
        conversation.is_open() && conversation.application.must_be_for(&staff.member, Permission::Review).is_ok();
    let choice =
        TemplateChoice::of(&staff, TemplateKind::Message, conversation.application.language, &input.template).await?;
    let page = page_of(staff.here.layout, conversation, may_write, (input, choice), errors);
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

fn page_of(
    layout: Layout,
    conversation: Conversation,
    may_write: bool,
    (input, choice): (MessageForm, TemplateChoice),
    errors: FieldErrors,
) -> MessagesPage {
    let Conversation { application, messages, staff } = conversation;
    let line = |message: crate::domain::message::Message| Line {
        who: match message.sender {
            Sender::Applicant => "申込者".to_owned(),
            Sender::Staff(id) => name_of(&staff, id),
        },
        text: message.text.into(),
        at: Moment(message.sent_at),
        read_at: message.read_at.map(Moment),
    };
    MessagesPage {
        errors,
        reference: application.reference.to_string(),
        file_url: layout.urls.staff_application(&application.reference),
        messages: messages.into_iter().map(line).collect(),
        template_url: layout.urls.staff_application_path(&application.reference, "/messages/template"),
        may_write,
        input,
        choice,
        layout,
    }
}
