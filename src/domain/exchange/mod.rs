//! Exchange with the library system by files: what a library writes and reads, column by column.
//!
//! The library system is not changed for the portal; it imports and exports files of separated values
//! (CSV, RFC 4180). Each library says in its rules, in [`Profile`]s, how its files look. A profile goes
//! one way: [`write()`] makes a file of cards, [`read()`] takes a file of patrons apart, line by line.
//!
//! # What files cannot carry
//! CP932 (the `Shift_JIS` of Windows) lacks many kanji that people carry in their names. A character that it
//! lacks is replaced, and each replacement is reported, see `substitute`.
//!
//! # Formula signs
//! A spreadsheet computes cells that begin with `=`, `+`, `-` or `@`. Profiles for spreadsheets
//! (`spreadsheet = true`) put `'` in front of such cells, and of cells that begin with `'` themselves;
//! reading with such a profile takes exactly one `'` away again, so that every value comes back as it was.

mod column;
mod confirmed;
mod date_form;
mod line_count;
mod profile;
mod read;
mod soundness;
mod substitute;
mod width_form;
mod write;

pub use column::{Column, Field};
pub use confirmed::{ConfirmedLine, read_confirmed};
pub use date_form::DateForm;
pub use profile::{
    Direction, Encoding, ExchangeRules, LineEnding, NumberCheck, OutsideConfirmation, Profile, Quoting, Separator,
};
pub use read::{FileFault, ImportRow, Line, LineFault, MOST_LINES, read};
pub use soundness::ProfileFault;
pub use width_form::WidthForm;
pub use write::{CardState, ExportFile, ExportRow, Note, NoteKind, Unwritable, write};

pub(in crate::domain) use soundness::{FaultPlace, first_fault};

use crate::domain::card_number::NumberSeries;
use crate::domain::code::{BranchCode, CategoryCode};

/// What a library's rules know that stands in files as codes and numbers.
#[derive(Debug, Clone)]
pub struct KnownCodes<'a> {
    /// How card numbers are made.
    pub series: &'a NumberSeries,
    /// The codes of the categories.
    pub categories: Vec<&'a CategoryCode>,
    /// The codes of the branches.
    pub branches: Vec<&'a BranchCode>,
}

/// What stands in front of a cell that a spreadsheet would compute.
const GUARD: char = '\'';

/// True for a cell that a spreadsheet would compute, or that looks as if it had been guarded.
fn needs_guard(cell: &str) -> bool {
    cell.starts_with(is_formula_sign) || cell.starts_with(GUARD)
}

/// The signs with which a computed cell begins, those that a Japanese spreadsheet takes for them included.
const fn is_formula_sign(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}
