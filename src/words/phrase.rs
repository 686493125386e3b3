//! A text in the language of a page: markup where markup may stand, plain everywhere else.

use super::written::in_pieces;
use super::{AsWritten, Lang, Texts, Words};
use askama::filters::{Escaper, Html, HtmlSafe};
use askama::{FastWritable, Values};
use std::fmt;

/// A piece of a text as the build script found it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands.
    Text(&'static str),
    /// Kanji and their reading.
    Ruby(&'static str, &'static str),
    /// What the caller puts in.
    Value(usize),
    /// One of several texts, by the number that the caller puts in.
    Count(usize, &'static [(When, &'static [Part])]),
}

/// When a variant of a counted text is said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum When {
    /// For this number.
    Exactly(u64),
    /// For what the language says of one thing.
    One,
    /// For all others.
    Otherwise,
}

/// What the caller put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The same in every language.
    Plain(String),
    /// A number, by which a text may count.
    Number(u64),
    /// In the language of the text around it.
    Phrase(Phrase),
    /// As the library wrote it, in the language of the text around it if it did in that.
    Theirs(AsWritten),
}

/// A text in the language of a page.
///
/// Askama draws it as HTML: escaped, with `<ruby>` where readings are switched on, and with `lang` around what the
/// library wrote in another language. `Display` gives the plain text. In `<title>`, attributes, `<option>` and mails [`plain`](Self::plain)
/// or [`spelled`](Self::spelled) stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phrase {
    text: Text,
    values: Vec<Said>,
    words: Words,
}

/// What a phrase is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    /// One text for each language.
    Each(&'static Texts),
    /// The same in every language.
    Same(&'static [Part]),
}

impl Text {
    fn of(self, lang: Lang) -> &'static [Part] {
        match self {
            Self::Each(texts) => texts[lang as usize],
            Self::Same(parts) => parts,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Same(&[])
    }
}

/// A piece of a text, for whoever draws it without markup: on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The letters.
    pub text: String,
    /// How they are read, where readings are switched on.
    pub reading: Option<String>,
}

