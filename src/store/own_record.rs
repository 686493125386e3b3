//! What a patron reads of themselves and nobody else does: which staff looked, and which mails went out.

use super::rows::{corrupt, time_of};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, dead_addresses, on};
use crate::domain::deed::Deed;
use crate::domain::device::DeviceKind;
use crate::domain::event::EventKind;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, StaffId};
use crate::domain::person::EmailAddress;
use time::OffsetDateTime;
use uuid::Uuid;

/// What a member of staff did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// With the record of the patron.
    AtPatron(Deed),
    /// With an application of theirs.
    AtApplication(EventKind),
}

/// That a member of staff had to do with a patron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Who.
    pub by: StaffId,
    /// What.
    pub what: Looked,
    /// When.
    pub at: OffsetDateTime,
}

/// A mail, as far as it is known once it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMail {
    /// What kind of mail it was.
    pub kind: String,
    /// When it was written.
    pub queued_at: OffsetDateTime,
    /// When it was handed over or given up.
    pub settled_at: Option<OffsetDateTime>,
    /// True if it stays written down that it was sent; else that is forgotten with its address.
    pub stays: bool,
}

/// A device from which a patron has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownDevice {
    /// Its kind.
    pub kind: DeviceKind,
    /// When it was seen first.
    pub first_at: OffsetDateTime,
    /// When it was seen last.
    pub last_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct LookRow {
    is_patron: i32,
    what: String,
    staff_id: Uuid,
    at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct MailRow {
    kind: String,
    queued_at: Timestamp,
    settled_at: Option<Timestamp>,
    stays: i32,
}

#[derive(sqlx::FromRow)]
struct DeviceRow {
    kind: String,
    first_at: Timestamp,
    last_at: Timestamp,
}

/// Lists what staff had to do with a patron and with these applications of theirs, the newest `limit` first.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list_looks(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    applications: &[ApplicationId],
    limit: u32,
) -> Result<Vec<Look>, StoreError> {
    let mut found = looks_at_patron(tx, library_id, patron_id, limit).await?;
    for id in applications {
        found.extend(looks_at_application(tx, *id, limit).await?);
    }
    let mut looks = found.into_iter().map(Look::try_from).collect::<Result<Vec<_>, _>>()?;
    looks.sort_by_key(|look| std::cmp::Reverse(look.at));
    looks.truncate(limit as usize);
    Ok(looks)
}

async fn looks_at_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    limit: u32,
) -> Result<Vec<LookRow>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(
            "SELECT CAST(1 AS INTEGER) AS is_patron, what, staff_id, at FROM patron_views
             WHERE patron_id = $1 AND library_id = $2 ORDER BY at DESC, id DESC LIMIT $3",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?)
}

async fn looks_at_application(tx: &mut Tx, id: ApplicationId, limit: u32) -> Result<Vec<LookRow>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(
            "SELECT CAST(0 AS INTEGER) AS is_patron, kind AS what, staff_id, occurred_at AS at FROM events
             WHERE application_id = $1 AND staff_id IS NOT NULL ORDER BY seq DESC LIMIT $2",
        )
        .bind(id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?)
}

/// Lists the mails about these applications, the reminders of a patron, and what else went to their address, the newest
/// `limit` first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_mails(
    tx: &mut Tx,
    library_id: LibraryId,
    (patron_id, email): (PatronId, Option<&EmailAddress>),
    applications: &[ApplicationId],
    limit: u32,
) -> Result<Vec<KeptMail>, StoreError> {
    let mut rows = mails_about(tx, REMINDERS, library_id, patron_id.as_uuid(), limit).await?;
    if let Some(email) = email {
        rows.extend(mails_to(tx, library_id, email, limit).await?);
    }
    for id in applications {
        rows.extend(mails_about(tx, OF_APPLICATION, library_id, id.as_uuid(), limit).await?);
    }
    let kept = |row: MailRow| KeptMail {
        kind: row.kind,
        queued_at: row.queued_at.time(),
        settled_at: time_of(row.settled_at),
        stays: row.stays == 1,
    };
    let mut mails: Vec<KeptMail> = rows.into_iter().map(kept).collect();
    mails.sort_by_key(|mail| std::cmp::Reverse(mail.queued_at));
    mails.truncate(limit as usize);
    Ok(mails)
}

const REMINDERS: &str = "SELECT o.kind, o.queued_at, o.settled_at, CAST(1 AS INTEGER) AS stays FROM outbox o
     WHERE o.library_id = $1 AND o.application_id IS NULL AND o.id IN
         (SELECT r.mail_id FROM patron_reminders r WHERE r.patron_id = $2 AND r.library_id = $1)
     ORDER BY o.queued_at DESC, o.id DESC LIMIT $3";
const OF_APPLICATION: &str = "SELECT kind, queued_at, settled_at, CAST(1 AS INTEGER) AS stays FROM outbox
     WHERE library_id = $1 AND application_id = $2 ORDER BY queued_at DESC, id DESC LIMIT $3";

async fn mails_about(
    tx: &mut Tx,
    text: &'static str,
    library_id: LibraryId,
    about: Uuid,
    limit: u32,
) -> Result<Vec<MailRow>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(text).bind(library_id.as_uuid()).bind(about).bind(i64::from(limit)).fetch_all(conn).await
    })?)
}

/// Codes for signing in and warnings are about no application: they are known by the address to which they went.
async fn mails_to(
    tx: &mut Tx,
    library_id: LibraryId,
    email: &EmailAddress,
    limit: u32,
) -> Result<Vec<MailRow>, StoreError> {
    let address_token = dead_addresses::token_of(tx, library_id, email).await?;
    Ok(on!(tx, |conn| {
        sqlx::query_as(
            "SELECT o.kind, o.queued_at, o.settled_at,
                 CAST(CASE WHEN o.dedupe IS NULL THEN 0 ELSE 1 END AS INTEGER) AS stays
             FROM outbox o WHERE o.library_id = $1 AND o.application_id IS NULL AND o.address_token = $2
                 AND NOT EXISTS (SELECT 1 FROM patron_reminders r WHERE r.mail_id = o.id)
             ORDER BY o.queued_at DESC, o.id DESC LIMIT $3",
        )
        .bind(library_id.as_uuid())
        .bind(&address_token)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?)
}

/// Lists the devices by which a patron is known again, the one used last first.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row cannot be read.
pub async fn list_devices(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Vec<KnownDevice>, StoreError> {
    let rows: Vec<DeviceRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT kind, first_at, last_at FROM patron_devices WHERE patron_id = $1 AND library_id = $2
             ORDER BY last_at DESC, device_hash",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let known = |row: DeviceRow| {
        let kind = row.kind.parse().map_err(|_| corrupt("patron_devices", patron_id))?;
        Ok(KnownDevice { kind, first_at: row.first_at.time(), last_at: row.last_at.time() })
    };
    rows.into_iter().map(known).collect()
}

impl TryFrom<LookRow> for Look {
    type Error = StoreError;

    fn try_from(row: LookRow) -> Result<Self, Self::Error> {
        let what = match row.is_patron {
            1 => row.what.parse().map(Looked::AtPatron).map_err(|_| corrupt("patron_views", row.staff_id))?,
            _ => row.what.parse().map(Looked::AtApplication).map_err(|_| corrupt("events", row.staff_id))?,
        };
        Ok(Self { by: StaffId::from_uuid(row.staff_id), what, at: row.at.time() })
    }
}
