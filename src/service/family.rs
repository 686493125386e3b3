//! The cards of children for whom a guardian applied: seen by the guardian until the child is old enough to sign.

use super::bearer::Bearer;
use super::session::Session;
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::application::ApplicationState;
use crate::domain::card::Card;
use crate::domain::library::{GuardianPart, Library};
use crate::domain::patron::Patron;
use crate::store::{StoreError, Tx, cards, patrons};
use time::OffsetDateTime;

/// A child's card.
#[derive(Debug, Clone)]
pub struct FamilyCard {
    /// The child.
    pub child: Patron,
    /// Its card.
    pub card: Card,
}

impl Portal {
    /// The cards of the children for whom whoever the session stands for has applied. A child that is old enough to sign
    /// by itself is not among them.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the open application is gone.
    pub async fn family(&self, library: &Library, session: &Session) -> Result<Vec<FamilyCard>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        family_of(&mut tx, library, &bearer, now).await
    }
}

/// The children of all applications that are theirs.
pub(super) async fn family_of(
    tx: &mut Tx,
    library: &Library,
    bearer: &Bearer,
    now: OffsetDateTime,
) -> Result<Vec<FamilyCard>, Error> {
    let today = japanese_date(now);
    let mut family = Vec::new();
    for application in bearer.applications.iter().filter(|one| matches!(one.state, ApplicationState::Issued { .. })) {
        let children = match patrons::list_children(tx, library.id, application.id).await {
            // One of them was erased, and nothing is known any more.
            Err(StoreError::Unsealable { .. }) => continue,
            children => children?,
        };
        for child in children {
            let age = child.facts.birth.age_on(today);
            if library.rules.guardian_part(age) != GuardianPart::Signs {
                continue;
            }
            if let Some(card) = cards::find_by_patron(tx, library.id, child.id).await?.filter(|card| !card.is_pending())
            {
                family.push(FamilyCard { child, card });
            }
        }
    }
    Ok(family)
}
