//! Sending one document of one kind.

use super::super::applicant::Applicant;
use super::wording;
use crate::domain::answers::Question;
use crate::domain::attachment::FileName;
use crate::domain::library::{EvidenceCode, EvidenceKind, EvidenceValidity};
use crate::domain::person::typed_day;
use crate::http::error::Error;
use crate::http::form::FieldErrors;
use crate::http::page::{self, Layout};
use crate::http::site::Site;
use crate::http::upload::{self, Upload};
use crate::service::attach::{AttachFault, AttachOutcome, SentDocument};
use crate::words::{AsWritten, Phrase, Words};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeMap;
use time::Date;

/// The kind in the address.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct OfKind {
    kind: EvidenceCode,
}

/// The page.
#[derive(Template)]
#[template(path = "apply/document_add.html")]
struct AddPage {
    layout: Layout,
    errors: FieldErrors,
    awaiting_signature: bool,
    label: AsWritten,
    hint: AsWritten,
    front_only: bool,
    must_not_show: Vec<Phrase>,
    date: Option<DateBoxes>,
    largest_mb: String,
}

/// The day that stands on the document, as typed.
struct DateBoxes {
    legend: Phrase,
    example: Phrase,
    year: String,
    month: String,
    day: String,
}

/// Asks for the file.
pub(in crate::http) async fn show(applicant: Applicant, of: web::Path<OfKind>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Documents)?;
    match draw(&applicant, &of.kind, &BTreeMap::new(), FieldErrors::none()) {
        Some(page) => page::ok(&page),
        None => Ok(page::see_other(applicant.here.urls.apply_documents())),
    }
}

/// Takes the file.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    of: web::Path<OfKind>,
    site: web::Data<Site>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Documents)?;
    let here = &applicant.here;
    let largest = here.portal.attachment_limits.largest_file;
    let Upload { fields, file, file_name } = upload::read(&request, payload, (&site, &here.visit), largest).await?;
    let refuse = |errors| match draw(&applicant, &of.kind, &fields, errors) {
        Some(page) => page::again(&page),
        None => Ok(page::see_other(here.urls.apply_documents())),
    };
    let Some(file) = file else { return refuse(FieldErrors::one("file", wording::too_large(largest >> 20))) };
    let dated = match read_day(&fields) {
        Ok(dated) => dated,
        Err(errors) => return refuse(errors),
    };
    let file_name = file_name.as_deref().and_then(FileName::of);
    let sent = SentDocument { kind: of.kind.clone(), dated, file_name, file };
    match here.portal.attach(&here.library, applicant.draft.application.id, sent).await? {
        AttachOutcome::Attached => Ok(page::see_other(here.urls.apply_documents())),
        AttachOutcome::Already(kind) => Ok(page::see_other(here.urls.apply_documents_again(&kind))),
        AttachOutcome::Fault(fault) => refuse(FieldErrors::one(control_of(fault), wording::of_fault(fault))),
    }
}

/// The day, if boxes for it were on the page and filled in.
fn read_day(fields: &BTreeMap<String, String>) -> Result<Option<Date>, FieldErrors> {
    let typed = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let [year, month, day] = ["year", "month", "day"].map(typed);
    if [year, month, day].iter().all(|part| part.trim().is_empty()) {
        return Ok(None);
    }
    typed_day(year, month, day)
        .map(Some)
        .map_err(|_| FieldErrors::one("year", Words::default().apply_documents_date_check()))
}

const fn control_of(fault: AttachFault) -> &'static str {
    match fault {
        AttachFault::DateMissing | AttachFault::Expired => "year",
        _ => "file",
    }
}

/// The page, if this kind is asked for today.
fn draw(
    applicant: &Applicant,
    code: &EvidenceCode,
    typed: &BTreeMap<String, String>,
    errors: FieldErrors,
) -> Option<AddPage> {
    let (draft, words) = (&applicant.draft, applicant.words());
    let asked = draft.asked_evidence(applicant.today());
    let kind = asked.into_iter().flat_map(|asked| asked.kinds).find(|kind| kind.code == *code)?;
    Some(AddPage {
        layout: applicant.here.layout.clone(),
        errors,
        awaiting_signature: applicant.is_awaiting_signature(),
        label: (&kind.label).into(),
        hint: kind.hint.as_ref().map(AsWritten::from).unwrap_or_default(),
        front_only: kind.front_only,
        must_not_show: kind.must_not_show.iter().map(|forbidden| wording::of_forbidden(words, *forbidden)).collect(),
        date: date_boxes(words, kind, typed),
        largest_mb: (applicant.here.portal.attachment_limits.largest_file >> 20).to_string(),
    })
}

fn date_boxes(words: Words, kind: &EvidenceKind, typed: &BTreeMap<String, String>) -> Option<DateBoxes> {
    let (legend, example) = match kind.valid_for {
        EvidenceValidity::Unlimited => return None,
        EvidenceValidity::OwnExpiry => {
            (words.apply_documents_date_expiry(), words.apply_documents_date_expiry_example())
        }
        EvidenceValidity::Days(_) | EvidenceValidity::Months(_) | EvidenceValidity::Years(_) => {
            (words.apply_documents_date_issue(), words.apply_documents_date_issue_example())
        }
    };
    let [year, month, day] = ["year", "month", "day"].map(|name| typed.get(name).cloned().unwrap_or_default());
    Some(DateBoxes { legend, example, year, month, day })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn fields(year: &str, month: &str, day: &str) -> BTreeMap<String, String> {
        [("year", year), ("month", month), ("day", day)].map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn a_day_to_come_is_read_in_both_calendars() {
        for year in ["2030", "令和12年", "R12", "２０３０"] {
            assert_eq!(read_day(&fields(year, "5", "１")), Ok(Some(date!(2030 - 05 - 01))), "{year}");
        }
        assert_eq!(read_day(&fields("", " ", "")), Ok(None));
        assert!(read_day(&fields("2030", "2", "30")).unwrap_err().has("year"));
    }

    #[test]
    fn the_page_says_what_must_not_be_seen_and_keeps_the_day() {
        let page = AddPage {
            layout: Layout::sample(),
            errors: FieldErrors::one(
                "file",
                wording::of_fault(AttachFault::Unreadable(crate::picture::Unreadable::Heic)),
            ),
            awaiting_signature: true,
            label: "マイナンバーカード".into(),
            hint: "おもて面".into(),
            front_only: true,
            must_not_show: vec![wording::of_forbidden(
                Words::default(),
                crate::domain::library::Forbidden::MyNumberCardBack,
            )],
            date: Some(DateBoxes {
                legend: "有効期限".into(),
                example: "2030年".into(),
                year: "令和12".into(),
                month: "5".into(),
                day: "1".into(),
            }),
            largest_mb: "10".into(),
        };
        let page = page.render().unwrap();
        let place = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}"));
        assert!(place("name=\"csrf\"") < place("type=\"file\""), "a form of another site is refused before its file");
        assert!(place("name=\"year\"") < place("type=\"file\""));
        for part in [
            "うら面は、送らないで",
            "value=\"令和12\"",
            "multipart/form-data",
            "image/jpeg",
            "id=\"file-e\"",
            "HEIC",
            "10MB",
        ] {
            place(part);
        }
    }
}