/// A piece of a text on its way to the page.
enum Bit<'a> {
    Text(&'a str),
    Ruby(&'a str, &'a str),
    /// What the library wrote, and in which language.
    Theirs(Lang, &'a str),
}

impl Phrase {
    pub(super) const fn each(texts: &'static Texts, values: Vec<Said>, words: Words) -> Self {
        Self { text: Text::Each(texts), values, words }
    }

    pub(super) const fn same(parts: &'static [Part], values: Vec<Said>, words: Words) -> Self {
        Self { text: Text::Same(parts), values, words }
    }

    /// The same in the words of another page, with everything that was put in. So whoever finds a fault need not know
    /// who will read about it.
    #[must_use]
    pub fn in_words(&self, words: Words) -> Self {
        Self { words, ..self.clone() }
    }

    /// Only the words, without readings: for titles and attributes.
    #[must_use]
    pub fn plain(&self) -> String {
        self.to_string()
    }

    /// With each reading in brackets behind its word, where readings are switched on: for mails.
    #[must_use]
    pub fn spelled(&self) -> String {
        let mut text = String::new();
        let _ = self.walk(&mut |bit| {
            match bit {
                Bit::Text(piece) | Bit::Theirs(_, piece) => text.push_str(piece),
                Bit::Ruby(base, reading) if self.words.ruby => text.extend([base, "（", reading, "）"]),
                Bit::Ruby(base, _) => text.push_str(base),
            }
            Ok(())
        });
        text
    }

    /// The text in pieces, each with its reading where readings are switched on.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let _ = self.walk(&mut |bit| {
            pieces.push(match bit {
                Bit::Ruby(base, reading) => {
                    Piece { text: base.to_owned(), reading: self.words.ruby.then(|| reading.to_owned()) }
                }
                Bit::Text(text) | Bit::Theirs(_, text) => Piece { text: text.to_owned(), reading: None },
            });
            Ok(())
        });
        pieces
    }

    /// True if nothing is said at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain().is_empty()
    }

    fn walk(&self, tell: &mut dyn FnMut(Bit<'_>) -> fmt::Result) -> fmt::Result {
        self.walk_in(self.words.lang, tell)
    }

    /// A phrase within a phrase speaks the language of the outer one.
    fn walk_in(&self, lang: Lang, tell: &mut dyn FnMut(Bit<'_>) -> fmt::Result) -> fmt::Result {
        self.walk_parts(self.text.of(lang), lang, tell)
    }

    fn walk_parts(&self, parts: &[Part], lang: Lang, tell: &mut dyn FnMut(Bit<'_>) -> fmt::Result) -> fmt::Result {
        for part in parts {
            match part {
                Part::Text(text) => tell(Bit::Text(text))?,
                Part::Ruby(base, reading) => tell(Bit::Ruby(base, reading))?,
                Part::Value(place) => self.walk_value(*place, lang, tell)?,
                Part::Count(place, variants) => {
                    let Some(Said::Number(number)) = self.values.get(*place) else { continue };
                    let chosen = variants.iter().find(|(when, _)| when.is_said_of(*number, lang));
                    self.walk_parts(chosen.map_or(&[], |(_, parts)| parts), lang, tell)?;
                }
            }
        }
        Ok(())
    }

    fn walk_value(&self, place: usize, lang: Lang, tell: &mut dyn FnMut(Bit<'_>) -> fmt::Result) -> fmt::Result {
        match self.values.get(place) {
            None => Ok(()),
            Some(Said::Plain(text)) => tell(Bit::Text(text)),
            Some(Said::Number(number)) => tell(Bit::Text(&number.to_string())),
            Some(Said::Phrase(phrase)) => phrase.walk_in(lang, tell),
            Some(Said::Theirs(written)) => match written.in_language(lang) {
                (Lang::JaSimple, marked) => in_pieces(marked, &mut |text, reading| {
                    tell(reading.map_or(Bit::Theirs(Lang::JaSimple, text), |reading| Bit::Ruby(text, reading)))
                }),
                (other, text) => tell(Bit::Theirs(other, text)),
            },
        }
    }
}

impl When {
    /// The plural rules of CLDR for whole numbers; the build script has sorted nothing, so the exact ones come first in
    /// the files.
    fn is_said_of(&self, number: u64, lang: Lang) -> bool {
        match (self, lang) {
            (Self::Exactly(exactly), _) => *exactly == number,
            (Self::One, Lang::Pt) => number < 2,
            (Self::One, _) => number == 1,
            (Self::Otherwise, _) => true,
        }
    }
}

impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self::same(&[Part::Value(0)], vec![Said::Plain(text)], Words::default())
    }
}

impl From<&str> for Phrase {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.walk(&mut |bit| match bit {
            Bit::Text(text) | Bit::Theirs(_, text) | Bit::Ruby(text, _) => f.write_str(text),
        })
    }
}

impl HtmlSafe for Phrase {}

