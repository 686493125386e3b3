//! Characters that CP932 lacks, and what is written in their place.
//!
//! CP932 carries JIS X 0208 and the extensions of NEC and IBM, 髙 and 﨑 among them. What it lacks becomes,
//! in this order:
//! 1. nothing, if it is a variation selector (IVS) or another sign that is not seen;
//! 2. the sign joined with the one before, if it is a mark that can be joined (か and U+3099 become が);
//! 3. the character of [`TABLE`];
//! 4. the first character of the MJ shrink map (MJ縮退マップ) that CP932 carries;
//! 5. its base letter, if it is a Latin letter with marks (é becomes e), or its compatibility form;
//! 6. 〓, the sign for a character that is missing (下駄).

use crate::domain::person::width::{is_invisible, is_variation_selector};
use encoding_rs::SHIFT_JIS;
use jntajis::codec::mj_shrink::{MJShrinkSchemes, mj_shrink_candidates};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{compose, is_combining_mark};

/// Stands for a character that is missing.
const MISSING: char = '〓';

/// The most candidates that are looked at for one character.
const MOST: usize = 16;

/// What is replaced without asking the map: signs that Unicode has twice, and frequent kanji of names whose
/// ordinary form is not in doubt.
const TABLE: [(char, char); 20] = [
    ('〜', '～'),
    ('−', '－'),
    ('–', '－'),
    ('‐', '－'),
    ('\u{2011}', '－'),
    ('—', '―'),
    ('‖', '∥'),
    ('¢', '￠'),
    ('£', '￡'),
    ('¬', '￢'),
    ('¥', '￥'),
    ('‾', '￣'),
    ('•', '・'),
    ('\u{a0}', ' '),
    ('𠮷', '吉'),
    ('𡈽', '土'),
    ('𣘺', '橋'),
    ('𠀋', '丈'),
    ('𥔎', '碕'),
    ('圡', '土'),
];

/// True if CP932 gives the character back as it was.
pub(super) fn is_carried(c: char) -> bool {
    let mut utf8 = [0; 4];
    let text = &*c.encode_utf8(&mut utf8);
    let (bytes, _, has_gaps) = SHIFT_JIS.encode(text);
    !has_gaps && SHIFT_JIS.decode_without_bom_handling(&bytes).0 == text
}

/// A replacement: the character, and what stands in its place, which may be nothing.
pub(super) type Replacement = (char, String);

/// Text that CP932 carries whole, and what was replaced to make it so.
pub(super) fn substitute(text: &str) -> (String, Vec<Replacement>) {
    let mut carried = String::with_capacity(text.len());
    let mut replaced = Vec::new();
    for c in text.chars() {
        if is_carried(c) {
            carried.push(c);
            continue;
        }
        if is_combining_mark(c)
            && let Some(joined) = carried.chars().next_back().and_then(|base| compose(base, c))
            && is_carried(joined)
        {
            carried.pop();
            carried.push(joined);
            continue;
        }
        let instead = instead_of(c);
        carried.push_str(&instead);
        replaced.push((c, instead));
    }
    (carried, replaced)
}

fn instead_of(c: char) -> String {
    if is_variation_selector(c) || is_invisible(c) || is_combining_mark(c) {
        return String::new();
    }
    if let Some((_, other)) = TABLE.iter().find(|(lacking, other)| *lacking == c && is_carried(*other)) {
        return other.to_string();
    }
    if let Some(shrunk) = shrink(c) {
        return shrunk.to_string();
    }
    let plain: String = c.to_string().nfkd().filter(|part| !is_combining_mark(*part)).collect();
    if plain.is_empty() || !plain.chars().all(is_carried) { MISSING.to_string() } else { plain }
}

fn shrink(c: char) -> Option<char> {
    let mut utf8 = [0; 4];
    mj_shrink_candidates(c.encode_utf8(&mut utf8), MJShrinkSchemes::ALL)
        .take(MOST)
        .filter_map(|candidate| candidate.chars().next())
        .find(|candidate| *candidate != c && is_carried(*candidate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_extensions_of_nec_and_ibm_are_carried() {
        for c in ['髙', '﨑', '彅', '濵', '①', '㈱', 'ｱ', '～', '￥', '祇'] {
            assert!(is_carried(c), "{c}");
        }
        for c in ['𠮷', '〜', '−', '¥', '‾', '葛'] {
            assert_eq!(is_carried(c), c == '葛', "{c}");
        }
    }

    #[test]
    fn what_is_lacking_becomes_its_ordinary_form() {
        for (text, written) in [
            ("𠮷野", "吉野"),
            ("髙﨑", "髙﨑"),
            ("葛\u{e0100}城", "葛城"),
            ("か\u{3099}", "が"),
            ("José", "Jose"),
            ("神〜戸−1", "神～戸－1"),
            ("圡屋", "土屋"),
            ("안", "〓"),
            ("🐈", "〓"),
        ] {
            assert_eq!(substitute(text).0, written, "{text}");
        }
        let (_, replaced) = substitute("𠮷野");
        assert_eq!(replaced, [('𠮷', "吉".to_owned())]);
        assert!(substitute("か\u{3099}").1.is_empty(), "a joined mark is the same letter");
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_carried(text in "\\PC{0,12}") {
            let (written, replaced) = substitute(&text);
            prop_assert!(written.chars().all(is_carried), "{}", written);
            prop_assert!(!replaced.is_empty() || written.chars().count() <= text.chars().count());
        }
    }
}
