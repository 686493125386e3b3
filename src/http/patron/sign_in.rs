//! The way back in: application number and date of birth. A code goes to the registered address, or to nobody;
//! the answer is the same.

use crate::domain::person::{BirthDate, DatePart, InvalidBirth};
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Here, Layout};
use crate::http::wording::{self, Wording};
use crate::service;
use crate::words::{Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::Date;

/// The boxes as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct SignInForm {
    reference: String,
    year: String,
    month: String,
    day: String,
}

/// The question.
#[derive(Template)]
#[template(path = "patron/sign_in.html")]
struct SignInPage {
    layout: Layout,
    errors: FieldErrors,
    input: SignInForm,
    /// True if codes were sent so fast that one must be on its way.
    code_is_coming: bool,
    /// True if a page was asked for that is shown to those who are signed in.
    is_first: bool,
}

/// Why the page was opened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Arrival {
    why: String,
}

impl SignInPage {
    /// What is wrong with the date, whichever box it is about.
    fn birth_error(&self) -> Option<&Phrase> {
        ["year", "month", "day"].into_iter().find_map(|part| self.errors.said_of(part))
    }
}

/// Asks.
pub(in crate::http) async fn show(here: Here, arrival: web::Query<Arrival>) -> Result<HttpResponse, Error> {
    let is_first = arrival.why == "first";
    page::ok(&SignInPage { is_first, ..draw(here.layout, SignInForm::default(), FieldErrors::none()) })
}

/// Sends the code, if somebody is known by these facts.
pub(in crate::http) async fn submit(here: Here, form: TextForm<SignInForm>) -> Result<HttpResponse, Error> {
    let (reference, birth) = match form.checked(read(&form.input, here.portal.clock.today())) {
        Ok(read) => read,
        Err(errors) => return page::again(&draw(here.layout, form.input, errors)),
    };
    let (token, language) = (here.visit.token(), here.language());
    match here.portal.send_sign_in_code(&here.library, &token, &reference, birth, language).await {
        Ok(_) => Ok(page::see_other(here.urls.sign_in_code())),
        Err(service::Error::TooMany { retry_at }) => {
            let errors = FieldErrors::one("reference", wording::too_many_codes(&Moment(retry_at)));
            page::again(&SignInPage { code_is_coming: true, ..draw(here.layout, form.input, errors) })
        }
        Err(error) => Err(error.into()),
    }
}

fn draw(layout: Layout, input: SignInForm, errors: FieldErrors) -> SignInPage {
    SignInPage { layout, errors, input, code_is_coming: false, is_first: false }
}

fn read(input: &SignInForm, today: Date) -> Result<(Reference, BirthDate), FieldErrors> {
    let mut errors = FieldErrors::none();
    let reference = if input.reference.trim().is_empty() {
        errors.add("reference", Words::default().patron_sign_in_reference_empty());
        None
    } else {
        errors.take("reference", input.reference.parse::<Reference>())
    };
    let birth = BirthDate::parse(&input.year, &input.month, &input.day, today);
    let birth = birth.map_err(|error| errors.add(box_of(error), error.wording())).ok();
    reference.zip(birth).ok_or(errors)
}

const fn box_of(error: InvalidBirth) -> &'static str {
    match error.part() {
        DatePart::Year => "year",
        DatePart::Month => "month",
        DatePart::Day => "day",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 20);

    fn typed(reference: &str, birth: [&str; 3]) -> SignInForm {
        let [year, month, day] = birth.map(str::to_owned);
        SignInForm { reference: reference.to_owned(), year, month, day }
    }

    fn drawn(input: SignInForm, errors: FieldErrors) -> String {
        draw(Layout::sample(), input, errors).render().unwrap()
    }

    #[test]
    fn number_and_era_date_are_read_as_people_type_them() {
        let reference = Reference::from_random(42);
        let input = typed(&reference.to_string().to_lowercase(), ["昭和60", "４", "27"]);
        let (read_reference, birth) = read(&input, TODAY).unwrap();
        assert_eq!(read_reference, reference);
        assert_eq!(birth.date(), date!(1985 - 04 - 27));
    }

    #[test]
    fn each_empty_box_is_named_at_its_place() {
        let errors = read(&typed(" ", ["1985", "", "27"]), TODAY).unwrap_err();
        assert_eq!(errors.of("reference"), Some("申込番号を入力してください"));
        assert_eq!(errors.of("month"), Some("生年月日の「月」を入力してください"));
        assert_eq!(errors.of("year"), None);
    }

    #[test]
    fn a_rejected_page_keeps_what_was_typed_and_marks_only_the_wrong_box() {
        let input = typed("LC-7K3M-92QP", ["1985", "13", "1"]);
        let errors = FieldErrors::one("month", "生年月日を確かめてください。この日付はありません");
        let page = drawn(input, errors);
        for part in ["value=\"LC-7K3M-92QP\"", "value=\"13\"", "href=\"#month\"", "<title>エラー：", "id=\"birth-e\""]
        {
            assert!(page.contains(part), "{part}");
        }
        assert_eq!(page.matches("aria-invalid").count(), 1);
    }

    #[test]
    fn the_empty_page_blames_nobody() {
        let page = drawn(SignInForm::default(), FieldErrors::none());
        assert!(!page.contains("aria-invalid") && !page.contains("エラー"));
        assert!(page.contains("name=\"csrf\"") && page.contains("bday-year"));
    }
}
