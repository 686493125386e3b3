//! The queue: what waits, for whom, since when.

mod view;

pub(super) use view::View;

use super::elapsed::elapsed;
use super::listing::{Pager, day_of};
use super::signed_in::SignedInStaff;
use super::wording::{self, Chip};
use crate::domain::application::ApplicationState;
use crate::domain::ids::StaffId;
use crate::domain::library::Library;
use crate::domain::permission::Permission;
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::review::{QueueCounts, QueueFlag, QueuePage as Found, QueueRow, QueueSearch, QueueView};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::collections::HashMap;
use time::OffsetDateTime;
use view::TABS;

/// The queue.
#[derive(Template)]
#[template(path = "staff/queue.html")]
struct QueuePage {
    layout: Layout,
    errors: FieldErrors,
    tabs: Vec<Tab>,
    heading: &'static str,
    count: Option<u64>,
    view: View,
    choices: Choices,
    chosen: Vec<Chosen>,
    rows: Vec<Row>,
    batch: Option<Batch>,
    revoked_links: u64,
    /// True if no mail goes out, said to whoever can see to it.
    has_mail_alarm: bool,
    asked: Vec<Link>,
    lost: Vec<Lost>,
    pager: Pager,
    all_of_tab: String,
    sought_everywhere: Option<String>,
}

struct Tab {
    label: &'static str,
    url: String,
    /// None for what grows for ever.
    count: Option<u64>,
    is_current: bool,
}

/// One of the values that a filter offers.
struct Offered {
    value: String,
    label: String,
    is_chosen: bool,
}

/// What the filters offer.
struct Choices {
    procedures: Vec<Offered>,
    branches: Vec<Offered>,
    /// Empty where flags narrow nothing.
    flags: Vec<Offered>,
}

/// A filter in force, and the address without it.
struct Chosen {
    label: String,
    url: String,
}

/// What can be done with several rows at once.
struct Batch {
    url: String,
    words: &'static str,
}

struct Link {
    reference: String,
    url: String,
}

/// A claim that a colleague took over.
struct Lost {
    link: Link,
    by: String,
    at: Moment,
    reason: String,
}

struct Row {
    reference: String,
    /// What a checkbox sends; empty where nothing can be done with several.
    value: String,
    /// The file, for whoever may open it.
    url: Option<String>,
    claim_url: Option<String>,
    received: Moment,
    elapsed: String,
    due: Option<DueMark>,
    name: Option<String>,
    procedure: &'static str,
    flags: Vec<&'static str>,
    held_until: Option<Day>,
    chip: Chip,
    /// How long it has waited for the library system.
    awaited: Option<String>,
    holder: String,
}

/// How close the promised day is.
struct DueMark {
    words: String,
    is_past: bool,
}

/// Leads to the queue.
pub(in crate::http) async fn lead_there(staff: SignedInStaff) -> HttpResponse {
    page::see_other(staff.here.urls.staff_queue())
}

/// Shows one page of one part of the queue.
pub(in crate::http) async fn show(staff: SignedInStaff, view: web::Query<View>) -> Result<HttpResponse, Error> {
    let view = view.into_inner().revealed(&staff.here.layout);
    let (found, errors) = match view.searches() {
        Ok(searches) => (find(&staff, &view, &searches).await?, FieldErrors::none()),
        Err(errors) => {
            let all = find(&staff, &View::of_tab(&view.tab), &[]).await?;
            (Found { rows: Vec::new(), before: None, after: None, ..all }, errors)
        }
    };
    let names = names_of(&staff, &found).await?;
    page::ok(&draw(&staff, view, &found, &names, errors))
}

/// What is looked for, and what narrows it, as sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct SearchForm {
    tab: String,
    q: String,
    procedure: String,
    branch: String,
    flag: String,
    from: String,
    until: String,
}

/// Leads to the list that was asked for, at an address that names nobody.
pub(in crate::http) async fn search(staff: SignedInStaff, form: CsrfForm<SearchForm>) -> HttpResponse {
    let SearchForm { tab, q, procedure, branch, flag, from, until } = form.input;
    let sought = staff.here.layout.conceal(q.trim());
    let view = View { tab, sought, procedure, branch, flag, from, until, ..View::default() };
    page::see_other(view.url(&staff.here.urls))
}

