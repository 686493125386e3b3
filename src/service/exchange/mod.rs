//! Exchange with the library system by files.
//!
//! - [`export`]: making a file of cards, once; [`again`]: the same file later, and what has changed in it since
//! - [`confirmation`]: what follows when the library system has taken something in
//! - [`import`]: taking over patrons who were there before the portal
//! - [`transcription`]: one card's facts for those who type them into the library system
//!
//! Every file is put on record with its fields, never with its contents.

pub mod again;
pub mod confirmation;
pub mod export;
pub mod import;
pub mod transcription;

use super::{Error, Portal};
use crate::clock::{JAPAN, japanese_date};
use crate::domain::certificate_number::NumberState;
use crate::domain::exchange::{CardState, Direction, ExportRow, Field, Profile};
use crate::domain::library::{Library, LibraryRules, ProfileName};
use crate::domain::permission::{Permission, Scope};
use crate::domain::staff::StaffMember;
use crate::store::exports::{CardOfPatron, Export};
use crate::store::imports::Import;
use crate::store::{StoreError, Tx, certificate_numbers, exports, imports, patrons, registrations, staff};
use time::OffsetDateTime;

/// How many files the overview lists.
const LISTED: u32 = 30;

/// What was exchanged, and what waits.
#[derive(Debug)]
pub struct Overview {
    /// The profiles to write, with the number of cards that never went out by each.
    pub waiting: Vec<(ProfileName, u64)>,
    /// How many applications wait for the library system, and since when the oldest does.
    pub awaited: (u64, Option<OffsetDateTime>),
    /// The newest files made.
    pub exports: Vec<Export>,
    /// The newest files read.
    pub imports: Vec<Import>,
    /// The colleagues who made them.
    pub staff: Vec<StaffMember>,
}

impl Portal {
    /// What was exchanged, and what waits.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever may not exchange files.
    pub async fn exchange_overview(&self, library: &Library, by: &StaffMember) -> Result<Overview, Error> {
        check_scope(library, by)?;
        let mut tx = self.db.read().await?;
        let mut waiting = Vec::new();
        for profile in library.rules.exchange.going(Direction::Export) {
            let count = exports::count_new(&mut tx, library.id, &profile.name).await?;
            waiting.push((profile.name.clone(), count));
        }
        Ok(Overview {
            waiting,
            awaited: registrations::count_waiting(&mut tx, library.id).await?,
            exports: exports::list(&mut tx, library.id, LISTED).await?,
            imports: imports::list(&mut tx, library.id, LISTED).await?,
            staff: staff::list(&mut tx, library.id).await?,
        })
    }
}

impl Portal {
    /// How many applications wait for the library system, and since when the oldest does.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever may not exchange files.
    pub async fn awaited_outside(
        &self,
        library: &Library,
        by: &StaffMember,
    ) -> Result<(u64, Option<OffsetDateTime>), Error> {
        check_scope(library, by)?;
        Ok(registrations::count_waiting(&mut self.db.read().await?, library.id).await?)
    }
}

/// Files hold people of all branches: they are for those who may exchange files of the whole library.
fn check_scope(library: &Library, by: &StaffMember) -> Result<(), Error> {
    match by.scope(Permission::Exchange) {
        Some(Scope::Library) if by.library_id == library.id => Ok(()),
        _ => Err(Error::NotFound),
    }
}

/// The profile of this name that goes this way.
fn profile_of<'a>(rules: &'a LibraryRules, name: &ProfileName, direction: Direction) -> Result<&'a Profile, Error> {
    rules.exchange.profile(name).filter(|profile| profile.direction == direction).ok_or(Error::NotFound)
}

/// The names of a profile's fields, as they are put on record.
fn fields_of(profile: &Profile) -> String {
    let fields: Vec<&str> = profile
        .columns
        .iter()
        .map(|column| column.field)
        .filter(|field| !matches!(field, Field::Fixed | Field::Unused))
        .map(Field::as_str)
        .collect();
    fields.join(" ")
}

/// What is known of a card now, what waits for the library system included; nothing if its holder was erased.
async fn row_of(
    tx: &mut Tx,
    library: &Library,
    profile: &Profile,
    card: &CardOfPatron,
    now: OffsetDateTime,
) -> Result<Option<ExportRow>, Error> {
    let patron = match patrons::find(tx, library.id, card.patron_id).await {
        Ok(Some(patron)) => patron,
        Ok(None) | Err(StoreError::Unsealable { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let asks_for_link = profile.columns.iter().any(|column| column.field == Field::Linked);
    let certificate = if asks_for_link { certificate_numbers::find(tx, library.id, patron.id).await? } else { None };
    let is_linked = certificate.is_some_and(|known| matches!(known.state, NumberState::Confirmed { .. }));
    let (mut facts, mut expires_on) = (patron.facts, card.expires_on);
    for waiting in registrations::list_waiting_of_card(tx, card.card_id).await? {
        facts = waiting.facts.unwrap_or(facts);
        expires_on = waiting.expires_on.unwrap_or(expires_on);
    }
    let is_valid = expires_on >= japanese_date(now);
    Ok(Some(ExportRow {
        number: card.number.clone(),
        state: if is_valid { CardState::Valid } else { CardState::Expired },
        expires_on,
        issued_on: card.issued_at.to_offset(JAPAN).date(),
        is_linked,
        reference: card.reference.clone(),
        name: facts.name,
        kana: facts.kana,
        birth: facts.birth,
        address: facts.address,
        phone: facts.phone,
        email: facts.email,
        category: facts.category,
        branch: facts.branch,
    }))
}
