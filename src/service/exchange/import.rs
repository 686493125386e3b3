//! Taking over patrons who were there before the portal.
//!
//! A file is rehearsed first: every line is told, and nothing is written. Taking it over goes in batches, each one
//! transaction; a run that was cut short is simply repeated, for lines that were taken are found equal.

use super::{check_scope, fields_of, profile_of};
use crate::clock::{japanese_date, start_of_day};
use crate::domain::card::Card;
use crate::domain::card_number::CardNumber;
use crate::domain::deed::Deed;
use crate::domain::exchange::{Direction, FileFault, ImportRow, Line, LineFault, Profile, read};
use crate::domain::ids::{CardId, ImportId, PatronId};
use crate::domain::language::Language;
use crate::domain::library::{Library, LibraryRules, ProfileName};
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::staff::StaffMember;
use crate::service::{Error, Portal};
use crate::sha256::sha256;
use crate::store::imports::{Import, ImportCounts};
use crate::store::{StoreError, Tx, cards, imports, libraries, patrons, staff_deeds};
use time::{Date, OffsetDateTime};

/// How many lines one transaction takes.
const BATCH: usize = 300;
/// Unless so many numbers are left behind it, an imported number does not move the series: one that stands at its
/// very end is passed over when its turn comes.
const ROOM_BEHIND: u64 = 1000;

/// What to do with a file some of whose lines cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLines {
    /// Take nothing.
    Refuse,
    /// Take the others.
    Skip,
}

