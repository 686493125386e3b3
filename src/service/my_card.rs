//! What holders do with their card at once, without anybody's decision: stop it, lift the stop, end the link.

use super::apply::event;
use super::issue::Held;
use super::session::Session;
use super::{Error, Once, Portal, bearer};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::{Card, StopReason};
use crate::domain::event::EventKind;
use crate::domain::ids::MailId;
use crate::domain::library::Library;
use crate::domain::notice::{MailContent, QueuedMail};
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::Patron;
use crate::store::{Tx, cards, certificate_links, certificate_numbers, events, outbox, patron_reminders};
use time::OffsetDateTime;

impl Portal {
    /// Stops a lost card, at any hour; the search for it begins now. A card that is stopped already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one.
    pub async fn stop_card(&self, session: &Session, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let (application, Held { patron, card }) = own_card(&mut tx, session, now).await?;
        if !card.is_active() {
            return Ok(tx.commit().await?);
        }
        let card = cards::save(&mut tx, card.stop(StopReason::Lost, now)?).await?;
        events::insert(&mut tx, &event(&application, EventKind::CardStopped, "", now)).await?;
        announce_stop(&mut tx, &application, &patron, &card, now).await?;
        Ok(tx.commit().await?)
    }

    /// Lifts the stop of a card that turned up again, where the library lets its holder do that.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one, [`Error::Obstacle`] if the library lifts the stop itself,
    /// and unless the card is stopped as lost.
    pub async fn find_card_again(&self, library: &Library, session: &Session, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let (application, Held { card, .. }) = own_card(&mut tx, session, now).await?;
        if !library.rules.reissue.found_again.is_lifted_by_patron() {
            return Err(Error::Obstacle(Obstacle::CounterOnly));
        }
        cards::save(&mut tx, card.lift_stop(StopReason::Lost)?).await?;
        events::insert(&mut tx, &event(&application, EventKind::CardFound, "", now)).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the link of the My Number card: everything that was kept of it is erased, and no reason is asked.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one.
    pub async fn unlink_card(&self, library: &Library, session: &Session, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let (application, Held { card, .. }) = own_card(&mut tx, session, now).await?;
        let links = certificate_links::delete_by_patron(&mut tx, library.id, card.patron_id).await?;
        let has_number = certificate_numbers::delete(&mut tx, library.id, card.patron_id).await?;
        patron_reminders::delete_of_certificates(&mut tx, library.id, card.patron_id).await?;
        if links > 0 || has_number {
            events::insert(&mut tx, &event(&application, EventKind::CardUnlinked, "", now)).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The card of whoever the session stands for, and the application whose record tells of it.
async fn own_card(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<(Application, Held), Error> {
    let (root, _, held) = bearer::proved(tx, session, now).await?.ok_or(Error::NotFound)?;
    Ok((root, held))
}

/// Tells the holder by mail, in case it was somebody else.
pub(super) async fn announce_stop(
    tx: &mut Tx,
    application: &Application,
    patron: &Patron,
    card: &Card,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Some(recipient) = patron.facts.email.clone() else { return Ok(()) };
    let mail = QueuedMail {
        id: MailId::new(now),
        library_id: application.library_id,
        // What was erased seals nothing any more.
        application_id: (!matches!(application.state, ApplicationState::Purged { .. })).then_some(application.id),
        recipient,
        content: MailContent::CardStopped,
        queued_at: now,
        attempts: 0,
    };
    // A card can be stopped, found and stopped again.
    let once = format!("{}/{}/{}", card.id, mail.content.kind(), card.row_version);
    outbox::insert(tx, &mail, Some(&once)).await?;
    Ok(())
}
