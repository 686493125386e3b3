//! The signing certificates on which cards were issued, and which of them were found revoked since.
//!
//! A link keeps the signer's keyed hash and the serial number, sealed. The serial number is sealed under the
//! library's key and not the patron's: a million of them are opened in one go, and with a key each that would be
//! two million openings. Whoever erases a patron therefore deletes the link too: see [`delete_by_patron`].

use super::gather::Statement;
use super::revocation_answers::{RevokedSince, name_of};
use super::rows::count_of;
use super::seal::{self, DataKey, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, CertificateLinkId, LibraryId, PatronId};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zeroize::Zeroizing;

/// A card's certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateLink {
    /// Internal identity.
    pub id: CertificateLinkId,
    /// The library.
    pub library_id: LibraryId,
    /// Whose card.
    pub patron_id: PatronId,
    /// The application that was signed with it; its evidence holds the whole certificate.
    pub application_id: ApplicationId,
    /// See [`signer_token`](super::signatures::signer_token).
    pub signer_token: [u8; 32],
    /// The serial number as a big-endian magnitude.
    pub serial: Vec<u8>,
    /// Since when.
    pub linked_at: OffsetDateTime,
}

impl std::fmt::Debug for CertificateLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CertificateLink({})", self.id)
    }
}

/// A link as it lies in the store; a [`SerialOpener`] opens it.
#[derive(Debug, sqlx::FromRow)]
pub struct SealedLink {
    id: Uuid,
    serial: Vec<u8>,
}

impl SealedLink {
    /// Which link.
    #[must_use]
    pub const fn id(&self) -> CertificateLinkId {
        CertificateLinkId::from_uuid(self.id)
    }
}

/// Opens the serial numbers of one library, outside any transaction.
#[derive(Debug, Clone)]
pub struct SerialOpener {
    library_id: LibraryId,
    key: DataKey,
}

impl SerialOpener {
    /// The serial number of a link.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] if the row was tampered with.
    pub fn open(&self, link: &SealedLink) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.key.open(&place(self.library_id, link.id), &link.serial)
    }
}

/// Inserts the link of a card that is being issued.
///
/// # Errors
/// [`StoreError::Unsealable`] if there is no such library.
pub async fn insert(tx: &mut Tx, link: &CertificateLink) -> Result<(), StoreError> {
    let serial = seal::seal(tx, &place(link.library_id, link.id.as_uuid()), &link.serial).await?;
    let row = Statement::new(
        "INSERT INTO certificate_links (id, library_id, patron_id, application_id, signer_token, serial, linked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(link.id.as_uuid())
    .bind(link.library_id.as_uuid())
    .bind(link.patron_id.as_uuid())
    .bind(link.application_id.as_uuid())
    .bind(&link.signer_token[..])
    .bind(serial)
    .bind(Timestamp::from(link.linked_at));
    tx.write(row).await?;
    Ok(())
}

/// The key to the serial numbers of a library.
///
/// # Errors
/// [`StoreError::Unsealable`] if there is no such library.
pub async fn opener(tx: &mut Tx, library_id: LibraryId) -> Result<SerialOpener, StoreError> {
    let key = seal::key_of(tx, &place(library_id, Uuid::nil())).await?;
    Ok(SerialOpener { library_id, key })
}

/// Lists links of a library that were not found revoked, in the order of their ids.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_live_after(
    tx: &mut Tx,
    library_id: LibraryId,
    after: Option<CertificateLinkId>,
    limit: u32,
) -> Result<Vec<SealedLink>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, serial FROM certificate_links
             WHERE library_id = $1 AND found_at IS NULL AND id > $2 ORDER BY id LIMIT $3",
        )
        .bind(library_id.as_uuid())
        .bind(after.map_or(Uuid::nil(), CertificateLinkId::as_uuid))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?)
}

/// The application that a link rests on.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_application(
    tx: &mut Tx,
    library_id: LibraryId,
    id: CertificateLinkId,
) -> Result<Option<ApplicationId>, StoreError> {
    let found: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT application_id FROM certificate_links WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    Ok(found.map(ApplicationId::from_uuid))
}

/// The application on which the newest link of a patron rests.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_newest_application(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<ApplicationId>, StoreError> {
    let found: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT application_id FROM certificate_links WHERE patron_id = $1 AND library_id = $2
             ORDER BY linked_at DESC, id DESC LIMIT 1",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    Ok(found.map(ApplicationId::from_uuid))
}

/// Tells whether a patron has linked the My Number card: by an application for that, and not merely by having signed.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_card_linked(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<bool, StoreError> {
    let linked: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM certificate_links l
                 JOIN applications a ON a.id = l.application_id AND a.library_id = l.library_id
             WHERE l.patron_id = $1 AND l.library_id = $2 AND a.procedure = 'card_link'",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(linked > 0)
}

/// How the certificate of a linked My Number card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkedCard {
    /// Its last day in Japan, as far as anybody has read it.
    pub ends_on: Option<Date>,
    /// True if it was found revoked.
    pub is_revoked: bool,
}

