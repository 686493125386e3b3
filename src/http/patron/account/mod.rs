//! How a patron signs in, and where they are signed in.

pub(in crate::http) mod passkeys;
pub(in crate::http) mod password;

use super::reader::Holder;
use crate::domain::device::DeviceKind;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::own_sessions::{OwnSession, SignInWays};
use crate::words::{Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The page.
#[derive(Template)]
#[template(path = "patron/account/account.html")]
struct AccountPage {
    layout: Layout,
    /// What was just done; empty if nothing was.
    banner: Phrase,
    has_password: bool,
    chosen_at: Option<Moment>,
    sessions: Vec<SessionLine>,
    has_others: bool,
}

/// One session.
struct SessionLine {
    handle: String,
    device: Phrase,
    started_at: Moment,
    seen_at: Moment,
    is_this: bool,
}

impl SessionLine {
    fn of(words: Words, own: OwnSession) -> Self {
        Self {
            handle: own.handle,
            device: of_device(words, own.device),
            started_at: Moment(own.started_at),
            seen_at: Moment(own.seen_at),
            is_this: own.is_this,
        }
    }
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct JustNow {
    done: String,
}

impl JustNow {
    fn banner(&self, words: Words) -> Phrase {
        match self.done.as_str() {
            "ended" => words.patron_account_done_ended(),
            "changed" => words.patron_account_done_changed(),
            _ => Phrase::default(),
        }
    }
}

/// Which session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SessionForm {
    session: String,
}

/// Shows the page; whoever stands for no patron has none.
pub(in crate::http) async fn show(holder: Holder, just_now: web::Query<JustNow>) -> Result<HttpResponse, Error> {
    match holder.here.portal.sign_in_ways(&holder.session).await {
        Ok(ways) => {
            let banner = just_now.banner(holder.here.layout.words);
            page::ok(&draw(holder.here.layout, ways, banner))
        }
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

/// An address that only takes forms.
pub(in crate::http) async fn lead_there(holder: Holder) -> Result<HttpResponse, Error> {
    Ok(page::see_other(holder.here.urls.account()))
}

/// Ends one session; ending one's own leads to the door.
pub(in crate::http) async fn end_session(holder: Holder, form: CsrfForm<SessionForm>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let location = here.urls.account_after("ended");
    let once = here.once(form.once, "account/sessions/end", location.clone());
    ended(here.portal.end_own_session(&holder.session, &form.input.session, &once).await, location, holder.elsewhere())
}

/// Ends all others.
pub(in crate::http) async fn end_others(holder: Holder, form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    let location = here.urls.account_after("ended");
    let once = here.once(form.once, "account/sessions/end-others", location.clone());
    ended(here.portal.end_other_sessions(&holder.session, &once).await, location, holder.elsewhere())
}

fn ended(outcome: Result<(), service::Error>, location: String, elsewhere: String) -> Result<HttpResponse, Error> {
    match outcome {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::NotFound) => Ok(page::see_other(elsewhere)),
        Err(error) => Err(error.into()),
    }
}

fn of_device(words: Words, device: Option<DeviceKind>) -> Phrase {
    match device {
        Some(DeviceKind::Iphone) => words.say("iPhone"),
        Some(DeviceKind::Ipad) => words.say("iPad"),
        Some(DeviceKind::Android) => words.patron_account_android(),
        Some(DeviceKind::Windows) => words.patron_account_windows(),
        Some(DeviceKind::Mac) => words.patron_account_mac(),
        Some(DeviceKind::Linux) => words.patron_account_linux(),
        Some(DeviceKind::Other) | None => words.patron_account_other_device(),
    }
}

fn draw(layout: Layout, ways: SignInWays, banner: Phrase) -> AccountPage {
    let has_others = ways.sessions.iter().any(|one| !one.is_this);
    AccountPage {
        banner,
        has_password: ways.has_password,
        chosen_at: ways.chosen_at.map(Moment),
        sessions: ways.sessions.into_iter().map(|own| SessionLine::of(layout.words, own)).collect(),
        layout,
        has_others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn drawn(others: usize) -> String {
        let session = |number: usize| OwnSession {
            handle: format!("handle-{number}"),
            device: Some(DeviceKind::Iphone),
            started_at: datetime!(2026-11-20 01:00 UTC),
            seen_at: datetime!(2026-11-20 05:05 UTC),
            is_this: number == 0,
        };
        let sessions = (0..=others).map(session).collect();
        draw(Layout::sample(), SignInWays { chosen_at: None, has_password: true, sessions }, Phrase::default())
            .render()
            .unwrap()
    }

    #[test]
    fn each_session_has_a_button_that_says_which() {
        let page = drawn(2);
        assert_eq!(page.matches("name=\"session\"").count(), 2, "the own one is left by signing out");
        assert!(page.contains("いま使っている端末") && page.contains("14:05"), "{page}");
        assert!(page.contains("ほかのすべての端末をサインアウトさせる"));
        assert!(!drawn(0).contains("ほかのすべての端末"), "where there is none");
    }
}
