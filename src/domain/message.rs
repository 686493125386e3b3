//! What applicants and staff write to each other about an application.

use super::ids::{ApplicationId, LibraryId, MessageId, StaffId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// The longest text that is accepted, in characters.
pub const LONGEST_TEXT: usize = 1000;

/// A text that the other side reads: never empty, lines ended by `\n`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LetterText(String);

/// The text cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// More than [`LONGEST_TEXT`] characters.
    #[error("the text is too long")]
    TooLong,
    /// A control character.
    #[error("the text holds a sign that cannot be shown")]
    Unprintable,
}

impl FromStr for LetterText {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().replace("\r\n", "\n");
        match text.chars().count() {
            0 => Err(InvalidText::Empty),
            length if length > LONGEST_TEXT => Err(InvalidText::TooLong),
            _ if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') => Err(InvalidText::Unprintable),
            _ => Ok(Self(text)),
        }
    }
}

impl TryFrom<String> for LetterText {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LetterText> for String {
    fn from(text: LetterText) -> Self {
        text.0
    }
}

impl LetterText {
    /// The text as it is read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LetterText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LetterText(…)")
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The applicant.
    Applicant,
    /// A member of staff.
    Staff(StaffId),
}

impl Sender {
    /// The name in storage.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Staff(_) => "staff",
        }
    }

    /// The staff member, if it was one.
    #[must_use]
    pub const fn staff_id(self) -> Option<StaffId> {
        match self {
            Self::Staff(id) => Some(id),
            Self::Applicant => None,
        }
    }
}

/// A message about an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Internal identity.
    pub id: MessageId,
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// Who wrote it.
    pub sender: Sender,
    /// What.
    pub text: LetterText,
    /// When it was sent.
    pub sent_at: OffsetDateTime,
    /// When the other side first opened it.
    pub read_at: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_trimmed_and_its_lines_are_kept() {
        assert_eq!(" 1行目\r\n2行目 ".parse::<LetterText>().unwrap().as_str(), "1行目\n2行目");
        assert_eq!("\u{3000}\r\n".parse::<LetterText>(), Err(InvalidText::Empty));
        assert_eq!("あ".repeat(1001).parse::<LetterText>(), Err(InvalidText::TooLong));
        assert_eq!("a\u{7}b".parse::<LetterText>(), Err(InvalidText::Unprintable));
    }

    #[test]
    fn a_text_shows_itself_to_nobody_by_accident() {
        assert_eq!(format!("{:?}", "秘密".parse::<LetterText>().unwrap()), "LetterText(…)");
    }
}
