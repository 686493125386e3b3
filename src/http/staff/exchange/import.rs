//! Taking over patrons of the library system: the file is rehearsed first, then taken.

use super::words;
use crate::domain::exchange::{Direction, FileFault};
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
    let sent = upload::read(&request, payload, (&site, &staff.here.visit), LARGEST_FILE).await?;
    let mode = sent.fields.get("mode").and_then(|mode| Mode::parse(mode)).ok_or(Error::BadForm)?;
    let name: Option<ProfileName> = sent.fields.get("profile").and_then(|name| name.parse().ok());
    let (name, file) = match chosen(name.clone(), sent) {
        Ok(chosen) => chosen,
        Err(errors) => return page::again(&ImportPage::of(&staff, name.as_ref(), mode, errors)),
    };
    match work(&staff, &name, mode, file).await? {
        Ok(report) => {
            let errors = match (mode, report.is_done) {
                (Mode::Rehearse, _) | (_, true) => FieldErrors::none(),
                _ => FieldErrors::one("file", "取り込めない行があるため、何も取り込んでいません"),
            };
            let is_refused = !errors.is_empty();
            let page = ImportPage::of(&staff, Some(&name), mode, errors);
            let page = ImportPage { report: Some(Report::of(&report)), ..page };
            if is_refused { page::again(&page) } else { page::ok(&page) }
        }
        Err(fault) => {
            let errors = FieldErrors::one("file", words::of_file_fault(&fault));
            page::again(&ImportPage::of(&staff, Some(&name), mode, errors))
        }
    }
}

/// What was chosen, or what is missing.
fn chosen(name: Option<ProfileName>, sent: Upload) -> Result<(ProfileName, Vec<u8>), FieldErrors> {
    let name = name.ok_or_else(|| FieldErrors::one("profile", "ファイルの種類を選んでください"))?;
    match sent.file {
        None => Err(FieldErrors::one("file", "ファイルが大きすぎます（4MBまで）")),
        Some(file) if file.is_empty() => Err(FieldErrors::one("file", "ファイルを選んでください")),
        Some(file) => Ok((name, file)),
    }
}

/// Does what was asked, to its end: a connection that breaks does not cut a batch short.
async fn work(
    staff: &SignedInStaff,
    name: &ProfileName,
    mode: Mode,
    file: Vec<u8>,
) -> Result<Result<ImportReport, FileFault>, Error> {
    let (portal, library) = (staff.here.portal.clone(), staff.here.library.clone());
    let (name, by) = (name.clone(), Some(staff.member.clone()));
    let work = actix_web::rt::spawn(async move {
        match mode {
            Mode::Rehearse => portal.rehearse_import(&library, by.as_ref(), &name, file).await,
            Mode::Take => portal.import_patrons(&library, by.as_ref(), &name, file, BadLines::Refuse).await,
            Mode::TakeGood => portal.import_patrons(&library, by.as_ref(), &name, file, BadLines::Skip).await,
        }
    });
    match work.await.map_err(Error::internal)? {
        Ok(report) => Ok(Ok(report)),
        Err(ImportError::File(fault)) => Ok(Err(fault)),
        Err(ImportError::Service(error)) => Err(error.into()),
    }
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
