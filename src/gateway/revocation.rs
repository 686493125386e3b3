//! The current lists of revoked certificates, read from a folder that something else keeps filled.
//!
//! Reading a list costs; asking one does not. So lists are read aside and put in force in
//! one step, and whoever verifies a signature holds on to the set that was in force then.

use crate::jpki::{Crl, CrlSet, Trust, pem_or_der};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;
use time::OffsetDateTime;

/// Where the lists come from.
#[derive(Debug)]
pub enum RevocationSource {
    /// A folder of `*.crl` and `*.der` files.
    Directory(ListFolder),
    /// A set that never changes.
    Fixed(Arc<CrlSet>),
    /// No lists: the revocation of every certificate is unknown.
    None,
}

/// A folder of lists, and what was last read from it.
#[derive(Debug)]
pub struct ListFolder {
    path: PathBuf,
    in_force: RwLock<Arc<CrlSet>>,
    /// The files whose lists are in force, as they looked when they were read: a list of
    /// millions of entries is not read again for nothing.
    known: Mutex<HashMap<PathBuf, Stamp>>,
}

/// When a file was changed last, and its length.
type Stamp = (SystemTime, u64);

/// What a reading of the folder came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How many lists are in force now.
    pub lists: usize,
    /// Files that could not be used; the lists that were in force before stay.
    pub unusable: Vec<UnusableList>,
}

/// A file (or the folder itself) that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct UnusableList {
    /// Which.
    pub path: PathBuf,
    /// The system's words, or the code of the rule that the list breaks.
    pub why: String,
}

impl RevocationSource {
    /// Reads the lists in `folder` for the first time. Unusable files are logged.
    #[must_use]
    pub fn directory(folder: PathBuf, trust: &Trust, now: OffsetDateTime) -> Self {
        let source = Self::Directory(ListFolder { path: folder, in_force: RwLock::default(), known: Mutex::default() });
        source.reload(trust, now);
        source
    }

    /// The lists in force. Hold on to them for one verification, not longer.
    #[must_use]
    pub fn current(&self) -> Arc<CrlSet> {
        match self {
            Self::Directory(folder) => folder.in_force(),
            Self::Fixed(lists) => Arc::clone(lists),
            Self::None => Arc::default(),
        }
    }

    /// Reads the folder again and puts newer lists in force. A list that is missing or
    /// broken now does not put the one from before out of force: time does that.
    pub fn reload(&self, trust: &Trust, now: OffsetDateTime) -> Reading {
        let reading = match self {
            Self::Directory(folder) => folder.reload(trust, now),
            Self::Fixed(lists) => Reading { lists: lists.iter().count(), unusable: Vec::new() },
            Self::None => Reading { lists: 0, unusable: Vec::new() },
        };
        for list in &reading.unusable {
            tracing::warn!(path = %list.path.display(), why = list.why, "a revocation list cannot be used");
        }
        reading
    }
}

