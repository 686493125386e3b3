//! Erasing patrons whose card ended as long ago as the rules say. They are told by mail before; the number stays taken.

use super::BATCH;
use super::purge::{PurgeCap, last_day_gone};
use crate::clock::japanese_date;
use crate::domain::erasure::{ErasureStep, TOLD_BEFORE, step};
use crate::domain::event::EventKind;
use crate::domain::ids::{LibraryId, MailId, PatronId};
use crate::domain::library::{Library, Span};
use crate::domain::notice::{MailContent, QueuedMail};
use crate::service::record::system_event;
use crate::service::{Error, Portal};
use crate::store::patron_erasure::{self, ExpiredPatron};
use crate::store::{
    Db, StoreError, Tx, applications, certificate_links, certificate_numbers, events, libraries, outbox, patron_blocks,
    patrons,
};
use time::{Date, Duration, OffsetDateTime};

/// How many expired patrons are read at a time.
const PAGE: u32 = 500;

/// What is to be erased of one library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatronPlan {
    /// The short name of the library.
    pub slug: String,
    /// How many patrons were told in time and are erased next.
    pub due: u64,
    /// Of how many patrons anything is known.
    pub kept: u64,
    /// True if it is more than may be erased at once.
    pub is_too_much: bool,
    /// The first of those who are to be told.
    tell: Vec<ExpiredPatron>,
    /// The first of those who are to be erased.
    erase: Vec<ExpiredPatron>,
}

/// What one turn did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PatronsEnded {
    /// How many were told.
    pub told: u64,
    /// How many were erased.
    pub erased: u64,
}

/// What a run would do, library by library. Changes nothing.
///
/// # Errors
/// Only the store's.
pub async fn plan(db: &Db, cap: PurgeCap, now: OffsetDateTime) -> Result<Vec<PatronPlan>, Error> {
    let mut tx = db.read().await?;
    let mut plans = Vec::new();
    for library in libraries::list(&mut tx).await? {
        if let Some(span) = library.rules.after_expiry.erased_after {
            plans.push(plan_of(&mut tx, &library, span, cap, now).await?);
        }
    }
    Ok(plans)
}

async fn plan_of(
    tx: &mut Tx,
    library: &Library,
    span: Span,
    cap: PurgeCap,
    now: OffsetDateTime,
) -> Result<PatronPlan, Error> {
    let slug = library.rules.slug.clone();
    let kept = patron_erasure::count_known(tx, library.id).await?;
    let mut plan = PatronPlan { slug, due: 0, kept, is_too_much: false, tell: Vec::new(), erase: Vec::new() };
    let until = looked_at_until(span, japanese_date(now));
    let mut last: Option<ExpiredPatron> = None;
    loop {
        let page = patron_erasure::list(tx, library.id, until, last.as_ref(), PAGE).await?;
        for expired in &page {
            plan.add(*expired, next_step(tx, library, expired, now).await?);
        }
        match page.last() {
            Some(one) if page.len() == PAGE as usize => last = Some(*one),
            _ => break,
        }
    }
    plan.is_too_much = cap.forbids(plan.due, kept);
    Ok(plan)
}

impl PatronPlan {
    fn add(&mut self, expired: ExpiredPatron, step: ErasureStep) {
        match step {
            ErasureStep::Tell { .. } if self.tell.len() < BATCH as usize => self.tell.push(expired),
            ErasureStep::Wait | ErasureStep::Tell { .. } => {}
            ErasureStep::Erase => {
                self.due += 1;
                if self.erase.len() < BATCH as usize {
                    self.erase.push(expired);
                }
            }
        }
    }
}

/// The latest last day of a card that calls for anything: who is told soon is told before the day.
fn looked_at_until(span: Span, today: Date) -> Date {
    last_day_gone(today + TOLD_BEFORE + Duration::DAY, |day| span.after(day))
}

/// What is to be done about somebody now, who is kept as long as a block of theirs says so.
async fn next_step(
    tx: &mut Tx,
    library: &Library,
    expired: &ExpiredPatron,
    now: OffsetDateTime,
) -> Result<ErasureStep, Error> {
    let Some(kept_until) = library.rules.record_kept_until(expired.expires_on) else { return Ok(ErasureStep::Wait) };
    let found = step(kept_until, expired.told, japanese_date(now), now);
    if found == ErasureStep::Wait {
        return Ok(found);
    }
    Ok(if is_blocked(tx, library, expired.patron_id).await? { ErasureStep::Wait } else { found })
}

impl Portal {
    /// Tells those whose record is erased in a month, and erases those who were told in time: a batch of each library's a
    /// turn. Safe to run on several nodes and twice. A library of which it is too much at once is left as it is, and that
    /// is logged.
    ///
    /// # Errors
    /// Only the store's. A patron with whom something is wrong is logged and keeps nobody else waiting.
    pub async fn end_patrons(&self, cap: PurgeCap) -> Result<PatronsEnded, Error> {
        let now = self.clock.now();
        let mut ended = PatronsEnded::default();
        for plan in plan(&self.db, cap, now).await? {
            let library =
                libraries::find_by_slug(&mut self.db.read().await?, &plan.slug).await?.ok_or(Error::NotFound)?;
            for expired in &plan.tell {
                ended.told += u64::from(went_well(expired, self.tell_patron(&library, expired, now).await));
            }
            if plan.is_too_much {
                let (due, kept) = (plan.due, plan.kept);
                tracing::error!(library = plan.slug, due, kept, "too many patrons would be erased at once: nobody is");
                continue;
            }
            let mut erased = 0;
            for expired in &plan.erase {
                erased += u64::from(went_well(expired, self.erase_patron(&library, expired, now).await));
            }
            if erased > 0 {
                tracing::info!(library = plan.slug, erased, "patrons were erased after their time");
            }
            ended.erased += erased;
        }
        if ended.erased > 0 && !self.db.tidy().await? {
            tracing::debug!("somebody was reading: the journal is tidied another time");
        }
        Ok(ended)
    }

