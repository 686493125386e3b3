//! The cards of children for whom a guardian applied: seen by the guardian until the child is old enough to sign.

use super::bearer::{self, Bearer};
use super::deliver::waits_for;
use super::session::{self, Session, SessionProof, SessionSubject, SessionToken, proof_end};
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::Card;
use crate::domain::library::Library;
use crate::domain::patron::Patron;
use crate::domain::reference::Reference;
use crate::store::{StoreError, Tx, app_subjects, cards, patrons, sessions};
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
    /// True if the guardian's page of a card is about this one now: what is done there is done about it.
    pub is_open: bool,
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
        let open = bearer::proved(&mut tx, session, now).await?.map(|proved| proved.held.patron.id);
        for one in &mut family {
            one.is_open = open == Some(one.child.id);
        }
        Ok(family)
    }

    /// Goes over to the card of one of the children, by the application and the child's number in it: what is done from
    /// now on is done about that card.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless it is among those that [`family`](Self::family) shows, [`Error::SignedOut`] if the
    /// session was ended meanwhile.
    pub async fn open_child_card(
        &self,
        library: &Library,
        token: &SessionToken,
        (reference, number): (&Reference, u32),
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let open = sessions::find(&mut tx, library.id, &token.hash(), now).await?.ok_or(Error::SignedOut)?;
        let bearer = Bearer::find(&mut tx, &open, now).await?;
        let family = family_of(&mut tx, library, &open, &bearer, now).await?;
        let is_meant = |one: &&FamilyCard| one.reference == *reference && one.child.child_number == number;
        let chosen = family.iter().find(is_meant).ok_or(Error::NotFound)?;
        let by = chosen.child.application_id.ok_or(Error::NotFound)?;
        // Whoever reads the application whose eldest child is grown has shown what they are as they signed in.
        let at = bearer.proof.map_or(open.started_at, |proof| proof.at);
        let proof = SessionProof { by: Some(by), at, until: proof_end(at, now), patron: Some(chosen.child.id) };
        // The same person at the same browser: the cookie may stay, and so may the end of the session.
        if !sessions::delete(&mut tx, &token.hash()).await? {
            return Err(Error::SignedOut);
        }
        let reader = session::of_reader(token, library.id, by, now);
        let next = Session { started_at: open.started_at, proof: Some(proof), device: open.device, ..reader };
        sessions::insert(&mut tx, &next).await?;
        Ok(tx.commit().await?)
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
            if !library.rules.guardian_signs_for(child.facts.birth, today) {
                continue;
            }
            let card = cards::find_by_patron(tx, library.id, child.id).await?.filter(|card| !card.is_pending());
            let Some(card) = card else { continue };
            let password_waits = waits_for(tx, application, &child, now).await?;
            let reference = application.reference.clone();
            family.push(FamilyCard { child, card, reference, password_waits, is_open: false });
        }
    }
    Ok(family)
}
