//! Signs that are copied by eye or ear: in groups, one by one, and with their names.

use crate::words::{Phrase, Words};

/// The name of each letter from A to Z, and of each digit from 0.
const LETTERS: [&str; 26] = [
    "エー",
    "ビー",
    "シー",
    "ディー",
    "イー",
    "エフ",
    "ジー",
    "エイチ",
    "アイ",
    "ジェー",
    "ケー",
    "エル",
    "エム",
    "エヌ",
    "オー",
    "ピー",
    "キュー",
    "アール",
    "エス",
    "ティー",
    "ユー",
    "ブイ",
    "ダブリュー",
    "エックス",
    "ワイ",
    "ゼット",
];
const DIGITS: [&str; 10] = ["ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう"];

/// One sign of a password with the name by which it is read out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Sign {
    pub(in crate::http) sign: char,
    pub(in crate::http) reading: Phrase,
}

/// The text in groups of four, as it is easiest to copy.
pub(in crate::http) fn in_fours(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    signs.chunks(4).map(|group| group.iter().collect()).collect()
}

/// The text with a space after every sign, so that screen readers say digits instead of a quantity.
pub(in crate::http) fn one_by_one(text: &str) -> String {
    let signs: Vec<String> = text.chars().filter(|sign| !sign.is_whitespace()).map(String::from).collect();
    signs.join(" ")
}

/// How to read a password out: every sign with its name.
pub(in crate::http) fn read_out(words: Words, text: &str) -> Vec<Sign> {
    text.chars().map(|sign| Sign { sign, reading: reading_of(words, sign) }).collect()
}

fn reading_of(words: Words, sign: char) -> Phrase {
    let name = |first: char, names: &[&'static str]| {
        if !words.lang().is_japanese() {
            return sign.to_string();
        }
        let place = u32::from(sign).checked_sub(u32::from(first)).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| names.get(place).copied()).unwrap_or_default().to_owned()
    };
    match sign {
        'A'..='Z' => words.patron_password_capital(name('A', &LETTERS)),
        'a'..='z' => words.patron_password_small(name('a', &LETTERS)),
        '0'..='9' => words.patron_password_digit(name('0', &DIGITS)),
        other => words.say(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stand_in_groups_of_four() {
        assert_eq!(in_fours("T7kP9mXw"), ["T7kP", "9mXw"]);
        assert_eq!(in_fours("T7kP9mXwAb"), ["T7kP", "9mXw", "Ab"]);
        assert!(in_fours("").is_empty());
    }

    #[test]
    fn numbers_are_said_sign_by_sign() {
        assert_eq!(one_by_one("1234 567-"), "1 2 3 4 5 6 7 -");
    }

    #[test]
    fn every_sign_is_named_with_its_kind() {
        let readings: Vec<String> =
            read_out(Words::default(), "AkzZ490").into_iter().map(|sign| sign.reading.plain()).collect();
        assert_eq!(
            readings,
            [
                "大文字のエー",
                "小文字のケー",
                "小文字のゼット",
                "大文字のゼット",
                "数字のよん",
                "数字のきゅう",
                "数字のゼロ"
            ]
        );
    }

    #[test]
    fn no_two_letters_share_a_name() {
        let mut names: Vec<&str> = LETTERS.into_iter().chain(DIGITS).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 36);
    }
}
