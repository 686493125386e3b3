//! Several applications at once: claimed, or approved after a page that lists them.

use super::conflict::words_of;
use super::queue::View;
use super::signed_in::SignedInStaff;
use crate::domain::reference::Reference;
use crate::domain::version::Version;
use crate::http::error::Error;
use crate::http::form::CsrfForm;
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::review::{Approval, BatchItem, LARGEST_BATCH, ReviewFile};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// What was ticked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct BatchForm {
    #[serde(default)]
    application: Vec<String>,
}

/// What will be approved, one by one.
#[derive(Template)]
#[template(path = "staff/batch_confirmation.html")]
struct BatchConfirmationPage {
    layout: Layout,
    items: Vec<Candidate>,
    count: usize,
}

struct Candidate {
    reference: String,
    url: String,
    name: String,
    /// What the approval's form sends; empty if it cannot be approved here.
    value: String,
    words: &'static str,
}

/// What became of each.
#[derive(Template)]
#[template(path = "staff/batch_outcome.html")]
struct BatchOutcomePage {
    layout: Layout,
    heading: &'static str,
    done: usize,
    refused: usize,
    items: Vec<Outcome>,
    next: Option<(String, String)>,
}

struct Outcome {
    reference: String,
    url: String,
    is_done: bool,
    words: String,
}

/// Claims what was ticked, and tells what became of each.
pub(in crate::http) async fn claim(staff: SignedInStaff, form: CsrfForm<BatchForm>) -> Result<HttpResponse, Error> {
    let references: Vec<Reference> = form.input.application.iter().filter_map(|text| text.parse().ok()).collect();
    if references.is_empty() {
        return nothing_ticked(staff);
    }
    let once = staff.here.once(form.once, "staff/queue/claims", staff.here.urls.staff_queue());
    let items = staff.here.portal.claim_all(&staff.member, &references, &once).await;
    let items = items.into_iter().map(|item| outcome(&staff, item, |()| "担当しました")).collect::<Result<_, _>>()?;
    page::ok(&draw(staff, "選んだ申込みを担当しました", items))
}

/// Lists what was ticked, and what of it can be approved at once.
pub(in crate::http) async fn confirm(staff: SignedInStaff, form: CsrfForm<BatchForm>) -> Result<HttpResponse, Error> {
    let chosen = seen(&form.input);
    if chosen.is_empty() {
        return nothing_ticked(staff);
    }
    let mut items = Vec::with_capacity(chosen.len());
    for (reference, version) in chosen {
        let file = staff.here.portal.open_file(&staff.member, &reference).await?;
        items.push(Candidate::of(&staff, &file, version));
    }
    let count = items.iter().filter(|item| !item.value.is_empty()).count();
    page::ok(&BatchConfirmationPage { layout: staff.here.layout, items, count })
}

/// Approves what was confirmed, each for itself, and tells what became of each.
pub(in crate::http) async fn approve(staff: SignedInStaff, form: CsrfForm<BatchForm>) -> Result<HttpResponse, Error> {
    let chosen = seen(&form.input);
    let once = staff.here.once(form.once, "staff/queue/approvals", staff.here.urls.staff_queue());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    let items = Box::pin(portal.approve_all(library, &staff.member, &chosen, &once)).await;
    let words = |approval| match approval {
        Approval::First => "1人目として承認しました",
        Approval::Registered => "承認しました。図書館システムへの登録を待っています",
        Approval::Issued(_) => "承認し、カードを発行しました",
    };
    let items = items.into_iter().map(|item| outcome(&staff, item, words)).collect::<Result<_, _>>()?;
    page::ok(&draw(staff, "まとめて承認した結果", items))
}

/// `LC-…:version:digest`, as the queue's checkboxes and the confirmation say it; anything else is no page of ours.
fn seen(form: &BatchForm) -> Vec<(Reference, Version)> {
    let read = |text: &String| {
        let mut parts = text.splitn(3, ':');
        let reference = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        Some((reference, Version { number, digest: parts.next()?.parse().ok()? }))
    };
    form.application.iter().filter_map(read).take(LARGEST_BATCH).collect()
}

impl Candidate {
    fn of(staff: &SignedInStaff, file: &ReviewFile, seen: Version) -> Self {
        let reference = &file.application.reference;
        let is_mine = file.application.state.held_by(staff.now()) == Some(staff.member.id);
        let words = match () {
            () if !is_mine => "担当していないため、承認できません",
            () if file.version != seen => "内容が変わっています。ひらいて確かめてください",
            () if file.needs_a_look() => {
                "書類の画像や、意見・メッセージなど、人が見るものがあります。ひらいて確かめてください"
            }
            () if !file.is_green() => "自動確認に、よくない点かちがいがあります。ひらいて確かめてください",
            () if file.first_approval.is_some_and(|first| first.approved_by == staff.member.id) => {
                "1人目の承認をした人は、2人目の承認はできません"
            }
            () if file.needs_second() && file.first_approval.is_none() => "1人目として承認します",
            () if file.is_awaited_outside => "承認し、図書館システムへの登録待ちにします",
            () => "承認し、カードを発行します",
        };
        let is_ready = words.ends_with("します");
        Self {
            reference: reference.to_string(),
            url: staff.here.urls.staff_application(reference),
            name: file.statement.answers.name.as_str().to_owned(),
            value: if is_ready { format!("{reference}:{}:{}", seen.number, seen.digest) } else { String::new() },
            words,
        }
    }
}

/// One line of the outcome. What was done by the first sending of the same form is done.
fn outcome<T>(staff: &SignedInStaff, item: BatchItem<T>, words: impl Fn(T) -> &'static str) -> Result<Outcome, Error> {
    let BatchItem { reference, outcome } = item;
    let (is_done, words) = match outcome {
        Ok(done) => (true, words(done).to_owned()),
        Err(service::Error::Repeated { .. }) => (true, "すでに終わっています".to_owned()),
        Err(error) => (false, words_of(error)?),
    };
    let url = staff.here.urls.staff_application(&reference);
    Ok(Outcome { reference: reference.to_string(), url, is_done, words })
}

/// Says so, for otherwise nothing seems to happen.
fn nothing_ticked(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    page::again(&draw(staff, "申込みを選んでください", Vec::new()))
}

fn draw(staff: SignedInStaff, heading: &'static str, items: Vec<Outcome>) -> BatchOutcomePage {
    let done = items.iter().filter(|item| item.is_done).count();
    let urls = &staff.here.urls;
    let mine = View::of_tab("mine");
    let next = items
        .iter()
        .any(|item| item.is_done)
        .then(|| ("自分の担当へ".to_owned(), format!("{}?{}", urls.staff_queue(), mine.query())));
    BatchOutcomePage { refused: items.len() - done, done, heading, items, next, layout: staff.here.layout }
}
