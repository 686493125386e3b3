//! The PC waits for the telephone: by a button for everybody, and for the script in JSON.

use super::applicant::ApplicantSession;
use super::handoff_card::{HandoffCard, words_of};
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::page::{self, Layout};
use crate::http::urls::Urls;
use crate::service::sign::Progress;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

/// What is asked. `seen` is what the script knows already; without it a page is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Asked {
    wait: Option<String>,
    seen: Option<String>,
}

/// The page while there is nothing to do but wait.
#[derive(Template)]
#[template(path = "apply/sign_status.html")]
struct StatusPage {
    layout: Layout,
    handoff: HandoffCard,
    asked_at: String,
}

/// What the script is told.
#[derive(Debug, Serialize)]
struct News {
    is: &'static str,
    words: String,
    /// True if there is something to do, and nothing more to wait for.
    ends: bool,
}

/// Waits a little if that was asked for, then leads on or says that there is nothing yet.
pub(in crate::http) async fn show(session: ApplicantSession, asked: web::Query<Asked>) -> Result<HttpResponse, Error> {
    let ApplicantSession { here, id, .. } = session;
    let token = here.visit.token();
    let progress = match asked.wait {
        Some(_) => here.portal.await_signature(&here.library, &token, id, asked.seen.as_deref()).await?,
        None => here.portal.signing_progress(&here.library, &token, id).await?,
    };
    if asked.seen.is_some() {
        let news = News {
            is: progress.name(),
            words: words_of(here.layout.words, &progress).plain(),
            ends: progress.is_news(),
        };
        return Ok(HttpResponse::Ok().json(news));
    }
    if let Some(next) = next(&here.urls, &progress) {
        return Ok(page::see_other(next));
    }
    page::ok(&StatusPage {
        handoff: HandoffCard::find(&here, id).await?,
        asked_at: Moment(here.portal.clock.now()).clock_with_seconds(),
        layout: here.layout,
    })
}

/// Where the PC goes from here; `None` while it must wait.
fn next(urls: &Urls, progress: &Progress) -> Option<String> {
    match progress {
        Progress::Signed => Some(urls.apply_done()),
        Progress::Problem(kind) => Some(urls.apply_sign_problem(kind)),
        Progress::Mismatched | Progress::RunOut => Some(urls.apply_sign()),
        Progress::Changed => Some(urls.apply_check()),
        Progress::NoCode | Progress::Shown | Progress::Opened | Progress::Matched | Progress::Signing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn whoever_pressed_too_early_reads_when_and_finds_the_same_button() {
        let page = StatusPage {
            layout: Layout::sample(),
            handoff: HandoffCard::sample(Progress::Opened),
            asked_at: "14:32:10".into(),
        };
        let page = page.render().unwrap();
        for part in ["まだ確認できていません（14:32:10）", "署名がおわったら押す", ">47<", "role=\"status\""]
        {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn every_end_leads_somewhere() {
        let urls = Urls::new("aozora", Lang::Ja);
        assert_eq!(next(&urls, &Progress::Signed).unwrap(), "/aozora/ja/apply/done");
        let problem = Progress::Problem("revoked".into());
        assert_eq!(next(&urls, &problem).unwrap(), "/aozora/ja/apply/sign/problem/revoked");
        for progress in [Progress::Mismatched, Progress::RunOut, Progress::Changed, Progress::Signing, Progress::Shown]
        {
            assert_eq!(next(&urls, &progress).is_some(), progress.is_news(), "{progress:?}");
        }
    }
}
