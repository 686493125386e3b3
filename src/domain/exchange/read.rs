//! Reading a file of patrons, line by line.
//!
//! One bad line never stops the others: each line is either taken apart whole, or told with everything
//! that is wrong with it.

use super::KnownCodes;
use super::line_count::LineCount;
use super::{Column, Encoding, Field, GUARD, NumberCheck, Profile, needs_guard};
use crate::domain::card_number::{CardNumber, InvalidCardNumber};
use crate::domain::code::{BranchCode, CategoryCode};
use crate::domain::my_number;
use crate::domain::person::{
    AddressPart, BirthDate, EmailAddress, InvalidAddress, InvalidBirth, InvalidEmail, InvalidKana, InvalidName,
    InvalidPhone, Kana, PersonName, Phone, PostalAddress, TypedAddress,
};
use encoding_rs::{DecoderResult, SHIFT_JIS};
use std::collections::BTreeMap;
use time::Date;

/// The most lines of one file.
pub const MOST_LINES: usize = 200_000;
/// The longest line, in bytes. A quote that is never closed makes one line of the rest of the file.
const LONGEST_LINE: usize = 4096;

/// A longer number may hold these digits by chance.
const MY_NUMBER_DIGITS: usize = 12;

/// One line of a file, its title line not counted among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place in the file, from 1, title line included.
    pub number: u64,
    /// What it says, or everything that is wrong with it.
    pub outcome: Result<ImportRow, Vec<LineFault>>,
}

/// What a line says of one patron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The card's number.
    pub number: CardNumber,
    /// The card's last day.
    pub expires_on: Date,
    /// When it was issued, if the file tells.
    pub issued_on: Option<Date>,
    /// Name.
    pub name: PersonName,
    /// Its reading.
    pub kana: Kana,
    /// Date of birth.
    pub birth: BirthDate,
    /// Address, if the file tells all of it.
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

/// What is wrong with the file as a whole: nothing of it can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Nothing in it, or nothing but titles.
    #[error("the file has no lines")]
    Empty,
    /// More lines than are read at a time.
    #[error("the file has more than 200000 lines")]
    TooManyLines,
    /// A title is another than the profile says.
    #[error("column {column} is titled {found:?} and not {expected:?}")]
    Title {
        /// The column, from 1.
        column: usize,
        /// What the profile says.
        expected: String,
        /// What the file says.
        found: String,
    },
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// The bytes are not text in the profile's encoding.
    #[error("the byte at {at} is not in this encoding")]
    Encoding {
        /// The first such byte, counted from 1 at the beginning of the file.
        at: u64,
    },
    /// Longer than any line of such a file.
    #[error("the line is too long")]
    TooLong,
    /// More or fewer cells than the profile has columns.
    #[error("{found} cells instead of {expected}")]
    Cells {
        /// How many the profile has.
        expected: usize,
        /// How many the line has.
        found: usize,
    },
    /// Not a card number at all.
    #[error("card number: {0}")]
    Number(InvalidCardNumber),
    /// Not of the library's series, or with another check sign.
    #[error("the card number is not of this library's series")]
    ForeignNumber,
    /// Twelve digits with the check digit of a My Number.
    #[error("the card number may be a My Number")]
    MyNumber,
    /// The number stands in an earlier line.
    #[error("the card number stands in line {first} already")]
    RepeatedNumber {
        /// The earlier line.
        first: u64,
    },
    /// The name.
    #[error("name: {0}")]
    Name(InvalidName),
    /// The reading.
    #[error("kana: {0}")]
    Kana(InvalidKana),
    /// The date of birth.
    #[error("birth: {0}")]
    Birth(InvalidBirth),
    /// The last day is no day, or not in the profile's form.
    #[error("the expiry date cannot be read")]
    Expiry,
    /// The day of issue is no day, or not in the profile's form.
    #[error("the day of issue cannot be read")]
    IssuedOn,
    /// The library has no such category.
    #[error("there is no such category")]
    Category,
    /// The library has no such branch.
    #[error("there is no such branch")]
    Branch,
    /// A part of the address.
    #[error("address: its {0:?} cannot be read")]
    Address(AddressPart),
    /// The telephone number.
    #[error("not a telephone number")]
    Phone,
    /// The e-mail address.
    #[error("email: {0}")]
    Email(InvalidEmail),
    /// A cell is longer than the profile says.
    #[error("the cell {0:?} is too long")]
    CellTooLong(String),
}

