//! The queue: what waits, for whom, since when.

use super::elapsed::elapsed;
use super::signed_in::SignedInStaff;
use super::wording::{self, Chip};
use crate::domain::application::ApplicationState;
use crate::domain::ids::{ApplicationId, StaffId};
use crate::domain::person::{Kana, PersonName};
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::FieldErrors;
use crate::http::page::{self, Layout};
use crate::http::urls::Urls;
use crate::http::wording::Wording;
use crate::service;
use crate::service::review::{QUEUE_PAGE, QueueCounts, QueueKey, QueuePage as Found, QueueRow, QueueSearch, QueueTab};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use time::OffsetDateTime;

/// What is looked at; stands whole in the address, so that it can be bookmarked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::http) struct View {
    #[serde(skip_serializing_if = "String::is_empty")]
    tab: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

/// The queue.
#[derive(Template)]
#[template(path = "staff/queue.html")]
struct QueuePage {
    layout: Layout,
    errors: FieldErrors,
    tabs: Vec<Tab>,
    heading: &'static str,
    count: u64,
    view: View,
    rows: Vec<Row>,
    revoked_links: u64,
    next: Option<String>,
    first: Option<String>,
    all_of_tab: String,
    sought_everywhere: Option<String>,
    per_page: u32,
}

struct Tab {
    label: &'static str,
    url: String,
    count: u64,
    is_current: bool,
}

struct Row {
    reference: String,
    url: String,
    claim_url: Option<String>,
    received: Moment,
    elapsed: String,
    name: Option<String>,
    procedure: &'static str,
    flags: Vec<&'static str>,
    chip: Chip,
    holder: String,
}

/// Leads to the queue.
pub(in crate::http) async fn lead_there(staff: SignedInStaff) -> HttpResponse {
    page::see_other(staff.here.urls.staff_queue())
}

/// Shows one page of one part of the queue.
pub(in crate::http) async fn show(staff: SignedInStaff, view: web::Query<View>) -> Result<HttpResponse, Error> {
    let view = view.into_inner();
    let (found, errors) = match searches(&view.q) {
        Ok(searches) => (find(&staff, &view, &searches).await?, FieldErrors::none()),
        Err(errors) => {
            let all = staff.here.portal.queue(&staff.member, view.part(&staff), None, None).await?;
            (Found { rows: Vec::new(), next: None, ..all }, errors)
        }
    };
    let names = names_of(&staff, &found.rows).await?;
    let now = staff.now();
    let rows = found.rows.iter().map(|row| Row::of(row, &staff, &names, now)).collect();
    page::ok(&draw(staff.here.layout, view, &found, rows, errors))
}

/// The first kind of search that finds anything: a text in kana or Latin letters may be a reading or a name.
async fn find(staff: &SignedInStaff, view: &View, searches: &[QueueSearch]) -> Result<Found, Error> {
    let (tab, after) = (view.part(staff), parse_key(&view.after));
    let portal = &staff.here.portal;
    let mut found = portal.queue(&staff.member, tab, searches.first(), after).await?;
    for search in searches.iter().skip(1) {
        if !found.rows.is_empty() {
            break;
        }
        found = portal.queue(&staff.member, tab, Some(search), after).await?;
    }
    Ok(found)
}

/// The names of those who hold or decided the applications on this page.
async fn names_of(staff: &SignedInStaff, rows: &[QueueRow]) -> Result<HashMap<StaffId, String>, Error> {
    let mut names = HashMap::new();
    for id in rows.iter().filter_map(|row| reviewer(&row.application.state)) {
        if let std::collections::hash_map::Entry::Vacant(place) = names.entry(id) {
            let name = match staff.here.portal.staff_member(staff.member.library_id, id).await {
                Ok(member) => member.name,
                Err(service::Error::SignedOut) => "前の職員".to_owned(),
                Err(error) => return Err(error.into()),
            };
            place.insert(name);
        }
    }
    Ok(names)
}

const fn reviewer(state: &ApplicationState) -> Option<StaffId> {
    match state {
        ApplicationState::UnderReview { reviewer, .. } | ApplicationState::Declined { reviewer, .. } => Some(*reviewer),
        ApplicationState::Returned(asked) => Some(asked.reviewer),
        ApplicationState::Approved { decider, .. } | ApplicationState::Issued { decider, .. } => decider.staff_id(),
        _ => None,
    }
}

/// What the search box may mean; nothing if it is empty.
fn searches(q: &str) -> Result<Vec<QueueSearch>, FieldErrors> {
    if q.trim().is_empty() {
        return Ok(Vec::new());
    }
    if let Ok(reference) = q.parse::<Reference>() {
        return Ok(vec![QueueSearch::Reference(reference)]);
    }
    let name = q.parse::<PersonName>().map_err(|error| FieldErrors::one("q", error.wording()))?;
    let mut searches: Vec<_> = q.parse::<Kana>().map(QueueSearch::Kana).into_iter().collect();
    searches.push(QueueSearch::Name(name));
    Ok(searches)
}

