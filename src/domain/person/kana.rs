//! Readings of names (フリガナ).

use super::personal_text;
use super::width::{is_hyphen, is_invisible, join_voicing_marks, narrow, widen_kana, with_single_spaces};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The longest reading, in characters.
const LONGEST: usize = 100;

/// The reading of a name in full-width katakana, or in Latin letters for a name that is written so.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kana(String);

/// The text cannot be a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKana {
    /// Nothing but white space.
    #[error("the reading is empty")]
    Empty,
    /// More than 100 characters.
    #[error("the reading is too long")]
    TooLong,
    /// Neither kana nor Latin letters: kanji, digits, other signs.
    #[error("the reading contains something other than kana and Latin letters")]
    OtherLetters,
}

impl FromStr for Kana {
    type Err = InvalidKana;

    /// Accepts hiragana, full-width and half-width katakana, and Latin letters of any width.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wide = join_voicing_marks(&widen_kana(text));
        let mut kana = String::with_capacity(wide.len());
        for c in wide.trim().chars().filter(|c| !is_invisible(*c)) {
            let after_kana = kana.chars().next_back().is_some_and(is_katakana);
            kana.push(reading_sign(c, after_kana).ok_or(InvalidKana::OtherLetters)?);
        }
        let kana = with_single_spaces(&kana);
        match kana.chars().count() {
            0 => Err(InvalidKana::Empty),
            length if length > LONGEST => Err(InvalidKana::TooLong),
            _ if !kana.chars().any(char::is_alphabetic) => Err(InvalidKana::OtherLetters),
            _ => Ok(Self(kana)),
        }
    }
}

/// The sign that stands in a reading for a typed one, if there is one.
fn reading_sign(c: char, after_kana: bool) -> Option<char> {
    match narrow(c) {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(u32::from(c) + 0x60),
        'ー' => Some('ー'),
        '・' | '·' => Some('・'),
        c if is_katakana(c) => Some(c),
        // A hyphen behind kana is a prolonged sound mark that missed its key.
        c if is_hyphen(c) => Some(if after_kana { 'ー' } else { '-' }),
        ' ' => Some(' '),
        '\'' | '’' => Some('\''),
        '.' => Some('.'),
        c if c.is_ascii_alphabetic() => Some(c),
        c @ '\u{c0}'..='\u{24f}' if c.is_alphabetic() => Some(c),
        c @ '\u{1e00}'..='\u{1eff}' => Some(c),
        _ => None,
    }
}

const fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー' | 'ヽ' | 'ヾ' | 'ㇰ'..='ㇿ')
}

impl Kana {
    /// The reading as it is shown and signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

personal_text!(Kana, InvalidKana);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> String {
        text.parse::<Kana>().unwrap().as_str().to_owned()
    }

    #[test]
    fn every_way_of_typing_kana_gives_full_width_katakana() {
        for typed in ["やまだ はなこ", "ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ\u{3000}ハナコ", "ヤマタ\u{3099}　ハナコ", "やまた゛　はなこ"]
        {
            assert_eq!(parsed(typed), "ヤマダ　ハナコ");
        }
        assert_eq!(parsed("じょん・すみす"), "ジョン・スミス");
        assert_eq!(parsed("リ-"), "リー");
    }

    #[test]
    fn latin_letters_are_for_names_written_so() {
        assert_eq!(parsed("Ａｎｎａ－Maria  O’Neil"), "Anna-Maria O'Neil");
    }

    #[test]
    fn other_letters_are_refused() {
        for (typed, error) in [
            ("山田", InvalidKana::OtherLetters),
            ("ヤマダ1", InvalidKana::OtherLetters),
            ("・", InvalidKana::OtherLetters),
            ("  ", InvalidKana::Empty),
            (&*"ア".repeat(101), InvalidKana::TooLong),
        ] {
            assert_eq!(typed.parse::<Kana>(), Err(error), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn hiragana_and_katakana_are_the_same_reading(hiragana in "[ぁ-ゖ]{1,20}") {
            let katakana: String = hiragana.chars().map(|c| char::from_u32(u32::from(c) + 0x60).unwrap()).collect();
            prop_assert_eq!(hiragana.parse::<Kana>().unwrap(), katakana.parse::<Kana>().unwrap());
        }

        #[test]
        fn parsing_is_idempotent(text in "[ぁ-ゖァ-ー ｦ-ﾟA-zー-]{0,30}") {
            if let Ok(kana) = text.parse::<Kana>() {
                prop_assert_eq!(kana.as_str().parse::<Kana>().unwrap(), kana);
            }
        }
    }
}
