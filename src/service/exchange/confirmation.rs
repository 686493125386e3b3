//! What follows when the library system has taken something in.
//!
//! Where the rules say `confirmation = "import"`, what an approval registered waits for this before it is in force. A
//! whole file is confirmed at once, or the numbers on a list, or one application by itself. Each application is issued
//! in a transaction of its own, and only once: whatever is said again finds it settled.

use super::check_scope;
use crate::domain::application::ApplicationState;
use crate::domain::card_number::CardNumber;
use crate::domain::event::Actor;
use crate::domain::exchange::read_confirmed;
use crate::domain::ids::{ApplicationId, ExportId, RegistrationId};
use crate::domain::library::Library;
use crate::domain::reference::Reference;
use crate::domain::registration::Registration;
use crate::domain::staff::StaffMember;
use crate::service::apply::rules_of;
use crate::service::issue::{Case, Grant};
use crate::service::review::{acting, submitted_version};
use crate::service::{Error, Once, Portal};
use crate::store::{Tx, applications, cards, exports, registrations};
use std::collections::BTreeMap;

/// How often an application is looked at anew when somebody else changed it in between.
const TRIES: u32 = 3;

/// What a line of a list of taken-in cards is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationLine {
    /// Its place in the file, from 1.
    pub line: u64,
    /// The number, if it can be read.
    pub number: Option<CardNumber>,
    /// What it is about.
    pub about: Confirmed,
}

/// What a card number in such a list is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// Applications that wait for exactly this.
    Awaiting(Vec<Reference>),
    /// Applications that were issued by this.
    Issued(Vec<Reference>),
    /// Confirmed; the application waits for further cards.
    Partly(Vec<Reference>),
    /// What was approved stands against the card as it is now, such as one that was stopped since: staff have to look.
    Stuck(Vec<Reference>),
    /// The card is known outside for long, and what waits for it never went out: the list does not prove that.
    NeverWritten(Vec<Reference>),
    /// A card that waits for nothing: confirmed before, or issued without.
    Settled,
    /// The library has no such card.
    Unknown,
    /// Not a card number.
    Unreadable,
}

/// What became of one application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Issued,
    Partly,
    Settled,
    Stuck,
}

/// What waits for one card: what the list proves, and what it does not.
#[derive(Default)]
struct Awaited {
    proved: BTreeMap<ApplicationId, Vec<RegistrationId>>,
    unproved: Vec<ApplicationId>,
}

/// What a number on a list is about, and what it proves.
struct Found {
    about: Confirmed,
    proved: BTreeMap<ApplicationId, Vec<RegistrationId>>,
}

impl Portal {
    /// What a list of card numbers, as the library system gives it, would confirm. Changes nothing. Nobody asks at the
    /// command line.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever may not exchange files.
    pub async fn list_outside_confirmations(
        &self,
        library: &Library,
        by: Option<&StaffMember>,
        file: &[u8],
    ) -> Result<Vec<ConfirmationLine>, Error> {
        by.map_or(Ok(()), |by| check_scope(library, by))?;
        let mut tx = self.db.read().await?;
        let mut lines = Vec::new();
        for line in read_confirmed(file) {
            let Found { about, .. } = find_awaited(&mut tx, library, line.number.as_ref()).await?;
            lines.push(ConfirmationLine { line: line.line, number: line.number, about });
        }
        Ok(lines)
    }

    /// Confirms every number on the list, and issues what waited for it. The same list again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever may not exchange files. What one line comes to stops none of the rest.
    pub async fn confirm_outside(
        &self,
        library: &Library,
        by: Option<&StaffMember>,
        file: &[u8],
    ) -> Result<Vec<ConfirmationLine>, Error> {
        by.map_or(Ok(()), |by| check_scope(library, by))?;
        let mut lines = Vec::new();
        for line in read_confirmed(file) {
            let found = find_awaited(&mut self.db.read().await?, library, line.number.as_ref()).await?;
            let about = match found.about {
                Confirmed::Awaiting(named) => self.take_in_all(library, by, named, &found.proved).await?,
                about => about,
            };
            lines.push(ConfirmationLine { line: line.line, number: line.number, about });
        }
        Ok(lines)
    }

