//! Health, for load balancers and monitoring, and nothing about anybody.

use crate::http::error::Error;
use crate::http::error_page::AsItIs;
use crate::service::Portal;
use crate::service::mail_care::{MailFlow, MailHealth};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use time::OffsetDateTime;

/// The process answers.
pub(in crate::http) async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("live")
}

/// The database answers too.
pub(in crate::http) async fn ready(portal: web::Data<Portal>) -> HttpResponse {
    match portal.ready().await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain").body("ready"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let mut answer = HttpResponse::ServiceUnavailable().content_type("text/plain").body("not ready");
            answer.extensions_mut().insert(AsItIs);
            answer
        }
    }
}

/// How a source about revocation stands. Addresses are between the library and the authority and stay out.
#[derive(Serialize)]
struct Source {
    /// Its place in the configuration, from 1.
    place: usize,
    kind: &'static str,
    state: &'static str,
    #[serde(with = "time::serde::rfc3339::option")]
    last_success: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    last_failure: Option<OffsetDateTime>,
    why: Option<String>,
    lists: usize,
    entries: usize,
    /// The list that runs out first.
    oldest: Option<List>,
}

#[derive(Serialize)]
struct List {
    number: String,
    #[serde(with = "time::serde::rfc3339")]
    this_update: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    next_update: OffsetDateTime,
    age_seconds: i64,
    entries: usize,
}

/// How the seal of a library stands.
#[derive(Serialize)]
struct SealState {
    library: String,
    state: &'static str,
    #[serde(with = "time::serde::rfc3339::option")]
    last_success: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    failing_since: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    certificate_ends: Option<OffsetDateTime>,
}

#[derive(Serialize)]
struct SealStates {
    #[serde(with = "time::serde::rfc3339")]
    now: OffsetDateTime,
    seals: Vec<SealState>,
}

/// Whether each library can seal its notices, as JSON.
pub(in crate::http) async fn seals(portal: web::Data<Portal>) -> HttpResponse {
    let now = portal.clock.now();
    let seals = portal.seals.iter().map(|seal| {
        let (health, ends) = (seal.health(), seal.ends());
        SealState {
            library: seal.library().to_owned(),
            state: match (ends.is_none_or(|ends| ends < now), health.failing_since, health.last_success) {
                (true, ..) => "expired",
                (false, Some(_), _) => "failing",
                (false, None, Some(_)) => "sealing",
                (false, None, None) => "not used yet",
            },
            last_success: health.last_success,
            failing_since: health.failing_since,
            certificate_ends: ends,
        }
    });
    HttpResponse::Ok().json(SealStates { now, seals: seals.collect() })
}

#[derive(Serialize)]
struct MailState {
    #[serde(with = "time::serde::rfc3339")]
    now: OffsetDateTime,
    state: &'static str,
    waiting: u64,
    #[serde(with = "time::serde::rfc3339::option")]
    oldest_queued: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    last_handed_over: Option<OffsetDateTime>,
    failed_lately: u64,
}

/// Whether mail goes out, as JSON; 503 if it does not.
pub(in crate::http) async fn mail(portal: web::Data<Portal>) -> Result<HttpResponse, Error> {
    let MailHealth { flow, figures } = portal.mail_health().await?;
    let mut answer = match flow {
        MailFlow::Flowing => HttpResponse::Ok(),
        MailFlow::Stuck | MailFlow::Failing => HttpResponse::ServiceUnavailable(),
    };
    let mut answer = answer.json(MailState {
        now: portal.clock.now(),
        state: flow.as_str(),
        waiting: figures.waiting,
        oldest_queued: figures.oldest_queued_at,
        last_handed_over: figures.last_sent_at,
        failed_lately: figures.failed,
    });
    answer.extensions_mut().insert(AsItIs);
    Ok(answer)
}

#[derive(Serialize)]
struct Sources {
    #[serde(with = "time::serde::rfc3339")]
    now: OffsetDateTime,
    sources: Vec<Source>,
}

/// The age and number of the revocation lists in force, source by source, as JSON.
pub(in crate::http) async fn revocation(portal: web::Data<Portal>) -> HttpResponse {
    let now = portal.clock.now();
    let sources = (1..).zip(portal.revocation.states()).map(|(place, state)| {
        let is_stale = state.oldest.as_ref().is_some_and(|list| list.next_update < now);
        Source {
            place,
            kind: state.kind.as_str(),
            state: match (is_stale, state.is_failing(), state.last_success, state.lists) {
                (true, ..) => "stale",
                (false, true, ..) => "failing",
                (false, false, None, 0) => "not asked yet",
                (false, false, ..) => "current",
            },
            last_success: state.last_success,
            last_failure: state.last_failure.map(|(at, _)| at),
            why: state.last_failure.map(|(_, why)| why.to_string()),
            lists: state.lists,
            entries: state.entries,
            oldest: state.oldest.map(|list| List {
                age_seconds: (now - list.this_update).whole_seconds(),
                number: list.number,
                this_update: list.this_update,
                next_update: list.next_update,
                entries: list.entries,
            }),
        }
    });
    HttpResponse::Ok().json(Sources { now, sources: sources.collect() })
}
