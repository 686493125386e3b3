//! Behind the QR code: which number stands on the PC's screen? Nothing else is shown before.

use super::telephone::Telephone;
use super::void::{self, Why};
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use crate::service::sign::{MatchNumber, Matched, OpenedHandoff};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The choice as made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct NumberForm {
    number: String,
}

/// The question.
#[derive(Template)]
#[template(path = "handoff/number.html")]
struct NumberPage {
    layout: Layout,
    errors: FieldErrors,
    choices: Vec<Choice>,
}

struct Choice {
    id: String,
    number: String,
}

/// Asks. Looking uses nothing up.
pub(in crate::http) async fn show(telephone: Telephone, handle: web::Path<String>) -> Result<HttpResponse, Error> {
    match telephone.portal.open_handoff(&telephone.visit.token(), &handle).await {
        Ok(OpenedHandoff::Numbers(numbers)) => page::ok(&draw(telephone.bare(), &numbers, FieldErrors::none())),
        Ok(OpenedHandoff::Yours(id)) => Ok(page::see_other(urls::handoff_summary(id))),
        Err(service::Error::HandoffVoid) => void::answer(&telephone, Why::Void),
        Err(error) => Err(error.into()),
    }
}

/// Takes the one answer.
pub(in crate::http) async fn submit(
    telephone: Telephone,
    handle: web::Path<String>,
    form: CsrfForm<NumberForm>,
) -> Result<HttpResponse, Error> {
    let Ok(number) = form.input.number.parse::<MatchNumber>() else { return ask_again(&telephone, &handle).await };
    match telephone.portal.match_handoff(&telephone.visit.token(), &handle, number).await {
        Ok(Matched { id, token }) => {
            telephone.visit.become_session(token);
            Ok(page::see_other(urls::handoff_summary(id)))
        }
        Err(service::Error::WrongNumber) => void::answer(&telephone, Why::WrongNumber),
        Err(service::Error::HandoffVoid) => void::answer(&telephone, Why::Void),
        Err(error) => Err(error.into()),
    }
}

/// Nothing was chosen; that is no wrong answer.
async fn ask_again(telephone: &Telephone, handle: &str) -> Result<HttpResponse, Error> {
    match telephone.portal.open_handoff(&telephone.visit.token(), handle).await {
        Ok(OpenedHandoff::Numbers(numbers)) => {
            let errors = FieldErrors::one("number", telephone.words().handoff_number_missing());
            page::again(&draw(telephone.bare(), &numbers, errors))
        }
        Ok(OpenedHandoff::Yours(id)) => Ok(page::see_other(urls::handoff_summary(id))),
        Err(service::Error::HandoffVoid) => void::answer(telephone, Why::Void),
        Err(error) => Err(error.into()),
    }
}

fn draw(layout: Layout, numbers: &[MatchNumber], errors: FieldErrors) -> NumberPage {
    let choice = |(place, number): (usize, &MatchNumber)| Choice {
        // The summary of errors links to the first.
        id: if place == 0 { "number".to_owned() } else { format!("number-{number}") },
        number: number.to_string(),
    };
    NumberPage { layout, errors, choices: numbers.iter().enumerate().map(choice).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_stand_there_and_none_is_chosen() {
        let numbers = ["12", "47", "83"].map(|number| number.parse().unwrap());
        let page = draw(Layout::sample(), &numbers, FieldErrors::none()).render().unwrap();
        assert_eq!(page.matches("type=\"radio\"").count(), 3);
        assert!(page.contains("value=\"47\"") && !page.contains("checked"));
    }
}
