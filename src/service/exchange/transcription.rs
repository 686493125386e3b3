//! The facts of cards, for members of staff who type them into the library system.

use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::card_number::CardNumber;
use crate::domain::event::EventKind;
use crate::domain::library::Library;
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::service::record::staff_event;
use crate::service::review::file_for;
use crate::service::{Error, Portal};
use crate::store::{Tx, cards, events, patrons, registrations};
use time::{Date, OffsetDateTime};

/// What is typed into the library system.
#[derive(Debug)]
pub struct Transcription {
    /// The card's number.
    pub number: CardNumber,
    /// Its last day.
    pub expires_on: Date,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// The holder.
    pub facts: PatronFacts,
}

impl Portal {
    /// The facts of the cards that an application led to: one, or one of each child for whom a guardian applied. Opening
    /// them is recorded as any look into the file.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library, and before there is a card.
    pub async fn open_transcriptions(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
    ) -> Result<Vec<Transcription>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        let mut holders = patrons::list_children(&mut tx, library.id, application.id).await?;
        if holders.is_empty() {
            holders.extend(patrons::find_by_application(&mut tx, library.id, application.id).await?);
        }
        let mut found = Vec::with_capacity(holders.len());
        for holder in holders {
            found.push(transcription_of(&mut tx, &application, holder).await?);
        }
        if found.is_empty() {
            return Err(Error::NotFound);
        }
        events::insert(&mut tx, &staff_event(&application, EventKind::Viewed, by, now)).await?;
        tx.commit().await?;
        Ok(found)
    }
}

async fn transcription_of(tx: &mut Tx, application: &Application, holder: Patron) -> Result<Transcription, Error> {
    let library_id = application.library_id;
    let mut card = cards::find_by_patron(tx, library_id, holder.id).await?.ok_or(Error::NotFound)?;
    let mut facts = holder.facts;
    // What waits for the library system is what is to be typed into it.
    for waiting in registrations::list_waiting(tx, application.id).await? {
        let registered = cards::find(tx, library_id, waiting.card_id).await?.ok_or(Error::NotFound)?;
        if registered.patron_id != holder.id {
            continue;
        }
        let expires_on = waiting.expires_on.unwrap_or(registered.expires_on);
        card = Card { expires_on, ..registered };
        facts = waiting.facts.unwrap_or(facts);
    }
    Ok(Transcription { number: card.number, expires_on: card.expires_on, issued_at: card.issued_at, facts })
}
