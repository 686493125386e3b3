//! The master keys: a text file, one key per line, never in the database.

use super::cipher::{DataKey, open_under, seal_under};
use crate::domain::ids::LibraryId;
use crate::random;
use crate::store::StoreError;
use aws_lc_rs::hmac;
use data_encoding::BASE64;
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The master keys by version. The highest version wraps new data keys; the others only open old ones.
pub struct Keyring {
    masters: BTreeMap<u32, Zeroizing<[u8; 32]>>,
    current: u32,
}

/// Why a text is not a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeyring {
    /// There is no key in it.
    #[error("there is no master key")]
    Empty,
    /// A line is not `version:base64`, or the key is not 32 bytes long.
    #[error("line {0} is not VERSION:BASE64 of 32 bytes")]
    Line(usize),
    /// Two lines have the same version.
    #[error("version {0} stands there twice")]
    Twice(u32),
}

/// What is the matter with a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// The keyring has no key of this version.
    Missing,
    /// The keyring's key of this version does not open this database's data keys.
    Different,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing from the keyring",
            Self::Different => "is not the one that sealed this database",
        })
    }
}

impl Keyring {
    /// Reads lines of `version:base64`; empty lines and lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// See [`InvalidKeyring`].
    pub fn parse(text: &str) -> Result<Self, InvalidKeyring> {
        let mut masters = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (version, key) = parse_line(line).ok_or(InvalidKeyring::Line(number))?;
            if masters.insert(version, key).is_some() {
                return Err(InvalidKeyring::Twice(version));
            }
        }
        let current = *masters.last_key_value().ok_or(InvalidKeyring::Empty)?.0;
        Ok(Self { masters, current })
    }

    /// Makes a line with a new random key, to be appended to the key file.
    #[must_use]
    pub fn generate_line(version: u32) -> Zeroizing<String> {
        let key = Zeroizing::new(random::bytes::<32>());
        Zeroizing::new(format!("{version}:{}", BASE64.encode(&*key)))
    }

    /// A secret of this installation for one purpose, such as hidden form fields; another one after the
    /// master key changes.
    #[must_use]
    pub fn secret_for(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut secret = Zeroizing::new([0; 32]);
        if let Some(master) = self.masters.get(&self.current) {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &master[..]);
            secret.copy_from_slice(hmac::sign(&key, purpose.as_bytes()).as_ref());
        }
        secret
    }

    /// The version that wraps new data keys.
    #[must_use]
    pub const fn current(&self) -> u32 {
        self.current
    }

    pub(super) fn wrap(&self, key: &DataKey, library_id: LibraryId, owner: Uuid) -> Result<Vec<u8>, StoreError> {
        let context = context(self.current, library_id, owner);
        Ok(seal_under(self.master(self.current)?, context.as_bytes(), key.as_bytes()))
    }

    pub(super) fn unwrap_key(
        &self,
        version: u32,
        library_id: LibraryId,
        owner: Uuid,
        wrapped: &[u8],
    ) -> Result<DataKey, StoreError> {
        open_under(self.master(version)?, context(version, library_id, owner).as_bytes(), wrapped)
            .and_then(|bytes| DataKey::from_bytes(&bytes))
            .ok_or(StoreError::WrongKey { version, fault: KeyFault::Different })
    }

    fn master(&self, version: u32) -> Result<&[u8; 32], StoreError> {
        match self.masters.get(&version) {
            Some(key) => Ok(key),
            None => Err(StoreError::WrongKey { version, fault: KeyFault::Missing }),
        }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring(versions {:?})", self.masters.keys())
    }
}

fn context(version: u32, library_id: LibraryId, owner: Uuid) -> String {
    format!("todoke/1|data_keys.wrapped|{version}|{library_id}|{owner}")
}

