//! Postal address.

use super::applicant::{Applicant, Frame, Origin};
use super::elsewhere::Why;
use crate::domain::answers::Question;
use crate::domain::card_holder::CardHolder;
use crate::domain::library::Ineligible;
use crate::domain::person::{AddressPart, PostalAddress, Prefecture, TypedAddress};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::wording::Wording as _;
use crate::service::apply::Answer;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The boxes as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct AddressForm {
    pub(in crate::http) postcode: String,
    pub(in crate::http) prefecture: String,
    pub(in crate::http) municipality: String,
    pub(in crate::http) line1: String,
    pub(in crate::http) line2: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/address.html")]
struct AddressPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: AddressForm,
    prefectures: Vec<PrefectureOption>,
}

pub(in crate::http) struct PrefectureOption {
    pub(in crate::http) code: String,
    pub(in crate::http) name: &'static str,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant, origin: web::Query<Origin>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Address)?;
    let input = applicant.draft.answers.address.as_ref().map(of_address).unwrap_or_default();
    let input = applicant.left(Question::Address).unwrap_or(input);
    page::ok(&draw(applicant, &origin, input, FieldErrors::none()))
}

/// Saves the address; explains the way by the counter to those who live outside the area.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    origin: web::Query<Origin>,
    form: TextForm<AddressForm>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Address)?;
    if let Some(page) = form.later() {
        return applicant.leave(Question::Address, page).await;
    }
    let address = match form.checked(read(&form.input)) {
        Ok(address) => address,
        Err(errors) => return page::again(&draw(applicant, &origin, form.input, errors)),
    };
    let draft = applicant.answer(Answer::Address(address.clone())).await?;
    // Of a guardian, only the children's homes count.
    let is_own = draft.answers.card_holder() == CardHolder::Applicant;
    let category = draft.answers.category.as_ref().and_then(|code| draft.rules.category(code));
    if is_own && category.is_some_and(|category| !category.covers(&address)) {
        return Ok(page::see_other(Why::from(Ineligible::OutOfArea).url(&applicant.here.urls)));
    }
    Ok(applicant.next_after(Question::Address, &origin))
}

pub(in crate::http) fn read(input: &AddressForm) -> Result<PostalAddress, FieldErrors> {
    let typed = TypedAddress {
        postcode: &input.postcode,
        prefecture: &input.prefecture,
        municipality: &input.municipality,
        line1: &input.line1,
        line2: &input.line2,
    };
    PostalAddress::parse(typed).map_err(|faults| {
        let mut errors = FieldErrors::none();
        for fault in faults {
            errors.add(control_of(fault.part()), fault.wording());
        }
        errors
    })
}

const fn control_of(part: AddressPart) -> &'static str {
    match part {
        AddressPart::Postcode => "postcode",
        AddressPart::Prefecture => "prefecture",
        AddressPart::Municipality => "municipality",
        AddressPart::Line1 => "line1",
        AddressPart::Line2 => "line2",
    }
}

pub(in crate::http) fn of_address(address: &PostalAddress) -> AddressForm {
    AddressForm {
        postcode: address.postcode().to_string(),
        prefecture: address.prefecture().to_string(),
        municipality: address.municipality().to_owned(),
        line1: address.line1().to_owned(),
        line2: address.line2().unwrap_or_default().to_owned(),
    }
}

pub(in crate::http) fn prefectures() -> Vec<PrefectureOption> {
    Prefecture::all()
        .map(|prefecture| PrefectureOption { code: prefecture.to_string(), name: prefecture.name() })
        .collect()
}

fn draw(applicant: Applicant, origin: &Origin, input: AddressForm, errors: FieldErrors) -> AddressPage {
    let frame = applicant.frame(Question::Address, origin);
    AddressPage { layout: applicant.here.layout, frame, errors, input, prefectures: prefectures() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_box_and_the_rest_is_kept() {
        let input = AddressForm {
            postcode: "920000".into(),
            prefecture: "17".into(),
            municipality: "金沢市".into(),
            ..AddressForm::default()
        };
        let errors = read(&input).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.to_string()).collect();
        assert_eq!(fields, ["postcode", "line1"]);
        let frame = Frame::sample(Question::Address);
        let page = AddressPage { layout: Layout::sample(), frame, errors, input, prefectures: prefectures() };
        let page = page.render().unwrap();
        assert!(page.contains("<option value=\"17\" selected lang=\"ja\">石川県</option>"));
        assert_eq!(page.matches("<option").count(), 48);
        assert!(page.contains("value=\"金沢市\"") && page.contains("autocomplete=\"address-line1\""));
    }
}
