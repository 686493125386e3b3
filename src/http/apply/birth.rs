//! Date of birth, in either calendar.

use super::applicant::{Applicant, Frame, Origin};
use super::elsewhere::Why;
use crate::domain::answers::Question;
use crate::domain::card_holder::CardHolder;
use crate::domain::guardianship::AGE_OF_MAJORITY;
use crate::domain::person::{BirthDate, DatePart};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::wording::Wording as _;
use crate::service::apply::Answer;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::Date;

/// The boxes as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct BirthForm {
    pub(in crate::http) year: String,
    pub(in crate::http) month: String,
    pub(in crate::http) day: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/birth.html")]
struct BirthPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: BirthForm,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant, origin: web::Query<Origin>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Birth)?;
    let input = applicant.draft.answers.birth.map(|birth| of_date(birth.date())).unwrap_or_default();
    let input = applicant.left(Question::Birth).unwrap_or(input);
    page::ok(&draw(applicant, &origin, input, FieldErrors::none()))
}

/// Saves the date; explains the way by the counter to those who are too young.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    origin: web::Query<Origin>,
    form: TextForm<BirthForm>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Birth)?;
    if let Some(page) = form.later() {
        return applicant.leave(Question::Birth, page).await;
    }
    let today = applicant.here.portal.clock.today();
    let birth = match form.checked(read(&form.input, today)) {
        Ok(birth) => birth,
        Err(errors) => return page::again(&draw(applicant, &origin, form.input, errors)),
    };
    let draft = applicant.answer(Answer::Birth(birth)).await?;
    let category = draft.answers.category.as_ref().and_then(|code| draft.rules.category(code));
    let is_own = draft.answers.card_holder() == CardHolder::Applicant;
    match category.filter(|_| is_own).map(|category| draft.rules.eligible_age(category, birth, today)) {
        None if !is_own && birth.age_on(today) < AGE_OF_MAJORITY => {
            Ok(page::see_other(Why::Guardian.url(&applicant.here.urls)))
        }
        Some(Err(reason)) => Ok(page::see_other(Why::from(reason).url(&applicant.here.urls))),
        _ => Ok(applicant.next_after(Question::Birth, &origin)),
    }
}

pub(in crate::http) fn read(input: &BirthForm, today: Date) -> Result<BirthDate, FieldErrors> {
    BirthDate::parse(&input.year, &input.month, &input.day, today).map_err(|error| {
        let field = match error.part() {
            DatePart::Year => "year",
            DatePart::Month => "month",
            DatePart::Day => "day",
        };
        FieldErrors::one(field, error.wording())
    })
}

pub(in crate::http) fn of_date(day: Date) -> BirthForm {
    BirthForm { year: day.year().to_string(), month: u8::from(day.month()).to_string(), day: day.day().to_string() }
}

fn draw(applicant: Applicant, origin: &Origin, input: BirthForm, errors: FieldErrors) -> BirthPage {
    let frame = applicant.frame(Question::Birth, origin);
    BirthPage { layout: applicant.here.layout, frame, errors, input }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn only_the_wrong_box_is_marked() {
        let input = BirthForm { year: "昭和60".into(), month: "4".into(), day: "31".into() };
        let errors = read(&input, date!(2026 - 11 - 20)).unwrap_err();
        let page = BirthPage { layout: Layout::sample(), frame: Frame::sample(Question::Birth), errors, input };
        let page = page.render().unwrap();
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), 1);
        assert!(page.contains("href=\"#day\"") && page.contains("value=\"昭和60\""));
        assert!(page.contains("autocomplete=\"bday-year\""));
    }

    #[test]
    fn a_date_of_an_era_is_read() {
        let input = BirthForm { year: "S60".into(), month: "4".into(), day: "27".into() };
        assert_eq!(read(&input, date!(2026 - 11 - 20)).unwrap().to_string(), "1985-04-27");
    }
}