fn parse_line(line: &str) -> Option<(u32, Zeroizing<[u8; 32]>)> {
    let (version, key) = line.split_once(':')?;
    let version = version.trim().parse().ok().filter(|version| *version > 0)?;
    let bytes = Zeroizing::new(BASE64.decode(key.trim().as_bytes()).ok()?);
    let key: [u8; 32] = bytes.as_slice().try_into().ok()?;
    Some((version, Zeroizing::new(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn library() -> LibraryId {
        LibraryId::new(datetime!(2026-11-20 09:00 UTC))
    }

    #[test]
    fn a_generated_line_is_a_keyring() {
        let keyring = Keyring::parse(&Keyring::generate_line(7)).unwrap();
        assert_eq!(keyring.current(), 7);
    }

    #[test]
    fn the_highest_version_wraps_and_all_versions_open() {
        let (first, second) = (Keyring::generate_line(1), Keyring::generate_line(2));
        let old = Keyring::parse(&first).unwrap();
        let both = Keyring::parse(&format!("# after the change\n{}\n\n{}\n", *second, *first)).unwrap();
        let (key, library, owner) = (DataKey::random(), library(), Uuid::from_u128(9));
        let wrapped = old.wrap(&key, library, owner).unwrap();
        assert_eq!(both.current(), 2);
        assert_eq!(both.unwrap_key(1, library, owner, &wrapped).unwrap().as_bytes(), key.as_bytes());
        let wrapped = both.wrap(&key, library, owner).unwrap();
        assert_eq!(both.unwrap_key(2, library, owner, &wrapped).unwrap().as_bytes(), key.as_bytes());
        assert!(matches!(
            old.unwrap_key(2, library, owner, &wrapped),
            Err(StoreError::WrongKey { version: 2, fault: KeyFault::Missing })
        ));
    }

    #[test]
    fn another_key_of_the_same_version_is_told_apart() {
        let [one, other] = [(); 2].map(|()| Keyring::parse(&Keyring::generate_line(1)).unwrap());
        let wrapped = one.wrap(&DataKey::random(), library(), Uuid::from_u128(9)).unwrap();
        assert!(matches!(
            other.unwrap_key(1, library(), Uuid::from_u128(9), &wrapped),
            Err(StoreError::WrongKey { version: 1, fault: KeyFault::Different })
        ));
    }

    #[test]
    fn a_wrapped_key_given_to_another_owner_does_not_open() {
        let keyring = Keyring::parse(&Keyring::generate_line(1)).unwrap();
        let library = library();
        let wrapped = keyring.wrap(&DataKey::random(), library, Uuid::from_u128(9)).unwrap();
        assert!(keyring.unwrap_key(1, library, Uuid::from_u128(8), &wrapped).is_err());
    }

    #[test]
    fn secrets_differ_by_purpose_and_master_key() {
        let [one, other] = [(); 2].map(|()| Keyring::parse(&Keyring::generate_line(1)).unwrap());
        assert_eq!(one.secret_for("forms"), one.secret_for("forms"));
        assert_ne!(one.secret_for("forms"), one.secret_for("links"));
        assert_ne!(one.secret_for("forms"), other.secret_for("forms"));
        assert_ne!(*one.secret_for("forms"), [0; 32]);
    }

    #[test]
    fn unusable_lines_are_named() {
        let line = Keyring::generate_line(1);
        assert_eq!(Keyring::parse("# nothing\n").unwrap_err(), InvalidKeyring::Empty);
        assert_eq!(Keyring::parse(&format!("{}\n{}", *line, *line)).unwrap_err(), InvalidKeyring::Twice(1));
        for bad in ["1", "0:AAAA", "x:AAAA", "1:AAAA", "1:ÄÖ", "-1:AAAA"] {
            assert_eq!(Keyring::parse(&format!("\n{bad}")).unwrap_err(), InvalidKeyring::Line(2), "{bad}");
        }
    }

    #[test]
    fn a_keyring_does_not_show_its_keys() {
        let line = Keyring::generate_line(3);
        let shown = format!("{:?}", Keyring::parse(&line).unwrap());
        assert_eq!(shown, "Keyring(versions [3])");
    }
}