/// The first kind of search that finds anything: a text in kana or Latin letters may be a reading or a name.
async fn find(staff: &SignedInStaff, view: &View, searches: &[QueueSearch]) -> Result<Found, Error> {
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    let filter = view.filter();
    let looked = QueueView {
        tab: view.part(library, staff.now()),
        filter: &filter,
        search: searches.first(),
        walk: view.walk(),
    };
    let mut found = portal.queue(library, &staff.member, &looked).await?;
    for search in searches.iter().skip(1) {
        if !found.rows.is_empty() {
            break;
        }
        found = portal.queue(library, &staff.member, &QueueView { search: Some(search), ..looked }).await?;
    }
    Ok(found)
}

/// The names of those who hold or decided the applications on this page, or took over.
async fn names_of(staff: &SignedInStaff, found: &Found) -> Result<HashMap<StaffId, String>, Error> {
    let mut names = HashMap::new();
    let holders = found.rows.iter().filter_map(|row| reviewer(&row.application.state));
    for id in holders.chain(found.lost.iter().map(|lost| lost.taken_by)) {
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

impl Row {
    fn of(
        row: &QueueRow,
        staff: &SignedInStaff,
        view: &View,
        names: &HashMap<StaffId, String>,
        now: OffsetDateTime,
    ) -> Self {
        let (application, urls) = (&row.application, &staff.here.urls);
        let may = |permission| application.must_be_for(&staff.member, permission).is_ok();
        let is_free = may(Permission::Review)
            && match application.state {
                ApplicationState::Submitted { .. } => true,
                ApplicationState::UnderReview { lease_until, .. } => lease_until <= now,
                _ => false,
            };
        let holder = match reviewer(&application.state) {
            Some(id) if id == staff.member.id => "自分".to_owned(),
            Some(id) => names.get(&id).cloned().unwrap_or_default(),
            None => String::new(),
        };
        let submitted_at = row.key().submitted_at;
        Self {
            reference: application.reference.to_string(),
            value: value_of(row, view),
            url: may(Permission::OpenFile).then(|| view.file_url(urls, &application.reference)),
            claim_url: is_free.then(|| urls.staff_application_path(&application.reference, "/claim")),
            received: Moment(submitted_at),
            elapsed: elapsed(submitted_at, now),
            due: application.due_on.map(|day| DueMark::of(day, &staff.here.library, now)),
            name: row.applicant.as_ref().map(|name| name.as_str().to_owned()),
            procedure: wording::of_procedure(application.procedure),
            flags: row.flags.iter().map(|flag| wording::of_flag_for(*flag, staff.member.id)).collect(),
            held_until: row.held_until.map(Day),
            chip: wording::chip(application.procedure, &application.state, now),
            awaited: match application.state {
                ApplicationState::Approved { decided_at, .. } => Some(elapsed(decided_at, now)),
                _ => None,
            },
            holder,
        }
    }
}

/// What a row's checkbox sends: the number, and for approvals the version that is current now.
fn value_of(row: &QueueRow, view: &View) -> String {
    match (view.tab_name(), row.application.state.version()) {
        ("unclaimed" | "on_hold", _) => row.application.reference.to_string(),
        ("mine", Some(version)) => format!("{}:{}:{}", row.application.reference, version.number, version.digest),
        _ => String::new(),
    }
}

impl DueMark {
    fn of(day: time::Date, library: &Library, now: OffsetDateTime) -> Self {
        let today = crate::clock::japanese_date(now);
        if day < today {
            return Self { words: format!("{}日すぎています", (today - day).whole_days()), is_past: true };
        }
        let left = (0..=400).find(|days| library.rules.open_days.after(today, *days) >= day).unwrap_or_default();
        Self {
            words: if left == 0 { "今日まで".to_owned() } else { format!("残り{left}開館日") }, is_past: false
        }
    }
}

fn draw(
    staff: &SignedInStaff,
    view: View,
    found: &Found,
    names: &HashMap<StaffId, String>,
    errors: FieldErrors,
) -> QueuePage {
    let now = staff.now();
    let layout = staff.here.layout.clone();
    let urls = &layout.urls;
    let view = View { tab: view.tab_name().to_owned(), ..view };
    let rows = found.rows.iter().map(|row| Row::of(row, staff, &view, names, now)).collect();
    let link = |reference: &crate::domain::reference::Reference| Link {
        reference: reference.to_string(),
        url: urls.staff_application(reference),
    };
    let lost = found.lost.iter().map(|lost| Lost {
        link: link(&lost.reference),
        by: names.get(&lost.taken_by).cloned().unwrap_or_default(),
        at: Moment(lost.taken_at),
        reason: lost.reason.as_str().to_owned(),
    });
    let tabs: Vec<Tab> = TABS
        .into_iter()
        .map(|(name, label)| Tab {
            label,
            url: View::of_tab(name).url(urls),
            count: count_of(&found.counts, name),
            is_current: name == view.tab,
        })
        .collect();
    let current = tabs.iter().find(|tab| tab.is_current);
    let everywhere = View { tab: "all".to_owned(), flag: String::new(), ..view.at_the_beginning() };
    QueuePage {
        heading: current.map_or("", |tab| tab.label),
        count: current.and_then(|tab| tab.count),
        pager: Pager::both_ways(
            "一覧のページ",
            found.before.map(|key| view.before(key).url(urls)),
            found.after.map(|key| view.after(key).url(urls)),
        ),
        all_of_tab: View::of_tab(&view.tab).url(urls),
        sought_everywhere: (view.tab != "all").then(|| everywhere.url(urls)),
        batch: batch_of(&view, staff),
        choices: Choices::of(&view, &staff.here.library),
        chosen: chosen(&view, &staff.here.library, urls),
        revoked_links: found.revoked_links,
        has_mail_alarm: staff.member.may(Permission::ReadRecord) && staff.here.portal.mail_care.is_alarmed(),
        asked: found.asked.iter().map(link).collect(),
        lost: lost.collect(),
        tabs,
        view,
        rows,
        errors,
        layout,
    }
}

fn batch_of(view: &View, staff: &SignedInStaff) -> Option<Batch> {
    let urls = &staff.here.urls;
    match view.tab_name() {
        "unclaimed" | "on_hold" if staff.member.may(Permission::Review) => {
            Some(Batch { url: urls.staff_queue_claims(), words: "選んだ申込みを担当する" })
        }
        "mine" if staff.member.may(Permission::Propose) => Some(Batch {
            url: urls.staff_queue_approvals_confirm(),
            words: "選んだ申込みをまとめて承認する",
        }),
        _ => None,
    }
}

impl Choices {
    fn of(view: &View, library: &Library) -> Self {
        let offered = |value: &str, label: &str, chosen: &str| Offered {
            value: value.to_owned(),
            label: label.to_owned(),
            is_chosen: value == chosen,
        };
        let procedures = Procedure::ALL.into_iter().filter(|procedure| library.rules.offers(*procedure));
        let branches = library.rules.branches.iter();
        let flags = QueueFlag::FILTERS.into_iter().filter(|_| !matches!(view.tab_name(), "decided" | "all"));
        Self {
            procedures: procedures
                .map(|procedure| offered(procedure.as_str(), wording::of_procedure(procedure), &view.procedure))
                .collect(),
            branches: branches
                .map(|branch| offered(branch.code.as_str(), branch.name.as_str(), &view.branch))
                .collect(),
            flags: flags.map(|flag| offered(flag.as_str(), wording::of_flag(flag), &view.flag)).collect(),
        }
    }
}

/// The filters in force, each with the address of the list without it.
fn chosen(view: &View, library: &Library, urls: &crate::http::urls::Urls) -> Vec<Chosen> {
    let here = view.at_the_beginning();
    let filter = view.filter();
    let mut chosen = Vec::new();
    let mut add = |label: String, without: View| chosen.push(Chosen { label, url: without.url(urls) });
    if !view.q.trim().is_empty() {
        add(format!("「{}」", view.q), View { sought: String::new(), ..here.clone() });
    }
    if let Some(procedure) = filter.procedure {
        add(wording::of_procedure(procedure).to_owned(), View { procedure: String::new(), ..here.clone() });
    }
    if let Some(branch) = filter.branch.and_then(|code| library.rules.branch(&code)) {
        add(branch.name.as_str().to_owned(), View { branch: String::new(), ..here.clone() });
    }
    if let Some(flag) = filter.flag {
        add(wording::of_flag(flag).to_owned(), View { flag: String::new(), ..here.clone() });
    }
    if let Some(day) = day_of(&view.from) {
        add(format!("{}から", Day(day).iso()), View { from: String::new(), ..here.clone() });
    }
    if let Some(day) = day_of(&view.until) {
        add(format!("{}まで", Day(day).iso()), View { until: String::new(), ..here.clone() });
    }
    chosen
}

fn count_of(counts: &QueueCounts, tab: &str) -> Option<u64> {
    Some(match tab {
        "unclaimed" => counts.unclaimed,
        "mine" => counts.mine,
        "colleagues" => counts.colleagues,
        "on_hold" => counts.on_hold,
        "with_applicant" => counts.with_applicant,
        "awaiting_registration" => counts.awaiting_registration,
        "due" => counts.due,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::LibraryId;
    use crate::domain::library::LibraryRules;
    use crate::http::urls::Urls;
    use crate::words::Lang;
    use time::Duration;
    use time::macros::{date, datetime};

    /// A Friday afternoon in Japan.
    const NOW: OffsetDateTime = datetime!(2026-11-20 05:05 UTC);

    fn library() -> Library {
        let rules = LibraryRules::parse(include_str!("../../../../deploy/libraries/himeji.toml")).unwrap();
        Library { id: LibraryId::new(NOW), rules_version: 1, rules }
    }

    #[test]
    fn each_filter_in_force_is_a_link_to_the_list_without_it() {
        let view = View {
            tab: "unclaimed".into(),
            q: "ひめ".into(),
            procedure: "new_card".into(),
            flag: "mail_failed".into(),
            from: "2026-11-01".into(),
            until: "nonsense".into(),
            ..View::default()
        };
        let urls = Urls::new("himeji", Lang::Ja);
        let chosen = chosen(&view, &library(), &urls);
        let labels: Vec<_> = chosen.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(labels, ["「ひめ」", "新規", "メールが届かず", "2026-11-01から"]);
        assert!(!chosen[1].url.contains("procedure") && chosen[1].url.contains("flag=mail_failed"));
        assert!(!chosen[3].url.contains("from") && chosen[3].url.contains("procedure=new_card"));
    }

    #[test]
    fn flags_are_offered_where_they_narrow_something() {
        let offered = |tab| Choices::of(&View::of_tab(tab), &library()).flags.len();
        assert_eq!((offered("unclaimed"), offered("decided"), offered("all")), (4, 0, 0));
    }

    #[test]
    fn the_promised_day_is_counted_in_open_days() {
        let mark = |day| DueMark::of(day, &library(), NOW);
        assert_eq!(mark(date!(2026 - 11 - 20)).words, "今日まで");
        let soon = mark((NOW + Duration::days(4)).date());
        assert!(soon.words.starts_with("残り") && soon.words.ends_with("開館日") && !soon.is_past, "{}", soon.words);
        let past = mark(date!(2026 - 11 - 18));
        assert!(past.is_past && past.words == "2日すぎています", "{}", past.words);
    }

    #[test]
    fn what_grows_for_ever_is_not_counted() {
        let counts = QueueCounts { unclaimed: 12, due: 2, ..QueueCounts::default() };
        assert_eq!(count_of(&counts, "unclaimed"), Some(12));
        assert_eq!(count_of(&counts, "due"), Some(2));
        assert_eq!((count_of(&counts, "decided"), count_of(&counts, "all")), (None, None));
    }
}