/// Reads a file as `profile` describes it, on the day `today`. Line endings and quotes may be any.
///
/// # Errors
/// [`FileFault`] if nothing of it can be read.
pub fn read(profile: &Profile, known: &KnownCodes<'_>, today: Date, bytes: &[u8]) -> Result<Vec<Line>, FileFault> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(profile.separator.byte())
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut count = LineCount::new(bytes);
    let mut lines = Vec::new();
    let mut first_line_of = BTreeMap::new();
    let mut awaits_titles = profile.header;
    loop {
        let start = reader.position().byte();
        // Reading from memory cannot fail, and lines of any length are records.
        if !reader.read_byte_record(&mut record).unwrap_or(false) {
            break;
        }
        if std::mem::take(&mut awaits_titles) {
            check_titles(profile, &record)?;
            continue;
        }
        if lines.len() == MOST_LINES {
            return Err(FileFault::TooManyLines);
        }
        let number = count.line_at(start);
        let mut outcome = span_of(bytes, start, reader.position().byte())
            .and_then(|span| cells_of(profile, &record, start, span))
            .map_err(|fault| vec![fault])
            .and_then(|cells| row_of(profile, known, today, &cells));
        if let Ok(row) = &outcome
            && let Some(first) = first_line_of.insert(row.number.clone(), number)
        {
            first_line_of.insert(row.number.clone(), first);
            outcome = Err(vec![LineFault::RepeatedNumber { first }]);
        }
        lines.push(Line { number, outcome });
    }
    if lines.is_empty() { Err(FileFault::Empty) } else { Ok(lines) }
}

/// The line's own bytes.
fn span_of(bytes: &[u8], start: u64, end: u64) -> Result<&[u8], LineFault> {
    let range = usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
    bytes.get(range).filter(|span| span.len() <= LONGEST_LINE).ok_or(LineFault::TooLong)
}

fn check_titles(profile: &Profile, record: &csv::ByteRecord) -> Result<(), FileFault> {
    for (at, column) in profile.columns.iter().enumerate() {
        let cell = record.get(at).unwrap_or_default();
        let found = decode(profile.encoding, cell).unwrap_or_else(|_| String::from_utf8_lossy(cell).into_owned());
        let found = unguarded(profile, &found).trim();
        if found != column.title {
            let found = found.chars().take(50).collect();
            return Err(FileFault::Title { column: at + 1, expected: column.title.clone(), found });
        }
    }
    match record.get(profile.columns.len()) {
        None => Ok(()),
        Some(_) => Err(FileFault::Title {
            column: profile.columns.len() + 1,
            expected: String::new(),
            found: String::from_utf8_lossy(&record[profile.columns.len()]).chars().take(50).collect(),
        }),
    }
}

/// The cells as text, one for each column.
fn cells_of(profile: &Profile, record: &csv::ByteRecord, start: u64, span: &[u8]) -> Result<Vec<String>, LineFault> {
    if record.len() != profile.columns.len() {
        return Err(LineFault::Cells { expected: profile.columns.len(), found: record.len() });
    }
    let cells: Result<Vec<String>, usize> = record.iter().map(|cell| decode(profile.encoding, cell)).collect();
    // A cell knows where it breaks, but not where it stands: the line does.
    let at_in_line = || decode(profile.encoding, span).err().and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
    let cells = cells.map_err(|_| LineFault::Encoding { at: start + at_in_line() + 1 })?;
    Ok(cells.iter().map(|cell| unguarded(profile, cell).to_owned()).collect())
}

/// A cell without the sign that guards it from spreadsheets.
fn unguarded<'a>(profile: &Profile, cell: &'a str) -> &'a str {
    match cell.strip_prefix(GUARD) {
        Some(inner) if profile.spreadsheet && needs_guard(inner) => inner,
        _ => cell,
    }
}

/// The text, or the place of the first byte that is none.
fn decode(encoding: Encoding, bytes: &[u8]) -> Result<String, usize> {
    if encoding != Encoding::ShiftJis {
        return std::str::from_utf8(bytes).map(ToOwned::to_owned).map_err(|error| error.valid_up_to());
    }
    let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        (DecoderResult::Malformed(length, beyond), read) => {
            Err(read.saturating_sub(usize::from(length) + usize::from(beyond)))
        }
        (DecoderResult::OutputFull, read) => Err(read),
    }
}

/// The cells of one line, by their fields.
struct Cells<'a> {
    profile: &'a Profile,
    cells: &'a [String],
}

impl<'a> Cells<'a> {
    /// The cell and its column; nothing if the file has no such column or the cell is empty.
    fn filled(&self, field: Field) -> Option<(&'a Column, &'a str)> {
        let at = self.profile.columns.iter().position(|column| column.field == field)?;
        let cell = self.cells.get(at)?.trim();
        (!cell.is_empty()).then(|| (&self.profile.columns[at], cell))
    }

    fn text(&self, field: Field) -> &'a str {
        self.filled(field).map_or("", |(_, cell)| cell)
    }

    /// The day; nothing if the cell is empty or not there, `fault` if it holds something else than a day.
    fn day(&self, field: Field, fault: LineFault) -> Result<Option<Date>, LineFault> {
        let Some((column, cell)) = self.filled(field) else { return Ok(None) };
        column.date.unwrap_or_default().read(cell).map(Some).ok_or(fault)
    }
}

