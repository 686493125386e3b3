//! The record of who did what, when, to which application.

use super::queue::day_of;
use super::signed_in::SignedInStaff;
use super::wording::{name_of, of_detail, of_event};
use crate::clock::start_of_day;
use crate::domain::event::{Actor, EventKind};
use crate::domain::ids::ApplicationId;
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::FieldErrors;
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::audit::{RecordKey, RecordPage as Found, RecordQuery};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// What is looked for; stands whole in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::http) struct RecordView {
    #[serde(skip_serializing_if = "String::is_empty")]
    who: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    what: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reference: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    until: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

/// The record.
#[derive(Template)]
#[template(path = "staff/record.html")]
struct RecordPage {
    layout: Layout,
    errors: FieldErrors,
    view: RecordView,
    people: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    entries: Vec<Line>,
    chains: usize,
    broken: Vec<String>,
    first: Option<String>,
    next: Option<String>,
}

struct Line {
    at: Moment,
    reference: String,
    who: String,
    what: &'static str,
    detail: &'static str,
}

/// Shows one page of the record.
pub(in crate::http) async fn show(staff: SignedInStaff, view: web::Query<RecordView>) -> Result<HttpResponse, Error> {
    let view = view.into_inner();
    let mut errors = FieldErrors::none();
    let reference = match view.reference.trim() {
        "" => None,
        text => text.parse::<Reference>().map_err(|_| errors.add("reference", "申込番号を確かめてください")).ok(),
    };
    let query = view.query();
    let found = match staff.here.portal.record(&staff.member, &query, reference.as_ref()).await {
        Err(service::Error::NotFound) => {
            errors.add("reference", "この番号の申込みはありません");
            staff.here.portal.record(&staff.member, &query, None).await?
        }
        found => found?,
    };
    page::ok(&draw(staff.here.layout, view, &found, errors))
}

impl RecordView {
    fn query(&self) -> RecordQuery {
        RecordQuery {
            staff: self.who.parse().ok(),
            kind: self.what.parse().ok(),
            from: day_of(&self.from).map(start_of_day),
            until: day_of(&self.until).and_then(Date::next_day).map(start_of_day),
            before: parse_key(&self.before),
            ..RecordQuery::default()
        }
    }

    fn url(&self, layout: &Layout) -> String {
        let query = serde_html_form::to_string(self).unwrap_or_default();
        format!("{}?{query}", layout.urls.staff_record())
    }
}

fn key_text(key: RecordKey) -> String {
    format!("{}.{}.{}", key.at.unix_timestamp_nanos() / 1000, key.application, key.seq)
}

fn parse_key(text: &str) -> Option<RecordKey> {
    let mut parts = text.splitn(3, '.');
    let nanos = i128::from(parts.next()?.parse::<i64>().ok()?) * 1000;
    Some(RecordKey {
        at: OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?,
        application: parts.next()?.parse::<ApplicationId>().ok()?,
        seq: parts.next()?.parse().ok()?,
    })
}

fn draw(layout: Layout, view: RecordView, found: &Found, errors: FieldErrors) -> RecordPage {
    let entries = found.entries.iter().map(|entry| {
        let event = &entry.event.event;
        Line {
            at: Moment(event.at),
            reference: entry.reference.to_string(),
            who: match event.actor {
                Actor::Applicant => "申込者".to_owned(),
                Actor::Staff(id) => name_of(&found.staff, id),
                Actor::System => "システム".to_owned(),
            },
            what: of_event(event.kind),
            detail: of_detail(event.kind, &event.detail),
        }
    });
    let beginning = RecordView { before: String::new(), ..view.clone() };
    RecordPage {
        entries: entries.collect(),
        people: found.staff.iter().map(|member| (member.id.to_string(), member.name.clone())).collect(),
        kinds: EventKind::ALL.iter().map(|kind| (kind.as_str(), of_event(*kind))).collect(),
        chains: found.chains,
        broken: found.broken.iter().map(ToString::to_string).collect(),
        first: (!view.before.is_empty()).then(|| beginning.url(&layout)),
        next: found.next.map(|key| RecordView { before: key_text(key), ..view.clone() }.url(&layout)),
        view,
        errors,
        layout,
    }
}
