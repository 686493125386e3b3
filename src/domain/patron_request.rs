//! What patrons ask of the library about their record: to close the account, to erase it, to put something right.

use super::ids::{LibraryId, PatronId, PatronRequestId, StaffId};
use super::message::LetterText;
use super::procedure::UnknownName;
use time::OffsetDateTime;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// To close the account: the card is stopped already, and the record waits to be erased.
    Closing,
    /// To erase something.
    Erasure,
    /// To put something right.
    Correction,
}

/// Something that a patron asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatronRequest {
    /// Internal identity.
    pub id: PatronRequestId,
    /// The library.
    pub library_id: LibraryId,
    /// Who asks.
    pub patron_id: PatronId,
    /// What.
    pub kind: RequestKind,
    /// In their own words; a closing needs none.
    pub words: Option<LetterText>,
    /// When.
    pub made_at: OffsetDateTime,
    /// What became of it.
    pub state: RequestState,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has answered.
    Open,
    /// The library did it.
    Done(Settled),
    /// The library did not, and says why.
    Refused(Settled),
    /// The patron took it back.
    TakenBack {
        /// When.
        at: OffsetDateTime,
    },
}

/// The library's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Who answered.
    pub by: StaffId,
    /// When.
    pub at: OffsetDateTime,
    /// In which words.
    pub answer: LetterText,
}

impl RequestKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Closing, Self::Erasure, Self::Correction];

    /// The name in storage and forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closing => "closing",
            Self::Erasure => "erasure",
            Self::Correction => "correction",
        }
    }
}

impl std::str::FromStr for RequestKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownName)
    }
}

impl RequestState {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done(_) => "done",
            Self::Refused(_) => "refused",
            Self::TakenBack { .. } => "taken_back",
        }
    }

    /// The library's answer, if there is one.
    #[must_use]
    pub const fn settled(&self) -> Option<&Settled> {
        match self {
            Self::Done(settled) | Self::Refused(settled) => Some(settled),
            Self::Open | Self::TakenBack { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_own_name() {
        for kind in RequestKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("open".parse::<RequestKind>(), Err(UnknownName));
    }
}
