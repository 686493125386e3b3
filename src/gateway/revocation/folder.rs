//! A folder of lists that something else keeps filled.

use super::Problem;
use super::reading::{Fresh, parsed};
use super::state::{Failure, ListFacts};
use crate::jpki::Trust;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use time::OffsetDateTime;

/// A folder of `*.crl` and `*.der` files, and what was read from it.
#[derive(Debug)]
pub(super) struct ListFolder {
    path: PathBuf,
    /// The files whose lists are in force, as they looked when they were read: a list of
    /// millions of entries is not read again for nothing.
    known: Mutex<HashMap<PathBuf, (Stamp, ListFacts)>>,
}

/// When a file was changed last, and its length.
type Stamp = (SystemTime, u64);

/// What a look into the folder brought.
pub(super) struct Look {
    /// Lists that are new, or changed.
    pub(super) fresh: Vec<Fresh>,
    /// Every list that was read from the folder so far, the latest of each file.
    pub(super) facts: Vec<ListFacts>,
    /// Files that could not be used, or the folder itself.
    pub(super) problems: Vec<Problem>,
}

impl ListFolder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, known: Mutex::default() }
    }

    /// Reads what is new. A file that is missing or broken now does not put the list from before
    /// out of force: time does that. Slow: not for a thread that others wait for.
    pub(super) fn look(&self, trust: &Trust, now: OffsetDateTime) -> Look {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut fresh, mut problems) = (Vec::new(), Vec::new());
        let paths = list_files(&self.path).unwrap_or_else(|error| {
            problems.push(Problem { place: format!("{}: {error}", self.path.display()), why: Failure::Unreadable });
            Vec::new()
        });
        for path in paths {
            let stamp = stamp(&path).ok();
            if stamp.is_some() && known.get(&path).map(|(stamp, _)| *stamp) == stamp {
                continue;
            }
            match read(&path, trust, now) {
                Ok(list) => {
                    if let Some(stamp) = stamp {
                        known.insert(path, (stamp, list.facts()));
                    }
                    fresh.push(list);
                }
                Err(why) => problems.push(Problem { place: path.display().to_string(), why }),
            }
        }
        Look { fresh, facts: known.values().map(|(_, facts)| facts.clone()).collect(), problems }
    }
}

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.modified()?, metadata.len()))
}

/// The lists in a folder, in the order of their names.
fn list_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if ending.eq_ignore_ascii_case("crl") || ending.eq_ignore_ascii_case("der") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path, trust: &Trust, now: OffsetDateTime) -> Result<Fresh, Failure> {
    let bytes = std::fs::read(path).map_err(|_| Failure::Unreadable)?;
    parsed(&bytes, Some(path), trust, now).map(|(list, _)| list)
}
