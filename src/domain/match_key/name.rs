//! Names and their readings.

use super::align::differences;
use super::latin::latin_key;
use super::sign::{Sign, signs_of};
use super::{Comparison, Likeness};
use crate::domain::person::PersonName;
use crate::domain::person::width::{is_hyphen, join_voicing_marks, widen_kana};
use unicode_normalization::UnicodeNormalization as _;

/// A key under which most ways of writing one name fall together; for finding people twice registered.
#[must_use]
pub fn name_key(name: &str) -> String {
    signs_of(name, &[]).iter().map(Sign::representative).collect()
}

/// At most four keys of a name, of which two names share one if their kanji are variants of each other: as written,
/// under the lowest variants, and under the first two others (MJ縮退マップ knows some only in one direction). A name
/// in Latin letters has one more in place of those: its parts in the order of the alphabet.
#[must_use]
pub fn name_keys(name: &str) -> Vec<String> {
    let signs = signs_of(name, &[]);
    let mut keys = vec![
        signs.iter().map(|sign| sign.key).collect(),
        latin_key(name).unwrap_or_else(|| signs.iter().map(Sign::representative).collect()),
        signs.iter().map(|sign| sign.other_variant(0)).collect(),
        signs.iter().map(|sign| sign.other_variant(1)).collect::<String>(),
    ];
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// True if both may be ways of writing one name.
#[must_use]
pub fn are_alike(one: &str, other: &str) -> bool {
    let (mine, theirs) = (signs_of(one, &[]), signs_of(other, &[]));
    let same_signs = mine.len() == theirs.len() && mine.iter().zip(&theirs).all(|(mine, theirs)| mine.is_alike(theirs));
    same_signs || are_same_latin(one, other)
}

fn are_same_latin(one: &str, other: &str) -> bool {
    latin_key(one).is_some_and(|key| latin_key(other) == Some(key))
}

/// A key of a reading: katakana, small kana large (the family register knew no small ones), without `ー`,
/// `・` and spaces, Latin letters in lower case.
#[must_use]
pub fn kana_key(reading: &str) -> String {
    join_voicing_marks(&widen_kana(reading))
        .nfkc()
        .filter(|c| !c.is_whitespace() && !is_hyphen(*c) && *c != '・')
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
            _ => c,
        })
        .map(|c| match c {
            'ァ' => 'ア',
            'ィ' => 'イ',
            'ゥ' => 'ウ',
            'ェ' => 'エ',
            'ォ' => 'オ',
            'ッ' => 'ツ',
            'ャ' => 'ヤ',
            'ュ' => 'ユ',
            'ョ' => 'ヨ',
            'ヮ' => 'ワ',
            'ヵ' => 'カ',
            'ヶ' => 'ケ',
            _ => c,
        })
        .collect()
}

