//! What opens an initial password on the portal's pages.

use serde::{Deserialize, Serialize};

/// What opens an initial password, as its owner is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordWay {
    /// The collection code on the receipt.
    Code,
    /// The same, or the My Number card of whoever signed with the app.
    CodeOrCard,
    /// The My Number card that signed, and nothing else.
    Card,
}
