//! Who is not there, and when.

use super::listing::day_of;
use super::signed_in::SignedInStaff;
use super::wording::name_of;
use crate::clock::japanese_date;
use crate::domain::ids::{AbsenceId, StaffId};
use crate::domain::permission::Permission;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service;
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;
use time::{Date, Duration};

/// How far ahead an absence may reach.
const FARTHEST: Duration = Duration::days(366);

/// Days on which somebody is not there, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AbsenceForm {
    #[serde(default)]
    member: String,
    from_on: String,
    until_on: String,
}

/// Which of them to forget.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RemoveForm {
    absence: String,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/absences.html")]
struct AbsencesPage {
    layout: Layout,
    errors: FieldErrors,
    lines: Vec<Line>,
    /// Whom one may enter: id, name.
    members: Vec<(String, String)>,
    input: AbsenceForm,
}

struct Line {
    id: String,
    name: String,
    from_on: Day,
    until_on: Day,
    is_theirs: bool,
}

/// Shows who is not there.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    let own = AbsenceForm { member: staff.member.id.to_string(), ..AbsenceForm::default() };
    page::ok(&drawn(staff, own, FieldErrors::none()).await?)
}

/// Leads from an address that only takes posts to the page.
pub(in crate::http) async fn lead_there(staff: SignedInStaff) -> HttpResponse {
    page::see_other(staff.here.urls.staff_absences())
}

/// Notes days; what the person has claimed goes back into the queue.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: CsrfForm<AbsenceForm>) -> Result<HttpResponse, Error> {
    let CsrfForm { input, once } = form;
    let location = staff.here.urls.staff_absences();
    let once = staff.here.once(once, "staff/absences", location.clone());
    let mut errors = FieldErrors::none();
    let member = input.member.parse::<StaffId>();
    let member = member.map_err(|_| errors.add("member", "だれの不在かを選んでください")).ok();
    let from_on = day_of(&input.from_on);
    if from_on.is_none() {
        errors.add("from_on", "はじめの日を入力してください");
    }
    let until_on = day_of(&input.until_on);
    match (from_on, until_on) {
        (_, None) => errors.add("until_on", "おわりの日を入力してください"),
        (Some(from_on), Some(until_on)) if until_on < from_on || until_on < japanese_date(staff.now()) => {
            errors.add("until_on", "おわりの日は、はじめの日より前や、きょうより前にはできません");
        }
        (_, Some(until_on)) if until_on > latest(&staff) => {
            errors.add("until_on", format!("{}までの日にしてください", Day(latest(&staff))));
        }
        _ => {}
    }
    match (member, from_on, until_on) {
        (Some(member), Some(from_on), Some(until_on)) if errors.is_empty() => {
            match staff.here.portal.note_absence(&staff.member, member, (from_on, until_on), &once).await {
                Ok(()) => Ok(page::see_other(location)),
                Err(service::Error::Overlapping) => {
                    let words = "この職員の不在は、この日をふくむものが、もう入っています。先に取り消してください";
                    page::again(&drawn(staff, input, FieldErrors::one("from_on", words)).await?)
                }
                Err(error) => Err(error.into()),
            }
        }
        _ => page::again(&drawn(staff, input, errors).await?),
    }
}

/// The last day that can be entered: a later one is a slip of the hand.
fn latest(staff: &SignedInStaff) -> Date {
    let today = japanese_date(staff.now());
    today.checked_add(FARTHEST).unwrap_or(today)
}

/// Forgets days.
pub(in crate::http) async fn remove(staff: SignedInStaff, form: CsrfForm<RemoveForm>) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_absences();
    let absence = form.input.absence.parse::<AbsenceId>().map_err(|_| Error::BadForm)?;
    let once = staff.here.once(form.once, "staff/absences/remove", location.clone());
    staff.here.portal.remove_absence(&staff.member, absence, &once).await?;
    Ok(page::see_other(location))
}

async fn drawn(staff: SignedInStaff, input: AbsenceForm, errors: FieldErrors) -> Result<AbsencesPage, Error> {
    let (absences, colleagues) = staff.here.portal.absences(&staff.member).await?;
    let may_others = staff.member.may(Permission::TakeOver);
    let is_theirs = |id: StaffId| id == staff.member.id || may_others;
    let lines = absences.iter().map(|absence| Line {
        id: absence.id.to_string(),
        name: name_of(&colleagues, absence.staff_id),
        from_on: Day(absence.from_on),
        until_on: Day(absence.until_on),
        is_theirs: is_theirs(absence.staff_id),
    });
    let members = colleagues.iter().filter(|member| member.is_active() && is_theirs(member.id));
    Ok(AbsencesPage {
        errors,
        lines: lines.collect(),
        members: members.map(|member| (member.id.to_string(), member.name.clone())).collect(),
        input,
        layout: staff.here.layout,
    })
}
