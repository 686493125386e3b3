//! Notices about a card for which nobody applied: it was stopped, can be used again, or its last day is near.

use crate::domain::card_number::CardNumber;
use crate::domain::iso_date;
use crate::domain::library_text::LibraryText;
use crate::domain::person::PersonName;
use serde::{Deserialize, Serialize};
use time::Date;

/// The facts of such a notice. No barcode: the card cannot be used, or its holder has it already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardNotice {
    /// The notice's own number (文書番号).
    pub document_number: String,
    /// The day on which it was placed, in Japan.
    #[serde(with = "iso_date")]
    pub placed_on: Date,
    /// The library's name.
    pub library_name: LibraryText,
    /// Who speaks.
    pub issuer: LibraryText,
    /// Telephone and opening hours for questions.
    pub contact: LibraryText,
    /// The holder.
    pub name: PersonName,
    /// The card's number.
    pub card_number: CardNumber,
    /// How it is printed for people.
    pub card_number_grouped: String,
    /// The last day on which the card may be used.
    #[serde(with = "iso_date")]
    pub expires_on: Date,
    /// What is told of the card.
    pub news: CardNews,
    /// What the library itself says in notices of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_words: Option<LibraryText>,
}

/// What is told of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum CardNews {
    /// It was stopped.
    Stopped {
        /// By whom.
        by: Stopper,
    },
    /// The stop was lifted.
    Released,
    /// Its last day is near.
    Expiring {
        /// How its validity is extended.
        renewal: RenewalWay,
    },
}

/// Who stopped a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopper {
    /// Its holder, who reported it as lost.
    Holder,
    /// The library.
    Library,
}

/// How the validity of a card is extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalWay {
    /// In the portal, from this day on.
    Online(#[serde(with = "iso_date")] Date),
    /// At the counter.
    Counter,
}

impl CardNews {
    /// The name in storage, of all notices that tell it. What its holder did they know, and nobody is reminded of it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Stopped { by: Stopper::Holder } => "lost",
            Self::Stopped { by: Stopper::Library } => "stopped",
            Self::Released => "released",
            Self::Expiring { .. } => "expiring",
        }
    }
}
