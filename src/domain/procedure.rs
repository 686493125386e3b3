//! The procedures that an application can be about.

use serde::{Deserialize, Serialize};

/// What is applied for. All of them walk through the same states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// A new card (貸出券新規登録).
    NewCard,
    /// Linking the My Number card to a card, or linking the next one (マイナンバーカードの登録・再登録).
    CardLink,
    /// A longer validity (有効期限延長).
    Renewal,
    /// A card in place of one that was lost, is damaged, or names its holder wrongly (再発行).
    Reissue,
    /// A reservation password (予約用パスワード発行・再発行).
    PasswordIssue,
    /// Other facts about the patron: address, name, telephone, mail (登録内容の変更).
    Change,
}

impl Procedure {
    /// All procedures, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::NewCard, Self::CardLink, Self::Renewal, Self::Reissue, Self::PasswordIssue, Self::Change];

    /// The name in storage and in signed documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewCard => "new_card",
            Self::CardLink => "card_link",
            Self::Renewal => "renewal",
            Self::Reissue => "reissue",
            Self::PasswordIssue => "password_issue",
            Self::Change => "change",
        }
    }

    /// True if it is about a card that the applicant already has.
    #[must_use]
    pub const fn needs_card(self) -> bool {
        !matches!(self, Self::NewCard)
    }
}

impl std::str::FromStr for Procedure {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|procedure| procedure.as_str() == name).ok_or(UnknownName)
    }
}

/// A stored name that this version of the portal does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_procedure_is_read_back_from_its_own_name() {
        for procedure in Procedure::ALL {
            assert_eq!(procedure.as_str().parse(), Ok(procedure));
            assert_eq!(serde_json::to_string(&procedure).unwrap(), format!("\"{}\"", procedure.as_str()));
        }
        assert_eq!("loan".parse::<Procedure>(), Err(UnknownName));
    }
}
