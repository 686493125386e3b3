//! The table of wrapped data keys.

use super::cipher::{DataKey, Place};
use super::keyring::Keyring;
use crate::domain::ids::LibraryId;
use crate::store::gather::Statement;
use crate::store::rows::corrupt;
use crate::store::{StoreError, Tx, on};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use uuid::Uuid;

/// A data key as its row has it.
#[derive(sqlx::FromRow)]
pub(in crate::store) struct WrappedKey {
    owner_id: Uuid,
    library_id: Uuid,
    master_version: i64,
    wrapped: Vec<u8>,
}

impl WrappedKey {
    /// A key whose columns came with another row.
    pub(in crate::store) const fn new(owner_id: Uuid, library_id: Uuid, master_version: i64, wrapped: Vec<u8>) -> Self {
        Self { owner_id, library_id, master_version, wrapped }
    }

    /// Owner, library, version of the master key, and the key under it: the columns of its row.
    pub(in crate::store) fn columns(&self) -> (Uuid, Uuid, i64, &[u8]) {
        (self.owner_id, self.library_id, self.master_version, &self.wrapped)
    }

    fn version(&self) -> Result<u32, StoreError> {
        u32::try_from(self.master_version).map_err(|_| corrupt("data_keys", self.owner_id))
    }

    /// Opens it with the transaction's keyring.
    pub(in crate::store) fn open(&self, tx: &Tx) -> Result<DataKey, StoreError> {
        tx.keyring.unwrap_key(self.version()?, LibraryId::from_uuid(self.library_id), self.owner_id, &self.wrapped)
    }
}

/// The keys of libraries that were opened since the process began. A library's key lasts as long as the library, and
/// nearly everything that is looked for needs it.
#[derive(Default)]
pub(in crate::store) struct LibraryKeys(RwLock<HashMap<Uuid, DataKey>>);

impl LibraryKeys {
    fn find(&self, library: Uuid) -> Option<DataKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&library).cloned()
    }

    fn keep(&self, library: Uuid, key: &DataKey) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(library, key.clone());
    }

    fn forget(&self, owner: Uuid) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&owner);
    }
}

/// Makes the data key of a new owner, and the row in which it will be kept.
pub(in crate::store) fn new_key(
    keyring: &Keyring,
    library_id: LibraryId,
    owner: Uuid,
) -> Result<(DataKey, WrappedKey), StoreError> {
    let key = DataKey::random();
    let wrapped = keyring.wrap(&key, library_id, owner)?;
    Ok((key, WrappedKey::new(owner, library_id.as_uuid(), i64::from(keyring.current()), wrapped)))
}

/// Makes the data key of a new owner.
pub(in crate::store) async fn create_key(
    tx: &mut Tx,
    library_id: LibraryId,
    owner: Uuid,
) -> Result<DataKey, StoreError> {
    let (key, row) = new_key(&tx.keyring, library_id, owner)?;
    let sql = "INSERT INTO data_keys (owner_id, library_id, master_version, wrapped) VALUES ($1, $2, $3, $4)";
    let row = Statement::new(sql).bind(row.owner_id).bind(row.library_id).bind(row.master_version).bind(row.wrapped);
    tx.write(row).await?;
    tx.opened.insert(owner, key.clone());
    Ok(key)
}

/// The data key of `owner`; `None` if it never had one or it was erased.
pub(in crate::store) async fn find_key(tx: &mut Tx, owner: Uuid) -> Result<Option<DataKey>, StoreError> {
    if let Some(key) = tx.opened.get(&owner) {
        return Ok(Some(key.clone()));
    }
    if let Some(key) = tx.library_keys.find(owner) {
        return Ok(Some(key));
    }
    let brought = tx.brought.remove(&owner);
    let row = if brought.is_some() { brought } else { read_key(tx, owner).await? };
    let Some(row) = row else { return Ok(None) };
    let key = row.open(tx)?;
    if row.owner_id == row.library_id {
        tx.library_keys.keep(owner, &key);
    }
    tx.opened.insert(owner, key.clone());
    Ok(Some(key))
}

/// Keeps a key that came with another row for whoever will need it in this transaction; nothing is opened yet.
pub(in crate::store) fn bring_key(tx: &mut Tx, row: WrappedKey) {
    tx.brought.insert(row.owner_id, row);
}

async fn read_key(tx: &mut Tx, owner: Uuid) -> Result<Option<WrappedKey>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as("SELECT owner_id, library_id, master_version, wrapped FROM data_keys WHERE owner_id = $1")
            .bind(owner)
            .fetch_optional(conn)
            .await
    })?)
}

/// The data key that `place` needs.
pub(in crate::store) async fn key_of(tx: &mut Tx, place: &Place) -> Result<DataKey, StoreError> {
    find_key(tx, place.owner).await?.ok_or_else(|| place.unsealable())
}

/// Erases the data key of `owner`: what it sealed cannot be read by anybody any more, and its
/// search tokens are gone. True if there was a key.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn erase_key(tx: &mut Tx, owner: Uuid) -> Result<bool, StoreError> {
    tx.opened.remove(&owner);
    tx.brought.remove(&owner);
    tx.library_keys.forget(owner);
    let erased = on!(tx, |conn| {
        sqlx::query("DELETE FROM data_keys WHERE owner_id = $1")
            .bind(owner)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(erased > 0)
}

/// Wraps up to `limit` data keys of older master keys under the newest one, and tells how many
/// it did: 0 means that the older master keys are no longer needed.
///
/// # Errors
/// [`StoreError::WrongKey`] if an older master key is not in the keyring.
pub async fn rewrap(tx: &mut Tx, limit: u32) -> Result<u64, StoreError> {
    let current = i64::from(tx.keyring.current());
    let rows: Vec<WrappedKey> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT owner_id, library_id, master_version, wrapped FROM data_keys
             WHERE master_version < $1 ORDER BY master_version LIMIT $2",
        )
        .bind(current)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
    })?;
    let mut rewrapped = 0;
    for row in rows {
        let key = row.open(tx)?;
        let wrapped = tx.keyring.wrap(&key, LibraryId::from_uuid(row.library_id), row.owner_id)?;
        rewrapped += on!(tx, |conn| {
            sqlx::query(
                "UPDATE data_keys SET master_version = $1, wrapped = $2 WHERE owner_id = $3 AND master_version = $4",
            )
            .bind(current)
            .bind(wrapped)
            .bind(row.owner_id)
            .bind(row.master_version)
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
        })?;
    }
    Ok(rewrapped)
}

/// Opens one data key of each master key version in use, and the key of every library.
pub(in crate::store) async fn check_keys(tx: &mut Tx) -> Result<(), StoreError> {
    let mut after = 0_i64;
    loop {
        let row: Option<WrappedKey> = on!(tx, |conn| {
            sqlx::query_as(
                "SELECT owner_id, library_id, master_version, wrapped FROM data_keys
                 WHERE master_version > $1 ORDER BY master_version LIMIT 1",
            )
            .bind(after)
            .fetch_optional(conn)
            .await
        })?;
        let Some(row) = row else { break };
        row.open(tx)?;
        after = row.master_version;
    }
    // What people are found by hangs on these: a database pieced together from two must not serve.
    let libraries: Vec<Uuid> =
        on!(tx, |conn| sqlx::query_scalar("SELECT id FROM libraries ORDER BY id").fetch_all(conn).await)?;
    for library in libraries {
        let row = read_key(tx, library).await?;
        let row = row.ok_or_else(|| StoreError::Unsealable { table: "libraries", id: library.to_string() })?;
        row.open(tx)?;
    }
    Ok(())
}
