//! Codes sent by e-mail: hashed, short-lived, used once, and tried at most five times.

use super::rows::{corrupt, count_of, time_of};
use super::seal::{self, Place, SearchField};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on, search_keys};
use crate::domain::ids::{ApplicationId, EmailCodeId, LibraryId};
use crate::domain::person::EmailAddress;
use crate::domain::procedure::UnknownName;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;
use uuid::Uuid;

/// How often a code may be tried.
pub const MOST_TRIES: u32 = 5;

/// What a code opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// Proves that the applicant reads the address.
    Confirm,
    /// Opens a draft on another device.
    Resume,
    /// Opens a signed application and its notices.
    SignIn,
}

impl CodePurpose {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Resume => "resume",
            Self::SignIn => "sign_in",
        }
    }
}

impl FromStr for CodePurpose {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Confirm, Self::Resume, Self::SignIn]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
            .ok_or(UnknownName)
    }
}

/// A code that was sent. The code itself is in the mail only.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailCode {
    /// Internal identity.
    pub id: EmailCodeId,
    /// The library.
    pub library_id: LibraryId,
    /// SHA-256 of the token of the session that asked for it: nobody else can use it.
    pub session_hash: [u8; 32],
    /// What it opens.
    pub purpose: CodePurpose,
    /// Where it was sent; kept sealed.
    pub email: EmailAddress,
    /// The application that it is for, if that is known already.
    pub application_id: Option<ApplicationId>,
    /// The code's keyed hash.
    pub code_hash: [u8; 32],
    /// When it was sent.
    pub sent_at: OffsetDateTime,
    /// When it becomes void.
    pub expires_at: OffsetDateTime,
    /// How often it was tried.
    pub tries: u32,
    /// When it was used.
    pub used_at: Option<OffsetDateTime>,
}

impl fmt::Debug for EmailCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailCode({} to {:?})", self.id, self.purpose)
    }
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    id: Uuid,
    library_id: Uuid,
    session_hash: Vec<u8>,
    purpose: String,
    email: Vec<u8>,
    application_id: Option<Uuid>,
    code_hash: Vec<u8>,
    sent_at: Timestamp,
    expires_at: Timestamp,
    tries: i64,
    used_at: Option<Timestamp>,
}

/// Inserts a code. One for an application is sealed under the application's key, any other under its own.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn insert(tx: &mut Tx, code: &EmailCode) -> Result<(), StoreError> {
    let id = code.id.as_uuid();
    if code.application_id.is_none() {
        seal::create_key(tx, code.library_id, id).await?;
    }
    let place = place(id, code.application_id.map(ApplicationId::as_uuid));
    let email = seal::seal(tx, &place, code.email.as_str().as_bytes()).await?;
    let token = token(tx, code.library_id, &code.email).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO email_codes (id, library_id, session_hash, purpose, email, email_token, application_id,
                 code_hash, sent_at, expires_at, tries, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(id)
        .bind(code.library_id.as_uuid())
        .bind(&code.session_hash[..])
        .bind(code.purpose.as_str())
        .bind(email)
        .bind(token)
        .bind(code.application_id.map(ApplicationId::as_uuid))
        .bind(&code.code_hash[..])
        .bind(Timestamp::from(code.sent_at))
        .bind(Timestamp::from(code.expires_at))
        .bind(i64::from(code.tries))
        .bind(code.used_at.map(Timestamp::from))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the codes of a session that can still be used, newest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if an application's key was erased.
pub async fn list_live(
    tx: &mut Tx,
    session_hash: &[u8; 32],
    purpose: CodePurpose,
    now: OffsetDateTime,
) -> Result<Vec<EmailCode>, StoreError> {
    let rows: Vec<CodeRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, session_hash, purpose, email, application_id, code_hash, sent_at, expires_at, tries,
                 used_at
             FROM email_codes
             WHERE session_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4
             ORDER BY sent_at DESC, id DESC LIMIT 20",
        )
        .bind(&session_hash[..])
        .bind(purpose.as_str())
        .bind(Timestamp::from(now))
        .bind(i64::from(MOST_TRIES))
        .fetch_all(conn)
        .await
    })?;
    let mut codes = Vec::with_capacity(rows.len());
    for row in rows {
        codes.push(row.open(tx).await?);
    }
    Ok(codes)
}

/// Lists the codes that a session used since `since`, newest first: a second click sends one again.
///
/// # Errors
/// [`StoreError::Unsealable`] if an application's key was erased.
pub async fn list_used_since(
    tx: &mut Tx,
    session_hash: &[u8; 32],
    purpose: CodePurpose,
    since: OffsetDateTime,
) -> Result<Vec<EmailCode>, StoreError> {
    let rows: Vec<CodeRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, session_hash, purpose, email, application_id, code_hash, sent_at, expires_at, tries,
                 used_at
             FROM email_codes WHERE session_hash = $1 AND purpose = $2 AND used_at > $3
             ORDER BY used_at DESC, id DESC LIMIT 20",
        )
        .bind(&session_hash[..])
        .bind(purpose.as_str())
        .bind(Timestamp::from(since))
        .fetch_all(conn)
        .await
    })?;
    let mut codes = Vec::with_capacity(rows.len());
    for row in rows {
        codes.push(row.open(tx).await?);
    }
    Ok(codes)
}

