//! What holders do with their card at once, without anybody's decision: stop it, lift the stop, end the link.

use super::apply::event;
use super::bearer::{self, Proved};
use super::issue::Held;
use super::procedures::{self, MyCard};
use super::session::Session;
use super::{Error, Once, Portal};
use crate::document;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::{Card, StopReason};
use crate::domain::event::EventKind;
use crate::domain::ids::MailId;
use crate::domain::library::Library;
use crate::domain::notice::{MailContent, QueuedMail};
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::Patron;
use crate::domain::patron_deed::PatronDeed;
use crate::store::{Tx, cards, certificate_links, certificate_numbers, events, outbox, patron_deeds, patron_reminders};
use time::OffsetDateTime;

/// A card and its holder.
#[derive(Debug, Clone)]
pub struct OwnCard {
    /// Who.
    pub patron: Patron,
    /// The card, and what can be done about it.
    pub my: MyCard,
}

impl Portal {
    /// The card of whoever the session stands for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one.
    pub async fn own_card(&self, library: &Library, session: &Session) -> Result<OwnCard, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Proved { held, .. } = bearer::proved(&mut tx, session, now).await?.ok_or(Error::NotFound)?;
        let patron = held.patron.clone();
        Ok(OwnCard { patron, my: procedures::card_of(&mut tx, library, held, now).await? })
    }

    /// The card of whoever the session stands for as a picture to keep; none of a card that cannot be used.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one, [`Error::Document`] if NW-7 cannot say its number.
    pub async fn card_picture(&self, library: &Library, session: &Session) -> Result<Option<Vec<u8>>, Error> {
        let card = self.own_card(library, session).await?.my.card;
        if !card.is_usable_on(self.clock.today()) {
            return Ok(None);
        }
        let series = &library.rules.number_series;
        let (barcode, number) = (series.barcode_text(&card.number), series.grouped(&card.number));
        let picture = self.typeset(move |_| document::card_picture(&barcode, &number, card.expires_on)).await?;
        Ok(Some(picture))
    }

    /// Stops a lost card, at any hour; the search for it begins now. A card that is stopped already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one.
    pub async fn stop_card(&self, session: &Session, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let Proved { root, held: Held { patron, card }, .. } = own_card(&mut tx, session, now).await?;
        if !card.is_active() {
            return Ok(tx.commit().await?);
        }
        let card = cards::save(&mut tx, card.stop(StopReason::Lost, now)?).await?;
        record(&mut tx, root.as_ref(), &patron, PatronDeed::CardStopped, now).await?;
        announce_stop(&mut tx, root.as_ref(), &patron, &card, now).await?;
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
        let Proved { root, held: Held { patron, card }, .. } = own_card(&mut tx, session, now).await?;
        if !library.rules.reissue.found_again.is_lifted_by_patron() {
            return Err(Error::Obstacle(Obstacle::CounterOnly));
        }
        cards::save(&mut tx, card.lift_stop(StopReason::Lost)?).await?;
        record(&mut tx, root.as_ref(), &patron, PatronDeed::CardFound, now).await?;
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
        let Proved { root, held: Held { patron, card }, .. } = own_card(&mut tx, session, now).await?;
        let links = certificate_links::delete_by_patron(&mut tx, library.id, card.patron_id).await?;
        let has_number = certificate_numbers::delete(&mut tx, library.id, card.patron_id).await?;
        patron_reminders::delete_of_certificates(&mut tx, library.id, card.patron_id).await?;
        if links > 0 || has_number {
            record(&mut tx, root.as_ref(), &patron, PatronDeed::CardUnlinked, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The card of whoever the session stands for, and the application whose record tells of it, if there is one.
async fn own_card(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<Proved, Error> {
    bearer::proved(tx, session, now).await?.ok_or(Error::NotFound)
}

/// Writes down what a patron did: in the record of the application that tells of them, else in their own.
async fn record(
    tx: &mut Tx,
    root: Option<&Application>,
    patron: &Patron,
    deed: PatronDeed,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let kind = match deed {
        PatronDeed::CardStopped => Some(EventKind::CardStopped),
        PatronDeed::CardFound => Some(EventKind::CardFound),
        PatronDeed::CardUnlinked => Some(EventKind::CardUnlinked),
        PatronDeed::Asked | PatronDeed::TakenBack => None,
    };
    match root.zip(kind) {
        Some((application, kind)) => {
            events::insert(tx, &event(application, kind, "", now)).await?;
        }
        None => patron_deeds::insert(tx, patron, deed, now).await?,
    }
    Ok(())
}

/// Tells the holder by mail, in case it was somebody else.
pub(super) async fn announce_stop(
    tx: &mut Tx,
    application: Option<&Application>,
    patron: &Patron,
    card: &Card,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Some(recipient) = patron.facts.email.clone() else { return Ok(()) };
    let mail = QueuedMail {
        id: MailId::new(now),
        library_id: patron.library_id,
        // What was erased seals nothing any more.
        application_id: application
            .filter(|application| !matches!(application.state, ApplicationState::Purged { .. }))
            .map(|application| application.id),
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
