//! A file that was made, later: who made it, what has changed in it since, and taking it along.
//!
//! The contents of files are not kept, because they would outlive the people whom they are about. The same file is
//! made again from the same cards, in the same order, by the profile as it was. If nothing about them has changed, it
//! is the same to the byte; if something has, the lines are named.

use super::export::{digest_of, file_of, row_bytes};
use super::{check_scope, profile_of};
use crate::domain::deed::Deed;
use crate::domain::exchange::{Direction, Note, Profile};
use crate::domain::ids::{ExportId, StaffId};
use crate::domain::library::Library;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::service::{Error, Portal};
use crate::sha256::sha256;
use crate::store::exports::{self, Export};
use crate::store::{Tx, libraries, staff, staff_deeds};
use time::OffsetDateTime;

/// How many of those who took the file along are listed.
const LISTED: u32 = 20;

/// A file that was made.
#[derive(Debug)]
pub struct ExportView {
    /// What is on record.
    pub export: Export,
    /// The profile as it was.
    pub profile: Profile,
    /// What does not stand in the file as it is known, with the card's number.
    pub notes: Vec<(String, Note)>,
    /// The lines that say something else now.
    pub changes: Vec<ChangedLine>,
    /// The applications that wait until the library system has taken the file in.
    pub awaiting: Vec<Reference>,
    /// Who took it along, and when, newest first.
    pub downloads: Vec<(StaffId, OffsetDateTime)>,
    /// The colleagues who are named.
    pub staff: Vec<StaffMember>,
}

/// A line that says something else than when the file was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedLine {
    /// Its place among the cards, from 1.
    pub position: usize,
    /// The card's number.
    pub number: String,
    /// What has become of it.
    pub change: LineChange,
}

/// What has become of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineChange {
    /// It says something else.
    Changed,
    /// Its holder was erased: it does not stand in the file any more.
    Erased,
}

/// A file, to be taken along.
#[derive(Debug)]
pub struct TakenFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// What is on record.
    pub export: Export,
    /// The profile by which it was made.
    pub profile: Profile,
    /// True if it is the file that was made, to the byte.
    pub is_the_same: bool,
}

struct Again {
    export: Export,
    profile: Profile,
    bytes: Vec<u8>,
    notes: Vec<(String, Note)>,
    changes: Vec<ChangedLine>,
}

impl Portal {
    /// Shows a file that was made.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library, and for whoever may not exchange files.
    pub async fn open_export(&self, library: &Library, by: &StaffMember, id: ExportId) -> Result<ExportView, Error> {
        check_scope(library, by)?;
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Again { export, profile, notes, changes, .. } = make_again(&mut tx, library, id, now).await?;
        let awaiting = super::confirmation::awaiting_in(&mut tx, library, id).await?;
        let downloads = exports::list_downloads(&mut tx, id, LISTED).await?;
        let colleagues = staff::list(&mut tx, library.id).await?;
        Ok(ExportView { export, profile, notes, changes, awaiting, downloads, staff: colleagues })
    }

    /// Takes a file along, which is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library, and for whoever may not exchange files.
    pub async fn download_export(&self, library: &Library, by: &StaffMember, id: ExportId) -> Result<TakenFile, Error> {
        check_scope(library, by)?;
        let now = self.clock.now();
        let again = make_again(&mut self.db.read().await?, library, id, now).await?;
        let is_the_same = sha256(&again.bytes) == again.export.sha256;
        let mut tx = self.db.begin().await?;
        exports::insert_download(&mut tx, &again.export, by.id, again.changes.len() as u64, now).await?;
        staff_deeds::record(&mut tx, by, Deed::ExportTaken, &again.export.card_count.to_string(), now).await?;
        tx.commit().await?;
        let Again { export, profile, bytes, .. } = again;
        Ok(TakenFile { bytes, export, profile, is_the_same })
    }
}

async fn make_again(tx: &mut Tx, library: &Library, id: ExportId, now: OffsetDateTime) -> Result<Again, Error> {
    let export = exports::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let rules = libraries::find_rules(tx, library.id, export.rules_version).await?;
    let rules = rules.ok_or(Error::Internal("a file without its rules"))?;
    let profile = profile_of(&rules, &export.profile, Direction::Export)?.clone();
    let digests = exports::list_digests(tx, id).await?;
    let cards = exports::list_exported_cards(tx, id).await?;
    let all = cards.clone();
    let (file, known) = file_of(tx, library, &profile, cards, now).await?;
    let mut changes = Vec::new();
    let mut written = known.iter().enumerate().peekable();
    for (at, (then, card)) in digests.iter().zip(&all).enumerate() {
        let change = match written.next_if(|(_, known)| known.card_id == card.card_id) {
            None => Some(LineChange::Erased),
            Some((row, _)) => {
                let digest = digest_of(tx, library, &profile, row_bytes(&file, row)).await?;
                (digest != *then).then_some(LineChange::Changed)
            }
        };
        let number = card.number.to_string();
        changes.extend(change.map(|change| ChangedLine { position: at + 1, number, change }));
    }
    let number = |note: &Note| known.get(note.row).map(|card| card.number.to_string()).unwrap_or_default();
    let notes = file.notes.into_iter().map(|note| (number(&note), note)).collect();
    Ok(Again { export, profile, bytes: file.bytes, notes, changes })
}
