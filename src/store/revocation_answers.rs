//! What lists and responders said of a signing certificate after the receipt. Nothing is overwritten: the answer
//! on receipt stands with the signature, later ones are added here, and the last one counts.

use super::rows::{corrupt, time_of};
use super::signatures::RevocationAnswer;
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::domain::procedure::UnknownName;
use crate::jpki::RevocationReason;
use std::str::FromStr;
use time::OffsetDateTime;

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerSource {
    /// A revocation list.
    List,
    /// A responder (RFC 6960).
    Ocsp,
}

impl AnswerSource {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Ocsp => "ocsp",
        }
    }
}

impl FromStr for AnswerSource {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::List, Self::Ocsp].into_iter().find(|source| source.as_str() == name).ok_or(UnknownName)
    }
}

/// When and why a certificate was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedSince {
    /// Since when.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

/// An answer after the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterAnswer {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The version whose signature it is about.
    pub version_number: u32,
    /// When it was asked.
    pub asked_at: OffsetDateTime,
    /// Whether the certificate was revoked *as of the receipt*; never unknown.
    pub answer: RevocationAnswer,
    /// Who said it.
    pub source: AnswerSource,
    /// Of a list: its number in lower-case hexadecimal.
    pub crl_number: Option<String>,
    /// When the answer or list was made.
    pub this_update: Option<OffsetDateTime>,
    /// When the next one is due.
    pub next_update: Option<OffsetDateTime>,
    /// Of a responder: when it signed.
    pub produced_at: Option<OffsetDateTime>,
    /// The revocation, be it before or after the receipt.
    pub revoked: Option<RevokedSince>,
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    asked_at: Timestamp,
    status: String,
    source: String,
    crl_number: Option<String>,
    this_update: Option<Timestamp>,
    next_update: Option<Timestamp>,
    produced_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    reason: Option<String>,
}

/// Adds an answer.
///
/// # Errors
/// [`StoreError::Duplicate`] if another one was added at the same moment; [`StoreError::Database`] for an unknown one.
pub async fn insert(tx: &mut Tx, answer: &LaterAnswer) -> Result<(), StoreError> {
    let (revoked_at, reason) = match answer.revoked {
        Some(revoked) => (Some(Timestamp::from(revoked.at)), Some(name_of(revoked.reason))),
        None => (None, None),
    };
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO revocation_answers (application_id, version_number, seq, library_id, asked_at, status, source,
                 crl_number, this_update, next_update, produced_at, revoked_at, reason)
             SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
             FROM revocation_answers WHERE application_id = $1 AND version_number = $2",
        )
        .bind(answer.application_id.as_uuid())
        .bind(i64::from(answer.version_number))
        .bind(answer.library_id.as_uuid())
        .bind(Timestamp::from(answer.asked_at))
        .bind(answer.answer.as_str())
        .bind(answer.source.as_str())
        .bind(answer.crl_number.as_deref())
        .bind(answer.this_update.map(Timestamp::from))
        .bind(answer.next_update.map(Timestamp::from))
        .bind(answer.produced_at.map(Timestamp::from))
        .bind(revoked_at)
        .bind(reason)
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lists the answers about a version's signature, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`] if one cannot be read.
pub async fn list(
    tx: &mut Tx,
    library_id: LibraryId,
    application_id: ApplicationId,
    version_number: u32,
) -> Result<Vec<LaterAnswer>, StoreError> {
    let rows: Vec<AnswerRow> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT asked_at, status, source, crl_number, this_update, next_update, produced_at, revoked_at, reason
             FROM revocation_answers WHERE application_id = $1 AND version_number = $2 AND library_id = $3
             ORDER BY seq",
        )
        .bind(application_id.as_uuid())
        .bind(i64::from(version_number))
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    let broken = || corrupt("revocation_answers", application_id);
    rows.into_iter()
        .map(|row| {
            let revoked = match (row.revoked_at, &row.reason) {
                (Some(at), Some(reason)) => {
                    Some(RevokedSince { at: at.time(), reason: reason_named(reason).ok_or_else(broken)? })
                }
                _ => None,
            };
            Ok(LaterAnswer {
                library_id,
                application_id,
                version_number,
                asked_at: row.asked_at.time(),
                answer: row.status.parse().map_err(|_| broken())?,
                source: row.source.parse().map_err(|_| broken())?,
                crl_number: row.crl_number,
                this_update: time_of(row.this_update),
                next_update: time_of(row.next_update),
                produced_at: time_of(row.produced_at),
                revoked,
            })
        })
        .collect()
}

/// The reason's name in storage: as in the stored verdicts.
pub(super) fn name_of(reason: RevocationReason) -> String {
    serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(super) fn reason_named(name: &str) -> Option<RevocationReason> {
    serde_json::from_value(serde_json::Value::from(name)).ok()
}
