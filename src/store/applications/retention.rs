//! What is kept after its end, and since when.

use super::row::ApplicationRow;
use crate::domain::application::{Application, Ending};
use crate::domain::ids::LibraryId;
use crate::domain::procedure::Procedure;
use crate::store::rows::{corrupt, count_of};
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, Tx, on};
use time::OffsetDateTime;

/// Counts the applications of a library that ended so before `before` and still have contents, by procedure.
///
/// # Errors
/// [`StoreError::Corrupt`] if a procedure is unknown.
pub async fn count_kept(
    tx: &mut Tx,
    library_id: LibraryId,
    ending: Ending,
    before: OffsetDateTime,
) -> Result<Vec<(Procedure, u64)>, StoreError> {
    // The states stand in the text, so that both engines see which partial index serves it.
    let sql = match ending {
        Ending::Issued | Ending::Declined => {
            "SELECT procedure, COUNT(*) FROM applications
             WHERE library_id = $1 AND state = $2 AND state IN ('issued', 'declined') AND decided_at < $3
             GROUP BY procedure"
        }
        Ending::Withdrawn | Ending::Lapsed => {
            "SELECT procedure, COUNT(*) FROM applications
             WHERE library_id = $1 AND state = $2 AND state IN ('withdrawn', 'lapsed') AND ended_at < $3
             GROUP BY procedure"
        }
    };
    let rows: Vec<(String, i64)> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(library_id.as_uuid())
            .bind(ending.as_str())
            .bind(Timestamp::from(before))
            .fetch_all(conn)
            .await
    })?;
    let read = |(procedure, count): (String, i64)| {
        let procedure = procedure.parse().map_err(|_| corrupt("applications", &procedure))?;
        Ok((procedure, count_of(count)))
    };
    rows.into_iter().map(read).collect()
}

/// Lists the same applications, the longest ended first.
///
/// # Errors
/// [`StoreError::Corrupt`] if state and columns contradict each other.
pub async fn list_kept(
    tx: &mut Tx,
    library_id: LibraryId,
    ending: Ending,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<Application>, StoreError> {
    let sql = match ending {
        Ending::Issued | Ending::Declined => {
            "SELECT * FROM applications
             WHERE library_id = $1 AND state = $2 AND state IN ('issued', 'declined') AND decided_at < $3
             ORDER BY decided_at, id LIMIT $4"
        }
        Ending::Withdrawn | Ending::Lapsed => {
            "SELECT * FROM applications
             WHERE library_id = $1 AND state = $2 AND state IN ('withdrawn', 'lapsed') AND ended_at < $3
             ORDER BY ended_at, id LIMIT $4"
        }
    };
    let rows: Vec<ApplicationRow> = on!(tx, |conn| {
        sqlx::query_as(sql)
            .bind(library_id.as_uuid())
            .bind(ending.as_str())
            .bind(Timestamp::from(before))
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Counts the applications of a library that are over and not erased.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_all_kept(tx: &mut Tx, library_id: LibraryId) -> Result<u64, StoreError> {
    let kept: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM applications
             WHERE library_id = $1 AND state IN ('issued', 'declined', 'withdrawn', 'lapsed')",
        )
        .bind(library_id.as_uuid())
        .fetch_one(conn)
        .await
    })?;
    Ok(count_of(kept))
}
