//! The demonstration's mailbox page: what would have been mailed, and the staff's one-time code.

use super::STAFF_TOTP_SECRET;
use crate::clock::Clock;
use crate::gateway::mail::Mailbox;
use crate::service::staff::current_code;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, Responder, web};
use askama::Template;

#[derive(Template)]
#[template(path = "demo/mailbox.html")]
struct MailboxPage {
    letters: Vec<Shown>,
    code: String,
}

struct Shown {
    to: String,
    subject: String,
    text: String,
}

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.route("/mailbox", web::get().to(show));
}

async fn show(mailbox: web::Data<Mailbox>) -> impl Responder {
    let letters = mailbox.letters().into_iter().rev().map(|letter| Shown {
        to: letter.to.to_string(),
        subject: letter.subject,
        text: letter.text,
    });
    let code = current_code(STAFF_TOTP_SECRET, Clock::System.now()).unwrap_or_default();
    match (MailboxPage { letters: letters.collect(), code }).render() {
        Ok(page) => HttpResponse::Ok()
            .content_type(ContentType::html())
            .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'none'"))
            .body(page),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
