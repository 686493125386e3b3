//! Files that were made for the library system: who made them, when, with which fields; and which cards stood in
//! them. The contents are not kept: a file is made again from what is known now, and the keyed digest of each
//! line tells whether it still says the same.

use super::rows::{corrupt, count_of, time_of};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::card_number::CardNumber;
use crate::domain::ids::{CardId, ExportId, LibraryId, PatronId, RegistrationId, StaffId};
use crate::domain::library::ProfileName;
use crate::domain::reference::Reference;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Internal identity.
    pub id: ExportId,
    /// The library.
    pub library_id: LibraryId,
    /// By which profile.
    pub profile: ProfileName,
    /// Of which version of the rules.
    pub rules_version: u32,
    /// By whom.
    pub made_by: StaffId,
    /// When.
    pub made_at: OffsetDateTime,
    /// How many cards stood in it.
    pub card_count: u64,
    /// The names of its fields, separated by spaces.
    pub fields: String,
    /// The days of issue that were asked for, both included; nothing if it held what was new.
    pub period: Option<(Date, Date)>,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Who said that the library system took it in, and when.
    pub confirmed: Option<(StaffId, OffsetDateTime)>,
}

/// A line of a file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedCard {
    /// The card.
    pub card_id: CardId,
    /// What went out by this profile for the first time with it.
    pub registrations: Vec<RegistrationId>,
    /// The keyed digest of the line.
    pub digest: [u8; 32],
}

/// A card that can go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardOfPatron {
    /// The card.
    pub card_id: CardId,
    /// Its holder.
    pub patron_id: PatronId,
    /// Its number.
    pub number: CardNumber,
    /// Its last day.
    pub expires_on: Date,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// The last application that registered something about it.
    pub reference: Option<Reference>,
}

/// Which cards go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Those about which something never went out by this profile.
    New(&'a ProfileName),
    /// Those about which something was registered between two moments, the second one not included.
    Registered(OffsetDateTime, OffsetDateTime),
}

#[derive(sqlx::FromRow)]
struct ExportRow {
    id: Uuid,
    library_id: Uuid,
    profile: String,
    rules_version: i64,
    made_by: Uuid,
    made_at: Timestamp,
    card_count: i64,
    fields: String,
    since: Option<Date>,
    until: Option<Date>,
    sha256: Vec<u8>,
    confirmed_by: Option<Uuid>,
    confirmed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct CardRow {
    id: Uuid,
    patron_id: Uuid,
    number: String,
    expires_on: Date,
    issued_at: Timestamp,
    reference: Option<String>,
}

/// A card as files know it, with the number of the last application that registered something about it.
macro_rules! cards_sql {
    ($($rest:literal),+) => {
        concat!(
            "SELECT c.id, c.patron_id, c.number, c.expires_on, c.issued_at,
                 (SELECT a.reference FROM registrations g JOIN applications a ON a.id = g.application_id
                  WHERE g.card_id = c.id AND g.state <> 'refused' ORDER BY g.registered_at DESC, g.id DESC LIMIT 1)
                     AS reference ",
            $($rest),+
        )
    };
}

/// Lists cards about which this portal registered something, in the order of their issue. Cards that were imported and
/// have not changed since are known to the library system, and never go out.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_cards(
    tx: &mut Tx,
    library_id: LibraryId,
    scope: Scope<'_>,
    limit: u32,
) -> Result<Vec<CardOfPatron>, StoreError> {
    let rows: Vec<CardRow> = match scope {
        Scope::New(profile) => on!(tx, |conn| {
            sqlx::query_as(cards_sql!(
                "FROM cards c WHERE c.library_id = $1 AND EXISTS
                     (SELECT 1 FROM registrations g WHERE g.card_id = c.id AND g.state <> 'refused' AND NOT EXISTS
                         (SELECT 1 FROM exported_registrations x WHERE x.registration_id = g.id AND x.profile = $2))
                 ORDER BY c.issued_at, c.id LIMIT $3"
            ))
            .bind(library_id.as_uuid())
            .bind(profile.as_str())
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
        })?,
        Scope::Registered(since, until) => on!(tx, |conn| {
            sqlx::query_as(cards_sql!(
                "FROM cards c WHERE c.library_id = $1 AND c.id IN
                     (SELECT g.card_id FROM registrations g WHERE g.library_id = $1 AND g.state <> 'refused'
                          AND g.registered_at >= $2 AND g.registered_at < $3)
                 ORDER BY c.issued_at, c.id LIMIT $4"
            ))
            .bind(library_id.as_uuid())
            .bind(Timestamp::from(since))
            .bind(Timestamp::from(until))
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
        })?,
    };
    rows.into_iter().map(CardOfPatron::try_from).collect()
}

/// Counts the cards about which something never went out by a profile.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_new(tx: &mut Tx, library_id: LibraryId, profile: &ProfileName) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(DISTINCT g.card_id) FROM registrations g
             WHERE g.library_id = $1 AND g.state <> 'refused' AND NOT EXISTS
                 (SELECT 1 FROM exported_registrations x WHERE x.registration_id = g.id AND x.profile = $2)",
        )
        .bind(library_id.as_uuid())
        .bind(profile.as_str())
        .fetch_one(conn)
        .await
    })?;
    Ok(count_of(count))
}

