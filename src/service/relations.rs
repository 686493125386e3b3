//! Nobody decides on their own application, or on one of somebody close to them.
//!
//! The portal cannot know who is whose family. A member of staff names the cards of their own people once, and leaves
//! to others whatever comes up besides; both are remembered and keep claim and decision closed.

use super::record::staff_event;
use super::review::{Work, acting, is_guardian};
use super::{Error, Once, Portal};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card_number::CardNumber;
use crate::domain::deed::Deed;
use crate::domain::duplicate::{PersonFacts, Strength, resemblance};
use crate::domain::event::EventKind;
use crate::domain::ids::PatronId;
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
pub use crate::store::staff::Relation;
use crate::store::{StoreError, Tx, applications, cards, drafts, events, patrons, staff, staff_deeds};
use time::OffsetDateTime;

impl Portal {
    /// The cards that a member of staff has named.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn relations(&self, by: &StaffMember) -> Result<Vec<Relation>, Error> {
        let mut tx = self.db.read().await?;
        Ok(staff::list_relations(&mut tx, by.library_id, by.id).await?)
    }

    /// Records that `by` is, or is close to, the holder of a card. What they have claimed of such people goes back into
    /// the queue.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the library has no such card, [`Error::Repeated`] for the second sending.
    pub async fn record_relation(&self, by: &StaffMember, number: &CardNumber, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        let card = cards::find_by_number(&mut tx, by.library_id, number).await?.ok_or(Error::NotFound)?;
        staff::insert_relation(&mut tx, by, card.patron_id, now).await?;
        leave_own(&mut tx, by, now).await?;
        staff_deeds::record(&mut tx, by, Deed::RelationNamed, "", now).await?;
        Ok(tx.commit().await?)
    }

    /// Takes such a record back.
    ///
    /// # Errors
    /// [`Error::Repeated`] for the second sending.
    pub async fn remove_relation(&self, by: &StaffMember, patron: PatronId, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &acting(&mut tx, by).await?;
        if staff::delete_relation(&mut tx, by, patron).await? {
            staff_deeds::record(&mut tx, by, Deed::RelationRemoved, "", now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Leaves an application to others for good, and puts one's own claim back into the queue.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library, [`Error::Repeated`] for the second sending.
    pub async fn recuse(&self, by: &StaffMember, reference: &Reference, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } =
            self.begin_work((by, Permission::OpenFile), reference, once, now).await?;
        let by = &by;
        staff::insert_recusal(&mut tx, &application, by, now).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::Recused, by, now)).await?;
        if matches!(application.state, ApplicationState::UnderReview { reviewer, .. } if reviewer == by.id) {
            let application = applications::save(&mut tx, application.release(by)?).await?;
            events::insert(&mut tx, &staff_event(&application, EventKind::Released, by, now)).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Refuses whoever is close to the applicant.
pub(super) async fn must_be_unrelated(tx: &mut Tx, by: &StaffMember, application: &Application) -> Result<(), Error> {
    if is_related(tx, by, application).await? { Err(Error::Related) } else { Ok(()) }
}

/// Tells whether `by` has left the application to others, has named the card that it is about, or the card of somebody
/// who by all likelihood is the applicant, a child of theirs for whom they apply, or the guardian who signed beside them.
pub(super) async fn is_related(tx: &mut Tx, by: &StaffMember, application: &Application) -> Result<bool, Error> {
    let ties = staff::find_ties(tx, application, by).await?;
    if ties.is_recused || application.patron_id.is_some_and(|patron_id| ties.patrons.contains(&patron_id)) {
        return Ok(true);
    }
    if ties.patrons.is_empty() {
        return Ok(false);
    }
    let people = PersonFacts::everybody_in(&drafts::find(tx, application.id).await?);
    for patron_id in ties.patrons {
        let Some(facts) = facts_of(tx, by, patron_id).await? else { continue };
        if is_close(&people, &facts) || is_guardian(tx, application, &facts).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whether a patron is one of `by`'s own people, by the card that was named or by all likelihood.
pub(super) async fn is_own(tx: &mut Tx, by: &StaffMember, patron: &Patron) -> Result<bool, Error> {
    let relations = staff::list_relations(tx, by.library_id, by.id).await?;
    if relations.iter().any(|relation| relation.patron_id == patron.id) {
        return Ok(true);
    }
    let person = [PersonFacts::from(&patron.facts)];
    for relation in relations {
        let Some(facts) = facts_of(tx, by, relation.patron_id).await? else { continue };
        if is_close(&person, &facts) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses whoever is close to a patron: what is done to a card or a record is done by others.
pub(super) async fn must_be_no_own(tx: &mut Tx, by: &StaffMember, id: PatronId) -> Result<(), Error> {
    let patron = match patrons::find(tx, by.library_id, id).await {
        Ok(found) => found.ok_or(Error::NotFound)?,
        // Who was erased has nothing left to be compared, but whoever named the card is still known.
        Err(StoreError::Unsealable { .. }) => {
            let relations = staff::list_relations(tx, by.library_id, by.id).await?;
            let is_named = relations.iter().any(|relation| relation.patron_id == id);
            return if is_named { Err(Error::Related) } else { Ok(()) };
        }
        Err(error) => return Err(error.into()),
    };
    if is_own(tx, by, &patron).await? { Err(Error::Related) } else { Ok(()) }
}

/// The facts of somebody's own; who was erased cannot be compared any more.
async fn facts_of(tx: &mut Tx, by: &StaffMember, id: PatronId) -> Result<Option<PatronFacts>, Error> {
    match patrons::find(tx, by.library_id, id).await {
        Err(StoreError::Unsealable { .. }) => Ok(None),
        found => Ok(found?.map(|patron| patron.facts)),
    }
}

fn is_close(people: &[PersonFacts], facts: &PatronFacts) -> bool {
    let patron = PersonFacts::from(facts);
    let is_same = |person| matches!(resemblance(person, &patron).strength, Some(Strength::Same | Strength::Likely));
    people.iter().any(is_same)
}

/// Puts back into the queue what `by` has claimed of their own people.
async fn leave_own(tx: &mut Tx, by: &StaffMember, now: OffsetDateTime) -> Result<(), Error> {
    for application in applications::list_claimed_by(tx, by.library_id, by.id).await? {
        if !is_related(tx, by, &application).await? {
            continue;
        }
        let application = applications::save(tx, application.release(by)?).await?;
        events::insert(tx, &staff_event(&application, EventKind::Released, by, now)).await?;
    }
    Ok(())
}