impl ListFolder {
    fn in_force(&self) -> Arc<CrlSet> {
        Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reload(&self, trust: &Trust, now: OffsetDateTime) -> Reading {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unusable = Vec::new();
        let mut fresh = Vec::new();
        for path in list_files(&self.path).unwrap_or_else(|error| {
            unusable.push(UnusableList { path: self.path.clone(), why: error.to_string() });
            Vec::new()
        }) {
            let stamp = stamp(&path).ok();
            if stamp.is_some() && known.get(&path) == stamp.as_ref() {
                continue;
            }
            match read(&path, trust, now) {
                Ok(list) => {
                    fresh.push(list);
                    if let Some(stamp) = stamp {
                        known.insert(path, stamp);
                    }
                }
                Err(why) => unusable.push(UnusableList { path, why }),
            }
        }
        let mut lists = self.in_force();
        if !fresh.is_empty() {
            let mut renewed = CrlSet::clone(&lists);
            for list in fresh {
                // An older list than the one in force is no fault: somebody may keep both.
                renewed.insert(list);
            }
            lists = Arc::new(renewed);
            *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&lists);
        }
        Reading { lists: lists.iter().count(), unusable }
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

fn read(path: &Path, trust: &Trust, now: OffsetDateTime) -> Result<Crl, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let der = pem_or_der(&bytes).ok_or("unreadable PEM")?;
    let list = Crl::parse(&der, trust).map_err(|reason| reason.as_str().to_owned())?;
    if list.this_update() > now { Err("made in the future".to_owned()) } else { Ok(list) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::authority::{CrlFault, CrlOrder, Municipality, TestAuthority};
    use crate::jpki::{Anchor, Policies};
    use std::sync::OnceLock;
    use time::Duration;
    use time::macros::datetime;
    use uuid::Uuid;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("todoke-crl-{}", Uuid::new_v4()));
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn put(&self, name: &str, bytes: &[u8]) {
            std::fs::write(self.0.join(name), bytes).unwrap();
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn authority() -> &'static TestAuthority {
        static AUTHORITY: OnceLock<TestAuthority> = OnceLock::new();
        AUTHORITY.get_or_init(|| TestAuthority::generate(NOW).unwrap())
    }

    fn trust() -> Trust {
        Trust::signing(vec![Anchor::from_der(authority().anchor_der()).unwrap()], Policies::demo())
    }

    fn list(number: u32, this_update: OffsetDateTime) -> Vec<u8> {
        let municipality = Municipality::default();
        let order = CrlOrder {
            municipality: &municipality,
            revoked: &[],
            this_update,
            next_update: this_update + Duration::days(7),
            number,
            fault: CrlFault::None,
        };
        authority().crl(&order).unwrap()
    }

    fn numbers(source: &RevocationSource) -> Vec<String> {
        source.current().iter().map(Crl::number).collect()
    }

    #[test]
    fn a_newer_list_comes_into_force_and_an_older_one_does_not() {
        let folder = Folder::new();
        folder.put("himeji.crl", &list(5, NOW));
        folder.put("README.txt", b"not a list");
        let source = RevocationSource::directory(folder.0.clone(), &trust(), NOW);
        assert_eq!(numbers(&source), ["05"]);
        let held = source.current();
        folder.put("himeji-4.crl", &list(4, NOW - Duration::days(1)));
        assert_eq!(source.reload(&trust(), NOW), Reading { lists: 1, unusable: Vec::new() });
        assert_eq!(numbers(&source), ["05"]);
        folder.put("himeji-6.der", &list(6, NOW));
        source.reload(&trust(), NOW);
        assert_eq!(numbers(&source), ["06"]);
        assert_eq!(held.iter().map(Crl::number).collect::<Vec<_>>(), ["05"]);
    }

    #[test]
    fn a_broken_or_missing_file_leaves_the_list_in_force_and_is_named() {
        let folder = Folder::new();
        folder.put("himeji.crl", &list(5, NOW));
        let source = RevocationSource::directory(folder.0.clone(), &trust(), NOW);
        let whole = list(6, NOW);
        folder.put("himeji.crl", &whole[..whole.len() / 2]);
        let reading = source.reload(&trust(), NOW);
        assert_eq!((reading.lists, reading.unusable.len()), (1, 1));
        assert!(reading.unusable[0].path.ends_with("himeji.crl"));
        std::fs::remove_file(folder.0.join("himeji.crl")).unwrap();
        source.reload(&trust(), NOW);
        assert_eq!(numbers(&source), ["05"]);
        std::fs::remove_dir(&folder.0).unwrap();
        assert_eq!(source.reload(&trust(), NOW).unusable.len(), 1);
        assert_eq!(numbers(&source), ["05"]);
    }

    #[test]
    fn a_list_of_the_future_waits_for_its_time() {
        let folder = Folder::new();
        folder.put("himeji.crl", &list(5, NOW + Duration::hours(1)));
        let source = RevocationSource::directory(folder.0.clone(), &trust(), NOW);
        assert!(numbers(&source).is_empty());
        source.reload(&trust(), NOW + Duration::hours(1));
        assert_eq!(numbers(&source), ["05"]);
    }

    #[test]
    fn a_list_of_another_authority_is_refused() {
        let folder = Folder::new();
        folder.put("himeji.crl", &list(5, NOW));
        let stranger = TestAuthority::generate(NOW).unwrap();
        let anchors = vec![Anchor::from_der(stranger.anchor_der()).unwrap()];
        let trust = Trust::signing(anchors, Policies::demo());
        let source = RevocationSource::directory(folder.0.clone(), &trust, NOW);
        assert!(numbers(&source).is_empty());
    }

    #[test]
    fn without_a_source_there_are_no_lists() {
        assert!(numbers(&RevocationSource::None).is_empty());
    }
}
