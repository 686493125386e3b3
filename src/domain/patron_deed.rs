//! What patrons do by themselves, where no application's record tells of it.

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
}

impl PatronDeed {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::CardStopped, Self::CardFound, Self::CardUnlinked, Self::Asked, Self::TakenBack];

    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardStopped => "card_stopped",
            Self::CardFound => "card_found",
            Self::CardUnlinked => "card_unlinked",
            Self::Asked => "asked",
            Self::TakenBack => "taken_back",
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