/// Compares a declared name with the certificate's, which is empty if there is none. `stand_ins` are the
/// places in the certificate's name, counted from 0, of characters that stand for others (代替文字): there
/// any other character is only another way of writing. So is another order of the parts of a name in Latin letters,
/// which leaves no place to mark.
#[must_use]
pub fn compare_name(declared: &PersonName, certificate: &str, stand_ins: &[u32]) -> Comparison {
    let signs = signs_of(certificate, stand_ins);
    if signs.is_empty() {
        return Comparison::without_differences(Likeness::NotKnown);
    }
    let comparison = Comparison::of(differences(&signs_of(declared.as_str(), &[]), &signs));
    if comparison.likeness == Likeness::Different && are_same_latin(declared.as_str(), certificate) {
        return Comparison::without_differences(Likeness::WrittenDifferently);
    }
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(declared: &str, certificate: &str, stand_ins: &[u32]) -> Comparison {
        compare_name(&declared.parse().unwrap(), certificate, stand_ins)
    }

    fn pairs(comparison: &Comparison) -> Vec<(&str, &str)> {
        comparison.differences.iter().map(|d| (d.declared.as_str(), d.certificate.as_str())).collect()
    }

    #[test]
    fn width_case_and_spaces_make_no_difference() {
        for (declared, certificate) in [
            ("黒桐幹也", "黒桐　幹也"),
            ("Anna Schmidt", "ＳＣＨＭＩＤＴ　ＡＮＮＡ"),
            ("John Smith", "ＪＯＨＮ　ＳＭＩＴＨ"),
            ("ﾏﾘｱ ｶﾞﾙｼｱ", "マリア　ガルシア"),
        ] {
            let expected = if declared.starts_with("Anna") { Likeness::WrittenDifferently } else { Likeness::Same };
            assert_eq!(compare(declared, certificate, &[]).likeness, expected, "{declared}");
        }
    }

    #[test]
    fn variant_kanji_are_written_differently_and_marked() {
        for (declared, certificate, place) in [
            ("髙橋　一", "高橋　一", ("髙", "高")),
            ("山﨑　一", "山崎　一", ("﨑", "崎")),
            ("渡邉　一", "渡辺　一", ("邉", "辺")),
            ("齋藤　一", "斎藤　一", ("齋", "斎")),
            ("神\u{fa19}　一", "神神　一", ("\u{fa19}", "神")),
            ("葛\u{e0100}城　一", "葛城　一", ("葛\u{e0100}", "葛")),
        ] {
            let comparison = compare(declared, certificate, &[]);
            assert_eq!(comparison.likeness, Likeness::WrittenDifferently, "{declared}");
            assert_eq!(pairs(&comparison), [place]);
        }
    }

    #[test]
    fn other_names_are_different_and_only_the_place_is_marked() {
        let comparison = compare("山田　太郎", "山川　太郎", &[]);
        assert_eq!(comparison.likeness, Likeness::Different);
        assert_eq!(pairs(&comparison), [("田", "川")]);
        assert_eq!(pairs(&compare("山田　太朗次", "山田　太郎", &[])), [("朗次", "郎")]);
        assert_eq!(pairs(&compare("髙山　太郎", "高　太郎", &[])), [("髙", "高"), ("山", "")]);
    }

    #[test]
    fn a_stand_in_is_written_differently_whatever_it_is() {
        assert_eq!(compare("𩸽山　太郎", "●山　太郎", &[0]).likeness, Likeness::WrittenDifferently);
        assert_eq!(compare("𩸽山　太郎", "●山　太郎", &[]).likeness, Likeness::Different);
        assert_eq!(compare("𩸽山　太朗", "●山　太郎", &[0]).likeness, Likeness::Different);
    }

    #[test]
    fn a_certificate_without_a_name_tells_nothing() {
        let name: PersonName = "山田　太郎".parse().unwrap();
        assert_eq!(compare_name(&name, "", &[]).likeness, Likeness::NotKnown);
        assert_eq!(compare_name(&name, "　", &[]).likeness, Likeness::NotKnown);
    }

    #[test]
    fn variants_of_one_name_share_a_key_and_are_alike() {
        for (one, other) in [
            ("髙橋　一", "高橋　一"),
            ("渡邉　幸", "渡辺　幸"),
            ("渡邉　幸", "渡邊　幸"),
            ("渡辺　幸", "渡邊幸"),
            ("山﨑　齋", "山崎　斉"),
            ("𠮷田　濵", "吉田　浜"),
            ("德川　慶", "徳川　慶"),
            ("葛\u{e0100}城　一", "葛城　一"),
            ("NGUYEN VAN ANH", "Nguyễn Văn Anh"),
            ("Anna Schmidt", "ＳＣＨＭＩＤＴ　ＡＮＮＡ"),
            ("O'Neil-Müller Zoë", "ONEIL MULLER ZOE"),
        ] {
            let (keys, others) = (name_keys(one), name_keys(other));
            assert!(keys.iter().any(|key| others.contains(key)), "{one} {other}: {keys:?} {others:?}");
            assert!(keys.len() <= 4 && others.len() <= 4);
            assert!(are_alike(one, other) && are_alike(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("高橋　一", "高橋　二"),
            ("山田", "山"),
            ("Anna Schmidt", "Anne Schmidt"),
            ("姫路　花子", "HIMEJI HANAKO"),
        ] {
            let others = name_keys(other);
            assert!(!name_keys(one).iter().any(|key| others.contains(key)), "{one} {other}");
            assert!(!are_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn keys_gather_the_ways_of_writing() {
        assert_eq!(name_key("髙橋　ＡＢ"), name_key("高橋ab"));
        assert_eq!(kana_key("きょう・こー ﾊﾞ"), kana_key("キヨウコバ"));
        assert_ne!(kana_key("ハナ"), kana_key("バナ"));
    }

    proptest! {
        #[test]
        fn every_name_is_like_itself(name in "[\u{4e00}-\u{9fff}]{1,8}　[ぁ-んァ-ヶA-z]{1,8}") {
            prop_assert_eq!(compare(&name, &name, &[]).likeness, Likeness::Same);
        }
    }
}
