//! Issued cards: a number that is never used twice, and the day it ends.

use super::card_number::CardNumber;
use super::ids::{CardId, LibraryId, PatronId};
use time::{Date, OffsetDateTime};

/// A card, plastic or not: a number that the library system knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Internal identity.
    pub id: CardId,
    /// The library that issued it.
    pub library_id: LibraryId,
    /// The holder.
    pub patron_id: PatronId,
    /// The number, check digit included.
    pub number: CardNumber,
    /// The last day on which it may be used.
    pub expires_on: Date,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
}