/// `1795669500000000.0199…`: microseconds since 1970 and the id, as they stand in the address.
fn key_text(key: QueueKey) -> String {
    format!("{}.{}", key.submitted_at.unix_timestamp_nanos() / 1000, key.id)
}

/// A key that somebody has changed begins the list anew.
fn parse_key(text: &str) -> Option<QueueKey> {
    let (micros, id) = text.split_once('.')?;
    let nanos = micros.parse::<i64>().ok().map(|micros| i128::from(micros) * 1000)?;
    let submitted_at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    Some(QueueKey { submitted_at, id: id.parse::<ApplicationId>().ok()? })
}

/// The parts of the queue: name in the address, name for people.
const TABS: [(&str, &str); 4] =
    [("unclaimed", "未担当"), ("mine", "自分の担当"), ("decided", "処理済み"), ("all", "すべて")];

impl View {
    fn tab_name(&self) -> &'static str {
        TABS.iter().find(|(name, _)| *name == self.tab).map_or(TABS[0].0, |(name, _)| name)
    }

    fn part(&self, staff: &SignedInStaff) -> QueueTab {
        match self.tab_name() {
            "mine" => QueueTab::Mine(staff.member.id),
            "decided" => QueueTab::Decided,
            "all" => QueueTab::All,
            _ => QueueTab::Unclaimed,
        }
    }

    fn url(&self, urls: &Urls) -> String {
        let query = serde_html_form::to_string(self).unwrap_or_default();
        if query.is_empty() { urls.staff_queue() } else { format!("{}?{query}", urls.staff_queue()) }
    }
}

impl Row {
    fn of(row: &QueueRow, staff: &SignedInStaff, names: &HashMap<StaffId, String>, now: OffsetDateTime) -> Self {
        let (application, urls) = (&row.application, &staff.here.urls);
        let is_free = match application.state {
            ApplicationState::Submitted { .. } => true,
            ApplicationState::UnderReview { lease_until, .. } => lease_until <= now,
            _ => false,
        };
        let holder = match reviewer(&application.state) {
            Some(id) if id == staff.member.id => "自分".to_owned(),
            Some(id) => names.get(&id).cloned().unwrap_or_default(),
            None => String::new(),
        };
        Self {
            reference: application.reference.to_string(),
            url: urls.staff_application(&application.reference),
            claim_url: is_free.then(|| urls.staff_application_path(&application.reference, "/claim")),
            received: Moment(row.submitted_at),
            elapsed: elapsed(row.submitted_at, now),
            name: row.applicant.as_ref().map(|name| name.as_str().to_owned()),
            procedure: wording::of_procedure(application.procedure),
            flags: row.flags.iter().map(|flag| wording::of_flag_for(*flag, staff.member.id)).collect(),
            chip: wording::chip(&application.state, now),
            holder,
        }
    }
}

fn draw(layout: Layout, view: View, found: &Found, rows: Vec<Row>, errors: FieldErrors) -> QueuePage {
    let urls = &layout.urls;
    let view = View { tab: view.tab_name().to_owned(), ..view };
    let first_page = View { after: String::new(), ..view.clone() };
    let tab_of = |name: &str| View { tab: name.to_owned(), ..View::default() };
    let tabs: Vec<Tab> = TABS
        .into_iter()
        .map(|(name, label)| Tab {
            label,
            url: tab_of(name).url(urls),
            count: count_of(&found.counts, name),
            is_current: name == view.tab,
        })
        .collect();
    let current = tabs.iter().find(|tab| tab.is_current);
    QueuePage {
        heading: current.map_or("", |tab| tab.label),
        count: current.map_or(0, |tab| tab.count),
        next: found.next.map(|key| View { after: key_text(key), ..view.clone() }.url(urls)),
        first: (!view.after.is_empty()).then(|| first_page.url(urls)),
        all_of_tab: tab_of(&view.tab).url(urls),
        sought_everywhere: (view.tab != "all").then(|| View { tab: "all".to_owned(), ..first_page.clone() }.url(urls)),
        per_page: QUEUE_PAGE,
        revoked_links: found.revoked_links,
        tabs,
        view,
        rows,
        errors,
        layout,
    }
}