/// Counts one try before it is judged, and tells how many there were; `None` if no try is left.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_try(tx: &mut Tx, id: EmailCodeId) -> Result<Option<u32>, StoreError> {
    let tries: Option<i64> = on!(tx, |conn| {
        sqlx::query_scalar("UPDATE email_codes SET tries = tries + 1 WHERE id = $1 AND tries < $2 RETURNING tries")
            .bind(id.as_uuid())
            .bind(i64::from(MOST_TRIES))
            .fetch_optional(conn)
            .await
    })?;
    tries.map(|tries| u32::try_from(tries).map_err(|_| corrupt("email_codes", id))).transpose()
}

/// Uses a code. False if it was used before, or has expired.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn mark_used(tx: &mut Tx, id: EmailCodeId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let used = on!(tx, |conn| {
        sqlx::query("UPDATE email_codes SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $1")
            .bind(Timestamp::from(now))
            .bind(id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(used == 1)
}

/// Counts the codes for one purpose sent to an address since `since`.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_sent_since(
    tx: &mut Tx,
    library_id: LibraryId,
    email: &EmailAddress,
    purpose: CodePurpose,
    since: OffsetDateTime,
) -> Result<u64, StoreError> {
    let token = token(tx, library_id, email).await?;
    let sent: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM email_codes
             WHERE library_id = $1 AND email_token = $2 AND purpose = $3 AND sent_at >= $4",
        )
        .bind(library_id.as_uuid())
        .bind(token)
        .bind(purpose.as_str())
        .bind(Timestamp::from(since))
        .fetch_one(conn)
        .await
    })?;
    Ok(count_of(sent))
}

/// Counts the codes that a browser session asked for since `since`, whatever the address.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_asked_since(tx: &mut Tx, session_hash: &[u8; 32], since: OffsetDateTime) -> Result<u64, StoreError> {
    let asked: i64 = on!(tx, |conn| {
        sqlx::query_scalar("SELECT COUNT(*) FROM email_codes WHERE session_hash = $1 AND sent_at >= $2")
            .bind(&session_hash[..])
            .bind(Timestamp::from(since))
            .fetch_one(conn)
            .await
    })?;
    Ok(count_of(asked))
}

/// When the last code for one purpose was sent to an address.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn last_sent_at(
    tx: &mut Tx,
    library_id: LibraryId,
    email: &EmailAddress,
    purpose: CodePurpose,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let token = token(tx, library_id, email).await?;
    let last: Option<Timestamp> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT MAX(sent_at) FROM email_codes WHERE library_id = $1 AND email_token = $2 AND purpose = $3",
        )
        .bind(library_id.as_uuid())
        .bind(token)
        .bind(purpose.as_str())
        .fetch_one(conn)
        .await
    })?;
    Ok(time_of(last))
}

/// Deletes the codes that became void before `before`, with their keys, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_expired(tx: &mut Tx, before: OffsetDateTime) -> Result<u64, StoreError> {
    let before = Timestamp::from(before);
    on!(tx, |conn| {
        sqlx::query(
            "DELETE FROM data_keys WHERE owner_id IN
                 (SELECT id FROM email_codes WHERE expires_at < $1 AND application_id IS NULL)",
        )
        .bind(before)
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(on!(tx, |conn| {
        sqlx::query("DELETE FROM email_codes WHERE expires_at < $1")
            .bind(before)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// Deletes the codes for an application whose contents are being erased.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) async fn delete_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM email_codes WHERE application_id = $1")
            .bind(application_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

async fn token(tx: &mut Tx, library_id: LibraryId, email: &EmailAddress) -> Result<Vec<u8>, StoreError> {
    Ok(seal::token(tx, library_id, SearchField::Email, &search_keys::email(email)).await?.to_vec())
}

fn place(id: Uuid, application_id: Option<Uuid>) -> Place {
    Place::new("email_codes", "email", id, application_id.unwrap_or(id))
}

impl CodeRow {
    async fn open(self, tx: &mut Tx) -> Result<EmailCode, StoreError> {
        let broken = || corrupt("email_codes", self.id);
        let email = seal::open_text(tx, &place(self.id, self.application_id), &self.email).await?;
        Ok(EmailCode {
            id: EmailCodeId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            session_hash: self.session_hash.as_slice().try_into().map_err(|_| broken())?,
            purpose: self.purpose.parse().map_err(|_| broken())?,
            email: email.parse().map_err(|_| broken())?,
            application_id: self.application_id.map(ApplicationId::from_uuid),
            code_hash: self.code_hash.as_slice().try_into().map_err(|_| broken())?,
            sent_at: self.sent_at.time(),
            expires_at: self.expires_at.time(),
            tries: u32::try_from(self.tries).map_err(|_| broken())?,
            used_at: time_of(self.used_at),
        })
    }
}
