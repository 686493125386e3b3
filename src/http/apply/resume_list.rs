//! Going on with a saved draft: which one, if there are several.

use super::applicant::{Applicant, url_of};
use crate::domain::answers::Question;
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::CsrfForm;
use crate::http::page::{self, Layout};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The choice as sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ChoiceForm {
    reference: String,
}

/// The list.
#[derive(Template)]
#[template(path = "apply/resume_list.html")]
struct ResumeListPage {
    layout: Layout,
    drafts: Vec<DraftLine>,
}

struct DraftLine {
    reference: String,
    started_at: Moment,
    kept_until: Day,
}

/// Lists the drafts of the same address; a single one is opened at once.
pub(in crate::http) async fn show(applicant: Applicant) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    let drafts = here.portal.drafts_of_same_email(&here.library, applicant.draft.application.id).await?;
    if drafts.len() < 2 {
        return Ok(page::see_other(open_at(&applicant)));
    }
    let drafts = drafts
        .into_iter()
        .map(|draft| DraftLine {
            reference: draft.reference.to_string(),
            started_at: Moment(draft.started_at),
            kept_until: Day::of(draft.expires_at),
        })
        .collect();
    page::ok(&ResumeListPage { layout: applicant.here.layout, drafts })
}

/// Opens the chosen draft.
pub(in crate::http) async fn submit(applicant: Applicant, form: CsrfForm<ChoiceForm>) -> Result<HttpResponse, Error> {
    let reference: Reference = form.input.reference.parse().map_err(|_| Error::NotFound)?;
    if reference == applicant.draft.application.reference {
        return Ok(page::see_other(open_at(&applicant)));
    }
    let here = &applicant.here;
    let id = applicant.draft.application.id;
    here.portal.switch_draft(&here.library, &here.visit.token(), id, &reference).await?;
    // The check page leads to the first open question, whichever it is in that draft.
    Ok(page::see_other(here.urls.apply_check()))
}

/// The first open question, or the check page.
fn open_at(applicant: &Applicant) -> String {
    let open = applicant.draft.answers.first_unanswered(&applicant.draft.rules).unwrap_or(Question::Consent);
    url_of(&applicant.here.urls, open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn each_draft_has_its_own_button() {
        let line = |reference: &str| DraftLine {
            reference: reference.into(),
            started_at: Moment(datetime!(2026-11-20 05:05 UTC)),
            kept_until: Day(date!(2026 - 11 - 27)),
        };
        let drafts = vec![line("LC-7K3M-92QP"), line("LC-4XHT-6BWN")];
        let page = ResumeListPage { layout: Layout::sample(), drafts }.render().unwrap();
        assert_eq!(page.matches("name=\"reference\"").count(), 2);
        assert!(page.contains("2026年11月20日(金) 14:05 にはじめました"));
    }
}
