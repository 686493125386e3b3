//! The fonts on the shelf, and what to do with a character that none of them has.

use super::DocumentError;
use crate::words::{Phrase, has_japanese};
use serde::Serialize;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// BIZ UD Gothic has every kanji of JIS X 0213 and is made to be easy to read; behind it stand the kanji of names that
/// it lacks, in one weight.
const EMBEDDED: [&[u8]; 3] = [
    include_bytes!("../../templates/document/fonts/BIZUDPGothic-Regular.ttf"),
    include_bytes!("../../templates/document/fonts/BIZUDPGothic-Bold.ttf"),
    include_bytes!("../../templates/document/fonts/TodokeNames-Regular.otf"),
];

/// 〓 (geta): what Japanese printers set where a type is missing, so that nobody reads over the gap.
const GETA: char = '〓';

/// Every face that a document may use.
pub(super) struct Fonts {
    faces: Vec<Font>,
    /// In the order of preference.
    families: Vec<Family>,
    book: LazyHash<FontBook>,
}

struct Family {
    name: String,
    /// The code points that every face of the family has, so that bold text has them too; sorted.
    characters: Vec<u32>,
}

/// Text as it can be set: with 〓 for what no font has, and the code points to say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Printed {
    text: String,
    /// The family for the whole text, if it is not the usual one: a name with one rare kanji
    /// is set in one face, not in two.
    font: Option<String>,
    /// `U+20BB7` for each 〓, in order.
    missing: Vec<String>,
    /// True if Japanese letters are in it, so that a paper in another language says so to those who hear it.
    japanese: bool,
    /// How it is read, in small letters above it.
    reading: Option<String>,
}

/// A sentence or label of ours, in pieces: what is put into it may need another font, and kanji may have readings.
pub(super) type Line = Vec<Printed>;

impl Printed {
    /// What will stand on the paper.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl Fonts {
    /// Loads the embedded faces and then those of `extra` font files.
    pub(super) fn load(extra: Vec<Vec<u8>>) -> Result<Self, DocumentError> {
        let mut faces = Vec::new();
        for file in EMBEDDED.into_iter().map(Bytes::new).chain(extra.into_iter().map(Bytes::new)) {
            let before = faces.len();
            faces.extend(Font::iter(file));
            if faces.len() == before {
                return Err(DocumentError::NotAFont);
            }
        }
        let mut families: Vec<Family> = Vec::new();
        for info in faces.iter().map(Font::info) {
            match families.iter_mut().find(|family| family.name == info.family) {
                Some(family) => {
                    let here: Vec<u32> = info.coverage.iter().collect();
                    family.characters.retain(|character| here.binary_search(character).is_ok());
                }
                None => families.push(Family { name: info.family.clone(), characters: info.coverage.iter().collect() }),
            }
        }
        let book = LazyHash::new(FontBook::from_fonts(&faces));
        Ok(Self { faces, families, book })
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(super) fn families(&self) -> Vec<&str> {
        self.families.iter().map(|family| family.name.as_str()).collect()
    }

    pub(super) fn face(&self, index: usize) -> Option<Font> {
        self.faces.get(index).cloned()
    }

    /// The characters of `text` that cannot be shown, each once, in order.
    pub(super) fn uncovered(&self, text: &str) -> Vec<char> {
        let mut found = Vec::new();
        for character in text.chars().filter(|character| !self.can_show(*character)) {
            if !found.contains(&character) {
                found.push(character);
            }
        }
        found
    }

    /// Makes `text` settable. Whatever the text holds, the document will not fail because of it.
    pub(super) fn printed(&self, text: &str) -> Printed {
        let mut missing = Vec::new();
        let settable: String = text
            .chars()
            .map(|character| match character {
                ' ' | '\u{3000}' => character,
                space if space.is_whitespace() => ' ',
                shown if self.can_show(shown) => shown,
                unknown => {
                    missing.push(format!("U+{:04X}", u32::from(unknown)));
                    GETA
                }
            })
            .collect();
        let whole = |family: &Family| settable.chars().all(|character| is_silent(character) || family.has(character));
        let font = match self.families.iter().position(whole) {
            None | Some(0) => None,
            Some(other) => Some(self.families[other].name.clone()),
        };
        Printed { japanese: has_japanese(&settable), text: settable, font, missing, reading: None }
    }

    /// Makes a text of ours settable.
    pub(super) fn line(&self, phrase: &Phrase) -> Line {
        let pieces = phrase.pieces().into_iter().filter(|piece| !piece.text.is_empty());
        pieces.map(|piece| Printed { reading: piece.reading, ..self.printed(&piece.text) }).collect()
    }

    /// The paragraphs of a longer text.
    pub(super) fn paragraphs(&self, text: &str) -> Vec<Printed> {
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| self.printed(line)).collect()
    }

