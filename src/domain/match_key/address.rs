//! Addresses.

use super::align::differences;
use super::sign::{Sign, signs_of};
use super::{Comparison, Difference, Likeness};
use crate::domain::person::PostalAddress;
use crate::domain::person::numeral::{digits_of, is_kanji_numeral};
use crate::domain::person::width::is_hyphen;
use std::ops::Range;

/// Words behind a number that only part it from the next one, longer ones first.
const PARTING_WORDS: [&str; 6] = ["番地の", "番地", "丁目", "番", "号", "丁"];

/// A key of an address: kanji numerals as digits, `-` for 丁目, 番地, 番, 号 and の between numbers,
/// without 大字 and 字, one ケ, ツ and ノ.
#[must_use]
pub fn address_key(address: &str) -> String {
    key_signs(address, &[]).iter().map(|sign| sign.key).collect()
}

/// At most three keys of the place where somebody lives, without its building: whole, up to the end of the house
/// number, and without the number's last part, which may be a room. Two ways of writing one home share one of them.
#[must_use]
pub fn place_keys(address: &PostalAddress) -> Vec<String> {
    let place = format!("{}{}{}", address.prefecture().name(), address.municipality(), address.line1());
    let whole = address_key(&place);
    let mut keys = vec![whole.clone()];
    if let Some(number) = house_number(&whole) {
        keys.push(whole[..number.end].to_owned());
        let parts: Vec<&str> = whole[number.clone()].split('-').collect();
        // 丁目, 番 and 号, or 番, 号 and room: only who lives there knows.
        if let [shorter @ .., last] = parts.as_slice()
            && shorter.len() >= 2
        {
            keys.push(whole[..number.end - last.len() - 1].to_owned());
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Where the house number stands in a key: the first digits with a hyphen among them, or else the last digits.
fn house_number(key: &str) -> Option<Range<usize>> {
    let mut last = None;
    let mut start = 0;
    while let Some(from) = key[start..].find(|c: char| c.is_ascii_digit()).map(|at| start + at) {
        let end = key[from..].find(|c: char| !c.is_ascii_digit() && c != '-').map_or(key.len(), |at| from + at);
        if key[from..end].contains('-') {
            return Some(from..end);
        }
        last = Some(from..end);
        start = end;
    }
    last
}

/// Compares a declared address with the certificate's, which is empty if there is none. The certificate often leaves out the building;
/// that alone makes no difference. For `stand_ins` see [`compare_name`](super::compare_name).
#[must_use]
pub fn compare_address(declared: &PostalAddress, certificate: &str, stand_ins: &[u32]) -> Comparison {
    let theirs = key_signs(certificate, stand_ins);
    if theirs.is_empty() {
        return Comparison::without_differences(Likeness::NotKnown);
    }
    let place = format!("{}{}{}", declared.prefecture().name(), declared.municipality(), declared.line1());
    let mine = key_signs(&place, &[]);
    let building = key_signs(declared.line2().unwrap_or_default(), &[]);
    let whole = [mine.as_slice(), building.as_slice()].concat();
    if !is_same_place(&mine, &building, &theirs) {
        let mut found = differences(&whole, &theirs);
        if !found.iter().any(|difference| difference.likeness == Likeness::Different) {
            // The signs are alike, yet one number goes on where the other ends.
            found = vec![Difference {
                declared: declared.one_line(),
                certificate: certificate.to_owned(),
                likeness: Likeness::Different,
            }];
        }
        return Comparison { likeness: Likeness::Different, differences: found };
    }
    let common = mine.len().min(theirs.len());
    let mut found = differences(&mine[..common], &theirs[..common]);
    let plain = plain_text(certificate);
    if found.is_empty() && [plain_text(&place), plain_text(&declared.one_line())].contains(&plain) {
        return Comparison::without_differences(Likeness::Same);
    }
    if theirs.len() > mine.len() {
        let rest = differences(&building, &theirs[mine.len()..]);
        found.extend(rest.into_iter().map(|rest| Difference { likeness: Likeness::WrittenDifferently, ..rest }));
    }
    Comparison { likeness: Likeness::WrittenDifferently, differences: found }
}

/// True if both name one place: the same signs up to the end of the number, and no other room.
fn is_same_place(mine: &[Sign], building: &[Sign], theirs: &[Sign]) -> bool {
    let common = mine.len().min(theirs.len());
    if !mine.iter().zip(theirs).all(|(mine, theirs)| mine.is_alike(theirs)) {
        return false;
    }
    let ends_with_number = mine[..common].last().is_some_and(|sign| sign.key.is_ascii_digit());
    match (&mine[common..], &theirs[common..]) {
        ([], []) => true,
        // The certificate ends earlier: it leaves out the building, or the room written like a house number.
        ([next, ..], []) => ends_with_number && !next.key.is_ascii_digit(),
        ([], rest) => {
            let is_number = rest[0].key == '-';
            let may_follow = ends_with_number && !rest[0].key.is_ascii_digit();
            let same_room = room(rest) == room(building);
            may_follow && (same_room || (building.is_empty() && !is_number))
        }
        _ => false,
    }
}

/// The last number of a building, which is the room.
fn room(building: &[Sign]) -> Option<String> {
    let digits: Vec<char> = building
        .iter()
        .rev()
        .map(|sign| sign.key)
        .skip_while(|key| !key.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    (!digits.is_empty()).then(|| digits.into_iter().rev().collect())
}

/// The address without spaces, narrow, with one kind of hyphen between digits.
fn plain_text(address: &str) -> String {
    let narrow: Vec<char> = crate::domain::person::width::narrow_without_spaces(address).chars().collect();
    let is_digit = |index: Option<usize>| index.and_then(|index| narrow.get(index)).is_some_and(char::is_ascii_digit);
    narrow
        .iter()
        .enumerate()
        .map(|(index, c)| {
            let between_digits = is_digit(index.checked_sub(1)) && is_digit(Some(index + 1));
            if between_digits && is_hyphen(*c) { '-' } else { c.to_ascii_lowercase() }
        })
        .collect()
}

/// The signs of an address under their keys. Repeated until nothing changes, because leaving out one
/// word can bring the parts of another together.
fn key_signs(address: &str, stand_ins: &[u32]) -> Vec<Sign> {
    let mut signs = signs_of(address, stand_ins);
    loop {
        let before: String = signs.iter().map(|sign| sign.key).collect();
        signs = without_idle_hyphens(with_parted_numbers(&with_digits(without_section_words(signs))));
        if signs.iter().map(|sign| sign.key).eq(before.chars()) {
            return signs.into_iter().map(Sign::by_key_only).collect();
        }
    }
}

fn without_section_words(signs: Vec<Sign>) -> Vec<Sign> {
    let keys: Vec<char> = signs.iter().map(|sign| sign.key).collect();
    let is_section = |index: usize| keys[index] == '字' || (keys[index] == '大' && keys.get(index + 1) == Some(&'字'));
    signs.into_iter().enumerate().filter(|(index, _)| !is_section(*index)).map(|(_, sign)| sign).collect()
}

fn with_digits(signs: Vec<Sign>) -> Vec<Sign> {
    let mut converted = Vec::with_capacity(signs.len());
    let mut run: Vec<Sign> = Vec::new();
    for sign in signs {
        if is_kanji_numeral(sign.key) {
            run.push(sign);
        } else {
            push_number(&mut converted, std::mem::take(&mut run));
            converted.push(sign);
        }
    }
    push_number(&mut converted, run);
    converted
}

fn push_number(converted: &mut Vec<Sign>, run: Vec<Sign>) {
    let keys: Vec<char> = run.iter().map(|sign| sign.key).collect();
    let mut text: String = run.into_iter().map(|sign| sign.text).collect();
    if keys.is_empty() {
        return;
    }
    for digit in digits_of(&keys).chars() {
        converted.push(Sign::made(digit, std::mem::take(&mut text)));
    }
}

fn with_parted_numbers(signs: &[Sign]) -> Vec<Sign> {
    let keys: Vec<char> = signs.iter().map(|sign| sign.key).collect();
    let mut parted: Vec<Sign> = Vec::with_capacity(signs.len());
    let mut index = 0;
    while index < keys.len() {
        let rest = &keys[index..];
        let before = parted.last().map(|sign| sign.key);
        let after_digit = before.is_some_and(|key| key.is_ascii_digit());
        let before_digit = rest.get(1).is_some_and(char::is_ascii_digit);
        let word = PARTING_WORDS.into_iter().find(|word| after_digit && starts_with(rest, word));
        let length = word.map_or(1, |word| word.chars().count());
        let text: String = signs[index..index + length].iter().map(|sign| sign.text.as_str()).collect();
        if after_digit && starts_with(rest, "号室") {
            index += 2;
            continue;
        }
        let sign = &signs[index];
        match rest[0] {
            _ if word.is_some() => parted.push(Sign::made('-', text)),
            'の' | 'ノ' if after_digit && before_digit => parted.push(Sign::made('-', text)),
            key if is_hyphen(key) && before == Some('-') => {}
            key if is_hyphen(key) && before.is_some_and(is_kana) => parted.push(sign.clone().under('ー')),
            key if is_hyphen(key) => parted.push(sign.clone().under('-')),
            'ヶ' | 'ケ' | 'が' | 'ガ' => parted.push(sign.clone().under('ケ')),
            'ッ' | 'つ' | 'っ' => parted.push(sign.clone().under('ツ')),
            'の' | '之' => parted.push(sign.clone().under('ノ')),
            _ => parted.push(sign.clone()),
        }
        index += length;
    }
    parted
}

fn starts_with(keys: &[char], word: &str) -> bool {
    word.chars().enumerate().all(|(index, c)| keys.get(index) == Some(&c))
}

const fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー')
}

/// A hyphen counts only in front of a number: 番地 before a building, or at the end, parts nothing.
fn without_idle_hyphens(signs: Vec<Sign>) -> Vec<Sign> {
    let keys: Vec<char> = signs.iter().map(|sign| sign.key).collect();
    let is_idle = |index: usize| keys[index] == '-' && !keys.get(index + 1).is_some_and(char::is_ascii_digit);
    signs.into_iter().enumerate().filter(|(index, _)| !is_idle(*index)).map(|(_, sign)| sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::TypedAddress;
    use proptest::prelude::*;

    fn compare(line1: &str, line2: &str, certificate: &str) -> Comparison {
        let typed = TypedAddress { postcode: "6700012", prefecture: "28", municipality: "姫路市", line1, line2 };
        compare_address(&PostalAddress::parse(typed).unwrap(), certificate, &[])
    }

    #[test]
    fn ways_of_writing_a_number_have_one_key() {
        for address in [
            "中央一丁目2番3号",
            "中央１－２－３",
            "中央1丁目2-3",
            "中央１丁目２番地の３",
            "中央1ー2ノ3",
            "中央一の二の三",
            "大字中央字1-2-3",
        ] {
            assert_eq!(address_key(address), "中央1-2-3", "{address}");
        }
        assert_eq!(address_key("霞が関三丁目"), address_key("霞ヶ関3"));
        assert_eq!(address_key("北三条西十二丁目"), address_key("北3条西12"));
        assert_eq!(address_key("コ－ポ桜202号室"), address_key("コーポ桜二〇二"));
    }

    #[test]
    fn ways_of_writing_one_home_share_a_key() {
        let keys = |line1: &str, line2: &str| {
            let typed = TypedAddress { postcode: "6700012", prefecture: "28", municipality: "姫路市", line1, line2 };
            place_keys(&PostalAddress::parse(typed).unwrap())
        };
        let meet = |one: (&str, &str), other: (&str, &str)| {
            let others = keys(other.0, other.1);
            keys(one.0, one.1).iter().any(|key| others.contains(key))
        };
        for (one, other) in [
            (("本町12番地7", ""), ("本町１２－７", "城見ハイツ202")),
            (("本町12-7-202", ""), ("本町12-7", "城見ハイツ202号室")),
            (("本町12番7号 城見ハイツ202", ""), ("本町12-7", "")),
            (("大字本町字一丁目2番3号", ""), ("本町1-2-3", "")),
            (("北三条西十二丁目5-1", ""), ("北3条西12-5-1", "")),
            (("本町68番地", ""), ("本町68", "")),
            (("本町68番地 城見ハイツ202", ""), ("本町68 城見ハイツ202", "")),
        ] {
            assert!(meet(one, other), "{one:?} {:?} {other:?} {:?}", keys(one.0, one.1), keys(other.0, other.1));
            assert!(keys(one.0, one.1).len() <= 3);
        }
        assert!(!meet(("本町12-7", ""), ("本町12-8", "")));
        assert!(!meet(("本町12-7", ""), ("元町12-7", "")));
    }

    #[test]
    fn the_same_address_in_other_width_is_the_same() {
        assert_eq!(compare("本町12-7", "", "兵庫県姫路市本町１２－７").likeness, Likeness::Same);
        assert_eq!(
            compare("本町12-7", "ハイツ 202", "兵庫県姫路市本町１２－７　ハイツ２０２").likeness,
            Likeness::Same
        );
    }

    #[test]
    fn a_building_that_the_certificate_leaves_out_makes_no_difference() {
        assert_eq!(compare("本町12-7", "城見ハイツ202", "兵庫県姫路市本町１２－７").likeness, Likeness::Same);
        let in_line1 = compare("本町12番7号 城見ハイツ202", "", "兵庫県姫路市本町１２－７");
        assert_eq!(in_line1.likeness, Likeness::WrittenDifferently);
    }

    #[test]
    fn other_ways_of_writing_need_nobody_to_act() {
        for (line1, line2, certificate) in [
            ("本町12番地7", "", "兵庫県姫路市本町１２－７"),
            ("本町12-7", "城見ハイツ202号室", "兵庫県姫路市本町１２番地７城見ハイツ２０２"),
            ("本町12-7", "城見ハイツ202号室", "兵庫県姫路市本町１２－７－２０２"),
            ("本町12-7", "", "兵庫県姫路市本町１２－７城見ハイツ２０２"),
            ("本町12-7-202", "", "兵庫県姫路市本町１２－７"),
            ("飾磨区英賀清水町1丁目", "", "兵庫県姫路市飾磨區英賀清水町一丁目"),
        ] {
            assert_eq!(
                compare(line1, line2, certificate).likeness,
                Likeness::WrittenDifferently,
                "{line1} {certificate}"
            );
        }
    }

    #[test]
    fn another_place_or_room_is_different() {
        for (line1, line2, certificate) in [
            ("本町12-7", "", "兵庫県姫路市本町１２－８"),
            ("本町12-7", "", "兵庫県姫路市本町１２－７１"),
            ("本町12-71", "", "兵庫県姫路市本町１２－７"),
            ("本町12-7", "", "兵庫県姫路市本町１２－７－２"),
            ("本町12-7", "城見ハイツ202", "兵庫県姫路市本町１２－７城見ハイツ２０３"),
            ("本町", "", "兵庫県姫路市本町１２－７"),
            ("本町12-7", "", "東京都清瀬市本町１２－７"),
            ("本町12", "", "兵庫県姫路市本町１－２"),
        ] {
            let comparison = compare(line1, line2, certificate);
            assert_eq!(comparison.likeness, Likeness::Different, "{line1} {certificate}");
            assert!(!comparison.differences.is_empty());
        }
    }

    #[test]
    fn the_place_that_differs_is_marked() {
        let comparison = compare("本町12-7", "", "兵庫県姫路市元町１２番７号");
        let places: Vec<_> = comparison.differences.iter().map(|d| (&*d.declared, &*d.certificate)).collect();
        assert_eq!(places, [("本", "元")]);
    }

    #[test]
    fn stand_ins_are_written_differently() {
        let typed =
            TypedAddress {
                postcode: "6700012", prefecture: "28", municipality: "姫路市", line1: "𩸽町1", line2: ""
            };
        let declared = PostalAddress::parse(typed).unwrap();
        let compare = |stand_ins: &[u32]| compare_address(&declared, "兵庫県姫路市●町１", stand_ins).likeness;
        assert_eq!(compare(&[6]), Likeness::WrittenDifferently);
        assert_eq!(compare(&[]), Likeness::Different);
        assert_eq!(compare_address(&declared, "", &[]).likeness, Likeness::NotKnown);
    }

    proptest! {
        #[test]
        fn an_address_key_is_its_own_key(address in "[中央本町大字条西ヶが番地丁目号室のノ一二十百〇0-9０-９ーコポ－ -]{0,24}") {
            let key = address_key(&address);
            prop_assert_eq!(address_key(&key), key);
        }

        #[test]
        fn an_address_is_the_same_in_any_width(a in 1_u16..300, b in 1_u16..99, hyphen in "[-‐−－ー―]") {
            let wide: String = format!("{a}－{b}").chars().map(|c| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c }).collect();
            let comparison = compare(&format!("本町{a}{hyphen}{b}"), "", &format!("兵庫県姫路市本町{wide}"));
            prop_assert_eq!(comparison.likeness, Likeness::Same);
        }
    }
}
