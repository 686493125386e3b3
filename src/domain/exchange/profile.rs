//! A library's profiles: how its files look.

use super::column::Column;
use crate::domain::code::ProfileName;
use crate::domain::procedure::Procedure;
use serde::{Deserialize, Serialize};

/// The part `[exchange]` of a library's rules. Empty for a library that exchanges no files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExchangeRules {
    /// Whether an approval waits until the library system has taken the card in.
    pub confirmation: OutsideConfirmation,
    /// The files, in the order in which they are offered.
    pub profiles: Vec<Profile>,
}

impl ExchangeRules {
    /// Looks a profile up by its name.
    #[must_use]
    pub fn profile(&self, name: &ProfileName) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == *name)
    }

    /// The profiles that go one way.
    pub fn going(&self, direction: Direction) -> impl Iterator<Item = &Profile> {
        self.profiles.iter().filter(move |profile| profile.direction == direction)
    }
}

/// What an approval waits for before the card is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutsideConfirmation {
    /// Nothing: an approval issues the card.
    #[default]
    None,
    /// That staff confirm that the library system has imported the card.
    Import,
}

impl OutsideConfirmation {
    /// The one place that says which approvals wait for the library system: where it is asked to confirm, those that
    /// change its record.
    #[must_use]
    pub const fn is_awaited_for(self, procedure: Procedure) -> bool {
        match self {
            Self::None => false,
            Self::Import => procedure.changes_outside_record(),
        }
    }
}

/// How one kind of file looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name: lower-case letters, digits, hyphens.
    pub name: ProfileName,
    /// What staff call it.
    pub label: String,
    /// What the file is for; shown with every export, and kept with it.
    pub purpose: String,
    /// Which way it goes.
    pub direction: Direction,
    /// How characters become bytes.
    #[serde(default)]
    pub encoding: Encoding,
    /// How lines end when written; both are read.
    #[serde(default)]
    pub line_ending: LineEnding,
    /// What stands between two cells.
    #[serde(default)]
    pub separator: Separator,
    /// Which cells are written in quotes; both are read.
    #[serde(default)]
    pub quoting: Quoting,
    /// Whether the first line holds the titles of the columns.
    #[serde(default = "yes")]
    pub header: bool,
    /// Whether people open the file in a spreadsheet, so that formula signs are guarded.
    #[serde(default)]
    pub spreadsheet: bool,
    /// Which card numbers may be read.
    #[serde(default)]
    pub numbers: NumberCheck,
    /// The columns, from the left.
    pub columns: Vec<Column>,
}

const fn yes() -> bool {
    true
}

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the portal to the library system.
    Export,
    /// From the library system to the portal.
    Import,
}

/// How characters become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 behind a byte order mark, by which spreadsheets recognise it.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// CP932, as the WHATWG Encoding Standard has it under the name `Shift_JIS`.
    #[serde(rename = "shift_jis")]
    ShiftJis,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnding {
    /// CR LF, as RFC 4180 has it.
    #[default]
    Crlf,
    /// LF alone.
    Lf,
}

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// A comma.
    #[default]
    Comma,
    /// A tab.
    Tab,
}

/// Which cells are written in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// Those that would be misread without.
    #[default]
    Necessary,
    /// All.
    Always,
}

/// Which card numbers may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberCheck {
    /// Those of the library's own series, with the right check sign.
    #[default]
    Series,
    /// Any, because older cards have numbers of another form.
    Any,
}

impl Separator {
    /// The byte.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_waits_where_the_rules_say_so_and_the_record_outside_changes() {
        let waiting = |confirmation: OutsideConfirmation| {
            Procedure::ALL.into_iter().filter(|procedure| confirmation.is_awaited_for(*procedure)).collect::<Vec<_>>()
        };
        assert_eq!(waiting(OutsideConfirmation::None), []);
        assert_eq!(
            waiting(OutsideConfirmation::Import),
            [Procedure::NewCard, Procedure::Renewal, Procedure::Reissue, Procedure::Change]
        );
    }
}
