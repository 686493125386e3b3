//! Variant kanji: which characters may stand for one another in names and places.

use jntajis::codec::mj_shrink::{MJShrinkSchemes, mj_shrink_candidates};

/// The most variants that are looked at for one character; the map gives fewer for all but a handful.
const MOST: usize = 16;

/// Variants that families mix although the map keeps them apart or knows only one direction.
const GROUPS: [&str; 8] = ["斎斉齋齊", "辺邊邉", "浜濱濵", "島嶋嶌", "富冨", "吉𠮷", "桜櫻", "国國圀"];

/// `c` and the characters to which the MJ shrink map (MJ縮退マップ) reduces it, sorted.
pub(super) fn variants_of(c: char) -> Vec<char> {
    let mut variants = vec![c];
    if is_kanji(c) {
        let mut utf8 = [0; 4];
        let shrunk = mj_shrink_candidates(c.encode_utf8(&mut utf8), MJShrinkSchemes::ALL).take(MOST);
        variants.extend(shrunk.filter_map(|candidate| candidate.chars().next()));
        if let Some(group) = GROUPS.iter().find(|group| group.contains(c)) {
            variants.extend(group.chars());
        }
    }
    variants.sort_unstable();
    variants.dedup();
    variants
}

const fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_one_kanji_meet() {
        for (one, other) in [
            ('髙', '高'),
            ('﨑', '崎'),
            ('邉', '辺'),
            ('邊', '邉'),
            ('齋', '斉'),
            ('澤', '沢'),
            ('濵', '浜'),
            ('𠮷', '吉'),
            ('棃', '梨'),
        ] {
            let others = variants_of(other);
            assert!(variants_of(one).iter().any(|variant| others.contains(variant)), "{one} {other}");
        }
    }

    #[test]
    fn other_kanji_do_not() {
        for (one, other) in [('山', '川'), ('太', '大'), ('未', '末'), ('土', '士'), ('郎', '朗')] {
            let others = variants_of(other);
            assert!(!variants_of(one).iter().any(|variant| others.contains(variant)), "{one} {other}");
        }
    }
}
