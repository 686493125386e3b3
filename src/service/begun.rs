//! What the holder of a card has begun and not sent: gone on with, instead of begun a second time; and not offered any
//! more once it has no point.

use super::Error;
use super::bearer::Proved;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::CardState;
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::person::EmailAddress;
use crate::domain::procedure::Procedure;
use crate::store::{Tx, applications, cards, drafts, holder_drafts};

/// How many of a patron's applications are looked through, the newest first.
const LOOKED_THROUGH: u32 = 50;

/// True while the answers can still be changed by whoever has begun it.
pub(super) const fn is_writable(state: &ApplicationState) -> bool {
    matches!(state, ApplicationState::Draft { .. } | ApplicationState::AwaitingSignature { answers: None, .. })
}

/// What the holder of this card has begun of this procedure, or their guardian, the newest, if they can go on with it.
pub(super) async fn find(tx: &mut Tx, proved: &Proved, procedure: Procedure) -> Result<Option<Application>, Error> {
    let card = &proved.held.card;
    let (library_id, patron_id) = (card.library_id, card.patron_id);
    let asked = applications::list_by_patron(tx, library_id, patron_id, LOOKED_THROUGH).await?;
    for draft in holder_drafts::list(tx, library_id, patron_id, LOOKED_THROUGH).await? {
        if draft.procedure != procedure || !is_writable(&draft.state) {
            continue;
        }
        let answers = drafts::find(tx, draft.id).await?;
        // What a guardian has begun for a child is the guardian's, also once the child is old enough.
        let is_theirs = answers.by_guardian.is_some() == proved.is_guardian();
        let is_about_it = is_theirs && answers.request.card_number() == Some(&card.number);
        if is_about_it && !is_pointless(tx, &draft, patron_id, &asked).await? {
            return Ok(Some(draft));
        }
    }
    Ok(None)
}

/// True of a draft that is about a card in whose place there is another by now, and of one whose procedure its holder
/// has asked for since; `asked` is what they have asked for.
pub(super) async fn is_pointless(
    tx: &mut Tx,
    draft: &Application,
    patron_id: PatronId,
    asked: &[Application],
) -> Result<bool, Error> {
    if !draft.procedure.needs_card() || !is_writable(&draft.state) {
        return Ok(false);
    }
    if asked.iter().any(|other| is_asked_since(draft, other)) {
        return Ok(true);
    }
    let answers = drafts::find(tx, draft.id).await?;
    let Some(number) = answers.request.card_number() else { return Ok(false) };
    let card = cards::find_by_number(tx, draft.library_id, number).await?;
    Ok(card.is_some_and(|card| card.patron_id == patron_id && matches!(card.state, CardState::Replaced { .. })))
}

/// True if the other one was sent after the draft was begun. What was declined may be asked for again.
fn is_asked_since(draft: &Application, other: &Application) -> bool {
    let is_later = other.state.submitted_at().is_some_and(|at| at > draft.started_at);
    let is_declined = matches!(other.state, ApplicationState::Declined { .. });
    other.id != draft.id && other.procedure == draft.procedure && is_later && !is_declined
}

/// The drafts of a confirmed address that have a point.
pub(super) async fn list_by_email(
    tx: &mut Tx,
    library_id: LibraryId,
    email: &EmailAddress,
) -> Result<Vec<Application>, Error> {
    let mut found = Vec::new();
    for draft in applications::list_drafts_by_email(tx, library_id, email).await? {
        let is_over = match holder_drafts::find_holder(tx, draft.id).await? {
            Some(patron_id) => {
                let asked = applications::list_by_patron(tx, library_id, patron_id, LOOKED_THROUGH).await?;
                is_pointless(tx, &draft, patron_id, &asked).await?
            }
            None => false,
        };
        if !is_over {
            found.push(draft);
        }
    }
    Ok(found)
}
