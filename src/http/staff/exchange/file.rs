//! A file that was made: what is on record, taking it along, and that the library system took it in.

use super::making::{encoding_of, fields_of};
use super::{FilePath, by_whom, words};
use crate::domain::exchange::{Encoding, OutsideConfirmation};
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::staff::signed_in::SignedInStaff;
use crate::http::staff::wording::name_of;
use crate::service::exchange::again::{ExportView, LineChange};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use askama::Template;

/// How many notes and changes are shown.
const SHOWN: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "staff/exchange_file.html")]
pub(super) struct FilePage {
    layout: Layout,
    label: String,
    purpose: String,
    fields: Vec<(String, &'static str)>,
    encoding: &'static str,
    made_by: String,
    made_at: Moment,
    count: u64,
    period: Option<(Day, Day)>,
    sha256: String,
    confirmed: Option<String>,
    confirm_url: String,
    file_url: String,
    awaiting: Vec<String>,
    asks_for_confirmation: bool,
    changes: Vec<(usize, String, &'static str)>,
    further_changes: usize,
    notes: Vec<(String, String, String)>,
    further_notes: usize,
    downloads: Vec<String>,
}

/// Shows the file.
pub(in crate::http) async fn show(staff: SignedInStaff, path: web::Path<FilePath>) -> Result<HttpResponse, Error> {
    let SignedInStaff { here, member } = staff;
    let view = here.portal.open_export(&here.library, &member, path.id()?).await?;
    let confirmation = here.library.rules.exchange.confirmation;
    page::ok(&FilePage::of(here.layout, view, confirmation))
}

/// Hands the file out.
pub(in crate::http) async fn download(staff: SignedInStaff, path: web::Path<FilePath>) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let file = here.portal.download_export(&here.library, &staff.member, path.id()?).await?;
    let charset = match file.profile.encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => "UTF-8",
        Encoding::ShiftJis => "Shift_JIS",
    };
    // A file that is not the one that was made must not be taken for it.
    let mark = if file.is_the_same { "" } else { "-changed" };
    let name = format!("{}-{}{mark}.csv", file.export.profile, Day::of(file.export.made_at).iso());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format!("text/csv; charset={charset}")))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(file.bytes))
}

/// Notes that the library system took the file in.
pub(in crate::http) async fn confirm(
    staff: SignedInStaff,
    path: web::Path<FilePath>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_export(path.id()?);
    let once = staff.here.once(form.once, "staff/exchange/confirm", location.clone());
    staff.here.portal.confirm_export(&staff.here.library, &staff.member, path.id()?, &once).await?;
    Ok(page::see_other(location))
}

impl FilePage {
    pub(super) fn of(layout: Layout, view: ExportView, confirmation: OutsideConfirmation) -> Self {
        let ExportView { export, profile, notes, changes, awaiting, downloads, staff } = view;
        let change_of = |change| match change {
            LineChange::Changed => "内容が変わりました",
            LineChange::Erased => "利用者の情報が消されたため、ファイルに入りません",
        };
        Self {
            label: profile.label.clone(),
            purpose: profile.purpose.clone(),
            fields: fields_of(&profile),
            encoding: encoding_of(&profile),
            made_by: name_of(&staff, export.made_by),
            made_at: Moment(export.made_at),
            count: export.card_count,
            period: export.period.map(|(since, until)| (Day(since), Day(until))),
            sha256: data_encoding::HEXLOWER.encode(&export.sha256),
            confirmed: export.confirmed.map(|(by, at)| by_whom(&staff, by, at)),
            confirm_url: layout.urls.staff_export(export.id) + "/confirm",
            file_url: layout.urls.staff_export(export.id) + "/file.csv",
            awaiting: awaiting.iter().map(ToString::to_string).collect(),
            asks_for_confirmation: confirmation == OutsideConfirmation::Import,
            further_changes: changes.len().saturating_sub(SHOWN),
            changes: changes
                .into_iter()
                .take(SHOWN)
                .map(|line| (line.position, line.number, change_of(line.change)))
                .collect(),
            further_notes: notes.len().saturating_sub(SHOWN),
            notes: notes
                .iter()
                .take(SHOWN)
                .map(|(number, note)| (number.clone(), note.column.clone(), words::of_note(note)))
                .collect(),
            downloads: downloads.into_iter().map(|(by, at)| by_whom(&staff, by, at)).collect(),
            layout,
        }
    }
}
