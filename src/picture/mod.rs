//! What applicants send as proof becomes a picture: bytes in, a fresh JPEG or a reason out. Pure.
//!
//! Nothing of a sent file is kept as it came. A photograph is decoded and written anew, a PDF is drawn page by page;
//! place, camera, names, scripts and whatever else was hidden inside are gone with the file. What a file is called
//! or says of itself counts for nothing: only its first bytes do.
//!
//! Decoders of foreign formats are the likeliest place for a hostile file to do harm. [`read`] bounds what it can
//! see beforehand (octets, pixels, pages); time and memory are bounded by whoever calls it, in a process of its own
//! (`gateway::picture_reader`), whose answer travels as [`frame`] says.

pub mod frame;
mod hint;
mod jpeg;
mod kind;
mod pages;
mod photograph;
mod whole;

pub use hint::Hint;

use kind::FileKind;

/// The long side of a kept picture in pixels: a card fills it with 500 dots an inch.
pub const LONGEST_SIDE: u32 = 2400;
/// The most pages of a PDF.
pub const MOST_PAGES: usize = 4;
/// The most pixels of a photograph that is looked at.
const MOST_PIXELS: u64 = 64_000_000;

/// A picture as it is kept: a JPEG without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// What may be wrong with it; a person decides.
    pub hints: Vec<Hint>,
}

/// Why a file does not become a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unreadable {
    /// No bytes.
    #[error("nothing was sent")]
    Empty,
    /// A picture in HEIC. The decoders of it in safe Rust are young, and HEVC is under patents, which a library would have
    /// to clear: telephones make a JPEG when asked for one, and the page says how.
    #[error("a HEIC picture")]
    Heic,
    /// SVG, HTML or another text with markup, which could hold scripts.
    #[error("markup")]
    Markup,
    /// Neither JPEG nor PNG nor PDF.
    #[error("another kind of file")]
    OtherKind,
    /// A file that is two things at once, to different readers.
    #[error("two kinds of file in one")]
    TwoKinds,
    /// More pixels than are looked at.
    #[error("too many pixels")]
    TooManyPixels,
    /// More than [`MOST_PAGES`].
    #[error("too many pages")]
    TooManyPages,
    /// A PDF that opens with a password only.
    #[error("locked with a password")]
    Locked,
    /// A PDF whose pages are made by a form program (XFA) and do not stand in it.
    #[error("a form without pages")]
    FormProgram,
    /// It begins as it should and cannot be read.
    #[error("damaged")]
    Damaged,
    /// Its end is missing: it did not arrive whole.
    #[error("cut short")]
    CutShort,
    /// It took more time or memory than any honest file.
    #[error("too much work")]
    TooMuchWork,
}

impl Unreadable {
    /// All reasons.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::Heic,
        Self::Markup,
        Self::OtherKind,
        Self::TwoKinds,
        Self::TooManyPixels,
        Self::TooManyPages,
        Self::Locked,
        Self::FormProgram,
        Self::Damaged,
        Self::TooMuchWork,
        Self::CutShort,
    ];
}

/// Makes a picture of a sent file.
///
/// # Errors
/// See [`Unreadable`].
pub fn read(file: &[u8]) -> Result<Picture, Unreadable> {
    let picture = match kind::of(file)? {
        FileKind::Photograph(format) => photograph::decode(file, format)?,
        FileKind::Pdf => pages::draw(file)?,
    };
    Ok(Picture { jpeg: jpeg::encode(&picture)?, hints: hint::all_of(&picture) })
}

#[cfg(test)]
mod tests;
