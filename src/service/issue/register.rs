//! Registering: what an approval fixes for the library system to take in, before any of it is in force. Where nothing
//! waits for the library system, [`Portal::issue`] follows in the same transaction.

use super::new_card::register_card;
use super::{Case, Grant, Held, category_of, expiry_of_reissued, facts_of, held};
use crate::clock::japanese_date;
use crate::domain::application::Application;
use crate::domain::ids::{CardId, PatronId, RegistrationId};
use crate::domain::library::{NumberAfter, ReissueReason};
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::registration::Registration;
use crate::domain::request::Request;
use crate::service::{Error, Portal, proofs};
use crate::store::{Tx, cards, patrons, registrations};
use time::{Date, OffsetDateTime};

/// Whom a registration is about.
pub(super) struct Registered {
    pub(super) patron_id: PatronId,
    /// The holder of a new card.
    pub(super) holder: Option<Holder>,
}

/// The holder of a new card, just as they were stored.
pub(super) struct Holder {
    pub(super) held: Held,
    /// True if they were made a patron in this transaction and their card is in force at once.
    pub(super) is_new: bool,
}

/// What a card or its holder gets.
#[derive(Default)]
struct Entry {
    expires_on: Option<Date>,
    facts: Option<PatronFacts>,
    /// True if nothing has to be done to put it in force.
    is_in_force: bool,
}

impl Portal {
    /// Fixes number, last day and facts, and who becomes a patron. Whatever is not awaited by the library system is in
    /// force in the end; a new card that is not, is so at once.
    pub(super) async fn register(
        &self,
        tx: &mut Tx,
        case: &Case<'_>,
        grant: &Grant<'_>,
        is_awaited: bool,
        now: OffsetDateTime,
    ) -> Result<Registered, Error> {
        let (patron_id, holder) = match grant.request {
            Some(request) => {
                let held = held(tx, case.application).await?.ok_or(Error::Obstacle(Obstacle::NotMatched))?;
                let id = held.patron.id;
                register_about_card(tx, case, held, request, now).await?;
                (id, None)
            }
            None if case.answers.guardianship.is_some() => (register_children(tx, case, now).await?, None),
            None => {
                let holder = register_person(tx, case, 0, facts_of(case.answers), !is_awaited, now).await?;
                (holder.held.patron.id, Some(holder))
            }
        };
        Ok(Registered { patron_id, holder })
    }
}

async fn register_about_card(
    tx: &mut Tx,
    case: &Case<'_>,
    held: Held,
    request: &Request,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let facts = || Some(facts_of(case.answers));
    match request {
        Request::Renewal { .. } => {
            let (patron, old) = (held.patron, held.card.expires_on);
            let shown = proofs::bounding(tx, case, Some(patron.id)).await?;
            let days = (old, japanese_date(now));
            let planned = case.rules.renewed_expiry_until(category_of(case)?, patron.facts.birth, days, &shown);
            let expires_on = planned.expires_on;
            let card = held.card.renew(expires_on)?;
            let facts = if request.changes_facts() { facts() } else { None };
            enter(tx, case, card.id, Entry { expires_on: Some(expires_on), facts, ..Entry::default() }, now).await
        }
        Request::Reissue { reason, .. } => register_reissue(tx, case, held, *reason, now).await,
        Request::Change { .. } => {
            enter(tx, case, held.card.id, Entry { facts: facts(), ..Entry::default() }, now).await
        }
        // Nothing of these stands in the record of the library system.
        Request::CardLink { .. } | Request::PasswordIssue { .. } => Ok(()),
    }
}

async fn register_reissue(
    tx: &mut Tx,
    case: &Case<'_>,
    Held { patron, card: old }: Held,
    reason: ReissueReason,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let shown = proofs::bounding(tx, case, Some(patron.id)).await?;
    let expires_on = expiry_of_reissued(case, &old, patron.facts.birth, &shown, japanese_date(now))?;
    let facts = (reason == ReissueReason::NameChanged).then(|| facts_of(case.answers));
    match case.rules.number_after(reason) {
        NumberAfter::Kept => {
            let card = old.remake(expires_on)?;
            enter(tx, case, card.id, Entry { expires_on: Some(expires_on), facts, ..Entry::default() }, now).await
        }
        NumberAfter::New => {
            let card = register_card(tx, case.library, old.patron_id, expires_on, false, now).await?;
            old.replace(card.id, now)?;
            enter(tx, case, card.id, Entry { facts, ..Entry::default() }, now).await
        }
    }
}

/// Each child of a guardian's application. Gives the first one.
async fn register_children(tx: &mut Tx, case: &Case<'_>, now: OffsetDateTime) -> Result<PatronId, Error> {
    let mut first = None;
    for (child_number, child) in (1..).zip(case.answers.children()) {
        let facts = case.answers.facts_of_child(child);
        let id = register_person(tx, case, child_number, facts, false, now).await?.held.patron.id;
        first = first.or(Some(id));
    }
    first.ok_or(Error::Internal("a guardian applies for a child"))
}

/// Makes somebody a patron with a number; or, if this application made them one before its decision was opened again,
/// lets the number stay theirs.
async fn register_person(
    tx: &mut Tx,
    case: &Case<'_>,
    child_number: u32,
    facts: PatronFacts,
    at_once: bool,
    now: OffsetDateTime,
) -> Result<Holder, Error> {
    let Case { library, rules, application, .. } = *case;
    if let Some(held) = made_before(tx, application, child_number).await? {
        enter(tx, case, held.card.id, Entry { facts: Some(facts), ..Entry::default() }, now).await?;
        return Ok(Holder { held, is_new: false });
    }
    let shown = proofs::bounding(tx, case, None).await?;
    let planned = rules.expiry_until(category_of(case)?, facts.birth, japanese_date(now), &shown);
    let patron = Patron {
        id: PatronId::new(now),
        library_id: library.id,
        application_id: Some(application.id),
        child_number,
        facts,
        language: application.language,
        registered_at: now,
        row_version: 0,
    };
    patrons::insert(tx, &patron).await?;
    let card = register_card(tx, library, patron.id, planned.expires_on, at_once, now).await?;
    enter(tx, case, card.id, Entry { is_in_force: at_once, ..Entry::default() }, now).await?;
    Ok(Holder { held: Held { patron, card }, is_new: at_once })
}

async fn made_before(tx: &mut Tx, application: &Application, child_number: u32) -> Result<Option<Held>, Error> {
    if child_number == 0 {
        return held(tx, application).await;
    }
    let children = patrons::list_children(tx, application.library_id, application.id).await?;
    let Some(patron) = children.into_iter().find(|child| child.child_number == child_number) else { return Ok(None) };
    let card = cards::find_by_patron(tx, application.library_id, patron.id).await?;
    let card = card.ok_or(Error::Internal("a child without its card"))?;
    Ok(Some(Held { patron, card }))
}

async fn enter(
    tx: &mut Tx,
    case: &Case<'_>,
    card_id: CardId,
    Entry { expires_on, facts, is_in_force }: Entry,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let registration = Registration {
        id: RegistrationId::new(now),
        library_id: case.library.id,
        application_id: case.application.id,
        card_id,
        registered_at: now,
        expires_on,
        facts,
        confirmed_at: None,
    };
    if is_in_force {
        return Ok(registrations::insert_in_force(tx, &registration).await?);
    }
    Ok(registrations::insert(tx, &registration).await?)
}
