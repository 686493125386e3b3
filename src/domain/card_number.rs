//! Card numbers (貸出券番号), the series from which a library issues them, and their barcodes.

mod check;
mod series;

pub use check::CheckScheme;
pub use series::{InvalidSeries, NumberSeries, SeriesExhausted};

use super::person::width::{is_hyphen, narrow_without_spaces};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest card number, in signs.
const LONGEST: usize = 32;

/// A card number with its check sign: capitals, digits and the signs `- $ : / . +` of NW-7 (JIS X 0506).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardNumber(String);

/// The text cannot be a card number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCardNumber {
    /// Nothing but spaces and hyphens.
    #[error("the card number is empty")]
    Empty,
    /// More than 32 signs.
    #[error("the card number is too long")]
    TooLong,
    /// A sign that no card number has.
    #[error("the card number contains a sign that no card number has")]
    OtherSigns,
}

impl FromStr for CardNumber {
    type Err = InvalidCardNumber;

    /// Accepts any width and case, spaces, and hyphens between groups. A hyphen at the very end
    /// is kept: it can be a check sign of modulus 16.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let typed: String = narrow_without_spaces(text)
            .chars()
            .map(|c| if is_hyphen(c) { '-' } else { c.to_ascii_uppercase() })
            .collect();
        let body = typed.strip_suffix('-').unwrap_or(&typed);
        let check_sign = &typed[body.len()..];
        let body = body.replace('-', "");
        if body.is_empty() {
            return Err(InvalidCardNumber::Empty);
        }
        let number = body + check_sign;
        if number.chars().count() > LONGEST {
            return Err(InvalidCardNumber::TooLong);
        }
        if !number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"-$:/.+".contains(&b)) {
            return Err(InvalidCardNumber::OtherSigns);
        }
        Ok(Self(number))
    }
}

impl CardNumber {
    /// The number without spaces, as the library system knows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber(…)")
    }
}

impl TryFrom<String> for CardNumber {
    type Error = InvalidCardNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CardNumber> for String {
    fn from(number: CardNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_a_card_number_is_refused() {
        for (typed, error) in [
            (" - ", InvalidCardNumber::Empty),
            ("", InvalidCardNumber::Empty),
            ("1234567890123456789012345678901234", InvalidCardNumber::TooLong),
            ("番号1234", InvalidCardNumber::OtherSigns),
            ("1234_5678", InvalidCardNumber::OtherSigns),
        ] {
            assert_eq!(typed.parse::<CardNumber>(), Err(error), "{typed}");
        }
    }

    #[test]
    fn a_hyphen_is_a_sign_only_at_the_end() {
        assert_eq!("1234-5678-".parse::<CardNumber>().unwrap().as_str(), "12345678-");
    }

    proptest! {
        #[test]
        fn any_way_of_typing_gives_the_same_number(number in "[A-Z]{0,2}[0-9]{4,10}", at in 1_usize..4, gap in "[ 　‐－ー-]") {
            let parsed: CardNumber = number.parse().unwrap();
            let spaced = format!(" {}{gap}{}", &number[..at].to_lowercase(), &number[at..]);
            let wide: String = number.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
            prop_assert_eq!(spaced.parse::<CardNumber>().unwrap(), parsed.clone());
            prop_assert_eq!(wide.parse::<CardNumber>().unwrap(), parsed);
        }
    }
}