    /// Takes in what a number on a list proves, and tells what came of it.
    async fn take_in_all(
        &self,
        library: &Library,
        by: Option<&StaffMember>,
        named: Vec<Reference>,
        proved: &BTreeMap<ApplicationId, Vec<RegistrationId>>,
    ) -> Result<Confirmed, Error> {
        let mut effects = Vec::new();
        for (application, confirmed) in proved {
            effects.push(self.take_in(library, by, *application, confirmed).await?);
        }
        Ok(match effects {
            effects if effects.contains(&Effect::Stuck) => Confirmed::Stuck(named),
            effects if effects.contains(&Effect::Partly) => Confirmed::Partly(named),
            effects if effects.contains(&Effect::Issued) => Confirmed::Issued(named),
            _ => Confirmed::Settled,
        })
    }

    /// Confirms all that one application registered, as somebody typed it into the library system, and issues it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever may not exchange files; [`Error::Stale`] unless it waits for this;
    /// [`Error::Obstacle`] if the card does not allow it any more.
    pub async fn confirm_registration(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        once: &Once,
    ) -> Result<(), Error> {
        check_scope(library, by)?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let found = applications::find_by_reference(&mut tx, library.id, reference).await?.ok_or(Error::NotFound)?;
        let waiting = registrations::list_waiting(&mut tx, found.id).await?;
        let all: Vec<_> = waiting.iter().map(|one| one.id).collect();
        if self.issue_if_whole(&mut tx, library, Some(by), found.id, &all).await? != Effect::Issued {
            return Err(Error::Stale);
        }
        Ok(tx.commit().await?)
    }

    /// Puts on record that the library system took a whole file in, and issues what waited for it. Gives the
    /// applications that still wait.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library; [`Error::Stale`] if a colleague has said so before.
    pub async fn confirm_export(
        &self,
        library: &Library,
        by: &StaffMember,
        id: ExportId,
        once: &Once,
    ) -> Result<Vec<Reference>, Error> {
        check_scope(library, by)?;
        let mut tx = self.db.read().await?;
        exports::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let waiting = registrations::list_waiting_of_export(&mut tx, id).await?;
        drop(tx);
        for (application, confirmed) in by_application(waiting) {
            self.take_in(library, Some(by), application, &confirmed).await?;
        }
        // Last, so that whatever was cut short is done by pressing again.
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        if !exports::confirm(&mut tx, id, by.id, now).await? {
            return Err(Error::Stale);
        }
        let awaiting = awaiting_in(&mut tx, library, id).await?;
        tx.commit().await?;
        Ok(awaiting)
    }

