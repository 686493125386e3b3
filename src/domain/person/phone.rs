//! Telephone numbers in Japan.

use super::personal_text;
use super::width::{is_hyphen, narrow};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The longest form in which a number is typed, in characters.
const LONGEST: usize = 40;

/// A telephone number: the digits to dial, and the form that its owner gave it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone {
    typed: String,
    digits: String,
}

/// The text does not hold ten or eleven digits that begin with 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number of 10 or 11 digits")]
pub struct InvalidPhone;

impl FromStr for Phone {
    type Err = InvalidPhone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let typed = text.trim();
        if typed.chars().count() > LONGEST {
            return Err(InvalidPhone);
        }
        let narrowed: String = typed.chars().map(narrow).collect();
        let national = match narrowed.strip_prefix("+81") {
            Some(rest) => {
                format!("0{}", rest.replace("(0)", "").trim_start_matches([' ', '-']).trim_start_matches('0'))
            }
            None => narrowed,
        };
        let mut digits = String::with_capacity(11);
        for c in national.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '(' | ')' | '.' => {}
                c if is_hyphen(c) => {}
                _ => return Err(InvalidPhone),
            }
        }
        if digits.starts_with('0') && matches!(digits.len(), 10 | 11) {
            Ok(Self { typed: typed.to_owned(), digits })
        } else {
            Err(InvalidPhone)
        }
    }
}

impl Phone {
    /// The number as its owner wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The ten or eleven digits to dial within Japan.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

personal_text!(Phone, InvalidPhone);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_number_gives_its_digits() {
        for typed in [
            "090-1234-5678",
            "０９０－１２３４－５６７８",
            "09012345678",
            "090(1234)5678",
            "+81 90-1234-5678",
            "+81 (0)90 1234 5678",
            "090ー1234ー5678",
        ] {
            let phone: Phone = typed.parse().unwrap();
            assert_eq!(phone.digits(), "09012345678");
            assert_eq!(phone.as_str(), typed, "shown back as typed");
        }
    }

    #[test]
    fn too_few_digits_and_letters_are_refused() {
        for typed in ["", "079-000", "090-1234-56789", "9012345678", "内線 0790000000", "110"] {
            assert_eq!(typed.parse::<Phone>(), Err(InvalidPhone), "{typed}");
        }
    }
}
