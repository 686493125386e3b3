//! How numbers, times and hashes cross the border between the domain and a row.

use super::StoreError;
use super::timestamp::Timestamp;
use time::OffsetDateTime;

/// A row that contradicts itself.
pub(super) fn corrupt(table: &'static str, id: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { table, id: id.to_string() }
}

/// The time in a column that may be empty.
pub(super) fn time_of(column: Option<Timestamp>) -> Option<OffsetDateTime> {
    column.map(Timestamp::time)
}

/// A count, which the database's CHECK keeps from being negative.
pub(super) fn count_of(column: i64) -> u64 {
    u64::try_from(column).unwrap_or_default()
}