    /// Confirms and, if nothing else is missing, issues one application; whatever stands against it, it is not lost.
    async fn take_in(
        &self,
        library: &Library,
        by: Option<&StaffMember>,
        id: ApplicationId,
        confirmed: &[RegistrationId],
    ) -> Result<Effect, Error> {
        for _ in 0..TRIES {
            let mut tx = self.db.begin().await?;
            match self.issue_if_whole(&mut tx, library, by, id, confirmed).await {
                Ok(effect) => {
                    tx.commit().await?;
                    return Ok(effect);
                }
                Err(Error::Stale) => {}
                Err(Error::Obstacle(obstacle)) => {
                    tracing::warn!(application = %id, ?obstacle, "taken in outside, and it cannot be issued");
                    return Ok(Effect::Stuck);
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Stale)
    }

    async fn issue_if_whole(
        &self,
        tx: &mut Tx,
        library: &Library,
        by: Option<&StaffMember>,
        id: ApplicationId,
        confirmed: &[RegistrationId],
    ) -> Result<Effect, Error> {
        let now = self.clock.now();
        let by = match by {
            Some(by) => Actor::Staff(acting(tx, by).await?.id),
            None => Actor::System,
        };
        // Whoever says the same at this moment waits, and finds it settled.
        let application = applications::hold(tx, library.id, id).await?.ok_or(Error::NotFound)?;
        if !matches!(application.state, ApplicationState::Approved { .. }) {
            return Ok(Effect::Settled);
        }
        let waiting = registrations::list_waiting(tx, id).await?;
        let is_meant = |one: &&Registration| one.confirmed_at.is_none() && confirmed.contains(&one.id);
        for one in waiting.iter().filter(is_meant) {
            registrations::confirm(tx, one.id, now).await?;
        }
        if waiting.iter().any(|one| one.confirmed_at.is_none() && !confirmed.contains(&one.id)) {
            // Two who each confirm one of the last two cards must not both take the other for missing.
            applications::save(tx, application).await?;
            return Ok(Effect::Partly);
        }
        let (frozen, proof) = submitted_version(tx, &application).await?;
        let statement = crate::document::read_statement(&frozen.document)?;
        let rules = rules_of(tx, library, application.rules_version).await?;
        let (evidence, _) = proof.parts();
        let case = Case { library, rules: &rules, application: &application, answers: &statement.answers };
        let grant = Grant { request: statement.request.as_ref(), evidence: evidence.as_ref(), by };
        self.issue(tx, &case, &grant, now).await?;
        Ok(Effect::Issued)
    }
}

/// The applications behind the lines of a file that wait for the library system.
pub(super) async fn awaiting_in(tx: &mut Tx, library: &Library, id: ExportId) -> Result<Vec<Reference>, Error> {
    let waiting = by_application(registrations::list_waiting_of_export(tx, id).await?);
    let ids: Vec<_> = waiting.into_keys().collect();
    references(tx, library, &ids).await
}

/// What a number on a list is about, before anything is confirmed.
async fn find_awaited(tx: &mut Tx, library: &Library, number: Option<&CardNumber>) -> Result<Found, Error> {
    let nothing = |about| Ok(Found { about, proved: BTreeMap::new() });
    let Some(number) = number else { return nothing(Confirmed::Unreadable) };
    let Some(Awaited { proved, unproved }) = awaited(tx, library, number).await? else {
        return nothing(Confirmed::Unknown);
    };
    let about = match (proved.is_empty(), unproved.is_empty()) {
        (true, true) => Confirmed::Settled,
        (true, false) => Confirmed::NeverWritten(references(tx, library, &unproved).await?),
        (false, _) => {
            let ids: Vec<_> = proved.keys().copied().collect();
            Confirmed::Awaiting(references(tx, library, &ids).await?)
        }
    };
    Ok(Found { about, proved })
}

/// What waits for a card: nothing if the library has no such card. That the library system has a number proves that it
/// took a new one in; of what changes about an old one it proves nothing, unless that went out in a file.
async fn awaited(tx: &mut Tx, library: &Library, number: &CardNumber) -> Result<Option<Awaited>, Error> {
    let Some(card) = cards::find_by_number(tx, library.id, number).await? else { return Ok(None) };
    let mut awaited = Awaited::default();
    for one in registrations::list_waiting_of_card(tx, card.id).await? {
        if one.confirmed_at.is_some() {
            continue;
        }
        if card.is_pending() || registrations::has_gone_out(tx, one.id).await? {
            awaited.proved.entry(one.application_id).or_default().push(one.id);
        } else {
            awaited.unproved.push(one.application_id);
        }
    }
    Ok(Some(awaited))
}

fn by_application(waiting: Vec<Registration>) -> BTreeMap<ApplicationId, Vec<RegistrationId>> {
    let mut grouped: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in waiting {
        grouped.entry(one.application_id).or_default().push(one.id);
    }
    grouped
}

async fn references(tx: &mut Tx, library: &Library, ids: &[ApplicationId]) -> Result<Vec<Reference>, Error> {
    let mut references = Vec::with_capacity(ids.len());
    for id in ids {
        references.extend(applications::find(tx, library.id, *id).await?.map(|application| application.reference));
    }
    Ok(references)
}
