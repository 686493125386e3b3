//! Full-width and half-width forms, spaces and hyphens: what input methods add without being asked.

use unicode_normalization::char::compose;

/// The signs of JIS X 0201 from U+FF61 to U+FF9F, in their full-width form.
const WIDE_KANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";

/// The ASCII form of a full-width sign or space; any other character as it is.
pub(in crate::domain) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Digits, codes and addresses for machines: narrow, and without spaces and invisible characters.
pub(in crate::domain) fn narrow_without_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).map(narrow).collect()
}

/// Half-width kana in full width, with their voicing marks joined; everything else untouched.
pub(in crate::domain) fn widen_kana(text: &str) -> String {
    let mut wide = String::with_capacity(text.len());
    let mut after_half_width = false;
    for c in text.chars() {
        let index = u32::from(c).wrapping_sub(0xff61) as usize;
        let Some(kana) = WIDE_KANA.chars().nth(index) else {
            wide.push(c);
            after_half_width = false;
            continue;
        };
        match voicing_mark(kana).filter(|_| after_half_width).and_then(|mark| join(&wide, mark)) {
            Some(joined) => {
                wide.pop();
                wide.push(joined);
            }
            None => wide.push(kana),
        }
        after_half_width = true;
    }
    wide
}

/// Joins every kana with the voicing mark behind it, whatever kind of mark it is.
pub(in crate::domain) fn join_voicing_marks(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for c in text.chars() {
        match voicing_mark(c).and_then(|mark| join(&joined, mark)) {
            Some(kana) => {
                joined.pop();
                joined.push(kana);
            }
            None => joined.push(c),
        }
    }
    joined
}

fn voicing_mark(c: char) -> Option<char> {
    match c {
        '゛' | '\u{3099}' => Some('\u{3099}'),
        '゜' | '\u{309a}' => Some('\u{309a}'),
        _ => None,
    }
}

fn join(before: &str, mark: char) -> Option<char> {
    before.chars().next_back().and_then(|base| compose(base, mark))
}

/// The many signs that keyboards and input methods give for a hyphen.
pub(in crate::domain) const fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '\u{2011}' | '‒' | '–' | '—' | '―' | '−' | '－' | 'ー' | 'ｰ' | '─' | '━' | '﹣' | '\u{ad}')
}

/// Characters that take no room and that nobody types on purpose in a code or an address.
pub(in crate::domain) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Variation selectors: they choose a glyph of the character before them (IVS and standardised variants).
pub(in crate::domain) const fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180d}')
}

/// Characters that have no place in a line of text: they are unseen, turn its direction, or mean something
/// else on every machine (private use).
pub(in crate::domain) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}'
                | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{e00ff}' | '\u{f0000}'..='\u{10ffff}'
        )
        || (c as u32) & 0xfffe == 0xfffe
}

/// True for text in Japanese letters (kanji, kana, full-width forms), which is spaced with U+3000.
pub(in crate::domain) fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| {
        let is_in_japanese_block = matches!(
            c,
            '\u{2e80}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ffdc}' | '\u{20000}'..='\u{3ffff}'
        );
        is_in_japanese_block && !c.is_whitespace()
    })
}

/// Trims, and makes each run of spaces one: U+3000 between Japanese letters, an ASCII space otherwise.
pub(in crate::domain) fn with_single_spaces(text: &str) -> String {
    let space = if is_japanese(text) { "\u{3000}" } else { " " };
    text.split_whitespace().collect::<Vec<_>>().join(space)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_width_kana_become_full_width_with_their_marks() {
        assert_eq!(widen_kana("ﾔﾏﾀﾞ ﾊﾟﾝ漢字"), "ヤマダ パン漢字");
        assert_eq!(widen_kana("か゛"), "か゛", "what is full-width already stays as it is");
        assert_eq!(join_voicing_marks("か゛ハ\u{309a}ﾞ"), "がパﾞ");
    }

    #[test]
    fn spaces_follow_the_letters() {
        assert_eq!(with_single_spaces("  山田 　 太郎 "), "山田　太郎");
        assert_eq!(with_single_spaces("Anna\u{3000}\u{3000}Schmidt"), "Anna Schmidt");
    }

    #[test]
    fn variation_selectors_are_printable_and_direction_marks_are_not() {
        assert!(!is_unprintable('\u{e0100}') && !is_unprintable('\u{fe00}') && !is_unprintable('𠮷'));
        assert!(['\u{202e}', '\u{0}', '\u{e000}', '\u{fffe}', '\u{1fffe}'].into_iter().all(is_unprintable));
    }
}
