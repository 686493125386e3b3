//! Writing a file of cards.

use super::substitute::substitute;
use super::{Column, Encoding, Field, GUARD, LineEnding, Profile, Quoting, is_formula_sign, needs_guard};
use crate::domain::card_number::CardNumber;
use crate::domain::code::{BranchCode, CategoryCode};
use crate::domain::person::{BirthDate, EmailAddress, Kana, PersonName, Phone, PostalAddress};
use crate::domain::reference::Reference;
use encoding_rs::SHIFT_JIS;
use std::ops::Range;
use time::Date;

/// The byte order mark by which spreadsheets recognise UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the portal says of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// Its number.
    pub number: CardNumber,
    /// Whether it can be used.
    pub state: CardState,
    /// Its last day.
    pub expires_on: Date,
    /// When it was issued.
    pub issued_on: Date,
    /// Whether a My Number card is linked.
    pub is_linked: bool,
    /// The application that led to it.
    pub reference: Option<Reference>,
    /// The holder's name.
    pub name: PersonName,
    /// Its reading.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// Address.
    pub address: Option<PostalAddress>,
    /// Telephone.
    pub phone: Option<Phone>,
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Category.
    pub category: Option<CategoryCode>,
    /// Branch.
    pub branch: Option<BranchCode>,
}

/// Whether a card can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// It can.
    Valid,
    /// Its last day has passed.
    Expired,
}

impl CardState {
    /// The code in rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
        }
    }
}

/// A file, and what had to be changed to write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// Where in it each row stands, the line ending included.
    pub rows: Vec<Range<usize>>,
    /// What the reader should know, in the order of the rows.
    pub notes: Vec<Note>,
}

/// Something that is not in the file as it is in the portal, or that deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The row, from 0.
    pub row: usize,
    /// The title of the column.
    pub column: String,
    /// What.
    pub kind: NoteKind,
}

/// What happened to a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteKind {
    /// The encoding lacks a character.
    Replaced {
        /// The character.
        from: char,
        /// What stands in its place; empty if it was left out.
        to: String,
    },
    /// The text was longer than the other system takes.
    Cut {
        /// How many characters it had.
        length: usize,
    },
    /// The cell begins with a formula sign, and the profile is not for spreadsheets.
    FormulaSign,
}

/// The file cannot be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file cannot be put together")]
pub struct Unwritable;

/// Writes a file as `profile` describes it. The same rows make the same bytes.
///
/// # Errors
/// [`Unwritable`] never, as far as is known: the writer of CSV could refuse.
pub fn write(profile: &Profile, rows: &[ExportRow]) -> Result<ExportFile, Unwritable> {
    let mut start = Vec::new();
    if profile.encoding == Encoding::Utf8Bom {
        start.extend_from_slice(BYTE_ORDER_MARK);
    }
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .delimiter(profile.separator.byte())
        .terminator(match profile.line_ending {
            LineEnding::Crlf => csv::Terminator::CRLF,
            LineEnding::Lf => csv::Terminator::Any(b'\n'),
        })
        .quote_style(match profile.quoting {
            Quoting::Necessary => csv::QuoteStyle::Necessary,
            Quoting::Always => csv::QuoteStyle::Always,
        })
        .from_writer(start);
    if profile.header {
        let titles = profile.columns.iter().map(|column| encode(profile.encoding, &guarded(profile, &column.title)));
        writer.write_record(titles).map_err(|_| Unwritable)?;
    }
    let mut notes = Vec::new();
    let mut places = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        writer.flush().map_err(|_| Unwritable)?;
        let begin = writer.get_ref().len();
        let cells = profile.columns.iter().map(|column| {
            let note = |kind| Note { row: at, column: column.title.clone(), kind };
            let (cell, kinds) = cell_of(profile, column, row);
            notes.extend(kinds.into_iter().map(note));
            encode(profile.encoding, &cell)
        });
        writer.write_record(cells).map_err(|_| Unwritable)?;
        writer.flush().map_err(|_| Unwritable)?;
        places.push(begin..writer.get_ref().len());
    }
    let bytes = writer.into_inner().map_err(|_| Unwritable)?;
    Ok(ExportFile { bytes, rows: places, notes })
}

