//! What a library itself says in its notices, besides what the portal says in all of them.

use super::{LibraryRules, LibraryText};
use serde::{Deserialize, Serialize};

/// A kind of notice, as the rule file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A card was issued.
    Issued,
    /// Its validity was extended.
    Renewed,
    /// Another one took its place.
    Reissued,
    /// The My Number card was linked.
    Linked,
    /// A password was issued.
    Password,
    /// Other facts are registered.
    Changed,
    /// An application was declined.
    Declined,
    /// Something has to be put right.
    Returned,
    /// A decision was opened again.
    Reopened,
    /// A card was stopped.
    Stopped,
    /// The stop was lifted.
    Released,
    /// A card's last day is near.
    Expiring,
}

impl NoticeKind {
    /// The name in the rule file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Renewed => "renewed",
            Self::Reissued => "reissued",
            Self::Linked => "linked",
            Self::Password => "password",
            Self::Changed => "changed",
            Self::Declined => "declined",
            Self::Returned => "returned",
            Self::Reopened => "reopened",
            Self::Stopped => "stopped",
            Self::Released => "released",
            Self::Expiring => "expiring",
        }
    }
}

/// What the library says in the notices of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeWords {
    /// The text; blank lines part paragraphs.
    pub words: LibraryText,
}

impl LibraryRules {
    /// What the library says in the notices of this kind, if anything.
    #[must_use]
    pub fn notice_words(&self, kind: NoticeKind) -> Option<LibraryText> {
        self.notice.get(&kind).map(|notice| notice.words.clone())
    }
}
