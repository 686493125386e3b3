//! Mails that ask a guardian to sign as well: found by the hash of a token that rests nowhere.

use super::rows::{corrupt, time_of};
use super::seal::{self, HashPurpose};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::cosigning::{CosigningSession, Invitation, InvitationEnd};
use crate::domain::ids::{ApplicationId, CosignInvitationId, LibraryId};
use crate::domain::short_code::ShortCode;
use crate::sha256::sha256;
use data_encoding::BASE64URL_NOPAD;
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// What leads to an invitation, and what is typed there. Both are made anew whenever they are needed.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationSecrets {
    /// What stands in the mail's address.
    pub token: String,
    /// What stands on the applicant's screen (合言葉).
    pub code: ShortCode,
}

impl fmt::Debug for InvitationSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationSecrets(…)")
    }
}

#[derive(sqlx::FromRow)]
struct InvitationRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Uuid,
    version_number: i64,
    asked_at: Timestamp,
    tries: i64,
    session_hash: Option<Vec<u8>>,
    session_until: Option<Timestamp>,
    ended: Option<String>,
    ended_at: Option<Timestamp>,
}

/// Inserts a living invitation whose secrets are made from `nonce`.
///
/// # Errors
/// [`StoreError::Duplicate`] if the application has a living one.
pub async fn insert(tx: &mut Tx, invitation: &Invitation, nonce: &[u8; 32]) -> Result<InvitationSecrets, StoreError> {
    let secrets = secrets_of(tx, invitation.library_id, nonce).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO cosign_invitations (id, library_id, application_id, version_number, token_hash, nonce,
                 asked_at, tries)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(invitation.id.as_uuid())
        .bind(invitation.library_id.as_uuid())
        .bind(invitation.application_id.as_uuid())
        .bind(i64::from(invitation.version))
        .bind(&sha256(secrets.token.as_bytes())[..])
        .bind(&nonce[..])
        .bind(Timestamp::from(invitation.asked_at))
        .bind(i64::from(invitation.tries))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(secrets)
}

/// Saves where an invitation stands by now, if it still lives and nobody has tried a code since it was read.
///
/// # Errors
/// [`StoreError::Stale`] if somebody was quicker.
pub async fn save(tx: &mut Tx, was: &Invitation, now: &Invitation) -> Result<(), StoreError> {
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE cosign_invitations SET tries = $1, session_hash = $2, session_until = $3, ended = $4, ended_at = $5
             WHERE id = $6 AND ended IS NULL AND tries = $7",
        )
        .bind(i64::from(now.tries))
        .bind(now.session.map(|session| session.hash.to_vec()))
        .bind(now.session.map(|session| Timestamp::from(session.until)))
        .bind(now.ended.map(|(end, _)| end.as_str()))
        .bind(now.ended.map(|(_, at)| Timestamp::from(at)))
        .bind(now.id.as_uuid())
        .bind(i64::from(was.tries))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Finds an invitation.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find(tx: &mut Tx, id: CosignInvitationId) -> Result<Option<Invitation>, StoreError> {
    let row: Option<InvitationRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM cosign_invitations WHERE id = $1").bind(id.as_uuid()).fetch_optional(conn).await
    })?;
    row.map(Invitation::try_from).transpose()
}

/// Finds the invitation that a mail's address leads to.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find_by_token(tx: &mut Tx, token: &str) -> Result<Option<Invitation>, StoreError> {
    let row: Option<InvitationRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM cosign_invitations WHERE token_hash = $1")
            .bind(&sha256(token.as_bytes())[..])
            .fetch_optional(conn)
            .await
    })?;
    row.map(Invitation::try_from).transpose()
}

/// Finds the living invitation of an application, or else the newest that has ended.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find_newest(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<Invitation>, StoreError> {
    let row: Option<InvitationRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM cosign_invitations WHERE application_id = $1
             ORDER BY CASE WHEN ended IS NULL THEN 0 ELSE 1 END, asked_at DESC, id DESC LIMIT 1",
        )
        .bind(application_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    row.map(Invitation::try_from).transpose()
}

/// Makes the secrets of an invitation once more: to show the code, or to mail the address again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn open_secrets(tx: &mut Tx, invitation: &Invitation) -> Result<InvitationSecrets, StoreError> {
    let nonce: Vec<u8> = on!(tx, |conn| {
        sqlx::query_scalar("SELECT nonce FROM cosign_invitations WHERE id = $1")
            .bind(invitation.id.as_uuid())
            .fetch_one(conn)
            .await
    })?;
    let nonce = nonce.as_slice().try_into().map_err(|_| corrupt("cosign_invitations", invitation.id))?;
    secrets_of(tx, invitation.library_id, &nonce).await
}

/// Ends the living invitation of an application, if there is one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn close(
    tx: &mut Tx,
    application_id: ApplicationId,
    end: InvitationEnd,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "UPDATE cosign_invitations SET ended = $1, ended_at = $2 WHERE application_id = $3 AND ended IS NULL",
        )
        .bind(end.as_str())
        .bind(Timestamp::from(now))
        .bind(application_id.as_uuid())
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Deletes the invitations of an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM cosign_invitations WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

async fn secrets_of(tx: &mut Tx, library_id: LibraryId, nonce: &[u8; 32]) -> Result<InvitationSecrets, StoreError> {
    let token = seal::keyed_hash(tx, library_id, HashPurpose::CosignToken, &[nonce]).await?;
    let code = seal::keyed_hash(tx, library_id, HashPurpose::CosignCode, &[nonce]).await?;
    let drawn = code.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default();
    Ok(InvitationSecrets { token: BASE64URL_NOPAD.encode(&token), code: ShortCode::from_random(drawn) })
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StoreError;

    fn try_from(row: InvitationRow) -> Result<Self, StoreError> {
        let broken = || corrupt("cosign_invitations", row.id);
        let session = match (row.session_hash, time_of(row.session_until)) {
            (Some(hash), Some(until)) => {
                Some(CosigningSession { hash: hash.as_slice().try_into().map_err(|_| broken())?, until })
            }
            (None, None) => None,
            _ => return Err(broken()),
        };
        let ended = match (row.ended, time_of(row.ended_at)) {
            (Some(end), Some(at)) => Some((end.parse().map_err(|_| broken())?, at)),
            (None, None) => None,
            _ => return Err(broken()),
        };
        Ok(Self {
            id: CosignInvitationId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            application_id: ApplicationId::from_uuid(row.application_id),
            version: u32::try_from(row.version_number).map_err(|_| broken())?,
            asked_at: row.asked_at.time(),
            tries: u32::try_from(row.tries).map_err(|_| broken())?,
            session,
            ended,
        })
    }
}
