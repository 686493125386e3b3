//! Libraries: looked up for each page, listed on the front page, changed by importing their rules.

use super::{Error, Portal};
use crate::domain::library::{Library, LibraryRules, LibrarySlug};
use crate::store::libraries;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use time::{Duration, OffsetDateTime};

/// For how long a library is taken to be as it was: so soon does the portal see rules that another process imports.
const BELIEVED_FOR: Duration = Duration::seconds(2);

/// The libraries that were looked up lately, with their rules as read.
#[derive(Debug, Default)]
pub struct KnownLibraries(RwLock<HashMap<LibrarySlug, Known>>);

#[derive(Debug, Clone)]
struct Known {
    library: Arc<Library>,
    seen_at: OffsetDateTime,
}

impl KnownLibraries {
    fn find(&self, slug: &LibrarySlug) -> Option<Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }

    /// Only libraries that exist are kept, so the map stays as small as their number.
    fn put(&self, slug: LibrarySlug, library: &Arc<Library>, seen_at: OffsetDateTime) {
        let known = Known { library: Arc::clone(library), seen_at };
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(slug, known);
    }
}

impl Known {
    /// A clock that was set back makes nothing fresh.
    fn is_fresh(&self, now: OffsetDateTime) -> bool {
        (self.seen_at..self.seen_at + BELIEVED_FOR).contains(&now)
    }
}

impl Portal {
    /// The library behind a path such as `/himeji`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none.
    pub async fn library(&self, slug: &str) -> Result<Arc<Library>, Error> {
        let slug: LibrarySlug = slug.parse().map_err(|_| Error::NotFound)?;
        let now = self.clock.now();
        let known = self.known_libraries.find(&slug);
        if let Some(known) = &known
            && known.is_fresh(now)
        {
            return Ok(Arc::clone(&known.library));
        }
        let mut tx = self.db.read().await?;
        let version = libraries::find_version(&mut tx, slug.as_str()).await?;
        let library = match known {
            Some(known) if version == Some(known.library.rules_version) => known.library,
            _ => Arc::new(libraries::find_by_slug(&mut tx, slug.as_str()).await?.ok_or(Error::NotFound)?),
        };
        self.known_libraries.put(slug, &library, now);
        Ok(library)
    }

    /// All libraries, for the front page.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn libraries(&self) -> Result<Vec<Library>, Error> {
        let mut tx = self.db.read().await?;
        Ok(libraries::list(&mut tx).await?)
    }

    /// Puts a library's rules in force; the text is kept as it was given.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn import_library(&self, rules: &LibraryRules, source: &str) -> Result<Library, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let library = libraries::save_rules(&mut tx, rules, source, now).await?;
        tx.commit().await?;
        tracing::info!(library = rules.slug, version = library.rules_version, "rules put in force");
        if let Ok(slug) = rules.slug.parse() {
            self.known_libraries.put(slug, &Arc::new(library.clone()), now);
        }
        Ok(library)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn what_was_seen_is_believed_for_two_seconds_and_never_before_it_was_seen() {
        let seen_at = datetime!(2026-11-20 09:00 UTC);
        let rules = LibraryRules::parse(include_str!("../../deploy/libraries/himeji.toml")).unwrap();
        let slug: LibrarySlug = rules.slug.parse().unwrap();
        let id = crate::domain::ids::LibraryId::new(seen_at);
        let libraries = KnownLibraries::default();
        assert!(libraries.find(&slug).is_none());
        libraries.put(slug.clone(), &Arc::new(Library { id, rules_version: 1, rules }), seen_at);
        let known = libraries.find(&slug).unwrap();
        assert!(known.is_fresh(seen_at) && known.is_fresh(seen_at + Duration::milliseconds(1999)));
        assert!(!known.is_fresh(seen_at + BELIEVED_FOR));
        assert!(!known.is_fresh(seen_at - Duration::MICROSECOND));
    }
}
