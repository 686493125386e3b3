//! Declared beside certified: the differing characters marked, and named in a line of text.

use crate::domain::likeness::{ComparedField, Comparison, Difference, Likeness};
use crate::domain::person::BirthDate;
use crate::http::filters::Birth;
use crate::http::staff::marking::{Stretch, marked, marked_dates};
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
    /// A birth date in the calendar of the era, too.
    pub(super) declared_note: String,
    pub(super) certified_note: String,
    /// `髙→高`, one per difference, and whether the two are forms of one character (MJ縮退マップ).
    pub(super) differing: Vec<String>,
    /// The parts of the name stand in another order, or its accents are missing.
    pub(super) is_other_order: bool,
    pub(super) substituted: bool,
}

impl ComparisonRow {
    pub(super) fn of(comparison: &Comparison) -> Self {
        let (sign, word) = wording::of_likeness(comparison.likeness);
        // A birth date of which nothing is known says nothing.
        let certified = comparison.certified.as_deref().filter(|text| *text != "????-??-??").unwrap_or_default();
        let differences = &comparison.differences;
        let is_birth = comparison.field == ComparedField::Birth;
        let [declared, certified_text] = if is_birth {
            marked_dates(&comparison.declared, certified)
        } else {
            [
                marked(&comparison.declared, differences.iter().map(|place| place.declared.as_str())),
                marked(certified, differences.iter().map(|place| place.certificate.as_str())),
            ]
        };
        let note = |text: &str| if is_birth { in_era(text) } else { String::new() };
        Self {
            label: wording::of_field(comparison.field),
            declared,
            certified: certified_text,
            declared_note: note(&comparison.declared),
            certified_note: note(certified),
            sign,
            word,
            differing: differences.iter().map(differing).collect(),
            is_other_order: comparison.field == ComparedField::Name
                && comparison.likeness == Likeness::WrittenDifferently
                && differences.is_empty(),
            substituted: comparison.substituted,
        }
    }
}

/// `髙→高（同じ字の別の形）`.
fn differing(place: &Difference) -> String {
    let is_kanji = |text: &str| {
        text.chars()
            .next()
            .is_some_and(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'))
    };
    let is_variant =
        place.likeness == Likeness::WrittenDifferently && is_kanji(&place.declared) && is_kanji(&place.certificate);
    let hint = if is_variant { "（同じ字の別の形）" } else { "" };
    format!("{}→{}{hint}", or_none(&place.declared), or_none(&place.certificate))
}

fn in_era(date: &str) -> String {
    date.parse::<BirthDate>().map(|birth| Birth(birth).to_string()).unwrap_or_default()
}

fn or_none(stretch: &str) -> &str {
    if stretch.is_empty() { "（なし）" } else { stretch }
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
        assert_eq!(row.differing, ["髙→高（同じ字の別の形）"]);
        assert_eq!((row.sign, row.word), ("near", "表記のちがい"));
    }

    #[test]
    fn a_missing_stretch_is_said() {
        assert_eq!(or_none(""), "（なし）");
    }

    #[test]
    fn a_birth_date_is_told_in_the_calendar_of_the_era_too() {
        let row = ComparisonRow::of(&Comparison {
            field: ComparedField::Birth,
            declared: "1988-08-12".into(),
            certified: Some("1988-09-??".into()),
            likeness: Likeness::Different,
            differences: vec![Difference {
                declared: "08".into(),
                certificate: "09".into(),
                likeness: Likeness::Different,
            }],
            substituted: false,
        });
        assert_eq!((row.declared_note.as_str(), row.certified_note.as_str()), ("1988年（昭和63年）8月12日", ""));
        assert_eq!(row.declared[2], stretch("08", true));
        assert_eq!(row.differing, ["08→09"]);
    }

    #[test]
    fn another_order_of_a_name_is_said_where_there_is_nothing_to_mark() {
        let row = ComparisonRow::of(&Comparison {
            field: ComparedField::Name,
            declared: "Anna Schmidt".into(),
            certified: Some("ＳＣＨＭＩＤＴ　ＡＮＮＡ".into()),
            likeness: Likeness::WrittenDifferently,
            differences: Vec::new(),
            substituted: false,
        });
        assert!(row.is_other_order && row.differing.is_empty());
    }
}
