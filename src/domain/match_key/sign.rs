//! Text as a row of signs: what was written, and what it is compared by.

use super::Likeness;
use super::variant::variants_of;
use crate::domain::person::width::{is_invisible, is_variation_selector, narrow, widen_kana};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// One sign.
#[derive(Clone)]
pub(super) struct Sign {
    /// The characters as written; empty for the later parts of what was one character.
    pub(super) text: String,
    /// Narrow and in lower case, otherwise as written.
    plain: String,
    /// Normalised, without variation selectors, in lower case.
    pub(super) key: char,
    /// The key and its variants, sorted.
    variants: Vec<char>,
    /// The certificate marks it as a stand-in (代替文字) for a character that it cannot hold.
    stand_in: bool,
}

impl Sign {
    /// A sign that was made from others.
    pub(super) fn made(key: char, text: String) -> Self {
        Self { plain: text.clone(), text, key, variants: vec![key], stand_in: false }
    }

    /// The same sign under another key.
    pub(super) fn under(self, key: char) -> Self {
        Self { key, variants: vec![key], ..self }
    }

    /// The same sign, for which all ways of writing its key are the same.
    pub(super) fn by_key_only(self) -> Self {
        Self { plain: self.key.to_string(), ..self }
    }

    /// What to show of it.
    pub(super) fn shown(&self) -> String {
        if self.text.is_empty() { self.key.to_string() } else { self.text.clone() }
    }

    /// How two signs are alike; `Different` if they are not.
    pub(super) fn likeness(&self, other: &Self) -> Likeness {
        if self.plain == other.plain {
            Likeness::Same
        } else if self.is_alike(other) {
            Likeness::WrittenDifferently
        } else {
            Likeness::Different
        }
    }

    /// True if one may stand for the other.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.key == other.key
            || self.stand_in
            || other.stand_in
            || self.variants.iter().any(|variant| other.variants.binary_search(variant).is_ok())
    }

    /// The variant in this place, counted from 0, among those that are not the key itself; the last one if there are
    /// fewer, the key if there is none.
    pub(super) fn other_variant(&self, place: usize) -> char {
        let others: Vec<char> = self.variants.iter().copied().filter(|variant| *variant != self.key).collect();
        others.get(place).or(others.last()).copied().unwrap_or(self.key)
    }

    /// One character for all variants: the lowest of them.
    pub(super) fn representative(&self) -> char {
        self.variants.first().copied().unwrap_or(self.key)
    }
}

/// The signs of `text` without its spaces. `stand_ins` are the places of its stand-in characters, counted from 0.
pub(super) fn signs_of(text: &str, stand_ins: &[u32]) -> Vec<Sign> {
    let wide = widen_kana(text);
    let mut signs = Vec::new();
    let mut characters = wide.chars().zip(0..).map(|(c, place)| (c, stand_ins.contains(&place))).peekable();
    while let Some((first, mut stand_in)) = characters.next() {
        if first.is_whitespace() || is_invisible(first) {
            continue;
        }
        let mut cluster = String::from(first);
        while let Some((c, marked)) = characters.next_if(|(c, _)| is_variation_selector(*c) || is_combining_mark(*c)) {
            cluster.push(c);
            stand_in |= marked;
        }
        push_signs(&mut signs, &cluster, stand_in);
    }
    signs
}

fn push_signs(signs: &mut Vec<Sign>, cluster: &str, stand_in: bool) {
    let plain: String = cluster.chars().map(narrow).flat_map(char::to_lowercase).collect();
    let keys: String = cluster.chars().filter(|c| !is_variation_selector(*c)).nfkc().collect();
    for (index, key) in keys.to_lowercase().chars().filter(|c| !c.is_whitespace()).enumerate() {
        let is_first = index == 0;
        signs.push(Sign {
            text: if is_first { cluster.to_owned() } else { String::new() },
            plain: if is_first { plain.clone() } else { String::new() },
            key,
            variants: variants_of(key),
            stand_in,
        });
    }
}