/// What came, or would come, of a file.
#[derive(Debug)]
pub struct ImportReport {
    /// Line by line.
    pub lines: Vec<ReportLine>,
    /// How many came to what.
    pub counts: ImportCounts,
    /// True if it was taken over, as far as it can be.
    pub is_done: bool,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// Its place in the file, from 1.
    pub line: u64,
    /// The card's number, if it can be read.
    pub number: Option<CardNumber>,
    /// What came of it.
    pub result: LineResult,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineResult {
    /// A new patron.
    Taken,
    /// A patron of whom the line says what is known.
    Equal,
    /// A patron of whom the line says something else.
    Changed,
    /// It cannot be taken.
    Refused(Vec<Refusal>),
}

/// Why a line cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error(transparent)]
    Line(#[from] LineFault),
    /// The number is another person's.
    #[error("the card number is another person's")]
    NumberUsed,
}

/// Why nothing of a file was read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not one of the profile's.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Something else.
    #[error(transparent)]
    Service(#[from] Error),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl Portal {
    /// Tells what would come of a file. Changes nothing. Without `by`, it is the command line that asks.
    ///
    /// # Errors
    /// [`ImportError`] if nothing of it can be read.
    pub async fn rehearse_import(
        &self,
        library: &Library,
        by: Option<&StaffMember>,
        profile: &ProfileName,
        file: Vec<u8>,
    ) -> Result<ImportReport, ImportError> {
        by.map_or(Ok(()), |by| check_scope(library, by))?;
        let lines = read_lines(library, profile, japanese_date(self.clock.now()), file).await?;
        self.judge_all(library, &lines).await
    }

    /// Takes a file over, in batches. A line that cannot be taken keeps everything out, or itself alone, as
    /// `bad_lines` says. The same file a second time changes nothing.
    ///
    /// # Errors
    /// [`ImportError`] if nothing of it can be read.
    pub async fn import_patrons(
        &self,
        library: &Library,
        by: Option<&StaffMember>,
        profile: &ProfileName,
        file: Vec<u8>,
        bad_lines: BadLines,
    ) -> Result<ImportReport, ImportError> {
        by.map_or(Ok(()), |by| check_scope(library, by))?;
        let now = self.clock.now();
        let sha256 = sha256(&file);
        let lines = read_lines(library, profile, japanese_date(now), file).await?;
        let rehearsed = self.judge_all(library, &lines).await?;
        if rehearsed.counts.refused > 0 && bad_lines == BadLines::Refuse {
            return Ok(rehearsed);
        }
        let mut report = ImportReport { lines: Vec::new(), counts: ImportCounts::default(), is_done: true };
        for batch in lines.chunks(BATCH) {
            let mut tx = self.db.begin().await?;
            // Approvals number cards under the same lock.
            libraries::lock(&mut tx, library.id).await?;
            for line in batch {
                let result = take(&mut tx, library, line, now).await?;
                report.add(line, result);
            }
            tx.commit().await?;
        }
        let profile = profile_of(&library.rules, profile, Direction::Import)?;
        let import = Import {
            id: ImportId::new(now),
            library_id: library.id,
            profile: profile.name.clone(),
            rules_version: library.rules_version,
            made_by: by.map(|by| by.id),
            made_at: now,
            sha256,
            fields: fields_of(profile),
            counts: report.counts,
        };
        let mut tx = self.db.begin().await?;
        imports::insert(&mut tx, &import).await?;
        if let Some(by) = by {
            let taken = report.lines.len().to_string();
            staff_deeds::record(&mut tx, by, Deed::Imported, &taken, now).await?;
        }
        tx.commit().await?;
        tracing::info!(import = %import.id, counts = ?import.counts, "patrons were taken over");
        Ok(report)
    }

    async fn judge_all(&self, library: &Library, lines: &[Line]) -> Result<ImportReport, ImportError> {
        let mut report = ImportReport { lines: Vec::new(), counts: ImportCounts::default(), is_done: false };
        for batch in lines.chunks(BATCH) {
            let mut tx = self.db.read().await?;
            for line in batch {
                let result = match &line.outcome {
                    Ok(row) => judge(&mut tx, library, row).await?.result(),
                    Err(faults) => refused(faults),
                };
                report.add(line, result);
            }
        }
        Ok(report)
    }
}

impl ImportReport {
    fn add(&mut self, line: &Line, result: LineResult) {
        let count = match result {
            LineResult::Taken => &mut self.counts.taken,
            LineResult::Equal => &mut self.counts.equal,
            LineResult::Changed => &mut self.counts.changed,
            LineResult::Refused(_) => &mut self.counts.refused,
        };
        *count += 1;
        let number = line.outcome.as_ref().ok().map(|row| row.number.clone());
        self.lines.push(ReportLine { line: line.number, number, result });
    }
}

fn refused(faults: &[LineFault]) -> LineResult {
    LineResult::Refused(faults.iter().cloned().map(Refusal::Line).collect())
}

/// What a row is about.
enum Judged {
    New,
    Equal,
    /// The patron and the card as they will be.
    Changed(Box<(Patron, Card)>),
    NumberUsed,
}

impl Judged {
    fn result(&self) -> LineResult {
        match self {
            Self::New => LineResult::Taken,
            Self::Equal => LineResult::Equal,
            Self::Changed(_) => LineResult::Changed,
            Self::NumberUsed => LineResult::Refused(vec![Refusal::NumberUsed]),
        }
    }
}

async fn judge(tx: &mut Tx, library: &Library, row: &ImportRow) -> Result<Judged, Error> {
    let Some(card) = cards::find_by_number(tx, library.id, &row.number).await? else { return Ok(Judged::New) };
    let patron = match patrons::find(tx, library.id, card.patron_id).await {
        Ok(Some(patron)) => patron,
        // A number of somebody who was erased is never given to anybody else.
        Ok(None) | Err(StoreError::Unsealable { .. }) => return Ok(Judged::NumberUsed),
        Err(error) => return Err(error.into()),
    };
    if !is_same_person(&patron.facts, row) {
        return Ok(Judged::NumberUsed);
    }
    // What somebody has signed is not overwritten by what the library system makes of it.
    if patron.application_id.is_some() {
        return Ok(Judged::Equal);
    }
    let facts = merged(&patron.facts, row);
    if facts == patron.facts && card.expires_on == row.expires_on {
        return Ok(Judged::Equal);
    }
    let card = Card { expires_on: row.expires_on, ..card };
    Ok(Judged::Changed(Box::new((Patron { facts, ..patron }, card))))
}

/// A number stays with its person: the date of birth or the name must be the same.
fn is_same_person(facts: &PatronFacts, row: &ImportRow) -> bool {
    let letters = |name: &str| name.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    facts.birth == row.birth || letters(facts.name.as_str()) == letters(row.name.as_str())
}

/// What is known with what the row says. An empty cell erases nothing.
fn merged(facts: &PatronFacts, row: &ImportRow) -> PatronFacts {
    PatronFacts {
        name: row.name.clone(),
        kana: row.kana.clone(),
        birth: row.birth,
        address: row.address.clone().or_else(|| facts.address.clone()),
        phone: row.phone.clone().or_else(|| facts.phone.clone()),
        email: row.email.clone().or_else(|| facts.email.clone()),
        category: row.category.clone().or_else(|| facts.category.clone()),
        branch: row.branch.clone().or_else(|| facts.branch.clone()),
    }
}

/// Takes one line over.
async fn take(tx: &mut Tx, library: &Library, line: &Line, now: OffsetDateTime) -> Result<LineResult, Error> {
    let row = match &line.outcome {
        Ok(row) => row,
        Err(faults) => return Ok(refused(faults)),
    };
    let judged = judge(tx, library, row).await?;
    match &judged {
        Judged::New => insert(tx, library, row, now).await?,
        Judged::Changed(change) => {
            let (patron, card) = &**change;
            patrons::save(tx, patron).await?;
            cards::save(tx, card.clone()).await?;
        }
        Judged::Equal | Judged::NumberUsed => {}
    }
    Ok(judged.result())
}

async fn insert(tx: &mut Tx, library: &Library, row: &ImportRow, now: OffsetDateTime) -> Result<(), Error> {
    let patron = Patron {
        id: PatronId::new(now),
        library_id: library.id,
        application_id: None,
        child_number: 0,
        facts: PatronFacts {
            name: row.name.clone(),
            kana: row.kana.clone(),
            birth: row.birth,
            address: row.address.clone(),
            phone: row.phone.clone(),
            email: row.email.clone(),
            category: row.category.clone(),
            branch: row.branch.clone(),
        },
        language: Language::Ja,
        registered_at: now,
        row_version: 0,
    };
    patrons::insert(tx, &patron).await?;
    let card = Card::issue(
        CardId::new(now),
        library.id,
        patron.id,
        row.number.clone(),
        row.expires_on,
        row.issued_on.map_or(now, start_of_day),
    );
    cards::insert(tx, &card).await?;
    let series = &library.rules.number_series;
    if let Some(sequence) = series.sequence_of(&card.number)
        && series.number(sequence.saturating_add(ROOM_BEHIND)).is_ok()
    {
        cards::pass_sequence(tx, library.id, sequence).await?;
    }
    Ok(())
}

/// Reads the file beside the server's work, for it may have many lines.
async fn read_lines(
    library: &Library,
    profile: &ProfileName,
    today: Date,
    file: Vec<u8>,
) -> Result<Vec<Line>, ImportError> {
    let profile: Profile = profile_of(&library.rules, profile, Direction::Import)?.clone();
    let rules: LibraryRules = library.rules.clone();
    let lines = tokio::task::spawn_blocking(move || read(&profile, &rules.known_codes(), today, &file));
    Ok(lines.await.map_err(|_| Error::Internal("a file could not be read to its end"))??)
}
