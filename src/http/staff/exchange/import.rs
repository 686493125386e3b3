//! Taking over patrons of the library system: the file is rehearsed first, then taken.

use super::words;
use crate::domain::exchange::Direction;
use crate::domain::library::{LibraryRules, ProfileName};
use crate::http::error::Error;
use crate::http::form::FieldErrors;
use crate::http::page::{self, Layout};
use crate::http::site::Site;
use crate::http::staff::signed_in::SignedInStaff;
use crate::http::upload::{self, Upload};
use crate::service::exchange::import::{BadLines, ImportError, ImportReport, LineResult};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The largest file that is taken here; the command line takes larger ones.
const LARGEST_FILE: usize = 4 << 20;
/// How many refused lines are shown.
const SHOWN: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "staff/exchange_import.html")]
pub(super) struct ImportPage {
    pub(super) layout: Layout,
    pub(super) errors: FieldErrors,
    pub(super) profiles: Vec<(String, String, String)>,
    pub(super) chosen: String,
    pub(super) mode: Mode,
    pub(super) report: Option<Report>,
}

/// What is to be done with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Tell what would come of it.
    Rehearse,
    /// Take it, if every line can be taken.
    Take,
    /// Take the lines that can be taken.
    TakeGood,
}

/// What came of a file.
pub(super) struct Report {
    pub(super) is_done: bool,
    pub(super) counts: [(&'static str, u64); 4],
    pub(super) refused: Vec<(u64, String)>,
    pub(super) further: usize,
}

/// Asks for a file.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    page::ok(&ImportPage::of(&staff, None, Mode::Rehearse, FieldErrors::none()))
}

/// Rehearses a file, or takes it.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    site: web::Data<Site>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let Upload { fields, file } = upload::read(&request, payload, (&site, &here.visit), LARGEST_FILE).await?;
    let mode = fields.get("mode").and_then(|mode| Mode::parse(mode)).ok_or(Error::BadForm)?;
    let name: Option<ProfileName> = fields.get("profile").and_then(|name| name.parse().ok());
    let Some(name) = name else {
        return again(&staff, None, mode, "profile", "ファイルの種類を選んでください");
    };
    let file = match file {
        None => return again(&staff, Some(&name), mode, "file", "ファイルが大きすぎます（4MBまで）"),
        Some(file) if file.is_empty() => return again(&staff, Some(&name), mode, "file", "ファイルを選んでください"),
        Some(file) => file,
    };
    let (portal, library, by) = (here.portal.clone(), here.library.clone(), staff.member.clone());
    let (profile, by) = (name.clone(), Some(by));
    // A connection that breaks does not cut a batch short.
    let work = actix_web::rt::spawn(async move {
        match mode {
            Mode::Rehearse => portal.rehearse_import(&library, by.as_ref(), &profile, file).await,
            Mode::Take => portal.import_patrons(&library, by.as_ref(), &profile, file, BadLines::Refuse).await,
            Mode::TakeGood => portal.import_patrons(&library, by.as_ref(), &profile, file, BadLines::Skip).await,
        }
    });
    match work.await.map_err(Error::internal)? {
        Ok(report) => {
            let errors = match (mode, report.is_done) {
                (Mode::Rehearse, _) | (_, true) => FieldErrors::none(),
                _ => FieldErrors::one("file", "取り込めない行があるため、何も取り込んでいません"),
            };
            let refused = !errors.is_empty();
            let page =
                ImportPage { report: Some(Report::of(&report)), ..ImportPage::of(&staff, Some(&name), mode, errors) };
            if refused { page::again(&page) } else { page::ok(&page) }
        }
        Err(ImportError::File(fault)) => again(&staff, Some(&name), mode, "file", &words::of_file_fault(&fault)),
        Err(ImportError::Service(error)) => Err(error.into()),
    }
}

fn again(
    staff: &SignedInStaff,
    name: Option<&ProfileName>,
    mode: Mode,
    field: &'static str,
    message: &str,
) -> Result<HttpResponse, Error> {
    page::again(&ImportPage::of(staff, name, mode, FieldErrors::one(field, message)))
}

impl ImportPage {
    fn of(staff: &SignedInStaff, chosen: Option<&ProfileName>, mode: Mode, errors: FieldErrors) -> Self {
        Self::drawn(staff.here.layout.clone(), &staff.here.library.rules, chosen, mode, errors)
    }

    pub(super) fn drawn(
        layout: Layout,
        rules: &LibraryRules,
        chosen: Option<&ProfileName>,
        mode: Mode,
        errors: FieldErrors,
    ) -> Self {
        let profiles: Vec<(String, String, String)> = rules
            .exchange
            .going(Direction::Import)
            .map(|profile| (profile.name.to_string(), profile.label.clone(), profile.purpose.clone()))
            .collect();
        let only = profiles.first().filter(|_| profiles.len() == 1).map(|(name, _, _)| name.clone());
        let chosen = chosen.map(ToString::to_string).or(only).unwrap_or_default();
        Self { layout, errors, profiles, chosen, mode, report: None }
    }
}

impl Mode {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "rehearse" => Some(Self::Rehearse),
            "take" => Some(Self::Take),
            "take-good" => Some(Self::TakeGood),
            _ => None,
        }
    }
}

impl Report {
    pub(super) fn of(report: &ImportReport) -> Self {
        let counts = report.counts;
        let refused: Vec<(u64, String)> = report
            .lines
            .iter()
            .filter_map(|line| match &line.result {
                LineResult::Refused(refusals) => {
                    let why: Vec<String> = refusals.iter().map(words::of_refusal).collect();
                    Some((line.line, why.join("。")))
                }
                _ => None,
            })
            .collect();
        Self {
            is_done: report.is_done,
            counts: [
                (words::of_result(&LineResult::Taken), counts.taken),
                (words::of_result(&LineResult::Changed), counts.changed),
                (words::of_result(&LineResult::Equal), counts.equal),
                (words::of_result(&LineResult::Refused(Vec::new())), counts.refused),
            ],
            further: refused.len().saturating_sub(SHOWN),
            refused: refused.into_iter().take(SHOWN).collect(),
        }
    }
}
