//! Guardians who look after the cards of the children for whom they applied: what is theirs of what was asked for a
//! child, and whether a signature is theirs.

use super::issue::Held;
use super::{Error, begun};
use crate::clock::japanese_date;
use crate::document::read_statement;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::guardianship::SigningGuardian;
use crate::domain::ids::PatronId;
use crate::domain::library::Library;
use crate::domain::likeness::is_holder;
use crate::domain::patron::Patron;
use crate::jpki::Holder;
use crate::store::{StoreError, Tx, applications, drafts, holder_drafts, libraries, patrons, versions};
use time::OffsetDateTime;

/// How many applications about a child are listed, the newest first.
const APPLICATIONS: u32 = 50;

/// True for a child's record that a guardian's application has made.
pub(super) fn is_made_by_guardian(application: &Application, patron: &Patron) -> bool {
    patron.child_number > 0 && patron.application_id == Some(application.id)
}

/// True if a guardian speaks in it for this patron: by it the child got its card, or the guardian asks for something
/// about that.
pub(super) async fn is_by_guardian(tx: &mut Tx, application: &Application, patron: &Patron) -> Result<bool, Error> {
    if patron.child_number == 0 {
        return Ok(false);
    }
    Ok(is_made_by_guardian(application, patron) || is_about_child(tx, application).await?)
}

/// True if a guardian asks in it for something about the card of a child. What was erased does not say.
async fn is_about_child(tx: &mut Tx, application: &Application) -> Result<bool, Error> {
    if !application.procedure.needs_card() || matches!(application.state, ApplicationState::Purged { .. }) {
        return Ok(false);
    }
    Ok(drafts::find(tx, application.id).await?.by_guardian.is_some())
}

/// True while a guardian signs for somebody of this age.
pub(super) async fn is_looked_after(tx: &mut Tx, child: &Patron, now: OffsetDateTime) -> Result<bool, Error> {
    let library = libraries::find(tx, child.library_id).await?.ok_or(Error::NotFound)?;
    Ok(library.rules.guardian_signs_for(child.facts.birth, japanese_date(now)))
}

/// What a guardian has sent and begun for the children of the application by which this one got its card.
pub(super) async fn applications_for(tx: &mut Tx, child: &Patron) -> Result<Vec<Application>, Error> {
    let Some(id) = child.application_id else { return Ok(Vec::new()) };
    let mut found: Vec<Application> = applications::find(tx, child.library_id, id).await?.into_iter().collect();
    let children = match patrons::list_children(tx, child.library_id, id).await {
        // One of them was erased, and nothing is known of the others any more.
        Err(StoreError::Unsealable { .. }) => vec![child.clone()],
        children => children?,
    };
    for one in children {
        let asked = applications::list_by_patron(tx, one.library_id, one.id, APPLICATIONS).await?;
        let drafts = open_drafts(tx, &one, &asked).await?;
        for application in asked.into_iter().chain(drafts) {
            if application.id != id && is_about_child(tx, &application).await? {
                found.push(application);
            }
        }
    }
    Ok(found)
}

/// What was begun about a patron's card and has a point, whoever has begun it.
pub(super) async fn open_drafts(
    tx: &mut Tx,
    patron: &Patron,
    asked: &[Application],
) -> Result<Vec<Application>, Error> {
    let mut open = Vec::new();
    for draft in holder_drafts::list(tx, patron.library_id, patron.id, APPLICATIONS).await? {
        // A draft that was given up without ever being sent is nothing to come back to.
        let is_over = draft.patron_id.is_none() && is_given_up(&draft.state);
        if !is_over && !begun::is_pointless(tx, &draft, patron.id, asked).await? {
            open.push(draft);
        }
    }
    Ok(open)
}

const fn is_given_up(state: &ApplicationState) -> bool {
    matches!(state, ApplicationState::Withdrawn { .. } | ApplicationState::Lapsed { .. })
}

/// True if an application of the guardian's is about this child's card, or began it.
pub(super) async fn is_about(tx: &mut Tx, application: &Application, child: &Patron) -> Result<bool, Error> {
    Ok(child.application_id == Some(application.id)
        || application.patron_id == Some(child.id)
        || holder_drafts::find_holder(tx, application.id).await? == Some(child.id))
}

/// The guardian who applied for a child's card, as it was sent; nobody once that was erased.
pub(super) async fn guardian_of(tx: &mut Tx, child: &Patron) -> Result<Option<SigningGuardian>, Error> {
    let Some(id) = child.application_id.filter(|_| child.child_number > 0) else { return Ok(None) };
    let Some(first) = applications::find(tx, child.library_id, id).await? else { return Ok(None) };
    if matches!(first.state, ApplicationState::Purged { .. }) {
        return Ok(None);
    }
    let frozen = match versions::find(tx, id, first.signed_number()).await {
        Err(StoreError::Unsealable { .. }) => None,
        frozen => frozen?,
    };
    let Some(frozen) = frozen else { return Ok(None) };
    Ok(read_statement(&frozen.document)?.answers.applying_guardian())
}

/// Why a guardian's signature is none about the card of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotForChild {
    /// The signer is not the guardian who applied for that card, or it is another child's.
    OtherGuardian,
    /// The child is old enough to sign by itself.
    Grown,
}

/// Tells whether the holder of a certificate signs for a child: it is the guardian who got the child its card, the
/// child is still too young, and the draft was begun about that child.
pub(super) async fn must_sign_for(
    tx: &mut Tx,
    library: &Library,
    (draft, child): (&Application, Option<&Held>),
    signer: &Holder,
    now: OffsetDateTime,
) -> Result<Result<(), NotForChild>, Error> {
    let Some(Held { patron, .. }) = child else { return Ok(Err(NotForChild::OtherGuardian)) };
    let meant = begun_for(tx, draft).await?;
    let guardian = guardian_of(tx, patron).await?;
    let is_guardian = guardian.is_some_and(|guardian| is_holder(&guardian.name, guardian.birth, signer));
    Ok(if meant != Some(patron.id) || !is_guardian {
        Err(NotForChild::OtherGuardian)
    } else if library.rules.guardian_signs_for(patron.facts.birth, japanese_date(now)) {
        Ok(())
    } else {
        Err(NotForChild::Grown)
    })
}

async fn begun_for(tx: &mut Tx, draft: &Application) -> Result<Option<PatronId>, Error> {
    Ok(match draft.patron_id {
        Some(id) => Some(id),
        None => holder_drafts::find_holder(tx, draft.id).await?,
    })
}
