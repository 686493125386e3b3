//! The procedures that an application can be about.

use serde::{Deserialize, Serialize};

/// What is applied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// A new card (貸出券新規登録).
    NewCard,
}

impl Procedure {
    /// The name in storage and in signed documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewCard => "new_card",
        }
    }
}

impl std::str::FromStr for Procedure {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "new_card" => Ok(Self::NewCard),
            _ => Err(UnknownName),
        }
    }
}

/// A stored name that this version of the portal does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;
