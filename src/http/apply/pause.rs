//! Stopping here: how to go on later, and leaving this browser without a trace.

use super::applicant::ApplicantSession;
use crate::domain::application::ApplicationState;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::service;
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "apply/pause.html")]
struct PausePage {
    layout: Layout,
    kept_until: Option<Day>,
    can_resume: bool,
}

/// Says how to go on.
pub(in crate::http) async fn show(session: ApplicantSession) -> Result<HttpResponse, Error> {
    let ApplicantSession { here, id, .. } = session;
    let draft = match here.portal.draft(&here.library, id).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(here.urls.start())),
        draft => draft?,
    };
    let kept_until = match draft.application.state {
        ApplicationState::Draft { expires_at } => Some(Day::of(expires_at)),
        _ => None,
    };
    page::ok(&PausePage { layout: here.layout, kept_until, can_resume: draft.answers.email_confirmed })
}

/// Ends the session and takes the cookie away; the draft stays.
pub(in crate::http) async fn submit(session: ApplicantSession, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let here = session.here;
    here.portal.end_session(&here.visit.token()).await?;
    here.visit.forget();
    Ok(page::see_other(here.urls.start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_page_says_how_long_and_warns_when_there_is_no_way_back() {
        let drawn = |can_resume| {
            let kept_until = Some(Day(date!(2026 - 11 - 27)));
            PausePage { layout: Layout::sample(), kept_until, can_resume }.render().unwrap()
        };
        assert!(drawn(true).contains("2026年11月27日(金)"));
        assert!(!drawn(true).contains("まだ確認していない"));
        assert!(drawn(false).contains("まだ確認していない"));
    }
}
