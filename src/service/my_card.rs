//! What holders do with their card at once, without anybody's decision: stop it, lift the stop, end the link.

use super::apply::event;
use super::bearer::{self, Proved};
use super::card_news::announce;
use super::devices::tell;
use super::issue::Held;
use super::procedures::{self, MyCard};
use super::session::Session;
use super::{Error, Once, Portal};
use crate::document::{CardFace, DocumentError, Typesetter};
use crate::domain::application::Application;
use crate::domain::card::StopReason;
use crate::domain::event::EventKind;
use crate::domain::library::Library;
use crate::domain::notice::MailContent;
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::Patron;
use crate::domain::patron_deed::PatronDeed;
use crate::domain::person::PersonName;
use crate::store::{Tx, cards, certificate_links, certificate_numbers, events, patron_deeds, patron_reminders};
use crate::words::Words;
use time::{Date, OffsetDateTime};

/// A card and its holder.
#[derive(Debug, Clone)]
pub struct OwnCard {
    /// Who.
    pub patron: Patron,
    /// The card, and what can be done about it.
    pub my: MyCard,
    /// True if it is a child's, and a guardian looks after it: what belongs to the child's person is not on the page.
    pub is_looked_after: bool,
}

impl Portal {
    /// The card of whoever the session stands for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one.
    pub async fn own_card(&self, library: &Library, session: &Session) -> Result<OwnCard, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let proved = bearer::proved(&mut tx, session, now).await?.ok_or(Error::NotFound)?;
        OwnCard::of(&mut tx, library, proved, now).await
    }

    /// The card of whoever the session stands for as a picture to keep; none of a card that cannot be used.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one, [`Error::Document`] if NW-7 cannot say its number.
    pub async fn card_picture(
        &self,
        library: &Library,
        session: &Session,
        words: Words,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.set_card(library, session, move |typesetter, face, name, today| {
            typesetter.card_picture(face, name.as_str(), words, today)
        })
        .await
    }

    /// The same as a document of a card's size, in the language of `words`.
    ///
    /// # Errors
    /// As [`card_picture`](Self::card_picture).
    pub async fn card_paper(
        &self,
        library: &Library,
        session: &Session,
        words: Words,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.set_card(library, session, move |typesetter, face, name, today| {
            typesetter.own_card(face, name.as_str(), words, today)
        })
        .await
    }

    /// Sets a card that can be used.
    async fn set_card(
        &self,
        library: &Library,
        session: &Session,
        set: impl FnOnce(&Typesetter, &CardFace, &PersonName, Date) -> Result<Vec<u8>, DocumentError> + Send + 'static,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some((face, name)) = self.usable_card(library, session).await? else { return Ok(None) };
        let today = self.clock.today();
        Ok(Some(self.typeset(move |typesetter| set(typesetter, &face, &name, today)).await?))
    }

    /// What stands on the card, and whose it is.
    async fn usable_card(&self, library: &Library, session: &Session) -> Result<Option<(CardFace, PersonName)>, Error> {
        let OwnCard { patron, my, .. } = self.own_card(library, session).await?;
        if !my.card.is_usable_on(self.clock.today()) {
            return Ok(None);
        }
        let series = &library.rules.number_series;
        let face = CardFace {
            library: library.rules.name.clone(),
            barcode: series.barcode_text(&my.card.number),
            number: series.grouped(&my.card.number),
            expires_on: my.card.expires_on,
        };
        Ok(Some((face, patron.facts.name)))
    }

    /// Stops a lost card, at any hour; the search for it begins now. A card that is stopped already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold one.
    pub async fn stop_card(&self, library: &Library, session: &Session, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let Proved { root, held: Held { patron, card }, .. } = own_card(&mut tx, session, now).await?;
        if !card.is_active() {
            return Ok(tx.commit().await?);
        }
        let stopped = card.stop(StopReason::Lost, now)?;
        record(&mut tx, root.as_ref(), &patron, (PatronDeed::CardStopped, EventKind::CardStopped), now).await?;
        let card = cards::save(&mut tx, stopped).await?;
        announce(&mut tx, library, root.as_ref(), (&patron, &card), now).await?;
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
        let found = card.lift_stop(StopReason::Lost)?;
        record(&mut tx, root.as_ref(), &patron, (PatronDeed::CardFound, EventKind::CardFound), now).await?;
        let card = cards::save(&mut tx, found).await?;
        announce(&mut tx, library, root.as_ref(), (&patron, &card), now).await?;
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
            record(&mut tx, root.as_ref(), &patron, (PatronDeed::CardUnlinked, EventKind::CardUnlinked), now).await?;
            tell(&mut tx, library.id, &patron, MailContent::CardUnlinked, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

impl OwnCard {
    pub(super) async fn of(tx: &mut Tx, library: &Library, proved: Proved, now: OffsetDateTime) -> Result<Self, Error> {
        let (patron, is_looked_after) = (proved.held.patron.clone(), proved.is_guardian());
        Ok(Self { patron, my: procedures::card_of(tx, library, proved, now).await?, is_looked_after })
    }
}

/// The card of whoever the session stands for, and the application whose record tells of it, if there is one.
async fn own_card(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<Proved, Error> {
    let mut proved = bearer::proved(tx, session, now).await?.ok_or(Error::NotFound)?;
    // The application of several children tells of the first one's card.
    proved.root = proved.root.filter(|root| root.patron_id == Some(proved.held.patron.id));
    Ok(proved)
}

/// Writes down what a patron did: in the record of the application that tells of them, else in their own.
async fn record(
    tx: &mut Tx,
    root: Option<&Application>,
    patron: &Patron,
    (deed, kind): (PatronDeed, EventKind),
    now: OffsetDateTime,
) -> Result<(), Error> {
    match root {
        Some(application) => {
            events::insert(tx, &event(application, kind, "", now)).await?;
        }
        None => patron_deeds::insert(tx, patron, deed, now).await?,
    }
    Ok(())
}
