//! The record of who did what, when, to which application.

use super::listing::{Pager, between, key_text, parse_key, with_query};
use super::signed_in::SignedInStaff;
use super::wording::{name_of, of_detail, of_event};
use crate::domain::event::{Actor, EventKind};
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
    pager: Pager,
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
        let (from, until) = between(&self.from, &self.until);
        RecordQuery {
            staff: self.who.parse().ok(),
            kind: self.what.parse().ok(),
            from,
            until,
            before: key_of(&self.before),
            ..RecordQuery::default()
        }
    }

    fn url(&self, layout: &Layout) -> String {
        with_query(layout.urls.staff_record(), self)
    }
}

fn key_of(text: &str) -> Option<RecordKey> {
    let (at, rest) = parse_key(text)?;
    let (application, seq) = rest.split_once('.')?;
    Some(RecordKey { at, application: application.parse().ok()?, seq: seq.parse().ok()? })
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
    let from = |before: String| RecordView { before, ..view.clone() }.url(&layout);
    let first = (!view.before.is_empty()).then(|| from(String::new()));
    let next = found.next.map(|key| from(key_text(key.at, format_args!("{}.{}", key.application, key.seq))));
    RecordPage {
        entries: entries.collect(),
        people: found.staff.iter().map(|member| (member.id.to_string(), member.name.clone())).collect(),
        kinds: EventKind::ALL.iter().map(|kind| (kind.as_str(), of_event(*kind))).collect(),
        chains: found.chains,
        broken: found.broken.iter().map(ToString::to_string).collect(),
        pager: Pager::onwards("記録のページ", first, next),
        view,
        errors,
        layout,
    }
}
