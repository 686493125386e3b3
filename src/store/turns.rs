//! Whose turn it is, where the writers of a library wait for each other.
//!
//! `PostgreSQL` wakes everybody who waits for a row each time that one of them is done with it, so that each has to do
//! with all. Those of one process therefore wait here, in a row, and only the first of them waits in the database: for
//! those of other processes. `SQLite` has one writer, and nobody to wait for.

use super::{Connection, Tx};
use crate::domain::ids::LibraryId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex as Table, PoisonError};
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

/// The turn of one transaction, until it ends.
pub(super) type Turn = OwnedMutexGuard<()>;

/// A turn for each library.
#[derive(Default)]
pub(super) struct Turns(Table<HashMap<Uuid, Arc<Mutex<()>>>>);

impl Turns {
    fn of(&self, library: Uuid) -> Arc<Mutex<()>> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(library).or_default())
    }
}

impl Tx {
    /// Waits until no other transaction of this process has the turn in a library, and has it to the end.
    ///
    /// Nobody may want anything that others who wait for their turn may hold, besides the turn.
    pub(super) async fn take_turn(&mut self, library_id: LibraryId) {
        if self.turn.is_none() && matches!(self.connection, Connection::Postgres(_)) {
            self.turn = Some(self.turns.of(library_id.as_uuid()).lock_owned().await);
        }
    }
}
