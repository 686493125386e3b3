//! Postal addresses in Japan.

use super::prefecture::{InvalidPrefecture, Prefecture};
use super::width::{is_hyphen, is_unprintable, narrow_without_spaces};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest part of an address, in characters.
const LONGEST: usize = 200;

/// Seven digits; printed as `100-0001`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Postcode(String);

/// The text does not hold seven digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a postcode of seven digits")]
pub struct InvalidPostcode;

impl FromStr for Postcode {
    type Err = InvalidPostcode;

    /// Accepts any width, any hyphen and the postal mark.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String =
            narrow_without_spaces(text).chars().filter(|c| !is_hyphen(*c) && !matches!(c, '〒' | '〠')).collect();
        if digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(InvalidPostcode)
        }
    }
}

impl Postcode {
    /// The seven digits without a hyphen.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", &self.0[..3], &self.0[3..])
    }
}

impl fmt::Debug for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postcode(…)")
    }
}

impl TryFrom<String> for Postcode {
    type Error = InvalidPostcode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Postcode> for String {
    fn from(postcode: Postcode) -> Self {
        postcode.0
    }
}

/// A postal address in the five parts in which it is asked; every part but the building is filled.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "StoredAddress", into = "StoredAddress")]
pub struct PostalAddress {
    postcode: Postcode,
    prefecture: Prefecture,
    municipality: String,
    line1: String,
    line2: Option<String>,
}

/// The boxes of an address form as they were filled in.
#[derive(Clone, Copy, Default)]
pub struct TypedAddress<'a> {
    /// Postcode.
    pub postcode: &'a str,
    /// Code or name of the prefecture.
    pub prefecture: &'a str,
    /// City, ward, town or village, with its district if there is one.
    pub municipality: &'a str,
    /// Quarter and house number.
    pub line1: &'a str,
    /// Building and room; may be empty.
    pub line2: &'a str,
}

/// The parts of an address, in the order of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressPart {
    /// Postcode.
    Postcode,
    /// Prefecture.
    Prefecture,
    /// City, ward, town or village.
    Municipality,
    /// Quarter and house number.
    Line1,
    /// Building and room.
    Line2,
}

/// A part of an address is missing or unsound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// The postcode does not hold seven digits.
    #[error(transparent)]
    Postcode(#[from] InvalidPostcode),
    /// No prefecture was chosen.
    #[error(transparent)]
    Prefecture(#[from] InvalidPrefecture),
    /// The part is empty.
    #[error("the address lacks its {0:?}")]
    Missing(AddressPart),
    /// The part has more than 200 characters.
    #[error("the address has too long a {0:?}")]
    TooLong(AddressPart),
    /// The part contains a control, direction or private-use character.
    #[error("the address has a character that cannot be printed in its {0:?}")]
    Unprintable(AddressPart),
}

impl InvalidAddress {
    /// The part that is wrong.
    #[must_use]
    pub const fn part(self) -> AddressPart {
        match self {
            Self::Postcode(_) => AddressPart::Postcode,
            Self::Prefecture(_) => AddressPart::Prefecture,
            Self::Missing(part) | Self::TooLong(part) | Self::Unprintable(part) => part,
        }
    }
}

impl PostalAddress {
    /// Reads a filled-in form. Text is kept as typed, but for the space around it, a prefecture repeated in front of
    /// the municipality, and both repeated in front of the quarter. No postcode begins with 000.
    ///
    /// # Errors
    /// Every fault that the form has, in the order of its boxes.
    pub fn parse(typed: TypedAddress<'_>) -> Result<Self, Vec<InvalidAddress>> {
        let postcode: Result<Postcode, _> = typed.postcode.parse();
        let postcode = match postcode {
            Ok(postcode) if postcode.digits().starts_with("000") => Err(InvalidPostcode),
            postcode => postcode,
        }
        .map_err(InvalidAddress::Postcode);
        let prefecture: Result<Prefecture, _> = typed.prefecture.parse().map_err(InvalidAddress::Prefecture);
        let municipality = typed.municipality.trim();
        let municipality = prefecture
            .as_ref()
            .ok()
            .and_then(|prefecture| municipality.strip_prefix(prefecture.name()))
            .unwrap_or(municipality);
        let municipality = filled(municipality, AddressPart::Municipality);
        let line1 = without_repeats(typed.line1.trim(), prefecture.as_ref().ok(), municipality.as_deref().ok());
        let line1 = filled(line1, AddressPart::Line1);
        let line2 = match typed.line2.trim() {
            "" => Ok(None),
            building => filled(building, AddressPart::Line2).map(Some),
        };
        match (postcode, prefecture, municipality, line1, line2) {
            (Ok(postcode), Ok(prefecture), Ok(municipality), Ok(line1), Ok(line2)) => {
                Ok(Self { postcode, prefecture, municipality, line1, line2 })
            }
            (postcode, prefecture, municipality, line1, line2) => {
                Err([postcode.err(), prefecture.err(), municipality.err(), line1.err(), line2.err()]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }

    /// The postcode.
    #[must_use]
    pub const fn postcode(&self) -> &Postcode {
        &self.postcode
    }

    /// The prefecture.
    #[must_use]
    pub const fn prefecture(&self) -> Prefecture {
        self.prefecture
    }

    /// City, ward, town or village, as typed.
    #[must_use]
    pub fn municipality(&self) -> &str {
        &self.municipality
    }

    /// Quarter and house number, as typed.
    #[must_use]
    pub fn line1(&self) -> &str {
        &self.line1
    }

    /// Building and room, as typed, if given.
    #[must_use]
    pub fn line2(&self) -> Option<&str> {
        self.line2.as_deref()
    }

    /// The address without its postcode in one line; the building stands behind a U+3000.
    #[must_use]
    pub fn one_line(&self) -> String {
        let building = self.line2.as_ref().map(|building| format!("\u{3000}{building}")).unwrap_or_default();
        format!("{}{}{}{building}", self.prefecture.name(), self.municipality, self.line1)
    }
}

/// The quarter without what the boxes above it say already.
fn without_repeats<'a>(line1: &'a str, prefecture: Option<&Prefecture>, municipality: Option<&str>) -> &'a str {
    let prefecture = prefecture.map(|prefecture| prefecture.name());
    let line1 = prefecture.and_then(|name| line1.strip_prefix(name)).unwrap_or(line1).trim_start();
    municipality.and_then(|name| line1.strip_prefix(name)).unwrap_or(line1)
}

fn filled(text: &str, part: AddressPart) -> Result<String, InvalidAddress> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(InvalidAddress::Missing(part)),
        length if length > LONGEST => Err(InvalidAddress::TooLong(part)),
        _ if text.chars().any(is_unprintable) => Err(InvalidAddress::Unprintable(part)),
        _ => Ok(text.to_owned()),
    }
}

