//! One list over HTTP: fetched, read aside, kept on disk for a start without network.

use super::reading::{Fresh, parsed};
use super::state::{Failure, ListFacts};
use super::web::{Fetched, LARGEST_LIST, Validators, Web};
use crate::jpki::Trust;
use crate::sha256::sha256;
use data_encoding::HEXLOWER;
use reqwest::Url;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use time::OffsetDateTime;

/// The address of a list.
#[derive(Debug)]
pub(super) struct ListDownload {
    address: Url,
    /// Where the last good list is kept.
    kept: Option<PathBuf>,
    held: Mutex<Held>,
}

/// The list that this source has put in force.
#[derive(Debug, Clone, Default)]
struct Held {
    validators: Validators,
    facts: Option<ListFacts>,
}

impl ListDownload {
    pub(super) fn new(address: Url, cache: Option<&Path>) -> Self {
        let name = &HEXLOWER.encode(&sha256(address.as_str().as_bytes()))[..32];
        Self { kept: cache.map(|folder| folder.join(format!("{name}.crl"))), address, held: Mutex::default() }
    }

    pub(super) const fn address(&self) -> &Url {
        &self.address
    }

    /// The facts about the list that the source gave last.
    pub(super) fn facts(&self) -> Option<ListFacts> {
        self.held().facts
    }

    /// Reads the list that was kept on disk. `None` if there is none.
    pub(super) fn recall(&self, trust: &Trust, now: OffsetDateTime) -> Option<Result<Fresh, Failure>> {
        let path = self.kept.as_ref()?;
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(_) => return Some(Err(Failure::Unreadable)),
        };
        Some(parsed(&bytes, Some(path), trust, now).map(|(list, _)| {
            self.hold(list.facts(), Validators::default());
            list
        }))
    }

    /// Fetches the list; `None` if it is the one that we have.
    pub(super) async fn fetch(&self, web: &Web) -> Result<Option<(Vec<u8>, Validators)>, Failure> {
        let validators = self.held().validators;
        Ok(match web.fetch(&self.address, &validators).await? {
            Fetched::Unchanged => None,
            Fetched::List(bytes, validators) => Some((bytes, validators)),
        })
    }

    /// Reads what was fetched, and keeps it if it is not older than what the source gave before. Slow: not for a
    /// thread that others wait for.
    pub(super) fn accept(
        &self,
        bytes: &[u8],
        validators: Validators,
        trust: &Trust,
        now: OffsetDateTime,
    ) -> Result<Fresh, Failure> {
        let (list, der) = parsed(bytes, self.kept.as_deref(), trust, now)?;
        let facts = list.facts();
        if self.held().facts.is_some_and(|held| facts.is_older_than(&held)) {
            return Err(Failure::Older);
        }
        debug_assert!(der.len() <= LARGEST_LIST, "the download was bounded");
        if let Some(path) = &self.kept
            && let Err(error) = keep(path, &der)
        {
            // The list is good all the same; only a start without network would miss it.
            tracing::warn!(path = %path.display(), %error, "a revocation list cannot be kept");
        }
        self.hold(facts, validators);
        Ok(list)
    }

    fn held(&self) -> Held {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, facts: ListFacts, validators: Validators) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Held { validators, facts: Some(facts) };
    }
}

/// Writes beside and renames, so that a power cut leaves the old list or the new one.
fn keep(path: &Path, der: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("part");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(der)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}
