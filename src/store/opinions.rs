//! Second opinions: what colleagues are asked, and what they say.

use super::rows::corrupt;
use super::seal::{self, Place};
use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::{ApplicationId, LibraryId, OpinionId, StaffId};
use crate::domain::reference::Reference;
use crate::domain::review::{Opinion, OpinionAnswer};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct OpinionRow {
    id: Uuid,
    library_id: Uuid,
    application_id: Uuid,
    asked_by: Uuid,
    asked_of: Uuid,
    question: Vec<u8>,
    asked_at: Timestamp,
    answer: Option<Vec<u8>>,
    answered_at: Option<Timestamp>,
}

/// Inserts a question.
///
/// # Errors
/// [`StoreError::Duplicate`] if the colleague has an unanswered one about the same application.
pub async fn insert(tx: &mut Tx, opinion: &Opinion) -> Result<(), StoreError> {
    let id = opinion.id.as_uuid();
    let question = place("question", id, opinion.application_id);
    let question = seal::seal(tx, &question, opinion.question.as_str().as_bytes()).await?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO opinions (id, library_id, application_id, asked_by, asked_of, question, asked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(opinion.library_id.as_uuid())
        .bind(opinion.application_id.as_uuid())
        .bind(opinion.asked_by.as_uuid())
        .bind(opinion.asked_of.as_uuid())
        .bind(question)
        .bind(Timestamp::from(opinion.asked_at))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Keeps the answer of whoever was asked about the application.
///
/// # Errors
/// [`StoreError::Stale`] unless a question to them is open.
pub async fn answer(
    tx: &mut Tx,
    application_id: ApplicationId,
    asked_of: StaffId,
    answer: &OpinionAnswer,
) -> Result<(), StoreError> {
    let id: Option<Uuid> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM opinions WHERE application_id = $1 AND asked_of = $2 AND answered_at IS NULL",
        )
        .bind(application_id.as_uuid())
        .bind(asked_of.as_uuid())
        .fetch_optional(conn)
        .await
    })?;
    let Some(id) = id else { return Err(StoreError::Stale) };
    let text = seal::seal(tx, &place("answer", id, application_id), answer.text.as_str().as_bytes()).await?;
    let answered = on!(tx, |conn| {
        sqlx::query("UPDATE opinions SET answer = $1, answered_at = $2 WHERE id = $3 AND answered_at IS NULL")
            .bind(text)
            .bind(Timestamp::from(answer.answered_at))
            .bind(id)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    if answered == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Lists what was asked about an application, oldest first.
///
/// # Errors
/// [`StoreError::Unsealable`] if the application's key was erased.
pub async fn list_by_application(tx: &mut Tx, application_id: ApplicationId) -> Result<Vec<Opinion>, StoreError> {
    let rows: Vec<OpinionRow> = on!(tx, |conn| {
        sqlx::query_as("SELECT * FROM opinions WHERE application_id = $1 ORDER BY asked_at, id")
            .bind(application_id.as_uuid())
            .fetch_all(conn)
            .await
    })?;
    let mut opinions = Vec::with_capacity(rows.len());
    for row in rows {
        opinions.push(row.open(tx).await?);
    }
    Ok(opinions)
}

/// Tells whether a colleague was asked about the application and has not answered: they may read the file.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_asked(tx: &mut Tx, application_id: ApplicationId, asked_of: StaffId) -> Result<bool, StoreError> {
    let open: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM opinions WHERE application_id = $1 AND asked_of = $2 AND answered_at IS NULL",
        )
        .bind(application_id.as_uuid())
        .bind(asked_of.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(open > 0)
}

/// Lists the applications about which a colleague is asked and has not answered, the oldest question first. Nobody needs
/// an answer about what is decided or over.
///
/// # Errors
/// [`StoreError::Corrupt`] if a reference cannot be read.
pub async fn list_asked(tx: &mut Tx, library_id: LibraryId, asked_of: StaffId) -> Result<Vec<Reference>, StoreError> {
    let references: Vec<String> = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT a.reference FROM opinions o JOIN applications a ON a.id = o.application_id
             WHERE o.asked_of = $1 AND o.library_id = $2 AND o.answered_at IS NULL
                 AND a.state IN ('awaiting_signature', 'awaiting_guardian', 'submitted', 'under_review', 'returned')
             ORDER BY o.asked_at, o.id LIMIT 50",
        )
        .bind(asked_of.as_uuid())
        .bind(library_id.as_uuid())
        .fetch_all(conn)
        .await
    })?;
    references.into_iter().map(|text| text.parse().map_err(|_| corrupt("applications", text))).collect()
}

impl OpinionRow {
    async fn open(self, tx: &mut Tx) -> Result<Opinion, StoreError> {
        let application_id = ApplicationId::from_uuid(self.application_id);
        let broken = || corrupt("opinions", self.id);
        let question = seal::open_text(tx, &place("question", self.id, application_id), &self.question).await?;
        let answer = match (&self.answer, self.answered_at) {
            (Some(sealed), Some(at)) => {
                let text = seal::open_text(tx, &place("answer", self.id, application_id), sealed).await?;
                Some(OpinionAnswer { text: text.parse().map_err(|_| broken())?, answered_at: at.time() })
            }
            (None, None) => None,
            _ => return Err(broken()),
        };
        Ok(Opinion {
            id: OpinionId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            application_id,
            asked_by: StaffId::from_uuid(self.asked_by),
            asked_of: StaffId::from_uuid(self.asked_of),
            question: question.parse().map_err(|_| broken())?,
            asked_at: self.asked_at.time(),
            answer,
        })
    }
}

fn place(column: &'static str, id: Uuid, application_id: ApplicationId) -> Place {
    Place::new("opinions", column, id, application_id.as_uuid())
}
