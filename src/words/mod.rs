//! The words of the pages, papers and mails for residents, in every language of the portal. The application that is signed
//! and the staff's pages are Japanese and have their words in templates of their own. Pure: a text is chosen and filled in,
//! nothing else.
//!
//! A text stands in `templates/words/<language>/<area>.ftl` ([Fluent](https://projectfluent.org) syntax: `key = text`,
//! `{ $placeholder }`, and `{ $n -> [one] … *[other] … }` where a language counts). `src/words/build.rs` turns each into
//! a method of [`Words`] named after file and key: `title` in `apply/who.ftl` is `words.apply_who_title()`. Nothing is
//! parsed at run time, and the build fails
//! - if Japanese, やさしい日本語 or English lacks a file or a key, or has one that Japanese has not;
//! - if a text has other placeholders than the Japanese one;
//! - if no code says a text (`dead_code`, which `Cargo.toml` makes an error).
//!
//! The other languages have the areas that the build script names; their readers are led to the English page where
//! theirs does not exist (`http/languages.rs`), so that no page is half translated.
//!
//! # To convert a page
//! 1. Write `templates/words/ja/<folder>/<page>.ftl`, one key per heading, sentence or label. A text holds no markup:
//!    where a link or a `<b>` stands inside, split it. `ja-simple` and `en` follow; in `ja-simple` every kanji has its
//!    reading: `図書館《としょかん》`, or `｜申込み《もうしこみ》` where kana belong to the word.
//! 2. In the template: `{{ layout.words.apply_who_title() }}`; in `<title>`, attributes and `<option>`
//!    `{{ layout.words.apply_who_title().plain() }}`, for ruby is markup.
//! 3. What the library wrote itself (names of branches, fees) is an [`AsWritten`], in the languages in which it wrote it;
//!    alone on a page `{{ layout.words.say(library) }}`. Dates and times are values too: `words.say(day)`.
//! 4. A mail says [`spelled`](Phrase::spelled): readings stand in brackets behind their words. Its text may have several
//!    lines; the gateway breaks those that are too long.
//! 5. Words chosen by code (`wording.rs`) take [`Words`] and give a [`Phrase`]. Two or more texts of one enum are one
//!    `match` over methods.
//!
//! # To add a language
//! A variant of [`Lang`], its tag in `LANGUAGES` of the build script at the same place, a folder of texts.

mod lang;
mod phrase;
mod value;
mod written;

#[cfg(test)]
mod lint;

pub use lang::{Lang, UnknownLang};
pub use phrase::{Phrase, Piece, Said};
pub use value::{AsTyped, Count, Value, has_japanese};
pub use written::AsWritten;

use phrase::{Part, When};

/// One text in every language, in the order of [`Lang`].
type Texts = [&'static [Part]; Lang::ALL.len()];

/// The words of one page: its language, and whether kanji carry their readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    lang: Lang,
    ruby: bool,
}

impl Words {
    /// The words of a language. Readings are shown until somebody switches them off.
    #[must_use]
    pub const fn new(lang: Lang) -> Self {
        Self { lang, ruby: matches!(lang, Lang::JaSimple) }
    }

    /// The same with or without readings; only やさしい日本語 has any.
    #[must_use]
    pub const fn with_ruby(self, ruby: bool) -> Self {
        Self { ruby: ruby && matches!(self.lang, Lang::JaSimple), ..self }
    }

    /// The language.
    #[must_use]
    pub const fn lang(self) -> Lang {
        self.lang
    }

    /// True if kanji carry their readings.
    #[must_use]
    pub const fn has_ruby(self) -> bool {
        self.ruby
    }

    /// True for the language in which what counts is written: documents, and the library's own texts.
    #[must_use]
    pub const fn is_everyday_japanese(self) -> bool {
        matches!(self.lang, Lang::Ja)
    }

    /// A value by itself, as it is written in this language.
    #[must_use]
    pub fn say(self, value: impl Value) -> Phrase {
        const ALONE: &[Part] = &[Part::Value(0)];
        Phrase::same(ALONE, vec![value.said(self)], self)
    }

    /// What the library's staff wrote, in a template.
    #[must_use]
    pub fn theirs(self, text: impl AsRef<str>) -> Phrase {
        self.say(AsWritten::from(text.as_ref()))
    }

    /// What the library wrote, and if that is a translation, what counts behind it: who decides is a matter of law.
    #[must_use]
    pub fn with_original(self, text: impl Into<AsWritten>) -> Phrase {
        const BOTH: &[Part] = &[Part::Value(0), Part::Text(" ("), Part::Value(1), Part::Text(")")];
        let text: AsWritten = text.into();
        match text.behind_translation(self) {
            Some(original) if !self.lang.is_japanese() => {
                Phrase::same(BOTH, vec![text.said(self), original.said(self)], self)
            }
            _ => self.say(text),
        }
    }

    /// What a person has typed, in a template.
    #[must_use]
    pub fn typed(self, text: impl AsRef<str>) -> Phrase {
        self.say(AsTyped::from(text.as_ref()))
    }

    /// Several lines or words as one text.
    #[must_use]
    pub fn join(self, phrases: impl IntoIterator<Item = Phrase>, between: impl Value + Clone) -> Phrase {
        const JOINED: &[Part] = &[Part::Value(0), Part::Value(1), Part::Value(2)];
        let joined = phrases.into_iter().reduce(|before, next| {
            let values = vec![Said::Phrase(before), between.clone().said(self), Said::Phrase(next)];
            Phrase::same(JOINED, values, self)
        });
        joined.unwrap_or_default()
    }

    fn phrase(self, texts: &'static Texts, values: Vec<Said>) -> Phrase {
        Phrase::each(texts, values, self)
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::new(Lang::Ja)
    }
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));
