//! The forms in which values are searched for, before they become tokens.

use super::seal::SearchField;
use crate::domain::answers::DraftAnswers;
use crate::domain::match_key::{kana_key, name_key, name_keys, place_keys};
use crate::domain::patron::PatronFacts;
use crate::domain::person::{BirthDate, EmailAddress, Kana, PersonName, Phone, PostalAddress};

/// How many signs of a reading can be searched for.
const LONGEST_PREFIX: usize = 8;

/// A name without its spaces, which people set as they like.
pub(super) fn name(name: &PersonName) -> String {
    name.as_str().chars().filter(|c| !c.is_whitespace()).collect()
}

/// The searchable beginning of a reading.
pub(super) fn kana_prefix(kana: &Kana) -> String {
    signs(kana).take(LONGEST_PREFIX).collect()
}

/// How many signs of a name can be searched for.
const LONGEST_NAME_START: usize = 4;

/// The searchable beginning of a name, however its kanji are written; no whole name begins so.
pub(super) fn name_start(name: &PersonName) -> String {
    start_of(name.as_str())
}

fn start_of(text: &str) -> String {
    std::iter::once('^').chain(name_key(text).chars().take(LONGEST_NAME_START)).collect()
}

/// The beginnings of a name, of one sign and more, and each of its further parts as a whole, as far as it is searched for:
/// whoever types only a given name writes all of it, or its first four signs.
fn name_starts(name: &PersonName) -> impl Iterator<Item = String> {
    let signs: Vec<char> = start_of(name.as_str()).chars().collect();
    let starts = (2..=signs.len()).map(|length| signs[..length].iter().collect()).collect::<Vec<String>>();
    starts.into_iter().chain(name.as_str().split_whitespace().skip(1).map(start_of))
}

/// A date of birth in its stored form.
pub(super) fn birth(birth: BirthDate) -> String {
    birth.to_string()
}

/// An address with its domain in lower case.
pub(super) fn email(email: &EmailAddress) -> String {
    email.match_token()
}

/// The keys under which variants of a name meet, at most four.
pub(super) fn names(name: &PersonName) -> Vec<String> {
    name_keys(name.as_str())
}

/// A whole reading, which is no prefix of any other.
pub(super) fn whole_kana(kana: &Kana) -> String {
    format!("={}", kana_key(kana.as_str()))
}

/// A telephone number without what its owner put between the digits.
pub(super) fn phone(phone: &Phone) -> String {
    phone.digits().to_owned()
}

/// The keys under which ways of writing an address meet, at most three.
pub(super) fn places(address: &PostalAddress) -> Vec<String> {
    place_keys(address)
}

/// Everything by which a draft is found.
pub(super) fn of_draft(answers: &DraftAnswers) -> Vec<(SearchField, String)> {
    let mut keys = Vec::new();
    // An unconfirmed address may be somebody else's: nobody must find a draft by it.
    let confirmed = answers.email.as_ref().filter(|_| answers.email_confirmed);
    keys.extend(confirmed.map(|value| (SearchField::Email, email(value))));
    keys.extend(answers.name.iter().flat_map(of_name));
    keys.extend(answers.birth.map(|value| (SearchField::Birth, birth(value))));
    keys.extend(answers.kana.iter().flat_map(of_kana));
    keys.extend(answers.address.iter().flat_map(of_address));
    keys.extend(answers.phone.as_ref().map(|value| (SearchField::Phone, phone(value))));
    for child in answers.guardianship.iter().flat_map(|guardianship| &guardianship.children) {
        keys.extend(of_name(&child.name));
        keys.push((SearchField::Birth, birth(child.birth)));
        keys.extend(of_kana(&child.kana));
        keys.extend(child.address.iter().flat_map(of_address));
    }
    if let Some(guardian) = &answers.by_guardian {
        keys.extend(of_name(&guardian.name));
        keys.push((SearchField::Birth, birth(guardian.birth)));
        keys.extend(of_kana(&guardian.kana));
    }
    keys.sort_unstable_by(|one, other| (one.0.as_str(), &one.1).cmp(&(other.0.as_str(), &other.1)));
    keys.dedup();
    keys
}

/// Everything by which a patron is found.
pub(super) fn of_patron(facts: &PatronFacts) -> Vec<(SearchField, String)> {
    let mut keys = vec![(SearchField::Birth, birth(facts.birth))];
    keys.extend(facts.email.as_ref().map(|value| (SearchField::Email, email(value))));
    keys.extend(of_name(&facts.name));
    keys.extend(of_kana(&facts.kana));
    keys.extend(facts.address.iter().flat_map(of_address));
    keys.extend(facts.phone.as_ref().map(|value| (SearchField::Phone, phone(value))));
    keys
}

fn of_name(value: &PersonName) -> Vec<(SearchField, String)> {
    let mut keys: Vec<String> = std::iter::once(name(value)).chain(names(value)).chain(name_starts(value)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| (SearchField::Name, key)).collect()
}

fn of_kana(value: &Kana) -> Vec<(SearchField, String)> {
    kana_prefixes(value).chain(std::iter::once((SearchField::Kana, whole_kana(value)))).collect()
}

fn of_address(value: &PostalAddress) -> Vec<(SearchField, String)> {
    places(value).into_iter().map(|key| (SearchField::Address, key)).collect()
}

fn kana_prefixes(kana: &Kana) -> impl Iterator<Item = (SearchField, String)> {
    let signs: Vec<char> = signs(kana).take(LONGEST_PREFIX).collect();
    (1..=signs.len()).map(move |length| (SearchField::Kana, signs[..length].iter().collect()))
}

fn signs(kana: &Kana) -> impl Iterator<Item = char> {
    kana.as_str().chars().filter(|c| !c.is_whitespace() && *c != '・').flat_map(char::to_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_found_by_its_first_one_to_eight_signs() {
        let kana: Kana = "ヒメジ ハナコサブロウ".parse().unwrap();
        let keys: Vec<String> = kana_prefixes(&kana).map(|(_, key)| key).collect();
        assert_eq!(keys.len(), 8);
        assert_eq!((keys[0].as_str(), keys[7].as_str()), ("ヒ", "ヒメジハナコサブ"));
        assert_eq!(kana_prefix(&kana), keys[7]);
    }

    #[test]
    fn a_name_is_found_by_its_beginning_and_by_its_second_part() {
        let keys: Vec<String> = name_starts(&"髙橋　花子".parse().unwrap()).collect();
        for text in ["髙", "高橋", "髙橋花", "高橋 花子", "花子"] {
            assert!(keys.contains(&name_start(&text.parse().unwrap())), "{text}: {keys:?}");
        }
        for text in ["橋", "子", "花"] {
            assert!(!keys.contains(&name_start(&text.parse().unwrap())), "{text}: {keys:?}");
        }
        assert!(names(&"髙橋　花子".parse().unwrap()).iter().all(|key| !key.starts_with('^')));
    }

    #[test]
    fn a_whole_reading_is_no_beginning_of_another() {
        let (short, long): (Kana, Kana) = ("リー".parse().unwrap(), "リー ショウ".parse().unwrap());
        assert!(kana_prefixes(&long).all(|(_, key)| key != whole_kana(&short)));
        assert_eq!(whole_kana(&"リー しよう".parse().unwrap()), whole_kana(&long), "small kana are large ones");
    }

    #[test]
    fn spaces_do_not_hide_a_name() {
        assert_eq!(name(&"姫路 花子".parse().unwrap()), name(&"姫路花子".parse().unwrap()));
    }
}
