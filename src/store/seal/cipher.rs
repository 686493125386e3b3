//! XChaCha20-Poly1305 under a data key: nonce (24 bytes), then ciphertext and tag.

use crate::random;
use crate::store::StoreError;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use std::fmt;
use uuid::Uuid;
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// Where a sealed value stands. All of it is authenticated with the value.
#[derive(Debug, Clone)]
pub(in crate::store) struct Place {
    /// The table.
    pub(in crate::store) table: &'static str,
    /// The column.
    pub(in crate::store) column: &'static str,
    /// The row's identity, as text.
    pub(in crate::store) row: String,
    /// Whose key seals it.
    pub(in crate::store) owner: Uuid,
}

impl Place {
    /// A column of the row `row`, sealed under the key of `owner`.
    pub(in crate::store) fn new(
        table: &'static str,
        column: &'static str,
        row: impl fmt::Display,
        owner: Uuid,
    ) -> Self {
        Self { table, column, row: row.to_string(), owner }
    }

    /// The row's own column under another name.
    pub(in crate::store) fn beside(&self, column: &'static str) -> Self {
        Self { column, ..self.clone() }
    }

    /// What is said when it does not open.
    pub(in crate::store) fn unsealable(&self) -> StoreError {
        StoreError::Unsealable { table: self.table, id: self.row.clone() }
    }

    fn context(&self) -> String {
        format!("todoke/1|{}.{}|{}|{}", self.table, self.column, self.row, self.owner)
    }
}

/// The random key of one owner of personal data.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    pub(super) fn random() -> Self {
        Self(Zeroizing::new(random::bytes()))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(in crate::store) fn seal(&self, place: &Place, plain: &[u8]) -> Vec<u8> {
        seal_under(&self.0, place.context().as_bytes(), plain)
    }

    pub(in crate::store) fn open(&self, place: &Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        open_under(&self.0, place.context().as_bytes(), sealed).ok_or_else(|| place.unsealable())
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// Seals bytes under a key of the caller's, bound to `context`.
///
/// # Panics
/// Never for texts below 256 GB.
pub(crate) fn seal_under(key: &[u8; 32], context: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce = random::bytes::<NONCE>();
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context })
        .expect("the text is far below the cipher's limit of 256 GB");
    [&nonce[..], &sealed].concat()
}

/// Opens what [`seal_under`] sealed under the same key and context.
pub(crate) fn open_under(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context })
        .ok()
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::new("drafts", "answers", "row 1", Uuid::from_u128(1))
    }

    #[test]
    fn a_sealed_value_opens_where_it_was_sealed() {
        let key = DataKey::random();
        let sealed = key.seal(&place(), b"secret");
        assert_eq!(key.open(&place(), &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(sealed.len(), NONCE + 6 + 16);
    }

    #[test]
    fn a_value_moved_to_another_row_column_table_or_owner_does_not_open() {
        let key = DataKey::random();
        let sealed = key.seal(&place(), b"secret");
        let elsewhere = [
            Place { row: "row 2".into(), ..place() },
            Place { column: "email", ..place() },
            Place { table: "patrons", ..place() },
            Place { owner: Uuid::from_u128(2), ..place() },
        ];
        for place in elsewhere {
            assert!(matches!(key.open(&place, &sealed), Err(StoreError::Unsealable { .. })), "{place:?}");
        }
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let key = DataKey::random();
        let sealed = key.seal(&place(), b"secret");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(key.open(&place(), &changed).is_err(), "byte {index}");
            assert!(key.open(&place(), &sealed[..index]).is_err(), "length {index}");
        }
    }

    #[test]
    fn the_same_value_is_never_sealed_to_the_same_bytes() {
        let key = DataKey::random();
        assert_ne!(key.seal(&place(), b"secret"), key.seal(&place(), b"secret"));
    }
}
