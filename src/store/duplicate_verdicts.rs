//! What reviewers said of two people who may be one. A verdict is about a pair, whichever of them is reviewed.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::duplicate::{StandingVerdict, VerdictNote};
use crate::domain::ids::{ApplicationId, DuplicateVerdictId, LibraryId, StaffId};
use crate::domain::version::Digest;
use uuid::Uuid;

/// Somebody as of a verdict: the owner of the data, and the digest of the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// The patron or application.
    pub owner: Uuid,
    /// What the facts were.
    pub digest: Digest,
}

/// A verdict to be remembered.
#[derive(Debug, Clone)]
pub struct NewVerdict {
    /// Internal identity.
    pub id: DuplicateVerdictId,
    /// The library.
    pub library_id: LibraryId,
    /// The application that was under review.
    pub application_id: ApplicationId,
    /// One of the two, in either order.
    pub one: Side,
    /// The other.
    pub other: Side,
    /// What was said, by whom, when.
    pub said: StandingVerdict,
}

/// A verdict with the person it was about, as they both were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairVerdict {
    /// The digest of the person asked about.
    pub own_digest: Digest,
    /// The other one.
    pub other: Side,
    /// What was said.
    pub said: StandingVerdict,
}

#[derive(sqlx::FromRow)]
struct VerdictRow {
    id: Uuid,
    application_id: Uuid,
    a_owner: Uuid,
    b_owner: Uuid,
    a_digest: Vec<u8>,
    b_digest: Vec<u8>,
    verdict: String,
    note: Option<Vec<u8>>,
    judged_by: Uuid,
    judged_at: Timestamp,
}

/// Remembers a verdict; its note is sealed for the application under review.
///
/// # Errors
/// [`StoreError::Database`], among others if one of the two has been erased or both are one.
pub async fn insert(tx: &mut Tx, verdict: &NewVerdict) -> Result<(), StoreError> {
    let (id, application) = (verdict.id.as_uuid(), verdict.application_id.as_uuid());
    let note = match &verdict.said.note {
        Some(note) => Some(seal::seal(tx, &place(id, application), note.as_str().as_bytes()).await?),
        None => None,
    };
    let (a, b) = if verdict.one.owner < verdict.other.owner {
        (verdict.one, verdict.other)
    } else {
        (verdict.other, verdict.one)
    };
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO duplicate_verdicts (id, library_id, application_id, a_owner, b_owner, a_digest, b_digest,
                 verdict, note, judged_by, judged_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id)
        .bind(verdict.library_id.as_uuid())
        .bind(application)
        .bind(a.owner)
        .bind(b.owner)
        .bind(&a.digest.as_bytes()[..])
        .bind(&b.digest.as_bytes()[..])
        .bind(verdict.said.verdict.as_str())
        .bind(note)
        .bind(verdict.said.by.as_uuid())
        .bind(Timestamp::from(verdict.said.at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists all that was said of `owner` and others, the newest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if a row contradicts itself.
pub async fn list_of(tx: &mut Tx, library_id: LibraryId, owner: Uuid) -> Result<Vec<PairVerdict>, StoreError> {
    let rows: Vec<VerdictRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT * FROM (
                 SELECT * FROM duplicate_verdicts WHERE a_owner = $2 AND library_id = $1
                 UNION ALL SELECT * FROM duplicate_verdicts WHERE b_owner = $2 AND library_id = $1
             ) AS said ORDER BY judged_at DESC, id DESC LIMIT 1000",
        )
        .bind(library_id.as_uuid())
        .bind(owner)
        .fetch_all(conn)
        .await
    })?;
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        verdicts.push(row.open(tx, owner).await?);
    }
    Ok(verdicts)
}

impl VerdictRow {
    async fn open(self, tx: &mut Tx, owner: Uuid) -> Result<PairVerdict, StoreError> {
        let unsound = || corrupt("duplicate_verdicts", self.id);
        let digest = |bytes: &[u8]| Digest::try_from(bytes).map_err(|_| unsound());
        let (a, b) = (digest(&self.a_digest)?, digest(&self.b_digest)?);
        let (own_digest, other) = if self.a_owner == owner {
            (a, Side { owner: self.b_owner, digest: b })
        } else {
            (b, Side { owner: self.a_owner, digest: a })
        };
        let place = place(self.id, self.application_id);
        let note = match &self.note {
            // The note goes with the application for which it was written; the verdict stays.
            Some(sealed) if seal::find_key(tx, self.application_id).await?.is_some() => {
                let text = seal::open_text(tx, &place, sealed).await?;
                VerdictNote::parse(&text).map_err(|_| unsound())?
            }
            _ => None,
        };
        let verdict = self.verdict.parse().map_err(|_| unsound())?;
        let (by, at) = (StaffId::from_uuid(self.judged_by), self.judged_at.time());
        Ok(PairVerdict { own_digest, other, said: StandingVerdict { verdict, note, by, at } })
    }
}

fn place(id: Uuid, application: Uuid) -> Place {
    Place::new("duplicate_verdicts", "note", id, application)
}
