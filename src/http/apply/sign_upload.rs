//! Signed with other software at a PC with a card reader: take the document away, bring the signature back.

use super::applicant::Applicant;
use super::sign::short_id;
use crate::domain::application::ApplicationState;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::FieldErrors;
use crate::http::page::{self, Layout};
use crate::http::site::Site;
use crate::http::upload::{self, Upload};
use crate::service;
use crate::service::sign::{UploadFault, UploadOutcome};
use crate::words::{Phrase, Words};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "apply/sign_upload.html")]
struct UploadPage {
    layout: Layout,
    errors: FieldErrors,
    document_url: String,
    document_id: String,
    version: u32,
    until: Moment,
}

/// Explains how.
pub(in crate::http) async fn show(applicant: Applicant) -> Result<HttpResponse, Error> {
    match draw(&applicant, FieldErrors::none()) {
        Some(page) => page::ok(&page),
        None => Ok(page::see_other(applicant.here.urls.apply_check())),
    }
}

/// Takes the signature.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    site: web::Data<Site>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    let id = applicant.draft.application.id;
    let largest = match here.portal.largest_upload(&here.library, id).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(here.urls.apply_check())),
        largest => largest?,
    };
    let Upload { fields, file, .. } = upload::read(&request, payload, (&site, &here.visit), largest).await?;
    let seen = fields.get("version").and_then(|version| version.parse().ok()).ok_or(Error::BadForm)?;
    let Some(file) = file else { return refuse(&applicant, UploadFault::TooLarge) };
    let (portal, library, token) = (here.portal.clone(), here.library.clone(), here.visit.token());
    // A connection that breaks must not take a signature with it that has arrived.
    let submitted =
        actix_web::rt::spawn(async move { Box::pin(portal.submit_upload(&library, &token, id, seen, file)).await });
    match submitted.await.map_err(Error::internal)? {
        Ok(UploadOutcome::Submitted) => Ok(page::see_other(here.urls.apply_done())),
        Ok(UploadOutcome::Problem(problem)) => Ok(page::see_other(here.urls.apply_sign_problem(problem.kind()))),
        Ok(UploadOutcome::Fault(fault)) => refuse(&applicant, fault),
        // Changed since, or the second click: the sign page knows where to go.
        Err(service::Error::NotFound | service::Error::Stale) => Ok(page::see_other(here.urls.apply_sign())),
        Err(error) => Err(error.into()),
    }
}

fn refuse(applicant: &Applicant, fault: UploadFault) -> Result<HttpResponse, Error> {
    match draw(applicant, FieldErrors::one("file", words_of(fault))) {
        Some(page) => page::again(&page),
        None => Ok(page::see_other(applicant.here.urls.apply_check())),
    }
}

/// The page, while a version waits for its signature.
fn draw(applicant: &Applicant, errors: FieldErrors) -> Option<UploadPage> {
    let ApplicationState::AwaitingSignature { version, expires_at, .. } = applicant.draft.application.state else {
        return None;
    };
    let here = &applicant.here;
    Some(UploadPage {
        layout: here.layout.clone(),
        errors,
        document_url: here.urls.apply_sign_document() + "?save=1",
        document_id: short_id(&version.digest.to_string()),
        version: version.number,
        until: Moment(expires_at),
    })
}

fn words_of(fault: UploadFault) -> Phrase {
    let words = Words::default();
    match fault {
        UploadFault::Empty => words.apply_sign_fault_empty(),
        UploadFault::TooLarge => words.apply_sign_fault_large(),
        UploadFault::Picture => words.apply_sign_fault_picture(),
        UploadFault::Certificate => words.apply_sign_fault_certificate(),
        UploadFault::Unsigned => words.apply_sign_fault_unsigned(),
        UploadFault::OtherVersion => words.apply_sign_fault_version(),
        UploadFault::OtherPdf => words.apply_sign_fault_pdf(),
        UploadFault::VisibleSignature => words.apply_sign_fault_visible(),
        UploadFault::OtherKind => words.apply_sign_fault_kind(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn drawn(errors: FieldErrors) -> String {
        let page = UploadPage {
            layout: Layout::sample(),
            errors,
            document_url: "/aozora/ja/apply/sign/document?save=1".into(),
            document_id: "3f9a 71c2".into(),
            version: 2,
            until: Moment(datetime!(2026-11-20 05:40 UTC)),
        };
        page.render().unwrap()
    }

    #[test]
    fn the_hidden_fields_stand_before_the_file() {
        let page = drawn(FieldErrors::none());
        let place = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}"));
        assert!(place("name=\"csrf\"") < place("type=\"file\""));
        assert!(place("name=\"version\" value=\"2\"") < place("type=\"file\""));
        for part in ["multipart/form-data", "14:40", "3f9a 71c2", "download"] {
            place(part);
        }
    }

    #[test]
    fn what_was_sent_by_mistake_is_said_at_the_field() {
        let page = drawn(FieldErrors::one("file", words_of(UploadFault::Picture)));
        assert!(page.contains("id=\"file-e\"") && page.contains("カードの写真は送らないでください"));
        assert!(page.contains("<title>エラー：") && page.contains("aria-describedby=\"file-e file-h\""));
    }
}
