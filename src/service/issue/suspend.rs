//! Cards whose decision was opened again: stopped if the supervisor says so, given back by another yes, and stopped by
//! another no.

use crate::domain::application::Application;
use crate::domain::card::{Card, CardState, StopReason};
use crate::domain::ids::PatronId;
use crate::domain::procedure::Procedure;
use crate::service::Error;
use crate::store::{Tx, cards, credentials, decisions, patrons};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// Takes back the right to see a password that nobody has seen yet, of everybody whom an application is about.
pub(in crate::service) async fn withdraw_passwords(
    tx: &mut Tx,
    application: &Application,
    now: OffsetDateTime,
) -> Result<(), Error> {
    for holder in holders(tx, application).await? {
        credentials::withdraw(tx, holder, now).await?;
    }
    Ok(())
}

/// The same, and stops their cards.
pub(in crate::service) async fn suspend(
    tx: &mut Tx,
    application: &Application,
    now: OffsetDateTime,
) -> Result<(), Error> {
    withdraw_passwords(tx, application, now).await?;
    for holder in holders(tx, application).await? {
        let card = cards::find_by_patron(tx, application.library_id, holder).await?;
        if let Some(card) = card.filter(Card::is_active) {
            cards::save(tx, card.stop(StopReason::ByLibrary, now)?).await?;
        }
    }
    Ok(())
}

/// Everybody whom an application is about.
pub(in crate::service) async fn holders(tx: &mut Tx, application: &Application) -> Result<BTreeSet<PatronId>, Error> {
    let children = patrons::list_children(tx, application.library_id, application.id).await?;
    Ok(children.iter().map(|child| child.id).chain(application.patron_id).collect())
}

/// Lifts the stop that came with opening the decision again; any other stop stays.
pub(super) async fn resume(tx: &mut Tx, application: &Application, card: Card) -> Result<Card, Error> {
    let CardState::Stopped { reason: StopReason::ByLibrary, stopped_at } = card.state else { return Ok(card) };
    if decisions::find_superseded_at(tx, application.id).await? != Some(stopped_at) {
        return Ok(card);
    }
    Ok(cards::save(tx, card.lift_stop(StopReason::ByLibrary)?).await?)
}

/// Stops the new card of whoever is no longer to have one: its decision was opened again, and the last word is no. What
/// other procedures were about, their holders had before.
pub(in crate::service) async fn end_new_card(
    tx: &mut Tx,
    application: &Application,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if application.procedure == Procedure::NewCard { suspend(tx, application, now).await } else { Ok(()) }
}
