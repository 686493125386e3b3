//! Columns: what stands in them, and in which form.

use super::{DateForm, WidthForm};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What stands in it.
    pub field: Field,
    /// Its title in the first line, and in reports.
    pub title: String,
    /// How days are written; only for days.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<DateForm>,
    /// Whether letters, digits and kana are full-width or half-width.
    #[serde(default)]
    pub width: WidthForm,
    /// What the other system says for a code; only for categories, branches, states and yes or no.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub values: BTreeMap<String, String>,
    /// What stands in every line; only for fixed columns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// The most characters that the other system takes; only for names and addresses. Longer ones are cut
    /// when written, which is reported, and refused when read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_length: Option<usize>,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The card number with its check sign, without spaces.
    CardNumber,
    /// Name.
    Name,
    /// Its reading.
    Kana,
    /// Date of birth.
    Birth,
    /// Postcode, seven digits with a hyphen.
    Postcode,
    /// Prefecture, by its name.
    Prefecture,
    /// City, ward, town or village.
    Municipality,
    /// Quarter and house number.
    Line1,
    /// Building and room.
    Line2,
    /// Prefecture to building in one cell; can only be written.
    Address,
    /// Telephone.
    Phone,
    /// E-mail address.
    Email,
    /// Code of the category.
    Category,
    /// Code of the branch.
    Branch,
    /// The card's last day.
    ExpiresOn,
    /// The day on which the card was issued.
    IssuedOn,
    /// `valid` or `expired`; can only be written.
    State,
    /// `yes` if the My Number card is linked, else `no`; can only be written.
    Linked,
    /// The application's number; can only be written.
    Reference,
    /// The same in every line; not looked at when read.
    Fixed,
    /// Empty when written; not looked at when read.
    Unused,
}

impl Field {
    /// True for days.
    #[must_use]
    pub const fn is_day(self) -> bool {
        matches!(self, Self::Birth | Self::ExpiresOn | Self::IssuedOn)
    }

    /// True for codes, which the other system may know by other names.
    #[must_use]
    pub const fn is_coded(self) -> bool {
        matches!(self, Self::Category | Self::Branch | Self::State | Self::Linked)
    }

    /// True for text that may be cut without becoming another value.
    #[must_use]
    pub const fn may_be_cut(self) -> bool {
        matches!(self, Self::Name | Self::Kana | Self::Municipality | Self::Line1 | Self::Line2 | Self::Address)
    }

    /// True for what is never read back.
    #[must_use]
    pub const fn is_written_only(self) -> bool {
        matches!(self, Self::Address | Self::State | Self::Linked | Self::Reference)
    }

    /// True for what may stand in several columns.
    pub(super) const fn may_repeat(self) -> bool {
        matches!(self, Self::Fixed | Self::Unused)
    }

    /// The name in rules and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardNumber => "card_number",
            Self::Name => "name",
            Self::Kana => "kana",
            Self::Birth => "birth",
            Self::Postcode => "postcode",
            Self::Prefecture => "prefecture",
            Self::Municipality => "municipality",
            Self::Line1 => "line1",
            Self::Line2 => "line2",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Category => "category",
            Self::Branch => "branch",
            Self::ExpiresOn => "expires_on",
            Self::IssuedOn => "issued_on",
            Self::State => "state",
            Self::Linked => "linked",
            Self::Reference => "reference",
            Self::Fixed => "fixed",
            Self::Unused => "unused",
        }
    }
}

impl Column {
    /// What the other system says for a code: itself, if the column maps nothing.
    pub(super) fn value_of<'a>(&'a self, code: &'a str) -> &'a str {
        self.values.get(code).map_or(code, String::as_str)
    }

    /// The code for which the other system says `value`.
    pub(super) fn code_of<'a>(&'a self, value: &'a str) -> Option<&'a str> {
        if self.values.is_empty() {
            return Some(value);
        }
        self.values.iter().find(|(_, known)| *known == value).map(|(code, _)| code.as_str())
    }
}
