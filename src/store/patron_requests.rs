//! What patrons ask about their record, sealed under the patron's key.

use super::rows::{corrupt, time_of};
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{LibraryId, PatronId, PatronRequestId, StaffId};
use crate::domain::message::LetterText;
use crate::domain::patron_request::{PatronRequest, RequestKind, RequestState, Settled};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct RequestRow {
    id: Uuid,
    library_id: Uuid,
    patron_id: Uuid,
    kind: String,
    words: Vec<u8>,
    made_at: Timestamp,
    state: String,
    settled_at: Option<Timestamp>,
    settled_by: Option<Uuid>,
    answer: Option<Vec<u8>>,
}

/// Inserts an open request.
///
/// # Errors
/// [`StoreError::Duplicate`] if one of the kind is open.
pub async fn insert(tx: &mut Tx, request: &PatronRequest) -> Result<(), StoreError> {
    let place = place(request.id.as_uuid(), request.patron_id.as_uuid());
    let text = request.words.as_ref().map(LetterText::as_str).unwrap_or_default();
    let words = seal::seal(tx, &place, text.as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO patron_requests (id, library_id, patron_id, kind, words, made_at, state)
             VALUES ($1, $2, $3, $4, $5, $6, 'open')",
        )
        .bind(request.id.as_uuid())
        .bind(request.library_id.as_uuid())
        .bind(request.patron_id.as_uuid())
        .bind(request.kind.as_str())
        .bind(words)
        .bind(Timestamp::from(request.made_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Notes what became of an open request. False if it is not open any more.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn settle(tx: &mut Tx, request: &PatronRequest) -> Result<bool, StoreError> {
    let place = place(request.id.as_uuid(), request.patron_id.as_uuid()).beside("answer");
    let settled = request.state.settled();
    let answer = match settled {
        Some(settled) => Some(seal::seal(tx, &place, settled.answer.as_str().as_bytes()).await?),
        None => None,
    };
    let at = match &request.state {
        RequestState::Open => return Ok(false),
        RequestState::Done(settled) | RequestState::Refused(settled) => settled.at,
        RequestState::TakenBack { at } => *at,
    };
    let changed = on!(tx, |conn| {
        sqlx::query(
            "UPDATE patron_requests SET state = $1, settled_at = $2, settled_by = $3, answer = $4
             WHERE id = $5 AND library_id = $6 AND state = 'open'",
        )
        .bind(request.state.as_str())
        .bind(Timestamp::from(at))
        .bind(settled.map(|settled| settled.by.as_uuid()))
        .bind(answer)
        .bind(request.id.as_uuid())
        .bind(request.library_id.as_uuid())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Finds a request of one library.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn find(
    tx: &mut Tx,
    library_id: LibraryId,
    id: PatronRequestId,
) -> Result<Option<PatronRequest>, StoreError> {
    let row: Option<RequestRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM patron_requests WHERE id = $1 AND library_id = $2")
            .bind(id.as_uuid())
            .bind(library_id.as_uuid())
            .fetch_optional(conn)
            .await
    })?;
    match row {
        Some(row) => row.open(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Lists what a patron asked, the newest `limit` first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the patron's key was erased.
pub async fn list_by_patron(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    limit: u32,
) -> Result<Vec<PatronRequest>, StoreError> {
    let rows: Vec<RequestRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM patron_requests WHERE patron_id = $1 AND library_id = $2
             ORDER BY made_at DESC, id DESC LIMIT $3",
        )
        .bind(patron_id.as_uuid())
        .bind(library_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let mut requests = Vec::with_capacity(rows.len());
    for row in rows {
        requests.push(row.open(tx).await?);
    }
    Ok(requests)
}

/// Lists what nobody has answered in a library, the oldest `limit` first; without what cannot be read any more.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list_open(tx: &mut Tx, library_id: LibraryId, limit: u32) -> Result<Vec<PatronRequest>, StoreError> {
    let rows: Vec<RequestRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM patron_requests WHERE library_id = $1 AND state = 'open' ORDER BY made_at, id LIMIT $2",
        )
        .bind(library_id.as_uuid())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let mut requests = Vec::with_capacity(rows.len());
    for row in rows {
        match row.open(tx).await {
            // Whoever asked was erased.
            Err(StoreError::Unsealable { .. }) => {}
            request => requests.push(request?),
        }
    }
    Ok(requests)
}

fn place(id: Uuid, owner: Uuid) -> Place {
    Place::new("patron_requests", "words", id, owner)
}

impl RequestRow {
    async fn open(self, tx: &mut Tx) -> Result<PatronRequest, StoreError> {
        let broken = || corrupt("patron_requests", self.id);
        let place = place(self.id, self.patron_id);
        let words = seal::open_text(tx, &place, &self.words).await?;
        let at = time_of(self.settled_at);
        let settled = match (&self.answer, self.settled_by, at) {
            (Some(answer), Some(by), Some(at)) => {
                let answer = seal::open_text(tx, &place.beside("answer"), answer).await?;
                let answer: LetterText = answer.parse().map_err(|_| broken())?;
                Some(Settled { by: StaffId::from_uuid(by), at, answer })
            }
            _ => None,
        };
        let state = match (self.state.as_str(), settled, at) {
            ("open", None, None) => RequestState::Open,
            ("done", Some(settled), _) => RequestState::Done(settled),
            ("refused", Some(settled), _) => RequestState::Refused(settled),
            ("taken_back", None, Some(at)) => RequestState::TakenBack { at },
            _ => return Err(broken()),
        };
        let kind: RequestKind = self.kind.parse().map_err(|_| broken())?;
        Ok(PatronRequest {
            id: PatronRequestId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            patron_id: PatronId::from_uuid(self.patron_id),
            kind,
            words: if words.is_empty() { None } else { Some(words.parse().map_err(|_| broken())?) },
            made_at: self.made_at.time(),
            state,
        })
    }
}
