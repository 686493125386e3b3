//! Making a file of cards for the library system.

use super::{check_scope, fields_of, profile_of, row_of};
use crate::clock::start_of_day;
use crate::domain::deed::Deed;
use crate::domain::exchange::{Direction, ExportFile, Note, Profile, write};
use crate::domain::ids::{ExportId, RegistrationId};
use crate::domain::library::{Library, ProfileName};
use crate::domain::staff::StaffMember;
use crate::service::{Error, Once, Portal};
use crate::sha256::sha256;
use crate::store::exports::{CardOfPatron, Export, ExportedCard, Scope};
use crate::store::seal::{HashPurpose, keyed_hash};
use crate::store::{Tx, exports, libraries, registrations, staff_deeds};
use time::{Date, OffsetDateTime};

/// The most cards of one file; what is left goes into the next one.
pub const MOST_CARDS: u32 = 1000;

/// Which cards go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Those about which something never went out by the profile.
    New,
    /// Those issued or changed on these days, both included.
    Days(Date, Date),
}

/// What would go out.
#[derive(Debug)]
pub struct Preview {
    /// How many cards.
    pub count: usize,
    /// True if there are more than one file takes.
    pub more: bool,
    /// What will not stand in the file as it is known, with the card's number.
    pub notes: Vec<(String, Note)>,
}

impl Portal {
    /// What would go out, without putting anything on record.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a profile, and for whoever may not exchange files.
    pub async fn preview_export(
        &self,
        library: &Library,
        by: &StaffMember,
        profile: &ProfileName,
        period: Period,
    ) -> Result<Preview, Error> {
        check_scope(library, by)?;
        let profile = profile_of(&library.rules, profile, Direction::Export)?;
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let (cards, more) = cards_of(&mut tx, library, profile, period).await?;
        let (file, cards) = file_of(&mut tx, library, profile, cards, now).await?;
        let number = |note: &Note| cards.get(note.row).map(|card| card.number.to_string()).unwrap_or_default();
        let notes = file.notes.into_iter().map(|note| (number(&note), note)).collect();
        Ok(Preview { count: cards.len(), more, notes })
    }

    /// Puts a file on record; nothing if there is no card for it. The file itself is taken with
    /// [`Portal::download_export`](crate::service::Portal::download_export).
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a profile; [`Error::Stale`] if a colleague made a file of the same new cards, or
    /// something else was approved or refused about one of them, while this one was put together.
    pub async fn make_export(
        &self,
        library: &Library,
        by: &StaffMember,
        profile: &ProfileName,
        period: Period,
        id: ExportId,
        once: &Once,
    ) -> Result<bool, Error> {
        check_scope(library, by)?;
        let profile = profile_of(&library.rules, profile, Direction::Export)?;
        let now = self.clock.now();
        // The file is put together before anything is locked: it takes a while.
        let mut tx = self.db.read().await?;
        let (cards, _) = cards_of(&mut tx, library, profile, period).await?;
        let (file, cards) = file_of(&mut tx, library, profile, cards, now).await?;
        let seen = registered(&mut tx, profile, &cards).await?;
        drop(tx);

        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        if cards.is_empty() {
            return Ok(false);
        }
        libraries::lock(&mut tx, library.id).await?;
        if registered(&mut tx, profile, &cards).await? != seen {
            return Err(Error::Stale);
        }
        let mut lines = Vec::with_capacity(cards.len());
        for ((at, card), registrations) in cards.iter().enumerate().zip(seen) {
            let digest = digest_of(&mut tx, library, profile, row_bytes(&file, at)).await?;
            lines.push(ExportedCard { card_id: card.card_id, registrations, digest });
        }
        let export = Export {
            id,
            library_id: library.id,
            profile: profile.name.clone(),
            rules_version: library.rules_version,
            made_by: by.id,
            made_at: now,
            card_count: cards.len() as u64,
            fields: fields_of(profile),
            period: match period {
                Period::New => None,
                Period::Days(since, until) => Some((since, until)),
            },
            sha256: sha256(&file.bytes),
            confirmed: None,
        };
        exports::insert(&mut tx, &export, &lines).await?;
        staff_deeds::record(&mut tx, by, Deed::Exported, &lines.len().to_string(), now).await?;
        tx.commit().await?;
        tracing::info!(export = %id, profile = %profile.name, cards = lines.len(), by = %by.id, "a file was made");
        Ok(true)
    }
}

/// The cards of a period, as many as one file takes; and whether there are more.
async fn cards_of(
    tx: &mut Tx,
    library: &Library,
    profile: &Profile,
    period: Period,
) -> Result<(Vec<CardOfPatron>, bool), Error> {
    let scope = match period {
        Period::New => Scope::New(&profile.name),
        Period::Days(since, until) => {
            Scope::Registered(start_of_day(since), start_of_day(until.next_day().unwrap_or(until)))
        }
    };
    let mut cards = exports::list_cards(tx, library.id, scope, MOST_CARDS + 1).await?;
    let more = cards.len() > MOST_CARDS as usize;
    cards.truncate(MOST_CARDS as usize);
    Ok((cards, more))
}

/// What never went out by the profile, card by card.
async fn registered(tx: &mut Tx, profile: &Profile, cards: &[CardOfPatron]) -> Result<Vec<Vec<RegistrationId>>, Error> {
    let mut registered = Vec::with_capacity(cards.len());
    for card in cards {
        registered.push(registrations::list_unexported(tx, card.card_id, &profile.name).await?);
    }
    Ok(registered)
}

/// The file of these cards as they are known now, and those of them whose holders are still known.
pub(super) async fn file_of(
    tx: &mut Tx,
    library: &Library,
    profile: &Profile,
    cards: Vec<CardOfPatron>,
    now: OffsetDateTime,
) -> Result<(ExportFile, Vec<CardOfPatron>), Error> {
    let mut rows = Vec::with_capacity(cards.len());
    let mut known = Vec::with_capacity(cards.len());
    for card in cards {
        if let Some(row) = row_of(tx, library, profile, &card, now).await? {
            rows.push(row);
            known.push(card);
        }
    }
    let file = write(profile, &rows).map_err(|_| Error::Internal("a file that cannot be put together"))?;
    Ok((file, known))
}

/// The bytes of a line.
pub(super) fn row_bytes(file: &ExportFile, at: usize) -> &[u8] {
    file.rows.get(at).and_then(|place| file.bytes.get(place.clone())).unwrap_or_default()
}

/// A keyed digest of a line: equal lines have equal digests, and nobody can guess the line from it.
pub(super) async fn digest_of(
    tx: &mut Tx,
    library: &Library,
    profile: &Profile,
    row: &[u8],
) -> Result<[u8; 32], Error> {
    Ok(keyed_hash(tx, library.id, HashPurpose::ExportRow, &[profile.name.as_str().as_bytes(), row]).await?)
}
