//! Full-width and half-width text, as other systems want it.

use crate::domain::person::width::{narrow, widen_kana};
use serde::{Deserialize, Serialize};
use unicode_normalization::char::decompose_canonical;

/// Whether letters, digits and kana are full-width or half-width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WidthForm {
    /// As it is.
    #[default]
    AsIs,
    /// Full-width: kana, ASCII signs and spaces.
    Full,
    /// Half-width: katakana (JIS X 0201), ASCII signs and spaces. Hiragana and kanji have no such form.
    Half,
}

/// The katakana of JIS X 0201 in full width, in the order of their half-width forms from U+FF61.
const KANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

impl WidthForm {
    /// Text in this form.
    #[must_use]
    pub fn write(self, text: &str) -> String {
        match self {
            Self::AsIs => text.to_owned(),
            Self::Full => widen_kana(text).chars().map(widen).collect(),
            Self::Half => text.chars().map(narrow).fold(String::with_capacity(text.len()), |mut half, c| {
                push_half(&mut half, c);
                half
            }),
        }
    }
}

fn widen(c: char) -> char {
    match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn push_half(half: &mut String, c: char) {
    // ヴ, ガ, パ: the kana and its mark are two signs.
    let mut parts = Vec::with_capacity(2);
    decompose_canonical(c, |part| parts.push(part));
    let halves: Option<Vec<char>> = parts.iter().map(|part| half_of(*part)).collect();
    match halves {
        Some(halves) => half.extend(halves),
        None => half.push(c),
    }
}

fn half_of(c: char) -> Option<char> {
    match c {
        '\u{3099}' | '゛' => Some('ﾞ'),
        '\u{309a}' | '゜' => Some('ﾟ'),
        _ => {
            let place = KANA.chars().position(|kana| kana == c)?;
            char::from_u32(0xff61 + u32::try_from(place).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Kana;
    use proptest::prelude::*;

    #[test]
    fn kana_and_digits_become_what_the_other_system_wants() {
        assert_eq!(WidthForm::Half.write("ヒメジ　ハナコ１２"), "ﾋﾒｼﾞ ﾊﾅｺ12");
        assert_eq!(WidthForm::Half.write("ヴァイオレット・パーク"), "ｳﾞｧｲｵﾚｯﾄ･ﾊﾟｰｸ");
        assert_eq!(WidthForm::Full.write("ﾋﾒｼﾞ ﾊﾅｺ12-3"), "ヒメジ　ハナコ１２－３");
        assert_eq!(WidthForm::Half.write("姫路 はなこ é"), "姫路 はなこ é", "what has no half-width form stays");
        assert_eq!(WidthForm::AsIs.write("ヒ ｱ1"), "ヒ ｱ1");
    }

    proptest! {
        #[test]
        fn a_reading_comes_back_from_either_form(reading in "[ァ-ヴー]{1,8} [ァ-ヴ]{1,8}") {
            let kana: Kana = reading.parse().unwrap();
            // ヵ ヶ ヮ ヰ ヱ have no half-width form and stay.
            for form in [WidthForm::Half, WidthForm::Full, WidthForm::AsIs] {
                prop_assert_eq!(form.write(kana.as_str()).parse::<Kana>().unwrap(), kana.clone());
            }
        }
    }
}
