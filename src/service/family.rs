//! The cards of children for whom a guardian applied: seen by the guardian until the child is old enough to sign.

use super::bearer::{self, Bearer};
use super::deliver::waits_for;
use super::session::{Session, SessionSubject};
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::Card;
use crate::domain::library::{GuardianPart, Library};
use crate::domain::patron::Patron;
use crate::domain::reference::Reference;
use crate::store::{StoreError, Tx, app_subjects, cards, patrons};
use time::OffsetDateTime;

/// A child's card.
#[derive(Debug, Clone)]
pub struct FamilyCard {
    /// The child.
    pub child: Patron,
    /// Its card.
    pub card: Card,
    /// The application by which the guardian got it.
    pub reference: Reference,
    /// True if its initial password can be collected and nobody has seen it.
    pub password_waits: bool,
    /// Whether the guardian's page of a card can be about this one, so that it can be stopped there.
    pub page: ChildPage,
}

/// Whether a guardian's page of a card is about one child's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildPage {
    /// It is.
    Open,
    /// Once the session is about the application by which the guardian got it.
    ByApplication,
    /// Never: the application got cards for others before this one.
    None,
}

impl Portal {
    /// The cards of the children for whom whoever the session stands for has applied. A child that is old enough to sign
    /// by itself is not among them; and none is shown to whoever has only begun something in this browser.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the open application is gone.
    pub async fn family(&self, library: &Library, session: &Session) -> Result<Vec<FamilyCard>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        let mut family = family_of(&mut tx, library, session, &bearer, now).await?;
        let page = bearer::proved(&mut tx, session, now).await?.map(|proved| proved.held.patron.id);
        for one in &mut family {
            one.page = match page {
                Some(id) if id == one.child.id => ChildPage::Open,
                _ => one.page,
            };
        }
        Ok(family)
    }
}

/// Tells whether there are children whose cards are looked after: shown to this session, or to whoever signs in with the
/// card that has signed for them.
pub(super) async fn has_children(
    tx: &mut Tx,
    library: &Library,
    session: &Session,
    bearer: &Bearer,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    if !family_of(tx, library, session, bearer, now).await?.is_empty() {
        return Ok(true);
    }
    // What was signed for a child is announced to an address of its own: who reads another one has not shown the card.
    let Some(by) = bearer.proof.and_then(|proof| proof.by) else { return Ok(false) };
    let Some(signer) = app_subjects::find(tx, library.id, by).await? else { return Ok(false) };
    let applications = app_subjects::list_applications(tx, library.id, &signer).await?;
    Ok(!children_of(tx, library, &applications, now).await?.is_empty())
}

/// The children of all applications that are theirs. Whose eldest child is old enough stands for nobody any more, and is
/// the guardian of the others all the same.
async fn family_of(
    tx: &mut Tx,
    library: &Library,
    session: &Session,
    bearer: &Bearer,
    now: OffsetDateTime,
) -> Result<Vec<FamilyCard>, Error> {
    if bearer.proof.is_none() && !matches!(session.subject, SessionSubject::Reader(_)) {
        return Ok(Vec::new());
    }
    children_of(tx, library, &bearer.applications, now).await
}

async fn children_of(
    tx: &mut Tx,
    library: &Library,
    applications: &[Application],
    now: OffsetDateTime,
) -> Result<Vec<FamilyCard>, Error> {
    let today = japanese_date(now);
    let mut family = Vec::new();
    for application in applications.iter().filter(|one| matches!(one.state, ApplicationState::Issued { .. })) {
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
            let card = cards::find_by_patron(tx, library.id, child.id).await?.filter(|card| !card.is_pending());
            let Some(card) = card else { continue };
            let password_waits = waits_for(tx, application, &child, now).await?;
            let reference = application.reference.clone();
            let is_first = application.patron_id == Some(child.id);
            let page = if is_first { ChildPage::ByApplication } else { ChildPage::None };
            family.push(FamilyCard { child, card, reference, password_waits, page });
        }
    }
    Ok(family)
}
