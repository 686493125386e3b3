//! What may be put into a text: names, numbers, other texts. What the library wrote has a room of its own.

use super::{Phrase, Said, Words};

/// Something that can stand in a text's place for it.
///
/// A type that is written differently in each language (a date) implements it by calling a text of its own.
pub trait Value {
    /// How it is said in the language of `words`.
    fn said(self, words: Words) -> Said;
}

/// A number that a text may count by.
pub trait Count: Value {}

// Askama hands over what it calls with by reference.
impl<T: Value + Clone> Value for &T {
    fn said(self, words: Words) -> Said {
        self.clone().said(words)
    }
}

impl<T: Count + Clone> Count for &T {}

/// What a person has typed. It stays as it is; where it holds Japanese letters it is marked as what the library wrote
/// is, so that it is read aloud rightly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AsTyped(pub String);

impl From<&str> for AsTyped {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for AsTyped {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl AsTyped {
    /// True if there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// True if Japanese letters stand in a text: kana, kanji in every plane, letters of full width.
#[must_use]
pub fn has_japanese(text: &str) -> bool {
    text.contains(|c| matches!(c, '\u{3005}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..))
}

impl Value for AsTyped {
    fn said(self, _: Words) -> Said {
        if has_japanese(&self.0) { Said::Theirs(self.0.into()) } else { Said::Plain(self.0) }
    }
}

impl Value for &str {
    fn said(self, _: Words) -> Said {
        Said::Plain(self.to_owned())
    }
}

impl Value for String {
    fn said(self, _: Words) -> Said {
        Said::Plain(self)
    }
}

impl Value for Phrase {
    fn said(self, _: Words) -> Said {
        Said::Phrase(self)
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Value for $number {
            fn said(self, _: Words) -> Said {
                Said::Number(self.into())
            }
        }
        impl Count for $number {}
    )+};
}

numbers!(u8, u16, u32, u64);

impl Value for usize {
    fn said(self, _: Words) -> Said {
        Said::Number(u64::try_from(self).unwrap_or(u64::MAX))
    }
}

impl Count for usize {}