    /// Queues the mail. Whoever has no address is noted as well: their time runs from now.
    async fn tell_patron(&self, library: &Library, listed: &ExpiredPatron, now: OffsetDateTime) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let Some(expired) = as_they_are(&mut tx, library, listed, now).await? else { return Ok(false) };
        let ErasureStep::Tell { until } = next_step(&mut tx, library, &expired, now).await? else { return Ok(false) };
        let patron = patrons::find(&mut tx, library.id, expired.patron_id).await?;
        let address = patron.and_then(|patron| Some((patron.facts.email?, patron.language)));
        let mail = address.map(|(recipient, language)| QueuedMail {
            id: MailId::new(now),
            library_id: library.id,
            application_id: None,
            recipient,
            language,
            content: MailContent::RecordErased { until },
            queued_at: now,
            attempts: 0,
        });
        if !patron_erasure::insert_told(&mut tx, &expired, mail.as_ref().map(|mail| mail.id), now).await? {
            return Ok(false);
        }
        if let Some(mail) = &mail {
            outbox::insert(&mut tx, mail, None).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Erases one patron with everything that hangs on the person and on no application.
    async fn erase_patron(
        &self,
        library: &Library,
        listed: &ExpiredPatron,
        now: OffsetDateTime,
    ) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let Some(expired) = as_they_are(&mut tx, library, listed, now).await? else { return Ok(false) };
        if next_step(&mut tx, library, &expired, now).await? != ErasureStep::Erase {
            return Ok(false);
        }
        erase(&mut tx, library.id, expired.patron_id, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Holds a patron until the transaction ends, and the application that made them one: in this order, as every decision
/// does, for the record of the application tells of their end.
pub(in crate::service) async fn hold(tx: &mut Tx, library_id: LibraryId, id: PatronId) -> Result<(), Error> {
    let made_by = patrons::find(tx, library_id, id).await?.and_then(|patron| patron.application_id);
    if let Some(made_by) = made_by
        && let Some(application) = applications::find(tx, library_id, made_by).await?
    {
        applications::hold_by_reference(tx, library_id, &application.reference).await?;
    }
    patrons::lock(tx, library_id, id).await?;
    Ok(())
}

/// Erases a patron with everything that hangs on the person and on no application; the number stays taken.
pub(in crate::service) async fn erase(
    tx: &mut Tx,
    library_id: LibraryId,
    id: PatronId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let made_by = patrons::find(tx, library_id, id).await?.and_then(|patron| patron.application_id);
    certificate_links::delete_by_patron(tx, library_id, id).await?;
    certificate_numbers::delete(tx, library_id, id).await?;
    patron_blocks::delete_by_patron(tx, library_id, id).await?;
    patron_erasure::delete_belongings(tx, library_id, id).await?;
    patrons::erase(tx, library_id, id, now).await?;
    if let Some(made_by) = made_by
        && let Some(application) = applications::find(tx, library_id, made_by).await?
    {
        let event = system_event(&application, EventKind::PatronErased, now);
        events::insert(tx, &event).await?;
    }
    Ok(())
}

/// Tells whether something keeps the record of a patron: something in progress, or a block that says so.
pub(in crate::service) async fn is_kept(tx: &mut Tx, library: &Library, id: PatronId) -> Result<bool, Error> {
    Ok(patron_erasure::is_busy(tx, library.id, id).await? || is_blocked(tx, library, id).await?)
}

async fn is_blocked(tx: &mut Tx, library: &Library, id: PatronId) -> Result<bool, Error> {
    let blocks = patron_blocks::list_codes(tx, library.id, id).await?;
    Ok(library.rules.blocks.iter().any(|kind| kind.keeps_record && blocks.contains(&kind.code)))
}

/// The same patron, held until the transaction ends; nobody if something has begun since they were listed.
async fn as_they_are(
    tx: &mut Tx,
    library: &Library,
    listed: &ExpiredPatron,
    now: OffsetDateTime,
) -> Result<Option<ExpiredPatron>, Error> {
    let Some(span) = library.rules.after_expiry.erased_after else { return Ok(None) };
    hold(tx, library.id, listed.patron_id).await?;
    let until = looked_at_until(span, japanese_date(now));
    Ok(patron_erasure::find(tx, library.id, until, listed.patron_id).await?)
}

fn went_well(expired: &ExpiredPatron, outcome: Result<bool, Error>) -> bool {
    match outcome {
        Ok(is_done) => is_done,
        Err(Error::Stale | Error::Store(StoreError::Stale)) => false,
        Err(error) => {
            tracing::error!(patron = %expired.patron_id, %error, "a patron could not be told or erased");
            false
        }
    }
}
