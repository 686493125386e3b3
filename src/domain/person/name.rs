//! Names of people, as they are written in the register of residents.

use super::width::{is_unprintable, widen_kana, with_single_spaces};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest name, in Unicode scalar values.
const LONGEST: usize = 100;

/// A name, character by character as typed.
///
/// Never normalised: NFC already replaces U+FA19, U+FA10 and other kanji that people carry in
/// their names. Only the spaces around and between the parts are made one kind, and half-width
/// kana are widened; variation selectors stay.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// The text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing but white space.
    #[error("the name is empty")]
    Empty,
    /// More than 100 characters.
    #[error("the name is too long")]
    TooLong,
    /// A control, direction or private-use character is among them.
    #[error("the name contains a character that cannot be printed")]
    Unprintable,
    /// An emoji, a control picture or another sign that stands in nobody's register is among them.
    #[error("the name contains a picture")]
    Picture,
}

impl FromStr for PersonName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.chars().any(is_picture) {
            return Err(InvalidName::Picture);
        }
        Self::kept(text)
    }
}

impl PersonName {
    /// A name that was taken before, maybe under milder rules: what was signed is never refused afterwards.
    fn kept(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        if text.chars().any(is_unprintable) {
            return Err(InvalidName::Unprintable);
        }
        let name = with_single_spaces(&widen_kana(text));
        match name.chars().count() {
            0 => Err(InvalidName::Empty),
            length if length > LONGEST => Err(InvalidName::TooLong),
            _ => Ok(Self(name)),
        }
    }

    /// The name as it is shown and signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Signs that draw something instead of spelling it.
const fn is_picture(c: char) -> bool {
    matches!(
        c,
        '\u{20e3}' | '\u{2400}'..='\u{245f}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

impl TryFrom<String> for PersonName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::kept(&text)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> PersonName {
        text.parse().unwrap()
    }

    #[test]
    fn kanji_that_unicode_normalisation_would_replace_stay() {
        for name in ["神\u{fa19}　塚\u{fa10}", "髙橋　﨑", "葛\u{e0100}城　花", "𠮷野　家"] {
            assert_eq!(parsed(name).as_str().as_bytes(), name.as_bytes());
        }
    }

    #[test]
    fn spaces_and_half_width_kana_are_made_one_form() {
        assert_eq!(parsed(" 山田  太郎\u{3000}"), parsed("山田\u{3000}太郎"));
        assert_eq!(parsed("ﾏﾘｱ ｶﾞﾙｼｱ").as_str(), "マリア　ガルシア");
        assert_eq!(parsed("Maria  García").as_str(), "Maria García");
    }

    #[test]
    fn what_cannot_be_a_name_is_refused_with_its_reason() {
        assert_eq!(" \u{3000} ".parse::<PersonName>(), Err(InvalidName::Empty));
        assert_eq!("あ".repeat(101).parse::<PersonName>(), Err(InvalidName::TooLong));
        assert!("あ".repeat(100).parse::<PersonName>().is_ok());
        for bad in ["山\u{202e}田", "山\u{7}田", "山\u{e000}田", "山\n田"] {
            assert_eq!(bad.parse::<PersonName>(), Err(InvalidName::Unprintable), "{bad:?}");
        }
    }

    #[test]
    fn pictures_are_refused_when_typed_and_read_back_where_they_were_taken_before() {
        for bad in ["山田😀", "山田\u{2400}", "☆田", "1\u{20e3}田"] {
            assert_eq!(bad.parse::<PersonName>(), Err(InvalidName::Picture), "{bad}");
            let stored = serde_json::to_string(bad).unwrap();
            assert_eq!(serde_json::from_str::<PersonName>(&stored).unwrap().as_str(), bad);
        }
        for good in ["O’Brien", "D'Arc", "Anne-Marie", "マリア・ガルシア", "佐〻木"] {
            assert_eq!(parsed(good).as_str(), good);
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", parsed("山田　太郎")), "PersonName(…)");
    }

    proptest! {
        #[test]
        fn a_name_is_kept_byte_for_byte(name in "[\u{4e00}-\u{9fff}\u{f900}-\u{faff}]{1,20}\u{3000}[ぁ-ん]{1,20}") {
            let parsed: PersonName = name.parse().unwrap();
            prop_assert_eq!(parsed.as_str(), &name);
            let json = serde_json::to_string(&parsed).unwrap();
            prop_assert_eq!(serde_json::from_str::<PersonName>(&json).unwrap(), parsed);
        }

        #[test]
        fn parsing_is_idempotent(text in "\\PC{0,40}") {
            if let Ok(name) = text.parse::<PersonName>() {
                prop_assert_eq!(name.as_str().parse::<PersonName>().unwrap(), name);
            }
        }
    }
}
