//! What the telephone signs, in full, once it has named the number.

use super::telephone::Telephone;
use super::void::{self, Why};
use crate::domain::answers::Question;
use crate::http::apply::answers_list::{self, Row};
use crate::http::apply::sign::short_id;
use crate::http::error::Error;
use crate::http::filters::{Moment, masked_email};
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use crate::service::sign::{HandoffSummary, SigningProblem};
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "handoff/summary.html")]
struct SummaryPage {
    layout: Layout,
    shown_at: Moment,
    rows: Vec<Row>,
    document_id: String,
}

/// Shows what will be signed.
pub(in crate::http) async fn show(telephone: Telephone) -> Result<HttpResponse, Error> {
    let Some(id) = telephone.handoff() else { return void::answer(&telephone, Why::Void) };
    match telephone.portal.handoff_summary(&telephone.visit.token(), id).await {
        Ok(summary) => page::ok(&draw(telephone.of(&summary.library), &summary)),
        Err(service::Error::HandoffVoid) => after_the_end(&telephone).await,
        Err(error) => Err(error.into()),
    }
}

/// Opens the signing request and sends the telephone to the app.
pub(in crate::http) async fn submit(telephone: Telephone, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let Some(id) = telephone.handoff() else { return void::answer(&telephone, Why::Void) };
    match telephone.portal.begin_handoff_signing(&telephone.visit.token(), id).await {
        Ok(address) => Ok(page::see_other(address)),
        Err(service::Error::HandoffVoid) => after_the_end(&telephone).await,
        Err(service::Error::SigningApp(error)) => {
            tracing::warn!(%error, "the signing app cannot be reached");
            Ok(page::see_other(urls::handoff_problem(id, SigningProblem::AppUnavailable.kind())))
        }
        Err(error) => Err(error.into()),
    }
}

/// Void, unless this telephone itself has signed.
async fn after_the_end(telephone: &Telephone) -> Result<HttpResponse, Error> {
    let Some(id) = telephone.handoff() else { return void::answer(telephone, Why::Void) };
    match telephone.portal.handoff_end(&telephone.visit.token(), id).await {
        Ok(end) if end.is_finished => Ok(page::see_other(urls::handoff_done(id))),
        Ok(_) | Err(service::Error::HandoffVoid) => void::answer(telephone, Why::Void),
        Err(error) => Err(error.into()),
    }
}

fn draw(layout: Layout, summary: &HandoffSummary) -> SummaryPage {
    let mut rows = answers_list::of_statement(&summary.frozen.statement, Some(&summary.library.rules));
    // Enough to be recognised by its owner; whoever was only shown a QR code need not learn the rest.
    for row in rows.iter_mut().filter(|row| row.question == Question::Email) {
        row.value = masked_email(&row.value.plain()).into();
    }
    let digest = summary.frozen.application.state.version().map(|version| version.digest.to_string());
    let rows = rows.iter().map(|row| row.in_words(layout.words)).collect();
    SummaryPage { layout, shown_at: Moment(summary.shown_at), rows, document_id: short_id(&digest.unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_page_warns_whoever_knows_nothing_of_it() {
        let page = SummaryPage {
            layout: Layout::sample(),
            shown_at: Moment(datetime!(2026-11-20 05:28 UTC)),
            rows: vec![Row { label: "氏名".into(), value: "髙橋　花子".into(), question: Question::Name }],
            document_id: "3f9a 71c2".into(),
        };
        let page = page.render().unwrap();
        for part in ["髙橋　花子", "3f9a 71c2", "14:28", "心当たりがないときは署名しないでください", "アプリで署名する"]
        {
            assert!(page.contains(part), "{part}");
        }
    }
}
