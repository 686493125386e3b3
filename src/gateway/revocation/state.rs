//! What is known of a source: its last success, its last failure, and the lists that it gave.

use crate::jpki::{Crl, Reason};
use time::OffsetDateTime;

/// What kind of source it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A folder that something else keeps filled.
    Folder,
    /// An address that answers with a list.
    Download,
    /// A responder that is asked about one certificate at a time.
    Ocsp,
}

impl SourceKind {
    /// The word for monitoring.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Download => "download",
            Self::Ocsp => "ocsp",
        }
    }
}

/// Why a source gave nothing usable. Its text is a stable code that names no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection, or none in time.
    #[error("unreachable")]
    Unreachable,
    /// The server answered, but with this status.
    #[error("status-{0}")]
    Status(u16),
    /// Longer than any list may be.
    #[error("too-large")]
    TooLarge,
    /// The answer broke off.
    #[error("interrupted")]
    Interrupted,
    /// A file or folder cannot be read.
    #[error("unreadable")]
    Unreadable,
    /// PEM that cannot be read.
    #[error("pem-malformed")]
    Pem,
    /// The rule that the list or answer breaks.
    #[error("{}", .0.as_str())]
    Refused(Reason),
    /// The list says that it was made later than now.
    #[error("made-in-the-future")]
    MadeInTheFuture,
    /// A list with a lower number than the one that the source gave before: numbers never go back.
    #[error("older-than-before")]
    Older,
}

/// The facts about one list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListFacts {
    /// Its number in lower-case hexadecimal.
    pub number: String,
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// When the next one is due.
    pub next_update: OffsetDateTime,
    /// How many certificates it revokes.
    pub entries: usize,
}

impl ListFacts {
    pub(super) fn of(list: &Crl) -> Self {
        Self {
            number: list.number(),
            this_update: list.this_update(),
            next_update: list.next_update(),
            entries: list.len(),
        }
    }

    /// Whether the list has a lower number than another one. Numbers are whole bytes in hexadecimal.
    pub(super) fn is_older_than(&self, other: &Self) -> bool {
        let key = |facts: &Self| {
            let number = facts.number.trim_start_matches('0').to_owned();
            (number.len(), number)
        };
        key(self) < key(other)
    }
}

/// How a source stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState {
    /// What it is.
    pub kind: SourceKind,
    /// When it last gave a usable answer.
    pub last_success: Option<OffsetDateTime>,
    /// When it last failed, and why.
    pub last_failure: Option<(OffsetDateTime, Failure)>,
    /// How many lists of it are in force.
    pub lists: usize,
    /// How many certificates these revoke together.
    pub entries: usize,
    /// Of these lists the one that runs out first.
    pub oldest: Option<ListFacts>,
}

impl SourceState {
    pub(super) const fn new(kind: SourceKind) -> Self {
        Self { kind, last_success: None, last_failure: None, lists: 0, entries: 0, oldest: None }
    }

    pub(super) fn hold<'a>(&mut self, lists: impl Iterator<Item = &'a ListFacts> + Clone) {
        self.lists = lists.clone().count();
        self.entries = lists.clone().map(|list| list.entries).sum();
        self.oldest = lists.min_by_key(|list| list.next_update).cloned();
    }

    /// Whether the last attempt failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        match (self.last_success, self.last_failure) {
            (Some(success), Some((failure, _))) => failure >= success,
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(number: &str) -> ListFacts {
        ListFacts {
            number: number.to_owned(),
            this_update: OffsetDateTime::UNIX_EPOCH,
            next_update: OffsetDateTime::UNIX_EPOCH,
            entries: 1,
        }
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(numbered("ff").is_older_than(&numbered("0100")));
        assert!(!numbered("0100").is_older_than(&numbered("ff")));
        assert!(!numbered("05").is_older_than(&numbered("05")));
        assert!(numbered("05").is_older_than(&numbered("06")));
    }

    #[test]
    fn failures_have_codes_without_addresses() {
        assert_eq!(Failure::Status(503).to_string(), "status-503");
        assert_eq!(Failure::Refused(Reason::CrlSignature).to_string(), Reason::CrlSignature.as_str());
    }

    #[test]
    fn a_source_fails_until_it_succeeds_again() {
        let mut state = SourceState::new(SourceKind::Download);
        assert!(!state.is_failing());
        let at = OffsetDateTime::UNIX_EPOCH;
        state.last_failure = Some((at, Failure::Unreachable));
        assert!(state.is_failing());
        state.last_success = Some(at + time::Duration::SECOND);
        assert!(!state.is_failing());
    }
}
