//! What reviewers asked applicants to put right; the texts are sealed under the application's key.

use super::rows::{corrupt, time_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::correction::{AskedItem, Correction, Field};
use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
use crate::domain::message::LetterText;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct CorrectionRow {
    application_id: Uuid,
    seq: i64,
    library_id: Uuid,
    version_number: i64,
    field: String,
    reason: String,
    body: Vec<u8>,
    asked_by: Uuid,
    asked_at: Timestamp,
    answer: Option<Vec<u8>>,
    resolved_at: Option<Timestamp>,
    resolved_number: Option<i64>,
}

/// Inserts a correction. Its number must be the next of its application.
///
/// # Errors
/// [`StoreError::Duplicate`] if the number is taken, or the field is asked about already.
pub async fn insert(tx: &mut Tx, correction: &Correction) -> Result<(), StoreError> {
    let place = place(correction.application_id, correction.seq);
    let body = seal::seal(tx, &place, correction.item.text.as_str().as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO corrections (application_id, seq, library_id, version_number, field, reason, body, asked_by,
                 asked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(correction.application_id.as_uuid())
        .bind(i64::from(correction.seq))
        .bind(correction.library_id.as_uuid())
        .bind(i64::from(correction.version))
        .bind(correction.item.field.as_str())
        .bind(correction.item.reason.as_str())
        .bind(body)
        .bind(correction.asked_by.as_uuid())
        .bind(Timestamp::from(correction.asked_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the corrections of an application, in the order in which they were asked.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<Correction>, StoreError> {
    let rows: Vec<CorrectionRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM corrections WHERE application_id = $1 ORDER BY seq")
            .bind(application_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    let mut corrections = Vec::with_capacity(rows.len());
    for row in rows {
        corrections.push(row.open(tx).await?);
    }
    Ok(corrections)
}

/// Records what the applicant says about an open correction; a later answer takes the place of an earlier one. False
/// if nothing of the kind is open.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn answer(
    tx: &mut Tx,
    application_id: ApplicationId,
    field: Field,
    answer: Option<&LetterText>,
) -> Result<bool, StoreError> {
    let seq: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT seq FROM corrections WHERE application_id = $1 AND field = $2 AND resolved_at IS NULL",
        )
        .bind(application_id.as_uuid())
        .bind(field.as_str())
        .fetch_optional(conn)
        .await
    })?;
    let Some(seq) = seq else { return Ok(false) };
    let number = u32::try_from(seq).map_err(|_| corrupt("corrections", application_id))?;
    let place = place(application_id, number).beside("answer");
    let sealed = match answer {
        Some(text) => Some(seal::seal(tx, &place, text.as_str().as_bytes()).await?),
        None => None,
    };
    let answered = on!(tx, |conn| {
        sqlx::query("UPDATE corrections SET answer = $1 WHERE application_id = $2 AND seq = $3 AND resolved_at IS NULL")
            .bind(sealed)
            .bind(application_id.as_uuid())
            .bind(seq)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(answered == 1)
}

/// Settles what is open: by the version `number`, or without one because the application has ended.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn resolve_all(
    tx: &mut Tx,
    application_id: ApplicationId,
    number: Option<u32>,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query(
            "UPDATE corrections SET resolved_at = $1, resolved_number = $2
             WHERE application_id = $3 AND resolved_at IS NULL",
        )
        .bind(Timestamp::from(now))
        .bind(number.map(i64::from))
        .bind(application_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// Deletes the corrections of an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM corrections WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

fn place(application_id: ApplicationId, seq: u32) -> Place {
    Place::new("corrections", "body", format_args!("{application_id}/{seq}"), application_id.as_uuid())
}

impl CorrectionRow {
    async fn open(self, tx: &mut Tx) -> Result<Correction, StoreError> {
        let application_id = ApplicationId::from_uuid(self.application_id);
        let broken = || corrupt("corrections", format!("{application_id}/{}", self.seq));
        let seq = u32::try_from(self.seq).map_err(|_| broken())?;
        let place = place(application_id, seq);
        let text = seal::open_text(tx, &place, &self.body).await?.parse().map_err(|_| broken())?;
        let answer = match &self.answer {
            Some(sealed) => {
                let text = seal::open_text(tx, &place.beside("answer"), sealed).await?;
                Some(text.parse().map_err(|_| broken())?)
            }
            None => None,
        };
        let item = AskedItem {
            field: self.field.parse().map_err(|_| broken())?,
            reason: self.reason.parse().map_err(|_| broken())?,
            text,
        };
        Ok(Correction {
            library_id: LibraryId::from_uuid(self.library_id),
            application_id,
            seq,
            version: u32::try_from(self.version_number).map_err(|_| broken())?,
            item,
            asked_by: StaffId::from_uuid(self.asked_by),
            asked_at: self.asked_at.time(),
            answer,
            resolved_at: time_of(self.resolved_at),
            resolved_version: self.resolved_number.map(u32::try_from).transpose().map_err(|_| broken())?,
        })
    }
}
