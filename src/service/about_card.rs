//! Whose card an application is about: found by number once the signature has proved who asks, or said by staff.
//!
//! Nothing of this is told to the applicant: a number that is nobody's, and one that is somebody else's, look alike.

use super::apply::rules_of;
use super::blocks::{hold_still, stopping};
use super::card_news::announce;
use super::issue::{Case, Held, held, obstacle};
use super::proofs::shown_before;
use super::record::{event_by, staff_event};
use super::review::{Work, submitted_version};
use super::{Error, Once, Portal, promise};
use crate::domain::application::Application;
use crate::domain::card::{Card, CardState, StopReason};
use crate::domain::card_number::CardNumber;
use crate::domain::event::{Actor, EventKind};
use crate::domain::ids::LibraryId;
use crate::domain::library::{Library, LibraryRules};
use crate::domain::likeness::is_holder;
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::request::Request;
use crate::domain::staff::StaffMember;
use crate::domain::statement::Statement;
use crate::jpki::Holder;
use crate::store::{StoreError, Tx, applications, cards, certificate_links, events, patrons};
use time::{Date, OffsetDateTime};

/// What staff see of the card that an application is about.
#[derive(Debug, Clone)]
pub struct AboutCard {
    /// What is asked for.
    pub request: Request,
    /// True once it is certain whose card it is.
    pub is_matched: bool,
    /// The patron and the card that counts now; while nobody is matched, whoever has the number that was typed.
    pub holder: Option<(PatronFacts, Card)>,
    /// True if the holder's My Number card is linked already.
    pub is_linked: bool,
    /// What stands against it, besides what staff judge; only before the decision.
    pub obstacle: Option<Obstacle>,
    /// What staff call the blocks on the patron that stop it; only before the decision.
    pub blocks: Vec<String>,
    /// What the holder showed before, once it is certain who that is: the document, and the last day on which it counts.
    pub shown: Vec<(String, Option<Date>)>,
}

impl AboutCard {
    pub(super) async fn find(
        tx: &mut Tx,
        rules: &LibraryRules,
        application: &Application,
        statement: &Statement,
        now: OffsetDateTime,
    ) -> Result<Option<Self>, Error> {
        let Some(request) = &statement.request else { return Ok(None) };
        let known = held(tx, application).await?;
        let is_matched = known.is_some();
        let holder = match known {
            Some(known) => Some(known),
            None => find_by_number(tx, application.library_id, request.card_number()).await?,
        };
        let obstacle =
            if application.state.is_in_queue() { obstacle(tx, rules, application, request, now).await? } else { None };
        let shown = match application.patron_id {
            Some(patron_id) => shown_before(tx, rules, application.library_id, patron_id).await?,
            None => Vec::new(),
        };
        let blocks = match application.patron_id.filter(|_| application.state.is_in_queue()) {
            Some(patron_id) => stopping(tx, application.library_id, patron_id, application.procedure).await?,
            None => Vec::new(),
        };
        let blocks = blocks.into_iter().map(|kind| kind.label).collect();
        let is_linked = match application.patron_id {
            Some(patron_id) => certificate_links::is_card_linked(tx, application.library_id, patron_id).await?,
            None => false,
        };
        let holder = holder.map(|Held { patron, card }| (patron.facts, card));
        Ok(Some(Self { request: request.clone(), is_matched, holder, is_linked, obstacle, blocks, shown }))
    }
}

impl Portal {
    /// Says whose card an application is about. Whoever says so holds the claim and answers for it. Where a card is
    /// searched for first, the promised day is counted anew: before, it was the one that holds for every card.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the library has no such card, [`Error::Refused`] without a living claim,
    /// [`Error::AlreadyOpen`] if the patron has another open application for the same.
    pub async fn match_patron(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        number: &CardNumber,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        let (frozen, _) = submitted_version(&mut tx, &application).await?;
        let statement = crate::document::read_statement(&frozen.document)?;
        let request = statement.request.as_ref().ok_or(Error::NotFound)?;
        let known = find_by_number(&mut tx, library.id, number).await?.ok_or(Error::NotFound)?;
        let (procedure, patron_id) = (application.procedure, known.patron.id);
        if let Some(other) = applications::find_open_by_patron(&mut tx, library.id, procedure, patron_id).await?
            && other.id != application.id
        {
            return Err(Error::AlreadyOpen(other.reference));
        }
        let application_rules = application.rules_version;
        let matched = application.match_patron(by, patron_id, now)?;
        let rules = rules_of(&mut tx, library, application_rules).await?;
        let matched = promise::recounted(&rules, matched, request, &known.card);
        let application = applications::save(&mut tx, matched).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::PatronMatched, by, now)).await?;
        let told = (&application, request, Actor::Staff(by.id));
        report_loss(&mut tx, library, told, (&known.patron, known.card), now).await?;
        Ok(tx.commit().await?)
    }
}

/// Refuses to approve what stands against the rules, or is about nobody's card.
pub(super) async fn must_be_possible(
    tx: &mut Tx,
    case: &Case<'_>,
    request: Option<&Request>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Some(request) = request else { return Ok(()) };
    hold_still(tx, case.application).await?;
    // What was decided a moment ago was asked for when it was submitted, and is judged by that day.
    match obstacle(tx, case.rules, case.application, request, now).await? {
        Some(obstacle) => Err(Error::Obstacle(obstacle)),
        None => Ok(()),
    }
}

/// Whose card a signed application is about: the card has the number that was signed, and its holder is the
/// certificate's.
pub(super) async fn find_holder(
    tx: &mut Tx,
    library_id: LibraryId,
    request: &Request,
    holder: &Holder,
) -> Result<Option<Held>, Error> {
    let known = find_by_number(tx, library_id, request.card_number()).await?;
    Ok(known.filter(|Held { patron, .. }| is_holder(&patron.facts.name, patron.facts.birth, holder)))
}

/// Stops a card that is reported as lost at once, for whoever found it could use it, and tells its holder; `by` is whoever
/// says whose card it is.
pub(super) async fn report_loss(
    tx: &mut Tx,
    library: &Library,
    (application, request, by): (&Application, &Request, Actor),
    (patron, card): (&Patron, Card),
    now: OffsetDateTime,
) -> Result<(), Error> {
    if !request.reports_loss() || !card.is_active() {
        return Ok(());
    }
    let stopped = card.stop(StopReason::Lost, now)?;
    // The record before the card, as everywhere.
    events::insert(tx, &event_by(application, EventKind::CardStopped, by, now)).await?;
    let stopped = cards::save(tx, stopped).await?;
    announce(tx, library, Some(application), (patron, &stopped), now).await
}

/// The holder of a card that nothing has replaced; nobody once the person was erased.
pub(super) async fn find_by_number(
    tx: &mut Tx,
    library_id: LibraryId,
    number: &CardNumber,
) -> Result<Option<Held>, Error> {
    let found = cards::find_by_number(tx, library_id, number).await?;
    let Some(card) = found.filter(|card| !matches!(card.state, CardState::Replaced { .. })) else { return Ok(None) };
    let patron: Option<Patron> = match patrons::find(tx, library_id, card.patron_id).await {
        Err(StoreError::Unsealable { .. }) => None,
        patron => patron?,
    };
    Ok(patron.map(|patron| Held { patron, card }))
}