/// Finds the link that a patron's own application made.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_linked_card(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<LinkedCard>, StoreError> {
    let found: Option<(Option<Date>, Option<Timestamp>)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT l.ends_on, l.found_at FROM certificate_links l
                 JOIN applications a ON a.id = l.application_id AND a.library_id = l.library_id
             WHERE l.patron_id = $1 AND l.library_id = $2 AND a.procedure = 'card_link'
             ORDER BY l.linked_at DESC, l.id DESC LIMIT 1",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    Ok(found.map(|(ends_on, found_at)| LinkedCard { ends_on, is_revoked: found_at.is_some() }))
}

/// Lists links of all libraries whose certificate's end nobody has read.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_unread(tx: &mut Tx, limit: u32) -> Result<Vec<(LibraryId, CertificateLinkId)>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT library_id, id FROM certificate_links WHERE is_end_read = 0 ORDER BY library_id, id LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let named = |(library_id, id)| (LibraryId::from_uuid(library_id), CertificateLinkId::from_uuid(id));
    Ok(rows.into_iter().map(named).collect())
}

/// Keeps the last day of a link's certificate, or that it cannot be read any more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn save_end(
    tx: &mut Tx,
    library_id: LibraryId,
    id: CertificateLinkId,
    ends_on: Option<Date>,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE certificate_links SET is_end_read = 1, ends_on = $1 WHERE id = $2 AND library_id = $3")
            .bind(ends_on)
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Counts the certificates of linked My Number cards that end between two days, both included.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_ending(tx: &mut Tx, library_id: LibraryId, from: Date, until: Date) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM certificate_links l
                 JOIN applications a ON a.id = l.application_id AND a.library_id = l.library_id
             WHERE l.library_id = $1 AND l.ends_on >= $2 AND l.ends_on <= $3 AND l.found_at IS NULL
                 AND a.procedure = 'card_link'",
        )
        .bind(library_id.as_uuid())
        .bind(from)
        .bind(until)
        .fetch_one(conn)
        .await
    })?;
    Ok(count_of(count))
}

/// The certificates of a library's linked My Number cards, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkedEnds {
    /// All of them.
    pub linked: u64,
    /// Those that have ended.
    pub ended: u64,
    /// Those that were found revoked, whether they have ended or not.
    pub revoked: u64,
    /// Those whose end nobody knows.
    pub unknown: u64,
}

/// Counts the certificates of linked My Number cards.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_ends(tx: &mut Tx, library_id: LibraryId, today: Date) -> Result<LinkedEnds, StoreError> {
    let (linked, ended, revoked, unknown): (i64, i64, i64, i64) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT COUNT(*), COUNT(CASE WHEN l.ends_on < $2 AND l.found_at IS NULL THEN 1 END), COUNT(l.found_at),
                 COUNT(CASE WHEN l.ends_on IS NULL AND l.found_at IS NULL THEN 1 END)
             FROM certificate_links l JOIN applications a ON a.id = l.application_id AND a.library_id = l.library_id
             WHERE l.library_id = $1 AND a.procedure = 'card_link'",
        )
        .bind(library_id.as_uuid())
        .bind(today)
        .fetch_one(conn)
        .await
    })?;
    let [linked, ended, revoked, unknown] = [linked, ended, revoked, unknown].map(count_of);
    Ok(LinkedEnds { linked, ended, revoked, unknown })
}

/// Marks a link as found revoked; false if it was marked before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_revoked(
    tx: &mut Tx,
    library_id: LibraryId,
    id: CertificateLinkId,
    revoked: RevokedSince,
    found_at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let marked = on!(tx, |conn| {
        sqlx::query(
            "UPDATE certificate_links SET revoked_at = $1, reason = $2, found_at = $3
             WHERE id = $4 AND library_id = $5 AND found_at IS NULL",
        )
        .bind(Timestamp::from(revoked.at))
        .bind(name_of(revoked.reason))
        .bind(Timestamp::from(found_at))
        .bind(id.as_uuid())
        .bind(library_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(marked > 0)
}

/// Tells whether a certificate that was not found revoked is linked to the patron.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_linked(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<bool, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM certificate_links WHERE library_id = $1 AND patron_id = $2 AND found_at IS NULL",
        )
        .bind(library_id.as_uuid())
        .bind(patron_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(count > 0)
}

/// Counts the links of a library that were found revoked.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_revoked(tx: &mut Tx, library_id: LibraryId) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM certificate_links WHERE library_id = $1 AND found_at IS NOT NULL")
            .bind(library_id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    Ok(count_of(count))
}

/// Deletes the links of a patron, and tells how many there were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM certificate_links WHERE patron_id = $1 AND library_id = $2")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

fn place(library_id: LibraryId, id: Uuid) -> Place {
    Place::new("certificate_links", "serial", id, library_id.as_uuid())
}
