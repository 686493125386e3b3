//! Initial passwords: the right to see one, its hash, and for ten minutes the sealed text.

use super::gather::Statement;
use super::rows::corrupt;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::credential::{Credential, CredentialState};
use crate::domain::ids::{ApplicationId, CredentialId, LibraryId, PatronId};
use std::fmt;
use time::OffsetDateTime;
use uuid::Uuid;

/// A password that its session can show again, sealed under a key that only the session's cookie holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The sealed text; the store cannot open it.
    pub bytes: Vec<u8>,
    /// Until when it may be shown again.
    pub until: OffsetDateTime,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecret(until {})", self.until)
    }
}

#[derive(sqlx::FromRow)]
struct CredentialRow {
    id: Uuid,
    library_id: Uuid,
    patron_id: Uuid,
    application_id: Option<Uuid>,
    viewable_until: Timestamp,
    state: String,
    hash: Option<String>,
    shown_at: Option<Timestamp>,
    chosen_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    sealed_secret: Vec<u8>,
    sealed_until: Timestamp,
}

/// Inserts a credential.
///
/// # Errors
/// [`StoreError::Duplicate`] if the patron has one.
pub async fn insert(tx: &mut Tx, credential: &Credential) -> Result<(), StoreError> {
    let (state, shown_at, chosen_at) = match &credential.state {
        CredentialState::Unseen => ("unseen", None, None),
        CredentialState::Shown { shown_at, .. } => ("shown", Some(*shown_at), None),
        CredentialState::Chosen { shown_at, chosen_at, .. } => ("shown", Some(*shown_at), Some(*chosen_at)),
    };
    let row = Statement::new(
        "INSERT INTO credentials (id, library_id, patron_id, application_id, viewable_until, state, hash, shown_at,
             chosen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(credential.id.as_uuid())
    .bind(credential.library_id.as_uuid())
    .bind(credential.patron_id.as_uuid())
    .bind(credential.application_id.map(ApplicationId::as_uuid))
    .bind(Timestamp::from(credential.viewable_until))
    .bind(state)
    .bind(credential.state.hash())
    .bind(shown_at.map(Timestamp::from))
    .bind(chosen_at.map(Timestamp::from));
    tx.write(row).await?;
    Ok(())
}

/// Finds a patron's credential.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn find_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Option<Credential>, StoreError> {
    let row: Option<CredentialRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, library_id, patron_id, application_id, viewable_until, state, hash, shown_at, chosen_at
             FROM credentials WHERE patron_id = $1 AND library_id = $2",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    row.map(Credential::try_from).transpose()
}

