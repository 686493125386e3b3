//! What patrons do by themselves. It is kept here where no application's record tells of it.

use super::procedure::UnknownName;

/// Something that a patron did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatronDeed {
    /// Stopped the card.
    CardStopped,
    /// Lifted that stop.
    CardFound,
    /// Ended the link of the My Number card.
    CardUnlinked,
    /// Asked the library for something about the record.
    Asked,
    /// Took such a request back.
    TakenBack,
    /// Took a password of their own.
    PasswordChosen,
    /// Had the initial password shown.
    PasswordShown,
    /// Opened a notice for the first time.
    NoticeRead,
    /// Saved a notice.
    NoticeDownloaded,
    /// Sent an application.
    Applied,
    /// Took an application back.
    Withdrew,
    /// Wrote to the library.
    Wrote,
    /// Signed in.
    SignedIn,
}

impl PatronDeed {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::CardStopped,
        Self::CardFound,
        Self::CardUnlinked,
        Self::Asked,
        Self::TakenBack,
        Self::PasswordChosen,
        Self::PasswordShown,
        Self::NoticeRead,
        Self::NoticeDownloaded,
        Self::Applied,
        Self::Withdrew,
        Self::Wrote,
        Self::SignedIn,
    ];

    /// Those that are kept here; of everything else applications, notices and sessions tell.
    pub const KEPT: [Self; 6] =
        [Self::CardStopped, Self::CardFound, Self::CardUnlinked, Self::Asked, Self::TakenBack, Self::PasswordChosen];

    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardStopped => "card_stopped",
            Self::CardFound => "card_found",
            Self::CardUnlinked => "card_unlinked",
            Self::Asked => "asked",
            Self::TakenBack => "taken_back",
            Self::PasswordChosen => "password_chosen",
            Self::PasswordShown => "password_shown",
            Self::NoticeRead => "notice_read",
            Self::NoticeDownloaded => "notice_downloaded",
            Self::Applied => "applied",
            Self::Withdrew => "withdrew",
            Self::Wrote => "wrote",
            Self::SignedIn => "signed_in",
        }
    }
}

impl std::str::FromStr for PatronDeed {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_read_back_from_its_own_name() {
        for deed in PatronDeed::ALL {
            assert_eq!(deed.as_str().parse(), Ok(deed));
        }
        assert_eq!("opened".parse::<PatronDeed>(), Err(UnknownName));
    }
}
