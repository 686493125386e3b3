//! Requests to a signing app: each can be answered once.

use super::rows::{corrupt, time_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, CosignInvitationId, HandoffId, LibraryId, SigningRequestId};
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// A request to sign one version of one application.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningRequest {
    /// Internal identity.
    pub id: SigningRequestId,
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The frozen version that is to be signed.
    pub version: u32,
    /// SHA-256 of the OAuth `state` (RFC 6749 §10.12).
    pub state_hash: [u8; 32],
    /// The signing app's name for the transaction.
    pub transaction_id: String,
    /// The DER of the signed attributes (RFC 5652 §5.4) whose hash the card signs.
    pub signed_attributes: Vec<u8>,
    /// The OpenID Connect `nonce`; kept sealed.
    pub nonce: String,
    /// The PKCE code verifier (RFC 7636); kept sealed.
    pub code_verifier: String,
    /// The hand-off by which a telephone opened the request; `None` on the applicant's own device.
    pub handoff_id: Option<HandoffId>,
    /// The invitation by which a guardian opened the request; `None` for the applicant.
    pub invitation_id: Option<CosignInvitationId>,
    /// SHA-256 of the browser session's token that opened the request.
    pub session_hash: [u8; 32],
    /// When it was opened.
    pub opened_at: OffsetDateTime,
    /// When it becomes void.
    pub expires_at: OffsetDateTime,
    /// When an answer was taken.
    pub consumed_at: Option<OffsetDateTime>,
}

impl fmt::Debug for SigningRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningRequest({} for {} version {})", self.id, self.application_id, self.version)
    }
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Uuid,
    version_number: i64,
    state_hash: Vec<u8>,
    transaction_id: String,
    signed_attributes: Vec<u8>,
    secrets: Vec<u8>,
    session_hash: Vec<u8>,
    opened_at: Timestamp,
    expires_at: Timestamp,
    consumed_at: Option<Timestamp>,
    handoff_id: Option<Uuid>,
    invitation_id: Option<Uuid>,
}

/// Inserts a request.
///
/// # Errors
/// [`StoreError::Duplicate`] if the `state` is already in use.
pub async fn insert(tx: &mut Tx, request: &SigningRequest) -> Result<(), StoreError> {
    let place = place(request.id.as_uuid(), request.application_id.as_uuid());
    let secrets = seal::seal_json(tx, &place, &(&request.nonce, &request.code_verifier)).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO signing_requests (id, library_id, application_id, version_number, state_hash, transaction_id,
                 signed_attributes, secrets, session_hash, opened_at, expires_at, consumed_at,
                 handoff_id, invitation_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(request.id.as_uuid())
        .bind(request.library_id.as_uuid())
        .bind(request.application_id.as_uuid())
        .bind(i64::from(request.version))
        .bind(&request.state_hash[..])
        .bind(&request.transaction_id)
        .bind(&request.signed_attributes)
        .bind(secrets)
        .bind(&request.session_hash[..])
        .bind(Timestamp::from(request.opened_at))
        .bind(Timestamp::from(request.expires_at))
        .bind(request.consumed_at.map(Timestamp::from))
        .bind(request.handoff_id.map(HandoffId::as_uuid))
        .bind(request.invitation_id.map(CosignInvitationId::as_uuid))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the request that an answer's `state` belongs to, consumed or not.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find_by_state(tx: &mut Tx, state_hash: &[u8; 32]) -> Result<Option<SigningRequest>, StoreError> {
    let row: Option<RequestRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM signing_requests WHERE state_hash = $1")
            .bind(&state_hash[..])
            .fetch_optional(conn)
            .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Finds the newest request of an application that was not answered; whether it has expired is for the caller to see.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn find_open(tx: &mut Tx, application_id: ApplicationId) -> Result<Option<SigningRequest>, StoreError> {
    let row: Option<RequestRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM signing_requests WHERE application_id = $1 AND consumed_at IS NULL
             ORDER BY opened_at DESC, id DESC LIMIT 1",
        )
        .bind(application_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Takes the request's one answer. False if it was taken before, or the request has expired.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn consume(tx: &mut Tx, id: SigningRequestId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let consumed = on!(tx, |conn| {
        sqlx::query(
            "UPDATE signing_requests SET consumed_at = $1 WHERE id = $2 AND consumed_at IS NULL AND expires_at > $1",
        )
        .bind(Timestamp::from(now))
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(consumed == 1)
}

/// Voids the open requests of an application that is over.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn void_by_application(
    tx: &mut Tx,
    application_id: ApplicationId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("UPDATE signing_requests SET consumed_at = $1 WHERE application_id = $2 AND consumed_at IS NULL")
            .bind(Timestamp::from(now))
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Deletes the requests of an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM signing_requests WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

fn place(id: Uuid, application_id: Uuid) -> Place {
    Place::new("signing_requests", "secrets", id, application_id)
}

impl RequestRow {
    async fn open(self, tx: &mut Tx) -> Result<SigningRequest, StoreError> {
        let place = place(self.id, self.application_id);
        let (nonce, code_verifier) = seal::open_json(tx, &place, &self.secrets).await?;
        let broken = || corrupt("signing_requests", self.id);
        Ok(SigningRequest {
            id: SigningRequestId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            application_id: ApplicationId::from_uuid(self.application_id),
            version: u32::try_from(self.version_number).map_err(|_| broken())?,
            state_hash: self.state_hash.as_slice().try_into().map_err(|_| broken())?,
            transaction_id: self.transaction_id,
            signed_attributes: self.signed_attributes,
            nonce,
            code_verifier,
            handoff_id: self.handoff_id.map(HandoffId::from_uuid),
            invitation_id: self.invitation_id.map(CosignInvitationId::from_uuid),
            session_hash: self.session_hash.as_slice().try_into().map_err(|_| broken())?,
            opened_at: self.opened_at.time(),
            expires_at: self.expires_at.time(),
            consumed_at: time_of(self.consumed_at),
        })
    }
}