    fn can_show(&self, character: char) -> bool {
        is_silent(character) || !is_unsafe(character) && self.families.iter().any(|family| family.has(character))
    }
}

impl Family {
    fn has(&self, character: char) -> bool {
        self.characters.binary_search(&u32::from(character)).is_ok()
    }
}

/// White space, and variation selectors: a font without the variant shows the plain character.
fn is_silent(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Characters that have no place on paper even if a font has them: those that turn the
/// direction of the text and could make it read as something else, and those that
/// ISO 19005-2, 6.2.11.7 forbids (private use, U+FEFF, U+FFFE).
fn is_unsafe(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e007f}'
            | '\u{f0000}'..='\u{10ffff}'
    ) || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_text_is_covered() {
        let fonts = Fonts::load(Vec::new()).unwrap();
        assert_eq!(
            fonts.uncovered("山田 太郎 ヤマダ タロウ 髙﨑 姫路市本町68番地 ＡＢＣ abc@example.jp 0790-12-3456 ①"),
            Vec::<char>::new()
        );
        // Variation selectors and spaces need no glyph.
        assert_eq!(fonts.uncovered("葛\u{e0100}城\u{3000}市 \u{2003}\n"), Vec::<char>::new());
    }

    #[test]
    fn kanji_of_names_beyond_jis_x_0213_are_set_as_they_are() {
        let fonts = Fonts::load(Vec::new()).unwrap();
        assert_eq!(fonts.uncovered("𠮷田 𠮷野 高槗 𩸽 𠀋 𡈽屋 𣘺本 𥔎 﨑"), Vec::<char>::new());
        let printed = fonts.printed("𠮷野　太郎");
        assert_eq!((printed.text.as_str(), printed.missing.len()), ("𠮷野　太郎", 0));
    }

    #[test]
    fn a_kanji_that_no_font_has_becomes_a_geta_with_its_code_point() {
        let fonts = Fonts::load(Vec::new()).unwrap();
        assert_eq!(fonts.uncovered("\u{31350}野\u{31350}"), ['\u{31350}']);
        let printed = fonts.printed("\u{31350}野\t太郎");
        assert_eq!(printed.text, "〓野 太郎");
        assert_eq!(printed.missing, ["U+31350"]);
        assert_eq!(printed.font, None);
    }

    #[test]
    fn characters_that_turn_the_text_round_are_shown_as_such() {
        let fonts = Fonts::load(Vec::new()).unwrap();
        let printed = fonts.printed("a\u{202e}b\u{e000}\u{feff}\u{7}");
        assert_eq!(printed.text, "a〓b〓〓〓");
        assert_eq!(printed.missing, ["U+202E", "U+E000", "U+FEFF", "U+0007"]);
    }

    #[test]
    fn a_file_that_is_no_font_is_refused() {
        assert!(matches!(Fonts::load(vec![b"no font".to_vec()]), Err(DocumentError::NotAFont)));
    }
}
