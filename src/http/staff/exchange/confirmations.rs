//! A list of the numbers that the library system has: what it would confirm line by line, then confirming it.

use crate::domain::card_number::CardNumber;
use crate::domain::exchange::OutsideConfirmation;
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::FieldErrors;
use crate::http::page::{self, Layout};
use crate::http::site::Site;
use crate::http::staff::elapsed::elapsed;
use crate::http::staff::signed_in::SignedInStaff;
use crate::http::upload::{self, Upload};
use crate::http::urls::Urls;
use crate::service::exchange::confirmation::{ConfirmationLine, Confirmed};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use time::OffsetDateTime;

/// The largest list.
const LARGEST_LIST: usize = 1 << 20;
/// How many lines are shown.
const SHOWN: usize = 500;

/// The page.
#[derive(Template)]
#[template(path = "staff/exchange_confirmations.html")]
struct ConfirmationsPage {
    layout: Layout,
    errors: FieldErrors,
    is_asked: bool,
    awaited: Awaited,
    numbers: String,
    takes: bool,
    report: Option<Report>,
}

/// What waits for the library system.
pub(super) struct Awaited {
    pub(super) count: u64,
    pub(super) since: Option<(Moment, String)>,
}

/// What came of a list.
struct Report {
    is_done: bool,
    counts: Vec<(&'static str, usize)>,
    lines: Vec<Line>,
    further: usize,
}

struct Line {
    place: u64,
    number: String,
    words: &'static str,
    applications: Vec<(String, String)>,
}

impl Awaited {
    pub(super) fn of((count, oldest): (u64, Option<OffsetDateTime>), now: OffsetDateTime) -> Self {
        Self { count, since: oldest.map(|at| (Moment(at), elapsed(at, now))) }
    }
}

/// Asks for a list.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    page::ok(&draw(&staff, String::new(), false, FieldErrors::none()).await?)
}

/// Tells what a list would confirm, or confirms it.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    site: web::Data<Site>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    let sent = upload::read(&request, payload, (&site, &staff.here.visit), LARGEST_LIST).await?;
    let takes = match sent.fields.get("mode").map(String::as_str) {
        Some("rehearse") => false,
        Some("take") => true,
        _ => return Err(Error::BadForm),
    };
    let numbers = sent.fields.get("numbers").cloned().unwrap_or_default();
    let list = match list_of(sent, &numbers) {
        Ok(list) => list,
        Err(errors) => return page::again(&draw(&staff, numbers, takes, errors).await?),
    };
    let lines = work(&staff, takes, list).await?;
    let report = Some(Report::of(&lines, takes, &staff.here.urls));
    page::ok(&ConfirmationsPage { report, ..draw(&staff, numbers, takes, FieldErrors::none()).await? })
}

/// What was pasted, or else the file.
fn list_of(sent: Upload, numbers: &str) -> Result<Vec<u8>, FieldErrors> {
    if !numbers.trim().is_empty() {
        return Ok(numbers.as_bytes().to_vec());
    }
    match sent.file {
        None => Err(FieldErrors::one("file", "ファイルが大きすぎます（1MBまで）")),
        Some(file) if file.is_empty() => {
            Err(FieldErrors::one("numbers", "カード番号を貼り付けるか、ファイルを選んでください"))
        }
        Some(file) => Ok(file),
    }
}

/// Does what was asked, to its end: a connection that breaks does not leave half a list.
async fn work(staff: &SignedInStaff, takes: bool, list: Vec<u8>) -> Result<Vec<ConfirmationLine>, Error> {
    let (portal, library, by) = (staff.here.portal.clone(), staff.here.library.clone(), staff.member.clone());
    let work = actix_web::rt::spawn(async move {
        if takes {
            portal.confirm_outside(&library, Some(&by), &list).await
        } else {
            portal.list_outside_confirmations(&library, Some(&by), &list).await
        }
    });
    Ok(work.await.map_err(Error::internal)??)
}

async fn draw(
    staff: &SignedInStaff,
    numbers: String,
    takes: bool,
    errors: FieldErrors,
) -> Result<ConfirmationsPage, Error> {
    let here = &staff.here;
    let awaited = here.portal.awaited_outside(&here.library, &staff.member).await?;
    Ok(ConfirmationsPage {
        layout: here.layout.clone(),
        errors,
        is_asked: here.library.rules.exchange.confirmation == OutsideConfirmation::Import,
        awaited: Awaited::of(awaited, staff.now()),
        numbers,
        takes,
        report: None,
    })
}

impl Report {
    fn of(lines: &[ConfirmationLine], is_done: bool, urls: &Urls) -> Self {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for line in lines {
            let words = words_of(&line.about);
            match counts.iter_mut().find(|(known, _)| *known == words) {
                Some((_, count)) => *count += 1,
                None => counts.push((words, 1)),
            }
        }
        Self {
            is_done,
            counts,
            lines: lines.iter().take(SHOWN).map(|line| Line::of(line, urls)).collect(),
            further: lines.len().saturating_sub(SHOWN),
        }
    }
}

impl Line {
    fn of(line: &ConfirmationLine, urls: &Urls) -> Self {
        let named: &[Reference] = match &line.about {
            Confirmed::Awaiting(named)
            | Confirmed::Issued(named)
            | Confirmed::Partly(named)
            | Confirmed::Stuck(named)
            | Confirmed::NeverWritten(named) => named,
            Confirmed::Settled | Confirmed::Unknown | Confirmed::Unreadable => &[],
        };
        Self {
            place: line.line,
            number: line.number.as_ref().map(CardNumber::to_string).unwrap_or_default(),
            words: words_of(&line.about),
            applications: named
                .iter()
                .map(|reference| (reference.to_string(), urls.staff_application(reference)))
                .collect(),
        }
    }
}

const fn words_of(about: &Confirmed) -> &'static str {
    match about {
        Confirmed::Awaiting(_) => "登録待ち（発行できる）",
        Confirmed::Issued(_) => "発行しました",
        Confirmed::Partly(_) => "確かめました（ほかのカードを待っています）",
        Confirmed::Stuck(_) => "発行できません。申込みをひらいて確かめてください",
        Confirmed::NeverWritten(_) => "まだ書き出していない変更を待っています。番号だけでは確かめられません",
        Confirmed::Settled => "待っている申込みはありません（確認済み）",
        Confirmed::Unknown => "この番号のカードはありません",
        Confirmed::Unreadable => "カード番号として読めません",
    }
}
