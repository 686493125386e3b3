//! Declared beside certified: the differing characters marked, and named in a line of text.

use crate::domain::likeness::Comparison;
use crate::http::staff::wording;

/// One fact, declared and certified.
#[derive(Debug)]
pub(super) struct ComparisonRow {
    pub(super) label: &'static str,
    pub(super) declared: Vec<Stretch>,
    /// Empty if the certificate does not say.
    pub(super) certified: Vec<Stretch>,
    /// `ok`, `near`, `no` or `unknown`: which sign stands before the word.
    pub(super) sign: &'static str,
    pub(super) word: &'static str,
    /// `髙→高`, one per difference.
    pub(super) differing: Vec<String>,
    pub(super) substituted: bool,
}

/// A stretch of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) text: String,
    pub(super) differs: bool,
}

impl ComparisonRow {
    pub(super) fn of(comparison: &Comparison) -> Self {
        let (sign, word) = wording::of_likeness(comparison.likeness);
        // A birth date of which nothing is known says nothing.
        let certified = comparison.certified.as_deref().filter(|text| *text != "????-??-??").unwrap_or_default();
        let differences = &comparison.differences;
        Self {
            label: wording::of_field(comparison.field),
            declared: marked(&comparison.declared, differences.iter().map(|place| place.declared.as_str())),
            certified: marked(certified, differences.iter().map(|place| place.certificate.as_str())),
            sign,
            word,
            differing: differences
                .iter()
                .map(|place| format!("{}→{}", or_none(&place.declared), or_none(&place.certificate)))
                .collect(),
            substituted: comparison.substituted,
        }
    }
}

fn or_none(stretch: &str) -> &str {
    if stretch.is_empty() { "（なし）" } else { stretch }
}

/// Parts `text` at the stretches that differ, which occur in it in order. One that is not found
/// in the original writing stays unmarked; the line of text names it all the same.
fn marked<'a>(text: &str, differing: impl Iterator<Item = &'a str>) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut rest = text;
    for stretch in differing.filter(|stretch| !stretch.is_empty()) {
        let Some((before, after)) = rest.split_once(stretch) else { continue };
        push(&mut stretches, before, false);
        push(&mut stretches, stretch, true);
        rest = after;
    }
    push(&mut stretches, rest, false);
    stretches
}

fn push(stretches: &mut Vec<Stretch>, text: &str, differs: bool) {
    if !text.is_empty() {
        stretches.push(Stretch { text: text.to_owned(), differs });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::likeness::{ComparedField, Difference, Likeness};

    fn stretch(text: &str, differs: bool) -> Stretch {
        Stretch { text: text.into(), differs }
    }

    #[test]
    fn only_the_differing_characters_are_marked() {
        let row = ComparisonRow::of(&Comparison {
            field: ComparedField::Name,
            declared: "髙橋　花子".into(),
            certified: Some("高橋　花子".into()),
            likeness: Likeness::WrittenDifferently,
            differences: vec![Difference {
                declared: "髙".into(),
                certificate: "高".into(),
                likeness: Likeness::WrittenDifferently,
            }],
            substituted: true,
        });
        assert_eq!(row.declared, [stretch("髙", true), stretch("橋　花子", false)]);
        assert_eq!(row.certified, [stretch("高", true), stretch("橋　花子", false)]);
        assert_eq!(row.differing, ["髙→高"]);
        assert_eq!((row.sign, row.word), ("near", "表記のちがい"));
    }

    #[test]
    fn the_second_of_two_like_stretches_is_found_behind_the_first() {
        let stretches = marked("1-2-1", ["1", "1"].into_iter());
        assert_eq!(stretches, [stretch("1", true), stretch("-2-", false), stretch("1", true)]);
    }

    #[test]
    fn nothing_is_lost_where_a_stretch_is_missing() {
        assert_eq!(marked("中央一丁目", ["1", ""].into_iter()), [stretch("中央一丁目", false)]);
        assert_eq!(marked("", std::iter::empty()), []);
        assert_eq!(or_none(""), "（なし）");
    }
}
