//! Numbers that only ever go up, one series per library and name.

use super::rows::corrupt;
use super::{StoreError, Tx, on};
use crate::domain::ids::LibraryId;
use sqlx::QueryBuilder;

/// Takes the next number of a series, from 1. Parallel callers wait for each other and get different numbers.
pub(super) async fn next(tx: &mut Tx, library_id: LibraryId, name: &str) -> Result<u64, StoreError> {
    if let Some(taken) = tx.numbers.remove(&(library_id.as_uuid(), name.to_owned())) {
        return Ok(taken);
    }
    let value: i64 = on!(tx, |conn| {
        sqlx::query_scalar(
            "INSERT INTO counters (library_id, name, value) VALUES ($1, $2, 1)
             ON CONFLICT (library_id, name) DO UPDATE SET value = counters.value + 1 RETURNING value",
        )
        .bind(library_id.as_uuid())
        .bind(name)
        .fetch_one(conn)
        .await
    })?;
    u64::try_from(value).map_err(|_| corrupt("counters", name))
}

/// Takes the next number of several series at once, each for the next who asks in this transaction. Whoever takes
/// several must name them in one order, always the same: callers that wait for each other would wait for ever.
pub(super) async fn take_ahead(tx: &mut Tx, library_id: LibraryId, names: &[&str]) -> Result<(), StoreError> {
    let taken: Vec<(String, i64)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("INSERT INTO counters (library_id, name, value) ");
        sql.push_values(names, |mut row, name| {
            row.push_bind(library_id.as_uuid()).push_bind(*name).push("1");
        });
        sql.push(
            " ON CONFLICT (library_id, name) DO UPDATE SET value = counters.value + 1
             RETURNING name, value",
        );
        sql.build_query_as().fetch_all(conn).await
    })?;
    for (name, value) in taken {
        let value = u64::try_from(value).map_err(|_| corrupt("counters", &name))?;
        tx.numbers.insert((library_id.as_uuid(), name), value);
    }
    Ok(())
}

/// Makes sure that the next number of a series is greater than `value`. A series only ever goes up.
pub(super) async fn raise(tx: &mut Tx, library_id: LibraryId, name: &str, value: u64) -> Result<(), StoreError> {
    let value = i64::try_from(value).map_err(|_| corrupt("counters", name))?;
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO counters (library_id, name, value) VALUES ($1, $2, $3)
             ON CONFLICT (library_id, name) DO UPDATE SET value = excluded.value WHERE counters.value < excluded.value",
        )
        .bind(library_id.as_uuid())
        .bind(name)
        .bind(value)
        .execute(conn)
        .await
        .map(drop)
    })
    .map_err(StoreError::from)
}
