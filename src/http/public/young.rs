//! What those do who are too young to apply alone, in sentences from the rules.

use crate::domain::library::LibraryRules;
use crate::words::{Phrase, Words};

/// One sentence for each way that there is.
pub(super) fn sentences(words: Words, rules: &LibraryRules) -> Vec<Phrase> {
    let ways = rules.ways_of_the_young();
    let guardian = ways.guardian_below.map(|age| words.start_young_by_guardian(age));
    let counter = ways.counter.map(|(from, to)| match from {
        0 => words.start_young_at_counter(to + 1),
        from => words.start_between_at_counter(from, to),
    });
    guardian.into_iter().chain(counter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    fn said(lang: Lang, signs_below_age: &str) -> String {
        let himeji = include_str!("../../../deploy/libraries/himeji.toml");
        let text = himeji.replace("signs_below_age = 15", &format!("signs_below_age = {signs_below_age}"));
        let rules = LibraryRules::parse(&text).unwrap();
        sentences(Words::new(lang), &rules).iter().map(Phrase::plain).collect()
    }

    #[test]
    fn the_sentences_follow_from_the_rules_in_every_language() {
        assert!(said(Lang::Ja, "15").starts_with("15歳未満の方のカードは、保護者の方が"));
        assert_eq!(said(Lang::Ja, "0"), "15歳未満の方は、窓口で申し込めます。");
        assert!(said(Lang::Ja, "12").ends_with("12歳から14歳までの方は、窓口で申し込めます。"));
        for lang in Lang::ALL {
            assert!(said(*lang, "12").contains("14") && said(*lang, "0").contains("15"), "{lang}");
        }
    }
}