/// Saves a right that was granted anew: the hash and the sealed text of the password before are gone with this.
///
/// # Errors
/// [`StoreError::Stale`] if the credential is gone.
pub async fn save_reissued(tx: &mut Tx, credential: &Credential) -> Result<(), StoreError> {
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE credentials SET application_id = $1, viewable_until = $2, state = 'unseen', hash = NULL,
                 shown_at = NULL, chosen_at = NULL, sealed_secret = NULL, sealed_until = NULL
             WHERE id = $3 AND library_id = $4",
        )
        .bind(credential.application_id.map(ApplicationId::as_uuid))
        .bind(Timestamp::from(credential.viewable_until))
        .bind(credential.id.as_uuid())
        .bind(credential.library_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Keeps the hash of a password that is being shown for the first time, and for a while its sealed text.
///
/// # Errors
/// [`StoreError::Stale`] if a password was shown before, or the right to see one has ended or is another by now.
pub async fn mark_shown(
    tx: &mut Tx,
    credential: &Credential,
    hash: &str,
    sealed_secret: &[u8],
    sealed_until: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let shown = on!(tx, |conn| {
        sqlx::query(
            "UPDATE credentials SET state = 'shown', hash = $1, shown_at = $2, sealed_secret = $3, sealed_until = $4
             WHERE id = $5 AND state = 'unseen' AND viewable_until > $2 AND viewable_until = $6",
        )
        .bind(hash)
        .bind(Timestamp::from(now))
        .bind(sealed_secret)
        .bind(Timestamp::from(sealed_until))
        .bind(credential.id.as_uuid())
        .bind(Timestamp::from(credential.viewable_until))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if shown == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Puts the hash of a password that the patron has chosen in the place of `before`, and ends the showing of the initial one.
///
/// # Errors
/// [`StoreError::Stale`] if the password is another one by now.
pub async fn save_chosen(tx: &mut Tx, before: &Credential, hash: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE credentials SET hash = $1, chosen_at = $2, sealed_secret = NULL, sealed_until = NULL
             WHERE id = $3 AND library_id = $4 AND state = 'shown' AND hash = $5",
        )
        .bind(hash)
        .bind(Timestamp::from(now))
        .bind(before.id.as_uuid())
        .bind(before.library_id.as_uuid())
        .bind(before.state.hash())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Keeps the hash of a password that is handed out at the counter, in the place of whatever there was: the password
/// before, its sealed text and the right to see one are gone with this. `before` is what was there.
///
/// # Errors
/// [`StoreError::Stale`] if it is another by now.
pub async fn save_handed_out(
    tx: &mut Tx,
    before: &Credential,
    hash: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let saved = on!(tx, |conn| {
        sqlx::query(
            "UPDATE credentials SET state = 'shown', hash = $1, shown_at = $2, chosen_at = NULL, sealed_secret = NULL,
                 sealed_until = NULL
             WHERE id = $3 AND library_id = $4 AND COALESCE(hash, '') = $5 AND viewable_until = $6",
        )
        .bind(hash)
        .bind(Timestamp::from(now))
        .bind(before.id.as_uuid())
        .bind(before.library_id.as_uuid())
        .bind(before.state.hash().unwrap_or_default())
        .bind(Timestamp::from(before.viewable_until))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Ends a patron's right to see a password that was not shown yet. False if there was none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn withdraw(tx: &mut Tx, patron_id: PatronId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let withdrawn = on!(tx, |conn| {
        sqlx::query(
            "UPDATE credentials SET viewable_until = $1
             WHERE patron_id = $2 AND state = 'unseen' AND viewable_until > $1",
        )
        .bind(Timestamp::from(now))
        .bind(patron_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(withdrawn == 1)
}

/// Deletes the password of a patron and whatever there was to see of it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_by_patron(tx: &mut Tx, library_id: LibraryId, patron_id: PatronId) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query("DELETE FROM credentials WHERE patron_id = $1 AND library_id = $2")
            .bind(patron_id.as_uuid())
            .bind(library_id.as_uuid())
            .execute(conn)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Gives the right to see a password that was not shown yet until another time. False if there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn restore(tx: &mut Tx, patron_id: PatronId, viewable_until: OffsetDateTime) -> Result<bool, StoreError> {
    let restored = on!(tx, |conn| {
        sqlx::query("UPDATE credentials SET viewable_until = $1 WHERE patron_id = $2 AND state = 'unseen'")
            .bind(Timestamp::from(viewable_until))
            .bind(patron_id.as_uuid())
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(restored == 1)
}

/// Finds the sealed text, while it may be shown again.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find_sealed(
    tx: &mut Tx,
    id: CredentialId,
    now: OffsetDateTime,
) -> Result<Option<SealedSecret>, StoreError> {
    let row: Option<SealedRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT sealed_secret, sealed_until FROM credentials WHERE id = $1 AND sealed_until > $2")
            .bind(id.as_uuid())
            .bind(Timestamp::from(now))
            .fetch_optional(conn)
            .await
    })?;
    Ok(row.map(|row| SealedSecret { bytes: row.sealed_secret, until: row.sealed_until.time() }))
}

/// Erases the sealed texts whose time is over, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn erase_sealed_before(tx: &mut Tx, now: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query("UPDATE credentials SET sealed_secret = NULL, sealed_until = NULL WHERE sealed_until <= $1")
            .bind(Timestamp::from(now))
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?)
}

impl TryFrom<CredentialRow> for Credential {
    type Error = StoreError;

    fn try_from(row: CredentialRow) -> Result<Self, StoreError> {
        let state = match (row.state.as_str(), row.hash, row.shown_at, row.chosen_at) {
            ("unseen", None, None, None) => CredentialState::Unseen,
            ("shown", Some(hash), Some(shown_at), None) => CredentialState::Shown { hash, shown_at: shown_at.time() },
            ("shown", Some(hash), Some(shown_at), Some(chosen_at)) => {
                CredentialState::Chosen { hash, shown_at: shown_at.time(), chosen_at: chosen_at.time() }
            }
            _ => return Err(corrupt("credentials", row.id)),
        };
        Ok(Self {
            id: CredentialId::from_uuid(row.id),
            library_id: LibraryId::from_uuid(row.library_id),
            patron_id: PatronId::from_uuid(row.patron_id),
            application_id: row.application_id.map(ApplicationId::from_uuid),
            viewable_until: row.viewable_until.time(),
            state,
        })
    }
}