impl fmt::Debug for PostalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostalAddress(…)")
    }
}

/// The address as it stands in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredAddress {
    postcode: Postcode,
    prefecture: Prefecture,
    municipality: String,
    line1: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    line2: Option<String>,
}

impl TryFrom<StoredAddress> for PostalAddress {
    type Error = InvalidAddress;

    fn try_from(stored: StoredAddress) -> Result<Self, Self::Error> {
        Ok(Self {
            postcode: stored.postcode,
            prefecture: stored.prefecture,
            municipality: filled(&stored.municipality, AddressPart::Municipality)?,
            line1: filled(&stored.line1, AddressPart::Line1)?,
            line2: stored.line2.map(|building| filled(&building, AddressPart::Line2)).transpose()?,
        })
    }
}

impl From<PostalAddress> for StoredAddress {
    fn from(address: PostalAddress) -> Self {
        let PostalAddress { postcode, prefecture, municipality, line1, line2 } = address;
        Self { postcode, prefecture, municipality, line1, line2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOME: TypedAddress<'_> = TypedAddress {
        postcode: "670-0012",
        prefecture: "28",
        municipality: "姫路市",
        line1: "本町68番地290",
        line2: "",
    };

    #[test]
    fn an_address_reads_as_one_line() {
        let address = PostalAddress::parse(TypedAddress { line2: " 城見ハイツ202 ", ..HOME }).unwrap();
        assert_eq!(address.one_line(), "兵庫県姫路市本町68番地290\u{3000}城見ハイツ202");
        assert_eq!(address.postcode().to_string(), "670-0012");
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(serde_json::from_str::<PostalAddress>(&json).unwrap(), address);
    }

    #[test]
    fn a_prefecture_typed_twice_is_kept_once() {
        let address = PostalAddress::parse(TypedAddress { municipality: "兵庫県姫路市", ..HOME }).unwrap();
        assert_eq!(address.municipality(), "姫路市");
    }

    #[test]
    fn what_the_boxes_above_say_is_not_said_again_before_the_quarter() {
        for line1 in ["兵庫県姫路市本町68番地290", "姫路市本町68番地290", " 兵庫県 姫路市　本町68番地290"]
        {
            let address = PostalAddress::parse(TypedAddress { municipality: "兵庫県姫路市", line1, ..HOME }).unwrap();
            assert_eq!(address.one_line(), "兵庫県姫路市本町68番地290", "{line1}");
        }
        let nothing_else = PostalAddress::parse(TypedAddress { line1: "兵庫県姫路市", ..HOME });
        assert_eq!(nothing_else, Err(vec![InvalidAddress::Missing(AddressPart::Line1)]));
    }

    #[test]
    fn a_postcode_that_was_never_given_out_is_refused() {
        let typed = PostalAddress::parse(TypedAddress { postcode: "000-0000", ..HOME });
        assert_eq!(typed, Err(vec![InvalidAddress::Postcode(InvalidPostcode)]));
        assert!(PostalAddress::parse(TypedAddress { postcode: "001-0010", ..HOME }).is_ok());
    }

    #[test]
    fn every_fault_is_reported_in_order() {
        let faults = PostalAddress::parse(TypedAddress::default()).unwrap_err();
        let parts: Vec<AddressPart> = faults.into_iter().map(InvalidAddress::part).collect();
        assert_eq!(
            parts,
            [AddressPart::Postcode, AddressPart::Prefecture, AddressPart::Municipality, AddressPart::Line1]
        );
        assert_eq!(
            PostalAddress::parse(TypedAddress { line2: "A\u{202e}", ..HOME }),
            Err(vec![InvalidAddress::Unprintable(AddressPart::Line2)])
        );
        assert_eq!(
            PostalAddress::parse(TypedAddress { line1: &"あ".repeat(201), ..HOME }),
            Err(vec![InvalidAddress::TooLong(AddressPart::Line1)])
        );
    }

    proptest! {
        #[test]
        fn a_postcode_may_be_typed_in_any_way(digits in "[0-9]{7}", hyphen in "[-‐−－ー―]?", wide: bool, mark: bool) {
            let mut typed = format!("{}{hyphen}{}", &digits[..3], &digits[3..]);
            if wide {
                typed = typed.chars().map(|c| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c }).collect();
            }
            if mark {
                typed.insert_str(0, "〒 ");
            }
            let postcode: Postcode = typed.parse().unwrap();
            prop_assert_eq!(postcode.digits(), &digits);
            prop_assert_eq!(postcode.to_string(), format!("{}-{}", &digits[..3], &digits[3..]));
        }
    }
}
