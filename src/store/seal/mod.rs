//! Personal data at rest: sealed columns, and keyed tokens to find them by.
//!
//! Every owner of personal data (an application, a patron, a staff member, a mail, a code, a
//! library) has one random data key in `data_keys`, wrapped by a master key that lies outside
//! the database. A sealed column is bound to its table, column, row and owner, so a value
//! moved elsewhere does not open. Erasing the data key erases everything its owner sealed.
//!
//! Values are searched for by HMAC tokens under a key of their library: equal values in two
//! libraries have different tokens, and tokens survive the change of the master key.

mod cipher;
mod data_keys;
mod keyring;
mod tokens;

pub use cipher::DataKey;
pub(super) use cipher::Place;
pub(crate) use cipher::{open_under, seal_under};
pub(super) use data_keys::{LibraryKeys, WrappedKey, bring_key, check_keys, create_key, find_key, key_of, new_key};
pub use data_keys::{erase_key, rewrap};
pub use keyring::{InvalidKeyring, KeyFault, Keyring};
pub use tokens::{HashPurpose, keyed_hash};
pub(super) use tokens::{PortalHash, portal_hash};
pub(super) use tokens::{SearchField, TokenKeys, insert_tokens, replace_tokens, token};

use super::rows::corrupt;
use super::{StoreError, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Seals bytes for `place`.
pub(super) async fn seal(tx: &mut Tx, place: &Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    Ok(key_of(tx, place).await?.seal(place, plain))
}

/// Opens bytes sealed for `place`.
pub(super) async fn open(tx: &mut Tx, place: &Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    key_of(tx, place).await?.open(place, sealed)
}

/// Seals a value as JSON.
pub(super) async fn seal_json<T: Serialize>(tx: &mut Tx, place: &Place, value: &T) -> Result<Vec<u8>, StoreError> {
    let json = Zeroizing::new(serde_json::to_vec(value).map_err(|_| corrupt(place.table, &place.row))?);
    seal(tx, place, &json).await
}

/// Opens a value sealed as JSON.
pub(super) async fn open_json<T: DeserializeOwned>(tx: &mut Tx, place: &Place, sealed: &[u8]) -> Result<T, StoreError> {
    let json = open(tx, place, sealed).await?;
    serde_json::from_slice(&json).map_err(|_| corrupt(place.table, &place.row))
}

/// Opens text sealed for `place`.
pub(super) async fn open_text(tx: &mut Tx, place: &Place, sealed: &[u8]) -> Result<String, StoreError> {
    let text = open(tx, place, sealed).await?;
    String::from_utf8(text.to_vec()).map_err(|_| corrupt(place.table, &place.row))
}
