//! What is put on paper: the application that is signed, the notices, the barcode.
//!
//! Every document is a tagged PDF that conforms to PDF/A and PDF/UA-1, with its fonts inside.
//! Setting the same content again gives the same bytes, so that a document can be made anew
//! and compared by its digest. Pure and synchronous; a page takes a few milliseconds, so call
//! it where blocking is allowed.
//!
//! The application that is signed is in Japanese. Every other paper is in its reader's language: its texts are
//! [`Words`](crate::words::Words), of which those that no page says stand in `templates/words/<language>/document/`.
//!
//! To add a document: a template in `templates/document/`, its name in `typesetter.rs`, and a
//! file here that turns the domain's values and the texts into what the template prints.

mod application;
mod attachment;
pub mod barcode;
mod calendar;
mod card_news;
mod dates;
mod edition;
mod fonts;
mod notice;
mod own_card;
mod own_record;
pub mod qr;
mod typesetter;
mod visit_slip;
pub mod wording;

pub use attachment::{MAX_PDF_BYTES, STATEMENT_FILE, read_statement};
pub use calendar::CalendarDay;
pub use card_news::ToldOfCard;
pub use edition::{Edition, WayToVerify};
pub use own_card::CardFace;
pub use own_record::{RecordGroup, RecordPaper, RecordSection};
pub use typesetter::Typesetter;

use crate::domain::statement::InvalidStatement;

/// A document cannot be made, or not be read back.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A font file holds no font.
    #[error("the file holds no font")]
    NotAFont,
    /// A date that no document can carry, such as one before year 0.
    #[error("the date cannot stand on a document")]
    OutOfTime,
    /// The barcode data are not NW-7.
    #[error(transparent)]
    Barcode(#[from] barcode::NotNw7),
    /// A page that could not be drawn as a picture.
    #[error("the page cannot be drawn as a picture")]
    Picture,
    /// An address too long for a QR code.
    #[error("the address does not fit into a QR code")]
    QrCode,
    /// A notice for children names none.
    #[error("the notice names no card")]
    NoCard,
    /// The typesetter refused; the text says why and quotes no content.
    #[error("the document could not be set: {0}")]
    NotSet(String),
    /// More bytes than a document of ours ever has.
    #[error("the document is too large")]
    TooLarge,
    /// Not a PDF file, or a damaged one.
    #[error("the PDF file cannot be read")]
    NotAPdf(#[from] lopdf::Error),
    /// The file is encrypted, or was changed by appending to it.
    #[error("the PDF file is not as it was made")]
    Altered,
    /// No statement is attached.
    #[error("no statement is attached")]
    NoStatement,
    /// More than the one attachment: two readers could take two statements from it.
    #[error("more than one file is attached")]
    AmbiguousStatement,
    /// What is attached is not a statement.
    #[error(transparent)]
    Statement(#[from] InvalidStatement),
}

#[cfg(test)]
mod card_notices;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod tests;