impl FastWritable for Phrase {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        let written = self.walk(&mut |bit| match bit {
            Bit::Ruby(base, reading) if self.words.ruby => {
                dest.write_str("<ruby>")?;
                Html.write_escaped_str(&mut *dest, base)?;
                dest.write_str("<rp>（</rp><rt>")?;
                Html.write_escaped_str(&mut *dest, reading)?;
                dest.write_str("</rt><rp>）</rp></ruby>")
            }
            Bit::Theirs(lang, text) if lang != self.words.lang && !self.words.lang.is_japanese() => {
                write!(dest, "<span lang=\"{lang}\">")?;
                Html.write_escaped_str(&mut *dest, text)?;
                dest.write_str("</span>")
            }
            Bit::Text(text) | Bit::Theirs(_, text) | Bit::Ruby(text, _) => Html.write_escaped_str(&mut *dest, text),
        });
        Ok(written?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use askama::Template;

    #[derive(Template)]
    #[template(source = "{{ phrase }}|{{ phrase.plain() }}|{{ phrase.spelled() }}", ext = "html")]
    struct Drawn {
        phrase: Phrase,
    }

    fn drawn(parts: &'static [Part], values: Vec<Said>, words: Words) -> String {
        Drawn { phrase: Phrase::same(parts, values, words) }.render().unwrap()
    }

    #[test]
    fn readings_are_drawn_on_pages_and_nowhere_else() {
        const PARTS: &[Part] = &[Part::Ruby("図書館", "としょかん"), Part::Text("のカード")];
        let simple = Words::new(Lang::JaSimple);
        assert_eq!(
            drawn(PARTS, vec![], simple),
            "<ruby>図書館<rp>（</rp><rt>としょかん</rt><rp>）</rp></ruby>のカード|図書館のカード|図書館（としょかん）のカード"
        );
        assert_eq!(drawn(PARTS, vec![], simple.with_ruby(false)), "図書館のカード|図書館のカード|図書館のカード");
    }

    #[test]
    fn paper_gets_pieces_with_their_readings() {
        const PARTS: &[Part] = &[Part::Ruby("図書館", "としょかん"), Part::Value(0)];
        let said = |words| Phrase::same(PARTS, vec![Said::Theirs("<b>".into())], words).pieces();
        let piece =
            |text: &str, reading: Option<&str>| Piece { text: text.to_owned(), reading: reading.map(str::to_owned) };
        let simple = Words::new(Lang::JaSimple);
        assert_eq!(said(simple), [piece("図書館", Some("としょかん")), piece("<b>", None)]);
        assert_eq!(said(simple.with_ruby(false)), [piece("図書館", None), piece("<b>", None)]);
    }

    #[test]
    fn whatever_is_put_in_is_escaped_and_never_read_as_a_mark() {
        let value = |text: &str| vec![Said::Plain(text.to_owned())];
        let page = drawn(&[Part::Value(0)], value("<b>漢字《かんじ》"), Words::new(Lang::JaSimple));
        assert!(page.starts_with("&#60;b&#62;漢字《かんじ》|"), "{page}");
    }

    #[test]
    fn what_the_library_wrote_is_marked_as_japanese_in_other_languages_only() {
        let theirs = || vec![Said::Theirs("ほし&つき図書館".into())];
        let page = drawn(&[Part::Value(0)], theirs(), Words::new(Lang::En));
        assert!(page.starts_with("<span lang=\"ja\">ほし&#38;つき図書館</span>|ほし"), "{page}");
        assert!(drawn(&[Part::Value(0)], theirs(), Words::new(Lang::Ja)).starts_with("ほし&#38;"));
    }

    #[test]
    fn each_language_counts_in_its_own_way() {
        const DAYS: &[Part] = &[
            Part::Value(0),
            Part::Count(0, &[(When::One, &[Part::Text(" day")]), (When::Otherwise, &[Part::Text(" days")])]),
        ];
        let said = |number, lang| Phrase::same(DAYS, vec![Said::Number(number)], Words::new(lang)).plain();
        assert_eq!([said(1, Lang::En), said(0, Lang::En), said(7, Lang::En)], ["1 day", "0 days", "7 days"]);
        assert_eq!([said(0, Lang::Pt), said(2, Lang::Pt)], ["0 day", "2 days"]);
    }

    #[test]
    fn a_phrase_can_be_said_again_in_another_language_with_all_that_is_in_it() {
        static CARD: Texts = {
            let mut texts: Texts = [&[Part::Text("card")]; Lang::ALL.len()];
            texts[0] = &[Part::Text("カード")];
            texts
        };
        let japanese = Words::default();
        let card = Phrase::each(&CARD, vec![], japanese);
        let theirs = Said::Theirs("本館".into());
        let both = Phrase::same(&[Part::Value(0), Part::Value(1)], vec![Said::Phrase(card), theirs], japanese);
        assert_eq!(both.plain(), "カード本館");
        assert_eq!(both.in_words(Words::new(Lang::En)).plain(), "card本館");
    }

    #[test]
    fn a_phrase_in_a_phrase_keeps_its_readings() {
        let inner = Phrase::same(&[Part::Ruby("窓口", "まどぐち")], vec![], Words::new(Lang::JaSimple));
        let page = drawn(&[Part::Value(0), Part::Text("へ")], vec![Said::Phrase(inner)], Words::new(Lang::JaSimple));
        assert!(page.starts_with("<ruby>窓口") && page.contains("|窓口へ|窓口（まどぐち）へ"), "{page}");
    }
}
