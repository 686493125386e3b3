//! Why the card opened nothing: one page per kind, each saying what happened and which other way there is.

use crate::domain::library::CardSignIn;
use crate::http::error::Error;
use crate::http::page::{self, Here, Layout};
use crate::words::{AsWritten, Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "patron/card_problem.html")]
struct CardProblemPage {
    layout: Layout,
    heading: Phrase,
    paragraphs: Vec<Phrase>,
    /// True on the way to the initial password, false on the way in.
    is_for_password: bool,
    /// True if the collection code opens the password of whoever signed with a card, too.
    code_opens: bool,
    telephone: String,
    hours: AsWritten,
}

/// The heading and the paragraphs of a kind; `None` for what is none.
fn of_kind(words: Words, kind: &str) -> Option<(Phrase, Vec<Phrase>)> {
    Some(match kind {
        "unknown" => (
            words.patron_card_problem_unknown(),
            vec![words.patron_card_problem_unknown_new(), words.patron_card_problem_unknown_counter()],
        ),
        "other-person" => (
            words.patron_card_problem_other(),
            vec![words.patron_card_problem_other_what(), words.patron_card_problem_unknown_new()],
        ),
        "cancelled" => (words.patron_card_problem_cancelled(), vec![words.patron_card_problem_cancelled_what()]),
        "read-error" => (
            words.patron_card_problem_read(),
            vec![words.patron_card_problem_read_what(), words.patron_card_problem_read_then()],
        ),
        "pin-locked" => (
            words.patron_card_problem_locked(),
            vec![words.patron_card_problem_locked_what(), words.patron_card_problem_locked_then()],
        ),
        "unsupported-device" => (words.patron_card_problem_device(), vec![words.patron_card_problem_device_what()]),
        "app-unavailable" => (words.patron_card_problem_app(), vec![words.patron_card_problem_app_what()]),
        "request-expired" => (words.patron_card_problem_expired(), vec![words.patron_card_problem_expired_what()]),
        _ => return None,
    })
}

/// Explains why the card did not sign in.
pub(in crate::http) async fn show_of_sign_in(
    here: Here,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    draw(here, &path.into_inner().2, false)
}

/// Explains why the card did not open the initial password.
pub(in crate::http) async fn show_of_password(
    here: Here,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    draw(here, &path.into_inner().2, true)
}

fn draw(here: Here, kind: &str, is_for_password: bool) -> Result<HttpResponse, Error> {
    let (heading, paragraphs) = of_kind(here.layout.words, kind).ok_or(Error::NotFound)?;
    page::ok(&CardProblemPage {
        heading,
        paragraphs,
        is_for_password,
        code_opens: here.library.rules.password.card_sign_in == CardSignIn::Offered,
        telephone: here.library.rules.contact.telephone.clone(),
        hours: (&here.library.rules.contact.hours).into(),
        layout: here.layout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::card_sign_in::CardProblem;

    #[test]
    fn every_problem_has_its_page_and_every_page_another_way() {
        let problems = [
            CardProblem::Unknown,
            CardProblem::OtherPerson,
            CardProblem::Cancelled,
            CardProblem::ReadError,
            CardProblem::PinLocked,
            CardProblem::UnsupportedDevice,
            CardProblem::AppUnavailable,
            CardProblem::RequestExpired,
        ];
        for problem in problems {
            for (is_for_password, way) in [(false, "/aozora/ja/sign-in\""), (true, "/aozora/ja/password\"")] {
                let layout = Layout::sample();
                let (heading, paragraphs) = of_kind(layout.words, problem.kind()).expect("a page");
                let (telephone, hours) = ("076-000-0000".into(), "9:30〜18:00".into());
                let page = CardProblemPage {
                    layout,
                    heading,
                    paragraphs,
                    is_for_password,
                    code_opens: true,
                    telephone,
                    hours,
                };
                let page = page.render().unwrap();
                assert!(page.contains(way) && page.contains("076-000-0000"), "{}", problem.kind());
            }
        }
    }
}
