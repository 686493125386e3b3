//! What the guardian signs, in full: the very document that the applicant has signed.

use super::guardian::Guardian;
use super::void;
use crate::document::qr::QrPicture;
use crate::domain::cosigning::InvitationEnd;
use crate::domain::ids::CosignInvitationId;
use crate::http::apply::answers_list::{self, Row};
use crate::http::apply::sign::short_id;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use crate::service::sign::{CosignSummary, SigningProblem};
use crate::words::AsWritten;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "cosign/review.html")]
struct ReviewPage {
    layout: Layout,
    name: String,
    relation: AsWritten,
    rows: Vec<Row>,
    document_id: String,
    document_url: String,
    decline_url: String,
    /// Leads a telephone to this page, where the code is typed once more.
    picture: Option<QrPicture>,
    until: Moment,
}

/// Shows what will be signed.
pub(in crate::http) async fn show(guardian: Guardian) -> Result<HttpResponse, Error> {
    let Some(id) = guardian.invitation() else { return void::answer(&guardian) };
    match guardian.portal.cosign_summary(&guardian.visit.token(), id).await {
        Ok(summary) => page::ok(&draw(guardian.of(&summary.library), id, &summary)?),
        Err(service::Error::InvitationVoid) => after_the_end(&guardian, id).await,
        Err(error) => Err(error.into()),
    }
}

/// Opens the signing request and sends the browser to the app.
pub(in crate::http) async fn submit(guardian: Guardian, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let Some(id) = guardian.invitation() else { return void::answer(&guardian) };
    match guardian.portal.begin_cosigning(&guardian.visit.token(), id).await {
        Ok(address) => Ok(page::see_other(address)),
        Err(service::Error::InvitationVoid) => after_the_end(&guardian, id).await,
        Err(service::Error::SigningApp(error)) => {
            tracing::warn!(%error, "the signing app cannot be reached");
            Ok(page::see_other(urls::cosign_problem(id, SigningProblem::AppUnavailable.kind())))
        }
        Err(error) => Err(error.into()),
    }
}

/// The document itself.
pub(in crate::http) async fn document(guardian: Guardian) -> Result<HttpResponse, Error> {
    let Some(id) = guardian.invitation() else { return void::answer(&guardian) };
    match guardian.portal.cosign_summary(&guardian.visit.token(), id).await {
        Ok(CosignSummary { document, statement, .. }) => {
            let disposition = format!("inline; filename=\"{}-{}.pdf\"", statement.reference, statement.version);
            Ok(HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "application/pdf"))
                .insert_header((CONTENT_DISPOSITION, disposition))
                .body(document))
        }
        Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

/// Void, unless this browser itself has signed or declined.
async fn after_the_end(guardian: &Guardian, id: CosignInvitationId) -> Result<HttpResponse, Error> {
    match guardian.portal.cosign_end(&guardian.visit.token(), id).await {
        Ok(end) if matches!(end.end, Some(InvitationEnd::Cosigned | InvitationEnd::Declined)) => {
            Ok(page::see_other(urls::cosign_done(id)))
        }
        Ok(_) | Err(service::Error::InvitationVoid) => void::answer(guardian),
        Err(error) => Err(error.into()),
    }
}

fn draw(layout: Layout, id: CosignInvitationId, summary: &CosignSummary) -> Result<ReviewPage, Error> {
    let rows = answers_list::of_statement(&summary.statement, Some(&summary.library.rules));
    let here = layout.absolute(&urls::cosign(&summary.token));
    Ok(ReviewPage {
        name: summary.cosigner.name.as_str().to_owned(),
        relation: (&summary.relation).into(),
        rows: rows.iter().map(|row| row.in_words(layout.words)).collect(),
        document_id: short_id(&summary.version.digest.to_string()),
        document_url: urls::cosign_document(id),
        decline_url: urls::cosign_decline(id),
        picture: Some(QrPicture::of(&here).map_err(Error::internal)?),
        until: Moment(summary.until),
        layout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Question;
    use time::macros::datetime;

    #[test]
    fn everything_that_is_signed_stands_there_and_a_way_not_to() {
        let page = ReviewPage {
            layout: Layout::sample(),
            name: "潮見　汐里".into(),
            relation: "保護者".into(),
            rows: vec![Row { label: "氏名".into(), value: "潮見　湊".into(), question: Question::Name }],
            document_id: "3f9a 71c2".into(),
            document_url: "/g/1/document".into(),
            decline_url: "/g/1/decline".into(),
            picture: Some(QrPicture::of("https://card.example.jp/g/x").unwrap()),
            until: Moment(datetime!(2026-12-04 14:59 UTC)),
        };
        let page = page.render().unwrap();
        for part in
            ["潮見　湊", "潮見　汐里", "保護者", "3f9a 71c2", "/g/1/document", "/g/1/decline", "アプリで署名する"]
        {
            assert!(page.contains(part), "{part}");
        }
    }
}
