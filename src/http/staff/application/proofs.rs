//! Until when documents count, as the reviewer notes it, and the last day that follows for the card.

use super::about_card::in_words;
use crate::domain::proof::PlannedExpiry;
use crate::http::filters::Day;
use crate::service::review::ReviewFile;

/// The last day that the card gets if it is approved today.
pub(super) struct Planned {
    pub(super) day: Day,
    /// The document whose end it is, if it is one's.
    pub(super) ends_with: Option<String>,
}

/// What was noted, and the form to note more.
pub(super) struct ProofSection {
    pub(super) noted: Vec<String>,
    /// Code and label.
    pub(super) kinds: Vec<(String, String)>,
    /// None for whoever does not work on it.
    pub(super) url: Option<String>,
}

impl Planned {
    pub(super) fn of(planned: &PlannedExpiry) -> Self {
        Self {
            day: Day(planned.expires_on),
            ends_with: planned.ends_with.as_ref().map(|label| label.as_str().to_owned()),
        }
    }
}

impl ProofSection {
    pub(super) fn of(file: &ReviewFile, url: Option<String>) -> Self {
        Self {
            noted: file.noted.iter().map(in_words).collect(),
            kinds: file.provable.iter().map(|kind| (kind.code.to_string(), kind.label.as_str().to_owned())).collect(),
            url: url.filter(|_| !file.provable.is_empty()),
        }
    }
}