/// The cell as it stands in the file, and what was done to it.
fn cell_of(profile: &Profile, column: &Column, row: &ExportRow) -> (String, Vec<NoteKind>) {
    let mut kinds = Vec::new();
    let text = text_of(column, row);
    // What the other system says for codes stands in the rules as it is wanted.
    let is_said_by_rules = column.field.is_coded() || column.field == Field::Fixed;
    let mut cell = if is_said_by_rules { text } else { column.width.write(&text) };
    if profile.encoding == Encoding::ShiftJis {
        let (carried, replaced) = substitute(&cell);
        kinds.extend(replaced.into_iter().map(|(from, to)| NoteKind::Replaced { from, to }));
        cell = carried;
    }
    let length = cell.chars().count();
    if let Some(longest) = column.max_length.filter(|longest| length > *longest) {
        kinds.push(NoteKind::Cut { length });
        cell = cut(&cell, longest);
    }
    // A telephone number from abroad begins with a plus sign as well: worth a look, no fault.
    if !profile.spreadsheet && cell.starts_with(is_formula_sign) {
        kinds.push(NoteKind::FormulaSign);
    }
    (guarded(profile, &cell), kinds)
}

/// The first characters, without a variation selector or half-width voicing mark torn from its letter.
fn cut(text: &str, longest: usize) -> String {
    let mut kept: Vec<char> = text.chars().take(longest).collect();
    if text.chars().nth(longest).is_some_and(|next| matches!(next, 'ﾞ' | 'ﾟ')) {
        kept.pop();
    }
    kept.into_iter().collect()
}

fn guarded(profile: &Profile, cell: &str) -> String {
    if profile.spreadsheet && needs_guard(cell) { format!("{GUARD}{cell}") } else { cell.to_owned() }
}

fn encode(encoding: Encoding, text: &str) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => text.as_bytes().to_vec(),
        Encoding::ShiftJis => SHIFT_JIS.encode(text).0.into_owned(),
    }
}

/// What stands in the column before it is brought into its form.
fn text_of(column: &Column, row: &ExportRow) -> String {
    let day = |day| column.date.unwrap_or_default().write(day);
    let coded = |code: &str| column.value_of(code).to_owned();
    let address = row.address.as_ref();
    match column.field {
        Field::CardNumber => row.number.as_str().to_owned(),
        Field::Name => row.name.as_str().to_owned(),
        Field::Kana => row.kana.as_str().to_owned(),
        Field::Birth => day(row.birth.date()),
        Field::Postcode => address.map(|address| address.postcode().to_string()).unwrap_or_default(),
        Field::Prefecture => address.map(|address| address.prefecture().name().to_owned()).unwrap_or_default(),
        Field::Municipality => address.map(|address| address.municipality().to_owned()).unwrap_or_default(),
        Field::Line1 => address.map(|address| address.line1().to_owned()).unwrap_or_default(),
        Field::Line2 => address.and_then(PostalAddress::line2).unwrap_or_default().to_owned(),
        Field::Address => address.map(PostalAddress::one_line).unwrap_or_default(),
        Field::Phone => row.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
        Field::Email => row.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        Field::Category => row.category.as_ref().map(|code| coded(code.as_str())).unwrap_or_default(),
        Field::Branch => row.branch.as_ref().map(|code| coded(code.as_str())).unwrap_or_default(),
        Field::ExpiresOn => day(row.expires_on),
        Field::IssuedOn => day(row.issued_on),
        Field::State => coded(row.state.as_str()),
        Field::Linked => coded(if row.is_linked { "yes" } else { "no" }),
        Field::Reference => row.reference.as_ref().map(ToString::to_string).unwrap_or_default(),
        Field::Fixed => column.value.clone().unwrap_or_default(),
        Field::Unused => String::new(),
    }
}
