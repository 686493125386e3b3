//! Texts to begin with: for refusals, requests for correction and messages. They hold no personal data.

use super::ids::{LibraryId, StaffId, TemplateId};
use super::language::Language;
use super::procedure::UnknownName;
use super::review::LONGEST_REASON;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 60;
/// What may stand between braces.
pub const VARIABLES: [&str; 2] = ["reference", "library"];

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TemplateKind {
    /// The reason of a refusal.
    Decline,
    /// A request for correction.
    Correction,
    /// A message.
    Message,
}

impl TemplateKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Decline, Self::Correction, Self::Message];

    /// The name in storage and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decline => "decline",
            Self::Correction => "correction",
            Self::Message => "message",
        }
    }
}

impl FromStr for TemplateKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownName)
    }
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Too many characters.
    #[error("the text is longer than {0} characters")]
    TooLong(usize),
    /// Something between braces that stands for nothing.
    #[error("unknown variable {{{0}}}")]
    UnknownVariable(String),
    /// A brace without its partner.
    #[error("a brace without its partner")]
    LoneBrace,
}

/// What staff choose a template by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateTitle(String);

impl TemplateTitle {
    /// The title.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TemplateTitle {
    type Err = InvalidTemplate;

    fn from_str(text: &str) -> Result<Self, InvalidTemplate> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(InvalidTemplate::Empty),
            length if length > LONGEST_TITLE => Err(InvalidTemplate::TooLong(LONGEST_TITLE)),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

/// The text, with [`VARIABLES`] between braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateBody(String);

impl TemplateBody {
    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text for one application.
    #[must_use]
    pub fn filled(&self, reference: &str, library: &str) -> String {
        self.0.replace("{reference}", reference).replace("{library}", library)
    }
}

impl FromStr for TemplateBody {
    type Err = InvalidTemplate;

    fn from_str(text: &str) -> Result<Self, InvalidTemplate> {
        let text = text.trim().replace("\r\n", "\n");
        match text.chars().count() {
            0 => return Err(InvalidTemplate::Empty),
            length if length > LONGEST_REASON => return Err(InvalidTemplate::TooLong(LONGEST_REASON)),
            _ => {}
        }
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let Some(inside) = rest[at..].strip_prefix('{') else { return Err(InvalidTemplate::LoneBrace) };
            let Some((name, after)) = inside.split_once('}') else { return Err(InvalidTemplate::LoneBrace) };
            if !VARIABLES.contains(&name) {
                return Err(InvalidTemplate::UnknownVariable(name.to_owned()));
            }
            rest = after;
        }
        Ok(Self(text))
    }
}

impl fmt::Display for TemplateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Internal identity, the same for all versions.
    pub id: TemplateId,
    /// Counts the changes, from 1.
    pub version: u32,
    /// Whose it is.
    pub library_id: LibraryId,
    /// What it is for.
    pub kind: TemplateKind,
    /// The language of the text.
    pub language: Language,
    /// What staff choose it by.
    pub title: TemplateTitle,
    /// The text.
    pub body: TemplateBody,
    /// True once it is no longer offered.
    pub is_retired: bool,
    /// Who wrote this version.
    pub saved_by: StaffId,
    /// When.
    pub saved_at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_and_unknown_ones_refused() {
        let body: TemplateBody = " {library}です。\r\n申込番号 {reference} ".parse().unwrap();
        assert_eq!(body.filled("LC-1", "中央図書館"), "中央図書館です。\n申込番号 LC-1");
        for (text, error) in [
            ("{name} 様", InvalidTemplate::UnknownVariable("name".into())),
            ("{reference", InvalidTemplate::LoneBrace),
            ("reference}", InvalidTemplate::LoneBrace),
            (" \n", InvalidTemplate::Empty),
        ] {
            assert_eq!(text.parse::<TemplateBody>(), Err(error), "{text}");
        }
        assert_eq!("あ".repeat(2001).parse::<TemplateBody>(), Err(InvalidTemplate::TooLong(2000)));
        assert_eq!("あ".repeat(61).parse::<TemplateTitle>(), Err(InvalidTemplate::TooLong(60)));
    }

    #[test]
    fn every_kind_is_read_back_from_its_own_name() {
        for kind in TemplateKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("other".parse::<TemplateKind>().is_err());
    }
}
