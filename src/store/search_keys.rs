//! The forms in which values are searched for, before they become tokens.

use super::seal::SearchField;
use crate::domain::answers::DraftAnswers;
use crate::domain::patron::PatronFacts;
use crate::domain::person::{BirthDate, EmailAddress, Kana, PersonName};

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

/// A date of birth in its stored form.
pub(super) fn birth(birth: BirthDate) -> String {
    birth.to_string()
}

/// An address with its domain in lower case.
pub(super) fn email(email: &EmailAddress) -> String {
    email.match_token()
}

/// Everything by which a draft is found.
pub(super) fn of_draft(answers: &DraftAnswers) -> Vec<(SearchField, String)> {
    let mut keys = Vec::new();
    // An unconfirmed address may be somebody else's: nobody must find a draft by it.
    let confirmed = answers.email.as_ref().filter(|_| answers.email_confirmed);
    keys.extend(confirmed.map(|value| (SearchField::Email, email(value))));
    keys.extend(answers.name.as_ref().map(|value| (SearchField::Name, name(value))));
    keys.extend(answers.birth.map(|value| (SearchField::Birth, birth(value))));
    keys.extend(answers.kana.iter().flat_map(kana_prefixes));
    keys
}

/// Everything by which a patron is found.
pub(super) fn of_patron(facts: &PatronFacts) -> Vec<(SearchField, String)> {
    let mut keys = vec![(SearchField::Name, name(&facts.name)), (SearchField::Birth, birth(facts.birth))];
    keys.extend(facts.email.as_ref().map(|value| (SearchField::Email, email(value))));
    keys.extend(kana_prefixes(&facts.kana));
    keys
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
    fn spaces_do_not_hide_a_name() {
        assert_eq!(name(&"姫路 花子".parse().unwrap()), name(&"姫路花子".parse().unwrap()));
    }
}
