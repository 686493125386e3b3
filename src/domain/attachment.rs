//! Pictures of documents that prove something, attached to an application.
//!
//! What is signed names each of them by its SHA-256, so the reviewer sees what the applicant sent.

use super::iso_date;
use super::library::EvidenceCode;
use super::my_number;
use super::version::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use time::Date;

/// The longest file name that is kept, in characters.
const LONGEST_NAME: usize = 60;

/// A document as the applicant declares it: which kind, and exactly which picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// The kind of document, by the library's rules.
    pub kind: EvidenceCode,
    /// What the library calls it.
    pub label: String,
    /// SHA-256 of the picture as it is kept.
    pub sha256: Digest,
    /// Octets of the picture as it is kept.
    pub size: u64,
    /// The last day on which the document counts, if it does not count for ever.
    #[serde(with = "iso_date::option", skip_serializing_if = "Option::is_none", default)]
    pub expires_on: Option<Date>,
}

/// What a sent file was called: for its sender to know it again, and for nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// Cleans a name as a browser gave it: no folders, no signs that turn or hide others, not long. `None` if nothing
    /// is left, or if a My Number stands in it.
    #[must_use]
    pub fn of(given: &str) -> Option<Self> {
        let last = given.rsplit(['/', '\\', ':']).next().unwrap_or_default();
        let plain: String = last.chars().map(|sign| if sign.is_whitespace() { ' ' } else { sign }).collect();
        let plain: String = plain.chars().filter(|sign| !sign.is_control() && !is_trick(*sign)).collect();
        let plain = plain.trim_matches([' ', '.']);
        if plain.is_empty() || my_number::is_in(plain) {
            return None;
        }
        Some(Self(shortened(plain)))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names say much about people.
impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileName(…)")
    }
}

/// Signs that turn the direction of writing (UAX #9), have no width, or stand for nothing.
fn is_trick(sign: char) -> bool {
    matches!(
        sign,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..
    )
}

/// The beginning and the ending of a long name.
fn shortened(name: &str) -> String {
    let signs: Vec<char> = name.chars().collect();
    if signs.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let (head, tail) = (&signs[..LONGEST_NAME - 11], &signs[signs.len() - 10..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(given: &str) -> Option<String> {
        FileName::of(given).map(|name| name.0)
    }

    #[test]
    fn a_plain_name_stays_as_it_is() {
        assert_eq!(named("免許証 おもて.jpg").as_deref(), Some("免許証 おもて.jpg"));
    }

    #[test]
    fn folders_and_tricks_are_taken_out() {
        for (given, kept) in [
            ("C:\\Users\\hana\\scan.png", "scan.png"),
            ("../../etc/passwd", "passwd"),
            ("photo\u{202E}gpj.exe", "photogpj.exe"),
            ("a\0b\r\nContent-Type: text/html.jpg", "html.jpg"),
            ("a\u{200B}b\u{FEFF}.jpg", "ab.jpg"),
            (" . hidden. ", "hidden"),
        ] {
            assert_eq!(named(given).as_deref(), Some(kept), "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let name = named(&format!("{}.jpeg", "あ".repeat(300))).unwrap();
        assert_eq!(name.chars().count(), LONGEST_NAME);
        assert!(name.starts_with("あああ") && name.ends_with("ああああ.jpeg") && name.contains('…'), "{name}");
    }

    #[test]
    fn no_name_is_better_than_one_with_a_number_or_nothing_in_it() {
        for given in ["", "..", "/", "マイナンバー1234 5678 9018.jpg", "\u{202E}\u{200B}"] {
            assert_eq!(named(given), None, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn every_name_is_short_and_harmless(given in any::<String>()) {
            if let Some(name) = named(&given) {
                prop_assert!((1..=LONGEST_NAME).contains(&name.chars().count()));
                prop_assert!(!name.chars().any(|sign| sign.is_control() || is_trick(sign) || "/\\:".contains(sign)));
            }
        }
    }
}
