//! Nobody decides on their own application, or on one of somebody close to them.
//!
//! The portal cannot know who is whose family. A member of staff names the cards of their own people once, and leaves
//! to others whatever comes up besides; both are remembered and keep claim and decision closed.

use super::record::staff_event;
use super::review::{Work, acting, is_guardian};
use super::{Error, Once, Portal};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card_number::CardNumber;
use crate::domain::duplicate::{PersonFacts, Strength, resemblance};
use crate::domain::event::EventKind;
use crate::domain::ids::PatronId;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
pub use crate::store::staff::Relation;
use crate::store::{StoreError, Tx, applications, cards, drafts, events, patrons, staff};

impl Portal {
    /// The cards that a member of staff has named.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn relations(&self, by: &StaffMember) -> Result<Vec<Relation>, Error> {
        let mut tx = self.db.read().await?;
        Ok(staff::list_relations(&mut tx, by.library_id, by.id).await?)
    }

    /// Records that `by` is, or is close to, the holder of a card.
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
        staff::delete_relation(&mut tx, by, patron).await?;
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

/// Refuses whoever has left the application to others, has named the card that it is about, or the card of somebody who
/// by all likelihood is the applicant, a child of theirs for whom they apply, or the guardian who signed beside them.
pub(super) async fn must_be_unrelated(tx: &mut Tx, by: &StaffMember, application: &Application) -> Result<(), Error> {
    let ties = staff::find_ties(tx, application, by).await?;
    if ties.is_recused || application.patron_id.is_some_and(|patron_id| ties.patrons.contains(&patron_id)) {
        return Err(Error::Related);
    }
    if ties.patrons.is_empty() {
        return Ok(());
    }
    let people = PersonFacts::everybody_in(&drafts::find(tx, application.id).await?);
    for patron_id in ties.patrons {
        let facts = match patrons::find(tx, by.library_id, patron_id).await {
            Ok(Some(patron)) => patron.facts,
            // Who was erased cannot be compared any more.
            Ok(None) | Err(StoreError::Unsealable { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        if is_guardian(tx, application, &facts).await? {
            return Err(Error::Related);
        }
        let patron = PersonFacts::from(&facts);
        let is_close =
            |person| matches!(resemblance(person, &patron).strength, Some(Strength::Same | Strength::Likely));
        if people.iter().any(is_close) {
            return Err(Error::Related);
        }
    }
    Ok(())
}