const fn count_of(counts: &QueueCounts, tab: &str) -> u64 {
    match tab.as_bytes() {
        b"mine" => counts.mine,
        b"decided" => counts.decided,
        b"all" => counts.all,
        _ => counts.unclaimed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn row(number: u64) -> Row {
        let reference = Reference::from_random(number);
        let urls = Layout::sample().urls;
        Row {
            url: urls.staff_application(&reference),
            claim_url: Some(urls.staff_application_path(&reference, "/claim")),
            reference: reference.to_string(),
            received: Moment(datetime!(2026-11-20 05:05 UTC)),
            elapsed: "2時間前".into(),
            name: Some("髙橋　花子".into()),
            procedure: "新規",
            flags: vec!["失効を確認できず"],
            chip: Chip { colour: "blue", sign: "●", word: "受付済み" },
            holder: String::new(),
        }
    }

    fn found(next: Option<QueueKey>) -> Found {
        Found {
            rows: Vec::new(),
            next,
            counts: QueueCounts { unclaimed: 12, mine: 3, decided: 40, all: 55 },
            revoked_links: 0,
        }
    }

    fn drawn(view: View, next: Option<QueueKey>, rows: Vec<Row>) -> String {
        draw(Layout::sample(), view, &found(next), rows, FieldErrors::none()).render().unwrap()
    }

    fn key() -> QueueKey {
        let id = ApplicationId::from_uuid(uuid::Uuid::from_u128(7));
        QueueKey { submitted_at: datetime!(2026-11-20 05:05:00.123456 UTC), id }
    }

    #[test]
    fn the_table_says_what_waits_and_offers_to_take_it_on() {
        let page = drawn(View::default(), None, vec![row(1), row(2)]);
        for part in ["<title>未担当 12件", "2026-11-20 14:05", "2時間前", "髙橋　花子", "失効を確認できず", "受付済み"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert_eq!(page.matches("担当する</button>").count(), 2);
        assert_eq!(page.matches("name=\"idem\"").count(), 2);
        assert!(page.contains("scope=\"col\"") && page.contains("scope=\"row\"") && page.contains("<caption"));
        assert!(page.contains("tabindex=\"0\" role=\"region\" aria-labelledby=\"queue-caption\""));
        assert!(page.contains("aria-current=\"page\""));
    }

    #[test]
    fn one_page_leads_to_the_next_with_the_search_kept() {
        let view = View { tab: "all".into(), q: "ﾀｶﾊｼ".into(), after: String::new() };
        let page = drawn(view, Some(key()), vec![row(1)]);
        assert!(page.contains("次の25件") && page.contains(&format!("after={}", key_text(key()))));
        assert!(page.contains("value=\"ﾀｶﾊｼ\""));
        assert!(!drawn(View::default(), None, vec![row(1)]).contains("次の25件"));
    }

    #[test]
    fn an_empty_list_says_whether_it_is_done_or_was_sought_in_vain() {
        assert!(drawn(View::default(), None, Vec::new()).contains("確認が必要な申込みはありません"));
        let sought = drawn(View { q: "山田".into(), ..View::default() }, None, Vec::new());
        assert!(sought.contains("条件に合う申込みはありません") && sought.contains("条件を解除"));
        assert!(
            drawn(View { tab: "mine".into(), ..View::default() }, None, Vec::new())
                .contains("担当している申込みはありません")
        );
    }

    #[test]
    fn a_key_survives_the_address_and_a_changed_one_begins_anew() {
        assert_eq!(parse_key(&key_text(key())), Some(key()));
        for text in ["", "1", "x.y", "99999999999999999999.0", "1.not-an-id"] {
            assert_eq!(parse_key(text), None, "{text}");
        }
    }

    #[test]
    fn the_box_takes_numbers_names_and_readings() {
        let reference = Reference::from_random(7);
        assert_eq!(searches(&reference.to_string().to_lowercase()).unwrap(), [QueueSearch::Reference(reference)]);
        assert!(matches!(searches("髙橋 花子").unwrap()[..], [QueueSearch::Name(_)]));
        assert!(matches!(searches("たかはし").unwrap()[..], [QueueSearch::Kana(_), QueueSearch::Name(_)]));
        assert!(searches("  ").unwrap().is_empty());
        assert!(searches("髙\u{202e}橋").unwrap_err().has("q"));
    }

    #[test]
    fn certificates_revoked_after_the_issue_are_counted() {
        assert!(!drawn(View::default(), None, Vec::new()).contains("発行済みのカードのうち"));
        let found = Found { revoked_links: 3, ..found(None) };
        let page = draw(Layout::sample(), View::default(), &found, Vec::new(), FieldErrors::none()).render().unwrap();
        assert!(page.contains("発行済みのカードのうち、3件"));
    }

    #[test]
    fn an_unknown_part_is_the_first_one() {
        assert_eq!(View { tab: "everything".into(), ..View::default() }.tab_name(), "unclaimed");
    }
}
