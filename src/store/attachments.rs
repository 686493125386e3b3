//! Pictures attached to applications: name and contents sealed under the application's key.

use super::rows::{corrupt, count_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, AttachmentId, LibraryId};
use crate::domain::library::EvidenceCode;
use crate::domain::version::Digest;
use crate::picture::Hint;
use crate::sha256::sha256;
use std::fmt;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// The only form in which pictures are kept.
const MEDIA_TYPE: &str = "image/jpeg";

/// Without the pictures: they are large, and looking at one is on record.
const LIST: &str =
    "SELECT id, library_id, application_id, kind, file_name, size, sha256, hints, expires_on, attached_at,
        destroyed_at
    FROM attachments WHERE application_id = $1 ORDER BY attached_at, id";

/// An attached picture without the picture itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Which.
    pub id: AttachmentId,
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// What kind of document it shows, as the applicant says.
    pub kind: EvidenceCode,
    /// What the sent file was called, if it had a name that can be kept.
    pub file_name: Option<String>,
    /// Octets.
    pub size: u64,
    /// SHA-256 of the picture.
    pub sha256: Digest,
    /// What may be wrong with it.
    pub hints: Vec<Hint>,
    /// The last day on which the document counts, if it does not count for ever.
    pub expires_on: Option<Date>,
    /// When it was attached.
    pub attached_at: OffsetDateTime,
    /// When staff destroyed it; its name and the picture are gone.
    pub destroyed_at: Option<OffsetDateTime>,
}

/// What it is called is its sender's business.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({} of {}, {})", self.id, self.application_id, self.kind)
    }
}

#[derive(sqlx::FromRow)]
struct AttachmentRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Uuid,
    kind: String,
    file_name: Option<Vec<u8>>,
    size: i64,
    sha256: Vec<u8>,
    hints: String,
    expires_on: Option<Date>,
    attached_at: Timestamp,
    destroyed_at: Option<Timestamp>,
}

impl AttachmentRow {
    async fn open(self, tx: &mut Tx) -> Result<Attachment, StoreError> {
        let broken = |_| corrupt("attachments", self.id);
        let file_name = match &self.file_name {
            Some(sealed) => {
                Some(seal::open_text(tx, &place(self.application_id, self.id).beside("file_name"), sealed).await?)
            }
            None => None,
        };
        Ok(Attachment {
            id: AttachmentId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            application_id: ApplicationId::from_uuid(self.application_id),
            kind: self.kind.parse().map_err(|_| corrupt("attachments", self.id))?,
            file_name,
            size: u64::try_from(self.size).map_err(broken)?,
            sha256: Digest::try_from(&self.sha256[..]).map_err(|_| corrupt("attachments", self.id))?,
            hints: Hint::ALL
                .into_iter()
                .filter(|hint| self.hints.split(',').any(|name| name == hint.as_str()))
                .collect(),
            expires_on: self.expires_on,
            attached_at: self.attached_at.time(),
            destroyed_at: self.destroyed_at.map(Timestamp::time),
        })
    }
}

