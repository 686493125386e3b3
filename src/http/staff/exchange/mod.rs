//! Files to and from the library system: what waits, what was made and read, by whom.

pub mod confirmations;
pub mod file;
pub mod import;
pub mod making;
mod words;

use self::confirmations::Awaited;
use super::signed_in::SignedInStaff;
use super::wording::name_of;
use crate::domain::exchange::{Direction, OutsideConfirmation};
use crate::domain::ids::{ExportId, StaffId};
use crate::domain::library::{LibraryRules, ProfileName};
use crate::domain::staff::StaffMember;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::page::{self, Layout};
use crate::service::exchange::Overview;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::OffsetDateTime;

/// The file that an address is about.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct FilePath {
    export: String,
}

impl FilePath {
    fn id(&self) -> Result<ExportId, Error> {
        self.export.parse().map_err(|_| Error::NotFound)
    }
}

/// The overview.
#[derive(Template)]
#[template(path = "staff/exchange.html")]
struct ExchangePage {
    layout: Layout,
    waiting: Vec<Waiting>,
    can_import: bool,
    waits_for_import: bool,
    awaited: Awaited,
    exports: Vec<Made>,
    imports: Vec<TakenOver>,
}

struct Waiting {
    label: String,
    purpose: String,
    count: u64,
    url: String,
}

struct Made {
    url: String,
    label: String,
    at: Moment,
    by: String,
    count: u64,
    is_confirmed: bool,
}

struct TakenOver {
    label: String,
    at: Moment,
    by: String,
    taken: u64,
    changed: u64,
    equal: u64,
    refused: u64,
}

/// Shows the overview.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    let overview = staff.here.portal.exchange_overview(&staff.here.library, &staff.member).await?;
    let now = staff.now();
    page::ok(&ExchangePage::of(staff.here.layout, &staff.here.library.rules, overview, now))
}

/// Leads from an address that only takes posts to the file that it is about.
pub(in crate::http) async fn lead_there(
    staff: SignedInStaff,
    path: web::Path<FilePath>,
) -> Result<HttpResponse, Error> {
    Ok(page::see_other(staff.here.urls.staff_export(path.id()?)))
}

impl ExchangePage {
    fn of(layout: Layout, rules: &LibraryRules, overview: Overview, now: OffsetDateTime) -> Self {
        let Overview { waiting, awaited, exports, imports, staff } = overview;
        let urls = layout.urls.clone();
        let by = |id| name_of(&staff, id);
        Self {
            waiting: waiting
                .into_iter()
                .filter_map(|(name, count)| {
                    let profile = rules.exchange.profile(&name)?;
                    let (label, purpose) = (profile.label.clone(), profile.purpose.clone());
                    Some(Waiting { label, purpose, count, url: urls.staff_export_of(name.as_str()) })
                })
                .collect(),
            can_import: rules.exchange.going(Direction::Import).next().is_some(),
            waits_for_import: rules.exchange.confirmation == OutsideConfirmation::Import,
            awaited: Awaited::of(awaited, now),
            exports: exports
                .into_iter()
                .map(|export| Made {
                    url: urls.staff_export(export.id),
                    label: label_of(rules, &export.profile),
                    at: Moment(export.made_at),
                    by: by(export.made_by),
                    count: export.card_count,
                    is_confirmed: export.confirmed.is_some(),
                })
                .collect(),
            imports: imports
                .into_iter()
                .map(|import| TakenOver {
                    label: label_of(rules, &import.profile),
                    at: Moment(import.made_at),
                    by: import.made_by.map_or_else(|| "サーバーの操作".to_owned(), by),
                    taken: import.counts.taken,
                    changed: import.counts.changed,
                    equal: import.counts.equal,
                    refused: import.counts.refused,
                })
                .collect(),
            layout,
        }
    }
}

/// What staff call a profile; one that the rules have no more is called by its name.
fn label_of(rules: &LibraryRules, name: &ProfileName) -> String {
    rules.exchange.profile(name).map_or_else(|| name.to_string(), |profile| profile.label.clone())
}

/// Who and when, in one line.
fn by_whom(staff: &[StaffMember], id: StaffId, at: OffsetDateTime) -> String {
    format!("{}・{}", name_of(staff, id), Moment(at).dense())
}
