//! What follows when the library system has taken cards in.
//!
//! Where the rules say `confirmation = "import"`, an approved application waits for this before its card is issued.
//! The functions here say *which* applications a confirmation is about; [`Portal::confirm_export`] puts the
//! confirmation on record. Issuing them is the business of the decision: whoever calls these functions confirms each
//! application that they list.

use super::check_scope;
use crate::domain::exchange::read_confirmed;
use crate::domain::ids::ExportId;
use crate::domain::library::Library;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::service::{Error, Once, Portal};
use crate::store::Tx;
use crate::store::exports::{self, CardOfPatron};

/// The word for the state in which an application waits for the library system.
const AWAITING: &str = "approved";

/// What a line of a list of taken-in cards is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationLine {
    /// Its place in the file, from 1.
    pub line: u64,
    /// What it is about.
    pub about: Confirmed,
}

/// What a card number in such a list is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// An application that waits for exactly this.
    Awaiting(Reference),
    /// A card that waits for nothing.
    Settled,
    /// The library has no such card.
    Unknown,
    /// Not a card number.
    Unreadable,
}

impl Portal {
    /// What a list of card numbers, as the library system gives it, would confirm. Changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever may not exchange files.
    pub async fn list_outside_confirmations(
        &self,
        library: &Library,
        by: &StaffMember,
        file: &[u8],
    ) -> Result<Vec<ConfirmationLine>, Error> {
        check_scope(library, by)?;
        let mut tx = self.db.read().await?;
        let mut lines = Vec::new();
        for line in read_confirmed(file) {
            let about = match line.number {
                None => Confirmed::Unreadable,
                Some(number) => match exports::find_card(&mut tx, library.id, &number).await? {
                    None => Confirmed::Unknown,
                    Some(card) => awaiting(card).map_or(Confirmed::Settled, Confirmed::Awaiting),
                },
            };
            lines.push(ConfirmationLine { line: line.line, about });
        }
        Ok(lines)
    }

    /// Puts on record that the library system took a whole file in. Gives the applications that waited for it.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library; [`Error::Stale`] if a colleague has said so before.
    pub async fn confirm_export(
        &self,
        library: &Library,
        by: &StaffMember,
        id: ExportId,
        once: &Once,
    ) -> Result<Vec<Reference>, Error> {
        check_scope(library, by)?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        exports::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        if !exports::confirm(&mut tx, id, by.id, now).await? {
            return Err(Error::Stale);
        }
        let awaiting = awaiting_in(&mut tx, id).await?;
        tx.commit().await?;
        Ok(awaiting)
    }
}

/// The applications behind the cards of a file that wait for the library system.
pub(super) async fn awaiting_in(tx: &mut Tx, id: ExportId) -> Result<Vec<Reference>, Error> {
    Ok(exports::list_exported_cards(tx, id).await?.into_iter().filter_map(awaiting).collect())
}

fn awaiting(card: CardOfPatron) -> Option<Reference> {
    card.application.filter(|(_, state)| state == AWAITING).map(|(reference, _)| reference)
}
