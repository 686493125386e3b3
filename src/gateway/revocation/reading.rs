//! Reading a list, wherever it came from.

use super::state::{Failure, ListFacts};
use crate::jpki::{Crl, Trust, pem_or_der};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;

/// A list that can be put in force.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) list: Crl,
    /// Where its DER can be had again.
    pub(super) kept: Kept,
}

/// Where the DER of a list can be had again.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// In a file, DER or PEM; it may be another list by then.
    File(PathBuf),
    /// Here.
    Memory(Arc<[u8]>),
}

impl Kept {
    /// The DER with this SHA-256, if it is still there.
    pub(super) fn contents(&self, sha256: &[u8; 32]) -> Option<Vec<u8>> {
        let der = match self {
            Self::File(path) => pem_or_der(&std::fs::read(path).ok()?)?.into_owned(),
            Self::Memory(der) => der.to_vec(),
        };
        (crate::sha256::sha256(&der) == *sha256).then_some(der)
    }
}

impl Fresh {
    pub(super) fn facts(&self) -> ListFacts {
        ListFacts::of(&self.list)
    }
}

/// The list in DER or PEM, checked, with its DER. `file` is where the bytes are, or will be.
pub(super) fn parsed<'a>(
    bytes: &'a [u8],
    file: Option<&Path>,
    trust: &Trust,
    now: OffsetDateTime,
) -> Result<(Fresh, Cow<'a, [u8]>), Failure> {
    let der = pem_or_der(bytes).ok_or(Failure::Pem)?;
    let list = Crl::parse(&der, trust).map_err(Failure::Refused)?;
    if list.this_update() > now {
        return Err(Failure::MadeInTheFuture);
    }
    let kept = file.map_or_else(|| Kept::Memory(Arc::from(&der[..])), |file| Kept::File(file.to_owned()));
    Ok((Fresh { list, kept }, der))
}
