//! Requests to sign in with the card: each can be answered once, by the browser that asked.

use super::rows::{corrupt, time_of};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{CardSignInId, LibraryId};
use crate::domain::procedure::UnknownName;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;
use uuid::Uuid;

/// What the card is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardPurpose {
    /// To see what became of one's applications.
    SignIn,
    /// To see the initial password of the application that is open already.
    Reveal,
}

impl CardPurpose {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Reveal => "reveal",
        }
    }
}

impl FromStr for CardPurpose {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::SignIn, Self::Reveal].into_iter().find(|purpose| purpose.as_str() == name).ok_or(UnknownName)
    }
}

/// A request to sign in with the card.
#[derive(Clone, PartialEq, Eq)]
pub struct CardSignIn {
    /// Internal identity; nonce and code verifier are derived from it and the session's cookie.
    pub id: CardSignInId,
    /// In which library.
    pub library_id: LibraryId,
    /// What for.
    pub purpose: CardPurpose,
    /// SHA-256 of the OAuth `state` (RFC 6749 §10.12).
    pub state_hash: [u8; 32],
    /// SHA-256 of the token of the browser session that asked.
    pub session_hash: [u8; 32],
    /// When it was opened.
    pub opened_at: OffsetDateTime,
    /// When it becomes void.
    pub expires_at: OffsetDateTime,
    /// When an answer was taken.
    pub consumed_at: Option<OffsetDateTime>,
    /// What the answer proved, if anything.
    pub proof: Option<CardProof>,
}

/// What a browser session has proved with the card.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CardProof {
    /// SHA-256 of the token of the session that followed.
    pub session_hash: [u8; 32],
    /// See [`super::app_subjects::subject_token`].
    pub subject_token: [u8; 32],
}

impl fmt::Debug for CardSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardSignIn({} to {})", self.id, self.purpose.as_str())
    }
}

impl fmt::Debug for CardProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardProof(…)")
    }
}

#[derive(sqlx::FromRow)]
struct SignInRow {
    id: Uuid,
    library_id: Uuid,
    purpose: String,
    state_hash: Vec<u8>,
    session_hash: Vec<u8>,
    opened_at: Timestamp,
    expires_at: Timestamp,
    consumed_at: Option<Timestamp>,
    proved_session: Option<Vec<u8>>,
    proved_subject: Option<Vec<u8>>,
}

/// Inserts a request that nobody has answered.
///
/// # Errors
/// [`StoreError::Duplicate`] if the `state` is already in use.
pub async fn insert(tx: &mut Tx, request: &CardSignIn) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO card_sign_ins (id, library_id, purpose, state_hash, session_hash, opened_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(request.id.as_uuid())
        .bind(request.library_id.as_uuid())
        .bind(request.purpose.as_str())
        .bind(&request.state_hash[..])
        .bind(&request.session_hash[..])
        .bind(Timestamp::from(request.opened_at))
        .bind(Timestamp::from(request.expires_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Finds the request that an answer's `state` belongs to, consumed or not.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find_by_state(tx: &mut Tx, state_hash: &[u8; 32]) -> Result<Option<CardSignIn>, StoreError> {
    let row: Option<SignInRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM card_sign_ins WHERE state_hash = $1")
            .bind(&state_hash[..])
            .fetch_optional(conn)
            .await
    })?;
    row.map(CardSignIn::try_from).transpose()
}

/// Finds the request whose answer a session of one library grew out of.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read.
pub async fn find_by_proved_session(
    tx: &mut Tx,
    library_id: LibraryId,
    session_hash: &[u8; 32],
) -> Result<Option<CardSignIn>, StoreError> {
    let row: Option<SignInRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM card_sign_ins WHERE proved_session = $1 AND library_id = $2")
            .bind(&session_hash[..])
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    row.map(CardSignIn::try_from).transpose()
}

/// Takes the request's one answer. False if it was taken before, or the request has expired.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn consume(tx: &mut Tx, id: CardSignInId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let consumed = on!(tx, |conn| {
        sqlx::query(
            "UPDATE card_sign_ins SET consumed_at = $1 WHERE id = $2 AND consumed_at IS NULL AND expires_at > $1",
        )
        .bind(Timestamp::from(now))
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(consumed == 1)
}

/// Writes down what the answer proved, once.
///
/// # Errors
/// [`StoreError::Stale`] if no answer was taken, or its proof was written down before.
pub async fn save_proof(tx: &mut Tx, id: CardSignInId, proof: &CardProof) -> Result<(), StoreError> {
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE card_sign_ins SET proved_session = $1, proved_subject = $2
             WHERE id = $3 AND consumed_at IS NOT NULL AND proved_session IS NULL",
        )
        .bind(&proof.session_hash[..])
        .bind(&proof.subject_token[..])
        .bind(id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes the requests that were opened before `before`, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_opened_before(tx: &mut Tx, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM card_sign_ins WHERE opened_at < $1")
            .bind(Timestamp::from(before))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

impl TryFrom<SignInRow> for CardSignIn {
    type Error = StoreError;

    fn try_from(row: SignInRow) -> Result<Self, StoreError> {
        let broken = || corrupt("card_sign_ins", row.id);
        let hash = |bytes: &[u8]| bytes.try_into().map_err(|_| broken());
        let proof = match (&row.proved_session, &row.proved_subject) {
            (None, None) => None,
            (Some(session), Some(subject)) => {
                Some(CardProof { session_hash: hash(session)?, subject_token: hash(subject)? })
            }
            _ => return Err(broken()),
        };
        Ok(Self {
            id: CardSignInId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            purpose: row.purpose.parse().map_err(|_| broken())?,
            state_hash: hash(&row.state_hash)?,
            session_hash: hash(&row.session_hash)?,
            opened_at: row.opened_at.time(),
            expires_at: row.expires_at.time(),
            consumed_at: time_of(row.consumed_at),
            proof,
        })
    }
}