/// Puts a file on record, with its lines in their order.
///
/// # Errors
/// [`StoreError::Duplicate`] if a card stands in it twice.
pub async fn insert(tx: &mut Tx, export: &Export, lines: &[ExportedCard]) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO exports (id, library_id, profile, rules_version, made_by, made_at, card_count, fields, since,
                 until, sha256)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(export.id.as_uuid())
        .bind(export.library_id.as_uuid())
        .bind(export.profile.as_str())
        .bind(i64::from(export.rules_version))
        .bind(export.made_by.as_uuid())
        .bind(Timestamp::from(export.made_at))
        .bind(i64::try_from(export.card_count).unwrap_or(i64::MAX))
        .bind(&export.fields)
        .bind(export.period.map(|(since, _)| since))
        .bind(export.period.map(|(_, until)| until))
        .bind(&export.sha256[..])
        .execute(conn)
        .await
        .map(drop)
    })?;
    for (position, line) in (0_i64..).zip(lines) {
        on!(tx, |conn| {
            sqlx::query(
                "INSERT INTO export_rows (export_id, position, library_id, profile, card_id, digest)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(export.id.as_uuid())
            .bind(position)
            .bind(export.library_id.as_uuid())
            .bind(export.profile.as_str())
            .bind(line.card_id.as_uuid())
            .bind(&line.digest[..])
            .execute(conn)
            .await
            .map(drop)
        })?;
        for registration in &line.registrations {
            insert_exported(tx, export, *registration).await?;
        }
    }
    Ok(())
}

async fn insert_exported(tx: &mut Tx, export: &Export, registration: RegistrationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO exported_registrations (registration_id, export_id, library_id, profile)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(registration.as_uuid())
        .bind(export.id.as_uuid())
        .bind(export.library_id.as_uuid())
        .bind(export.profile.as_str())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds a file of one library.
///
/// # Errors
/// [`StoreError::Corrupt`] if the row cannot be read.
pub async fn find(tx: &mut Tx, library_id: LibraryId, id: ExportId) -> Result<Option<Export>, StoreError> {
    let row: Option<ExportRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM exports WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    row.map(Export::try_from).transpose()
}

/// Lists the newest files of a library.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list(tx: &mut Tx, library_id: LibraryId, limit: u32) -> Result<Vec<Export>, StoreError> {
    let rows: Vec<ExportRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM exports WHERE library_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2")
            .bind(library_id.as_uuid())
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Export::try_from).collect()
}

/// Lists the keyed digests of a file's lines, in their order.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list_digests(tx: &mut Tx, id: ExportId) -> Result<Vec<[u8; 32]>, StoreError> {
    let digests: Vec<Vec<u8>> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT digest FROM export_rows WHERE export_id = $1 ORDER BY position")
            .bind(id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    digests.into_iter().map(|digest| digest.try_into().map_err(|_| corrupt("export_rows", id))).collect()
}

/// Lists the cards of a file, in its order.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_exported_cards(tx: &mut Tx, id: ExportId) -> Result<Vec<CardOfPatron>, StoreError> {
    let rows: Vec<CardRow> = on!(tx, |conn| {
        sqlx::query_as(cards_sql!(
            "FROM export_rows r JOIN cards c ON c.id = r.card_id WHERE r.export_id = $1 ORDER BY r.position"
        ))
        .bind(id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter().map(CardOfPatron::try_from).collect()
}

/// Notes that somebody took a file along.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn insert_download(
    tx: &mut Tx,
    export: &Export,
    staff_id: StaffId,
    changed_rows: u64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO export_downloads (export_id, library_id, staff_id, downloaded_at, changed_rows)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(export.id.as_uuid())
        .bind(export.library_id.as_uuid())
        .bind(staff_id.as_uuid())
        .bind(Timestamp::from(now))
        .bind(i64::try_from(changed_rows).unwrap_or(i64::MAX))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists who took a file along, and when, newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_downloads(
    tx: &mut Tx,
    id: ExportId,
    limit: u32,
) -> Result<Vec<(StaffId, OffsetDateTime)>, StoreError> {
    let rows: Vec<(Uuid, Timestamp)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT staff_id, downloaded_at FROM export_downloads WHERE export_id = $1
             ORDER BY downloaded_at DESC LIMIT $2",
        )
        .bind(id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    Ok(rows.into_iter().map(|(staff, at)| (StaffId::from_uuid(staff), at.time())).collect())
}

/// Notes that the library system took a file in. False if that was noted before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn confirm(tx: &mut Tx, id: ExportId, by: StaffId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let changed = on!(tx, |conn| {
        sqlx::query("UPDATE exports SET confirmed_by = $1, confirmed_at = $2 WHERE id = $3 AND confirmed_at IS NULL")
            .bind(by.as_uuid())
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(changed > 0)
}

impl TryFrom<CardRow> for CardOfPatron {
    type Error = StoreError;

    fn try_from(row: CardRow) -> Result<Self, StoreError> {
        let broken = || corrupt("cards", row.id);
        let reference = row.reference.map(|reference| reference.parse().map_err(|_| broken())).transpose()?;
        Ok(Self {
            card_id: CardId::from_uuid(row.id),
            patron_id: PatronId::from_uuid(row.patron_id),
            number: row.number.parse().map_err(|_| corrupt("cards", row.id))?,
            expires_on: row.expires_on,
            issued_at: row.issued_at.time(),
            reference,
        })
    }
}

impl TryFrom<ExportRow> for Export {
    type Error = StoreError;

    fn try_from(row: ExportRow) -> Result<Self, StoreError> {
        let broken = || corrupt("exports", row.id);
        Ok(Self {
            id: ExportId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            profile: row.profile.parse().map_err(|_| broken())?,
            rules_version: u32::try_from(row.rules_version).map_err(|_| broken())?,
            made_by: StaffId::from_uuid(row.made_by),
            made_at: row.made_at.time(),
            card_count: count_of(row.card_count),
            period: row.since.zip(row.until),
            sha256: row.sha256.try_into().map_err(|_| corrupt("exports", row.id))?,
            confirmed: row.confirmed_by.map(StaffId::from_uuid).zip(time_of(row.confirmed_at)),
            fields: row.fields,
        })
    }
}
