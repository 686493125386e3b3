//! The last page before the app: what will be signed, with what, and how.

use super::answers_list::{self, Row};
use super::applicant::Applicant;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::sign::SigningProblem;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "apply/sign.html")]
struct SignPage {
    layout: Layout,
    rows: Vec<Row>,
    document_url: String,
    document_id: String,
}

/// Shows what will be signed.
pub(in crate::http) async fn show(applicant: Applicant) -> Result<HttpResponse, Error> {
    let here = applicant.here;
    let frozen = match here.portal.frozen(&here.library, applicant.draft.application.id).await {
        // Changed since: the check page freezes it anew.
        Err(service::Error::NotFound) => return Ok(page::see_other(here.urls.apply_check())),
        frozen => frozen?,
    };
    let digest = frozen.application.state.version().map(|version| version.digest.to_string()).unwrap_or_default();
    page::ok(&SignPage {
        rows: answers_list::of_statement(&frozen.statement),
        document_url: here.urls.apply_sign_document(),
        document_id: short_id(&digest),
        layout: here.layout,
    })
}

/// Opens the signing request and sends the browser to the app.
pub(in crate::http) async fn submit(applicant: Applicant, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let here = applicant.here;
    let id = applicant.draft.application.id;
    match here.portal.begin_signing(&here.library, &here.visit.token(), id).await {
        Ok(address) => Ok(page::see_other(address)),
        Err(service::Error::NotFound) => Ok(page::see_other(here.urls.apply_check())),
        Err(service::Error::SigningApp(error)) => {
            tracing::warn!(%error, "the signing app cannot be reached");
            Ok(page::see_other(here.urls.apply_sign_problem(SigningProblem::AppUnavailable.kind())))
        }
        Err(error) => Err(error.into()),
    }
}

/// The document itself.
pub(in crate::http) async fn document(applicant: Applicant) -> Result<HttpResponse, Error> {
    let here = applicant.here;
    let pdf = here.portal.frozen_document(&here.library, applicant.draft.application.id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"application.pdf\""))
        .body(pdf))
}

/// The beginning of a document's SHA-256, as people compare it: `3f9a 71c2`.
fn short_id(digest: &str) -> String {
    match (digest.get(..4), digest.get(4..8)) {
        (Some(first), Some(second)) => format!("{first} {second}"),
        _ => digest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Question;

    #[test]
    fn the_page_says_what_is_signed_and_warns_of_the_lock() {
        let page = SignPage {
            layout: Layout::sample(),
            rows: vec![Row { label: "氏名", value: "髙橋　花子".into(), question: Question::Name }],
            document_url: "/aozora/ja/apply/sign/document".into(),
            document_id: short_id("3f9a71c2ffff"),
        };
        let page = page.render().unwrap();
        for part in ["髙橋　花子", "3f9a 71c2", "5回まちがえると", "アプリで署名する", "method=\"post\""]
        {
            assert!(page.contains(part), "{part}");
        }
    }
}
