//! Making a file: what will go out, of whom, what for; then making it.

use super::words;
use crate::domain::exchange::{Direction, Encoding, Field, Profile};
use crate::domain::ids::ExportId;
use crate::domain::library::ProfileName;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::staff::signed_in::SignedInStaff;
use crate::service::exchange::export::{MOST_CARDS, Period, Preview};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::Date;
use time::macros::format_description;

/// How many notes are shown.
const SHOWN: usize = 50;

/// Which file: in the address to look, in the form to make it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct MakingForm {
    profile: String,
    since: String,
    until: String,
}

/// What will go out.
#[derive(Template)]
#[template(path = "staff/exchange_new.html")]
pub(super) struct MakingPage {
    pub(super) layout: Layout,
    pub(super) errors: FieldErrors,
    pub(super) label: String,
    pub(super) purpose: String,
    pub(super) fields: Vec<(String, &'static str)>,
    pub(super) encoding: &'static str,
    pub(super) input: MakingForm,
    pub(super) count: usize,
    pub(super) more: bool,
    pub(super) most: u32,
    pub(super) notes: Vec<(String, String, String)>,
    pub(super) further_notes: usize,
}

/// Shows what would go out.
pub(in crate::http) async fn show(staff: SignedInStaff, query: web::Query<MakingForm>) -> Result<HttpResponse, Error> {
    let input = query.into_inner();
    match input.period() {
        Ok(_) => page::ok(&draw(staff, input, FieldErrors::none()).await?),
        Err(errors) => page::again(&draw(staff, input, errors).await?),
    }
}

/// Makes the file.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: CsrfForm<MakingForm>) -> Result<HttpResponse, Error> {
    let CsrfForm { input, once } = form;
    let name = input.profile()?;
    let period = match input.period() {
        Ok(period) => period,
        Err(errors) => return page::again(&draw(staff, input, errors).await?),
    };
    let id = ExportId::new(staff.now());
    let location = staff.here.urls.staff_export(id);
    let once = staff.here.once(once, "staff/exchange", location.clone());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    if portal.make_export(library, &staff.member, &name, period, id, &once).await? {
        return Ok(page::see_other(location));
    }
    let errors = FieldErrors::one("since", "書き出すカードがありません");
    page::again(&draw(staff, input, errors).await?)
}

async fn draw(staff: SignedInStaff, input: MakingForm, errors: FieldErrors) -> Result<MakingPage, Error> {
    let name = input.profile()?;
    let SignedInStaff { here, member } = staff;
    let profile = here.library.rules.exchange.profile(&name).filter(|profile| profile.direction == Direction::Export);
    let profile = profile.ok_or(Error::NotFound)?;
    let period = input.period().unwrap_or(Period::New);
    let preview = here.portal.preview_export(&here.library, &member, &name, period).await?;
    Ok(MakingPage::of(here.layout, profile, &preview, input, errors))
}

impl MakingPage {
    fn of(layout: Layout, profile: &Profile, preview: &Preview, input: MakingForm, errors: FieldErrors) -> Self {
        let further_notes = preview.notes.len().saturating_sub(SHOWN);
        let notes = preview.notes.iter().take(SHOWN);
        Self {
            layout,
            errors,
            label: profile.label.clone(),
            purpose: profile.purpose.clone(),
            fields: fields_of(profile),
            encoding: encoding_of(profile),
            input,
            count: preview.count,
            more: preview.more,
            most: MOST_CARDS,
            notes: notes.map(|(number, note)| (number.clone(), note.column.clone(), words::of_note(note))).collect(),
            further_notes,
        }
    }
}

/// The columns, by their titles and what stands in them.
pub(super) fn fields_of(profile: &Profile) -> Vec<(String, &'static str)> {
    let said = |field| !matches!(field, Field::Unused);
    let columns = profile.columns.iter().filter(|column| said(column.field));
    columns.map(|column| (column.title.clone(), words::of_field(column.field))).collect()
}

/// How the file is written.
pub(super) const fn encoding_of(profile: &Profile) -> &'static str {
    match profile.encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf8Bom => "UTF-8（BOMつき）",
        Encoding::ShiftJis => "Shift_JIS（CP932）",
    }
}

impl MakingForm {
    fn profile(&self) -> Result<ProfileName, Error> {
        self.profile.parse().map_err(|_| Error::NotFound)
    }

    /// Two days, or none for what is new.
    fn period(&self) -> Result<Period, FieldErrors> {
        if self.since.is_empty() && self.until.is_empty() {
            return Ok(Period::New);
        }
        let mut errors = FieldErrors::none();
        let mut day = |field: &'static str, text: &str| {
            let day = Date::parse(text.trim(), format_description!("[year]-[month]-[day]"));
            day.map_err(|_| errors.add(field, "日付は、2026-11-20のように入力してください")).ok()
        };
        match (day("since", &self.since), day("until", &self.until)) {
            (Some(since), Some(until)) if since <= until => Ok(Period::Days(since, until)),
            (Some(_), Some(_)) => Err(FieldErrors::one("until", "終わりの日は、始めの日より後にしてください")),
            _ => Err(errors),
        }
    }
}