fn row_of(
    profile: &Profile,
    known: &KnownCodes<'_>,
    today: Date,
    cells: &[String],
) -> Result<ImportRow, Vec<LineFault>> {
    let cells = Cells { profile, cells };
    let mut faults = too_long(&cells);
    let number = note(&mut faults, number_of(profile, known, cells.text(Field::CardNumber)));
    let name = note(&mut faults, cells.text(Field::Name).parse().map_err(LineFault::Name));
    let kana = note(&mut faults, cells.text(Field::Kana).parse().map_err(LineFault::Kana));
    let birth = note(&mut faults, birth_of(&cells, today));
    let expires_on = cells.day(Field::ExpiresOn, LineFault::Expiry);
    let expires_on = note(&mut faults, expires_on.and_then(|day| day.ok_or(LineFault::Expiry)));
    let issued_on = note(&mut faults, cells.day(Field::IssuedOn, LineFault::IssuedOn));
    let phone =
        optional(&mut faults, &cells, Field::Phone, |cell| cell.parse().map_err(|InvalidPhone| LineFault::Phone));
    let email = optional(&mut faults, &cells, Field::Email, |cell| cell.parse().map_err(LineFault::Email));
    let category = note(&mut faults, category_of(&cells, known));
    let branch = note(&mut faults, branch_of(&cells, known));
    let address = match address_of(&cells) {
        Ok(address) => address,
        Err(parts) => {
            faults.extend(parts.iter().map(|part| LineFault::Address(part.part())));
            None
        }
    };
    match (number, name, kana, birth, expires_on, issued_on, category, branch) {
        (
            Some(number),
            Some(name),
            Some(kana),
            Some(birth),
            Some(expires_on),
            Some(issued_on),
            Some(category),
            Some(branch),
        ) if faults.is_empty() => {
            Ok(ImportRow { number, expires_on, issued_on, name, kana, birth, address, phone, email, category, branch })
        }
        _ => Err(faults),
    }
}

fn note<T>(faults: &mut Vec<LineFault>, parsed: Result<T, LineFault>) -> Option<T> {
    parsed.map_err(|fault| faults.push(fault)).ok()
}

fn optional<T>(
    faults: &mut Vec<LineFault>,
    cells: &Cells<'_>,
    field: Field,
    parse: impl FnOnce(&str) -> Result<T, LineFault>,
) -> Option<T> {
    let (_, cell) = cells.filled(field)?;
    note(faults, parse(cell))
}

fn too_long(cells: &Cells<'_>) -> Vec<LineFault> {
    let columns = cells.profile.columns.iter().zip(cells.cells);
    columns
        .filter(|(column, cell)| column.max_length.is_some_and(|longest| cell.chars().count() > longest))
        .map(|(column, _)| LineFault::CellTooLong(column.title.clone()))
        .collect()
}

fn number_of(profile: &Profile, known: &KnownCodes<'_>, cell: &str) -> Result<CardNumber, LineFault> {
    let number: CardNumber = cell.parse().map_err(LineFault::Number)?;
    // The number of a person in the state's own register is never a card number.
    if number.as_str().len() == MY_NUMBER_DIGITS && my_number::is_in(number.as_str()) {
        return Err(LineFault::MyNumber);
    }
    if profile.numbers == NumberCheck::Series && !known.series.is_valid(&number) {
        return Err(LineFault::ForeignNumber);
    }
    Ok(number)
}

fn birth_of(cells: &Cells<'_>, today: Date) -> Result<BirthDate, LineFault> {
    let day = cells.day(Field::Birth, LineFault::Birth(InvalidBirth::UnclearYear))?;
    let day = day.ok_or(LineFault::Birth(InvalidBirth::Empty))?;
    let (year, month, of_month) = (day.year().to_string(), u8::from(day.month()).to_string(), day.day().to_string());
    BirthDate::parse(&year, &month, &of_month, today).map_err(LineFault::Birth)
}

fn category_of(cells: &Cells<'_>, known: &KnownCodes<'_>) -> Result<Option<CategoryCode>, LineFault> {
    let Some((column, cell)) = cells.filled(Field::Category) else { return Ok(None) };
    let code = column.code_of(cell).and_then(|code| code.parse().ok());
    code.filter(|code| known.categories.contains(&code)).map(Some).ok_or(LineFault::Category)
}

fn branch_of(cells: &Cells<'_>, known: &KnownCodes<'_>) -> Result<Option<BranchCode>, LineFault> {
    let Some((column, cell)) = cells.filled(Field::Branch) else { return Ok(None) };
    let code = column.code_of(cell).and_then(|code| code.parse().ok());
    code.filter(|code| known.branches.contains(&code)).map(Some).ok_or(LineFault::Branch)
}

/// No address if the file has none; an address in part is a fault.
fn address_of(cells: &Cells<'_>) -> Result<Option<PostalAddress>, Vec<InvalidAddress>> {
    let typed = TypedAddress {
        postcode: cells.text(Field::Postcode),
        prefecture: cells.text(Field::Prefecture),
        municipality: cells.text(Field::Municipality),
        line1: cells.text(Field::Line1),
        line2: cells.text(Field::Line2),
    };
    let parts = [typed.postcode, typed.prefecture, typed.municipality, typed.line1, typed.line2];
    if parts.iter().all(|part| part.is_empty()) {
        return Ok(None);
    }
    PostalAddress::parse(typed).map(Some)
}

#[cfg(test)]
mod tests;
