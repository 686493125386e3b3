//! The life of an application: its states, and the only ways from one to the next.
//!
//! Each state owns its data. A transition consumes the application, takes the time, and
//! returns the next state or says why not; the store's guarded `UPDATE` then decides
//! between two who try at once. [`writing`] holds what applicants do, [`review`] what
//! staff do, [`timer`] what time does.

mod refused;
pub mod review;
mod service_time;
mod state;
pub mod timer;
pub mod writing;

pub use refused::Refused;
pub use review::REVIEW_LEASE;
pub use service_time::ServiceTime;
pub use state::{ApplicationState, Decider, Ending, Return};
pub use writing::SIGNING_TIME;

use super::code::BranchCode;
use super::ids::{ApplicationId, LibraryId, PatronId};
use super::language::Language;
use super::procedure::Procedure;
use super::reference::Reference;
use time::{Date, Duration, OffsetDateTime};

/// An application and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Internal identity.
    pub id: ApplicationId,
    /// The library that is asked.
    pub library_id: LibraryId,
    /// What the applicant and the staff call it.
    pub reference: Reference,
    /// What is applied for.
    pub procedure: Procedure,
    /// The version of the library's rules that it began with, and keeps.
    pub rules_version: u32,
    /// The number of the last frozen version; 0 before the first.
    pub last_version: u32,
    /// Counts every change; a save names the value it read.
    pub row_version: i64,
    /// When the draft was begun.
    pub started_at: OffsetDateTime,
    /// The language in which its applicant reads: that of the page they used last.
    pub language: Language,
    /// The patron it is about, once that is certain: whom it made one, or whose card was proved to be the signer's.
    pub patron_id: Option<PatronId>,
    /// The branch that it is a matter of, since its submission.
    pub branch: Option<BranchCode>,
    /// The day by which it should be answered, while the library's time runs.
    pub due_on: Option<Date>,
    /// Where it stands.
    pub state: ApplicationState,
}

impl Application {
    /// Begins a draft, in Japanese.
    #[must_use]
    pub fn start(
        library_id: LibraryId,
        reference: Reference,
        procedure: Procedure,
        rules_version: u32,
        draft_life: Duration,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            id: ApplicationId::new(now),
            library_id,
            reference,
            procedure,
            rules_version,
            last_version: 0,
            row_version: 0,
            started_at: now,
            language: Language::Ja,
            patron_id: None,
            branch: None,
            due_on: None,
            state: ApplicationState::Draft { expires_at: now + draft_life },
        }
    }

    /// The number of the version that the library has, or had when it ended.
    #[must_use]
    pub fn signed_number(&self) -> u32 {
        self.state.submitted_version().map_or(self.last_version, |version| version.number)
    }

    fn wrong(&self, event: &'static str) -> Refused {
        Refused::WrongState { event, state: self.state.name() }
    }
}

#[cfg(test)]
mod tests;