/// Inserts a picture.
///
/// # Errors
/// [`StoreError::Duplicate`] if the application has the same picture already, or had it destroyed.
pub async fn insert(tx: &mut Tx, attachment: &Attachment, jpeg: &[u8]) -> Result<(), StoreError> {
    let place = place(attachment.application_id.as_uuid(), attachment.id.as_uuid());
    let contents = seal::seal(tx, &place, jpeg).await?;
    let file_name = match &attachment.file_name {
        Some(name) => Some(seal::seal(tx, &place.beside("file_name"), name.as_bytes()).await?),
        None => None,
    };
    let hints: Vec<&str> = attachment.hints.iter().map(|hint| hint.as_str()).collect();
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO attachments (id, library_id, application_id, kind, file_name, contents, media_type, size, sha256,
                 hints, expires_on, attached_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(attachment.id.as_uuid())
        .bind(attachment.library_id.as_uuid())
        .bind(attachment.application_id.as_uuid())
        .bind(attachment.kind.as_str())
        .bind(file_name.as_deref())
        .bind(&contents)
        .bind(MEDIA_TYPE)
        .bind(i64::try_from(attachment.size).unwrap_or(i64::MAX))
        .bind(&attachment.sha256.as_bytes()[..])
        .bind(hints.join(","))
        .bind(attachment.expires_on)
        .bind(Timestamp::from(attachment.attached_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists what is attached to an application, and what was and is destroyed, in the order in which it came.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<Attachment>, StoreError> {
    let rows: Vec<AttachmentRow> =
        on!(tx, |conn| sqlx::query_as(LIST).bind(application_id.as_uuid()).fetch_all(conn).await)?;
    let mut attachments = Vec::with_capacity(rows.len());
    for row in rows {
        attachments.push(row.open(tx).await?);
    }
    Ok(attachments)
}

/// Lists which pictures of an application are there, by what they are.
///
/// # Errors
/// [`StoreError::Corrupt`] if a digest has the wrong length.
pub async fn list_present(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<Digest>, StoreError> {
    let digests: Vec<Vec<u8>> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT sha256 FROM attachments WHERE application_id = $1 AND destroyed_at IS NULL
             ORDER BY attached_at, id",
        )
        .bind(application_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    digests
        .iter()
        .map(|digest| digest.as_slice().try_into().map_err(|_| corrupt("attachments", application_id)))
        .collect()
}

/// The picture itself; `None` if there is none, or it was destroyed.
///
/// # Errors
/// [`StoreError::Corrupt`] if it is no longer what it was.
pub async fn find_contents(
    tx: &mut Tx,
    application_id: ApplicationId,
    id: AttachmentId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT contents, sha256 FROM attachments
             WHERE id = $1 AND application_id = $2 AND contents IS NOT NULL",
        )
        .bind(id.as_uuid())
        .bind(application_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    let Some((sealed, digest)) = row else { return Ok(None) };
    let contents = seal::open(tx, &place(application_id.as_uuid(), id.as_uuid()), &sealed).await?;
    if sha256(&contents)[..] != digest[..] {
        return Err(corrupt("attachments", id));
    }
    Ok(Some(contents.to_vec()))
}

/// Deletes a picture that its sender takes back; false if it is not there, or staff destroyed it: that stays on record.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete(tx: &mut Tx, application_id: ApplicationId, id: AttachmentId) -> Result<bool, StoreError> {
    let deleted = on!(tx, |conn| {
        sqlx::query("DELETE FROM attachments WHERE id = $1 AND application_id = $2 AND destroyed_at IS NULL")
            .bind(id.as_uuid())
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(deleted == 1)
}

/// Destroys a picture that may not be kept: name and contents go, the line stays. False if that was done before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn destroy(
    tx: &mut Tx,
    application_id: ApplicationId,
    id: AttachmentId,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let destroyed = on!(tx, |conn| {
        sqlx::query(
            "UPDATE attachments SET contents = NULL, file_name = NULL, destroyed_at = $1
             WHERE id = $2 AND application_id = $3 AND destroyed_at IS NULL",
        )
        .bind(Timestamp::from(now))
        .bind(id.as_uuid())
        .bind(application_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(destroyed == 1)
}

/// Of how many decided applications of a library pictures are kept: decided before `before`, and in all.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_decided(
    tx: &mut Tx,
    library_id: LibraryId,
    before: OffsetDateTime,
) -> Result<(u64, u64), StoreError> {
    let (due, kept): (i64, i64) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT COUNT(DISTINCT CASE WHEN a.decided_at < $2 THEN a.id END), COUNT(DISTINCT a.id)
             FROM attachments t JOIN applications a ON a.id = t.application_id AND a.library_id = t.library_id
             WHERE t.library_id = $1 AND a.state IN ('issued', 'declined')",
        )
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(before))
        .fetch_one(conn)
        .await
    })?;
    Ok((count_of(due), count_of(kept)))
}

/// Lists applications of a library that were decided before `before` and still have pictures, the longest decided first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_decided(
    tx: &mut Tx,
    library_id: LibraryId,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<ApplicationId>, StoreError> {
    let ids: Vec<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT a.id FROM applications a
             WHERE a.library_id = $1 AND a.state IN ('issued', 'declined') AND a.decided_at < $2
                 AND EXISTS (SELECT 1 FROM attachments t
                     WHERE t.application_id = a.id AND t.library_id = a.library_id)
             ORDER BY a.decided_at, a.id LIMIT $3",
        )
        .bind(library_id.as_uuid())
        .bind(Timestamp::from(before))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    Ok(ids.into_iter().map(ApplicationId::from_uuid).collect())
}

/// Deletes everything attached to an application.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM attachments WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

fn place(application_id: Uuid, id: Uuid) -> Place {
    Place::new("attachments", "contents", id, application_id)
}
