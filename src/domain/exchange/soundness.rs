//! Whether a library's profiles can be written and read as they are described.

use super::substitute::is_carried;
use super::{Column, Direction, Encoding, ExchangeRules, Field, KnownCodes, Profile};
use crate::domain::code::ProfileName;
use std::collections::BTreeSet;

/// The most columns of a file.
const MOST_COLUMNS: usize = 60;

/// What can be wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileFault {
    /// Two profiles have one name.
    #[error("the profile {0} is listed twice")]
    RepeatedName(ProfileName),
    /// A text that people read is empty.
    #[error("{0} is empty")]
    EmptyText(&'static str),
    /// No columns, or more than sixty.
    #[error("a profile has 1 to 60 columns")]
    ColumnCount,
    /// A field stands in two columns.
    #[error("the field {} stands in two columns", .0.as_str())]
    RepeatedField(Field),
    /// A file to be read lacks what every patron has.
    #[error("a file to be read needs the field {}", .0.as_str())]
    MissingField(Field),
    /// A file to be written lacks the card number, by which the library system knows a patron.
    #[error("a file to be written needs the field card_number")]
    MissingNumber,
    /// The field can only be written.
    #[error("the field {} can only be written", .0.as_str())]
    WrittenOnly(Field),
    /// `value` without a fixed column, or a fixed column without `value`.
    #[error("value stands in fixed columns and in no others")]
    FixedValue,
    /// `date` for something else than a day.
    #[error("date stands in columns of days only")]
    DateForm,
    /// `values` for something else than codes.
    #[error("values stand in columns of category, branch, state and linked only")]
    Values,
    /// `values` names a code that the library does not have.
    #[error("there is no code {0}")]
    UnknownCode(String),
    /// `values` leaves a code out.
    #[error("values leave the code {0} out")]
    MissingCode(String),
    /// Two codes that are read have one value.
    #[error("two codes have the value {0:?}")]
    AmbiguousValue(String),
    /// `max_length` for something that may not be cut, or zero.
    #[error("max_length stands in columns of names and addresses only, and is at least 1")]
    Length,
    /// A title or value has characters that the encoding lacks, or a line break.
    #[error("{0:?} cannot be written in this encoding")]
    Unwritable(String),
}

/// Where in the rules a fault lies.
pub(in crate::domain) struct FaultPlace {
    /// Which profile, from 0.
    pub(in crate::domain) profile: usize,
    /// Which of its columns, from 0.
    pub(in crate::domain) column: Option<usize>,
    /// Which key.
    pub(in crate::domain) key: &'static str,
}

/// The first fault of a library's profiles.
pub(in crate::domain) fn first_fault(
    rules: &ExchangeRules,
    known: &KnownCodes<'_>,
) -> Option<(FaultPlace, ProfileFault)> {
    let profiles = &rules.profiles;
    profiles.iter().enumerate().find_map(|(at, profile)| {
        let fault = |key, fault| Some((FaultPlace { profile: at, column: None, key }, fault));
        if profiles[..at].iter().any(|earlier| earlier.name == profile.name) {
            return fault("name", ProfileFault::RepeatedName(profile.name.clone()));
        }
        for (key, text) in [("label", &profile.label), ("purpose", &profile.purpose)] {
            if text.trim().is_empty() {
                return fault(key, ProfileFault::EmptyText(key));
            }
        }
        if !(1..=MOST_COLUMNS).contains(&profile.columns.len()) {
            return fault("columns", ProfileFault::ColumnCount);
        }
        let in_columns = (0..profile.columns.len()).find_map(|column| {
            let (key, fault) = fault_of_column(known, profile, column)?;
            Some((FaultPlace { profile: at, column: Some(column), key }, fault))
        });
        in_columns.or_else(|| missing(profile).and_then(|missing| fault("columns", missing)))
    })
}

/// What every file of this direction needs and this one lacks.
fn missing(profile: &Profile) -> Option<ProfileFault> {
    let has = |field| profile.columns.iter().any(|column| column.field == field);
    match profile.direction {
        Direction::Export if !has(Field::CardNumber) => Some(ProfileFault::MissingNumber),
        Direction::Export => None,
        Direction::Import => [Field::CardNumber, Field::Name, Field::Kana, Field::Birth, Field::ExpiresOn]
            .into_iter()
            .find(|field| !has(*field))
            .map(ProfileFault::MissingField),
    }
}

fn fault_of_column(known: &KnownCodes<'_>, profile: &Profile, at: usize) -> Option<(&'static str, ProfileFault)> {
    let column = &profile.columns[at];
    let field = column.field;
    if !field.may_repeat() && profile.columns[..at].iter().any(|earlier| earlier.field == field) {
        return Some(("field", ProfileFault::RepeatedField(field)));
    }
    if profile.direction == Direction::Import && field.is_written_only() {
        return Some(("field", ProfileFault::WrittenOnly(field)));
    }
    if column.title.trim().is_empty() {
        return Some(("title", ProfileFault::EmptyText("title")));
    }
    if column.value.is_some() != (field == Field::Fixed) {
        return Some(("value", ProfileFault::FixedValue));
    }
    if column.date.is_some() && !field.is_day() {
        return Some(("date", ProfileFault::DateForm));
    }
    if column.max_length.is_some_and(|length| length == 0 || !field.may_be_cut()) {
        return Some(("max_length", ProfileFault::Length));
    }
    if let Some(fault) = fault_of_values(known, profile, column) {
        return Some(("values", fault));
    }
    let mut texts = [&column.title].into_iter().chain(&column.value).chain(column.values.values());
    texts.find(|text| !is_writable(profile.encoding, text)).map(|text| {
        let key = if *text == column.title { "title" } else { "field" };
        (key, ProfileFault::Unwritable(text.clone()))
    })
}

fn fault_of_values(known: &KnownCodes<'_>, profile: &Profile, column: &Column) -> Option<ProfileFault> {
    if column.values.is_empty() {
        return None;
    }
    let codes: Vec<&str> = match column.field {
        Field::Category => known.categories.iter().map(|code| code.as_str()).collect(),
        Field::Branch => known.branches.iter().map(|code| code.as_str()).collect(),
        Field::State => vec!["valid", "expired"],
        Field::Linked => vec!["yes", "no"],
        _ => return Some(ProfileFault::Values),
    };
    if let Some(unknown) = column.values.keys().find(|code| !codes.contains(&code.as_str())) {
        return Some(ProfileFault::UnknownCode(unknown.clone()));
    }
    if let Some(left_out) = codes.iter().find(|code| !column.values.contains_key(**code)) {
        return Some(ProfileFault::MissingCode((*left_out).to_owned()));
    }
    let mut seen = BTreeSet::new();
    let twice = column.values.values().find(|value| !seen.insert(value.as_str()))?;
    (profile.direction == Direction::Import).then(|| ProfileFault::AmbiguousValue(twice.clone()))
}

fn is_writable(encoding: Encoding, text: &str) -> bool {
    !text.chars().any(char::is_control) && (encoding != Encoding::ShiftJis || text.chars().all(is_carried))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::library::{InvalidRules, LibraryRules, RuleFault};

    const HIMEJI: &str = include_str!("../../../deploy/libraries/himeji.toml");
    const SHIOMI: &str = include_str!("../../../deploy/libraries/shiomi.toml");

    /// The fault that appears when `old` becomes `new` behind `[exchange]`, at the line that holds `at` afterwards.
    #[track_caller]
    fn assert_fault(sample: &str, (old, new): (&str, &str), at: &str, fault: &ProfileFault) {
        let (before, exchange) = sample.split_at(sample.find("\n[exchange]").unwrap());
        assert!(exchange.contains(old), "the sample has no {old}");
        let text = format!("{before}{}", exchange.replacen(old, new, 1));
        let line = text.lines().position(|line| line.contains(at)).unwrap() + 1;
        let expected = InvalidRules { line: Some(line), fault: RuleFault::Exchange(fault.clone()) };
        assert_eq!(LibraryRules::parse(&text).unwrap_err(), expected);
    }

    #[test]
    fn both_samples_exchange_files_in_different_encodings() {
        for (sample, encoding) in [(HIMEJI, Encoding::ShiftJis), (SHIOMI, Encoding::Utf8Bom)] {
            let rules = LibraryRules::parse(sample).unwrap();
            for direction in [Direction::Export, Direction::Import] {
                assert!(rules.exchange.going(direction).any(|profile| profile.encoding == encoding), "{}", rules.slug);
            }
        }
    }

    #[test]
    fn rules_without_exchange_are_read_from_file_and_storage() {
        let text = &HIMEJI[..HIMEJI.find("\n[exchange]").unwrap()];
        let rules = LibraryRules::parse(text).unwrap();
        assert_eq!(rules.exchange, super::super::ExchangeRules::default());
        let mut stored = serde_json::to_value(&rules).unwrap();
        stored.as_object_mut().unwrap().remove("exchange");
        assert_eq!(serde_json::from_value::<LibraryRules>(stored).unwrap(), rules);
    }

    #[test]
    fn faults_of_a_profile_are_told_with_their_line() {
        let repeated = ProfileFault::RepeatedName("new-patrons".parse().unwrap());
        assert_fault(HIMEJI, ("name = \"patrons\"", "name = \"new-patrons\" # twice"), "# twice", &repeated);
        assert_fault(HIMEJI, ("label = \"", "label = \" \" # \""), "label = \" \"", &ProfileFault::EmptyText("label"));
        let purpose = ("purpose = \"", "purpose = \"\" # \"");
        assert_fault(HIMEJI, purpose, "purpose = \"\"", &ProfileFault::EmptyText("purpose"));
        let number = ("field = \"card_number\"", "field = \"unused\"");
        assert_fault(HIMEJI, number, "columns = [", &ProfileFault::MissingNumber);
    }

    #[test]
    fn faults_of_a_column_are_told_with_their_line() {
        let column = "{ field = \"kana\", title = \"カナ氏名\", width = \"half\", max_length = 30 }";
        for (new, fault) in [
            ("field = \"name\", title = \"二つめ\"", ProfileFault::RepeatedField(Field::Name)),
            ("field = \"kana\", title = \"\"", ProfileFault::EmptyText("title")),
            ("field = \"kana\", title = \"カナ\", value = \"1\"", ProfileFault::FixedValue),
            ("field = \"fixed\", title = \"カナ\"", ProfileFault::FixedValue),
            ("field = \"kana\", title = \"カナ\", date = \"era\"", ProfileFault::DateForm),
            ("field = \"kana\", title = \"カナ\", max_length = 0", ProfileFault::Length),
            ("field = \"reference\", title = \"カナ\", max_length = 9", ProfileFault::Length),
            ("field = \"kana\", title = \"カナ\", values = { a = \"1\" }", ProfileFault::Values),
            ("field = \"kana\", title = \"カ\\nナ\"", ProfileFault::Unwritable("カ\nナ".into())),
            ("field = \"kana\", title = \"𠮷\"", ProfileFault::Unwritable("𠮷".into())),
            ("field = \"linked\", title = \"連携\", values = { yes = \"1\" }", ProfileFault::MissingCode("no".into())),
            (
                "field = \"linked\", title = \"連携\", values = { maybe = \"1\" }",
                ProfileFault::UnknownCode("maybe".into()),
            ),
        ] {
            let new = format!("{{ {new} }}");
            assert_fault(HIMEJI, (column, &new), &new, &fault);
        }
    }

    #[test]
    fn what_is_read_needs_every_fact_once() {
        let rules = LibraryRules::parse(SHIOMI).unwrap();
        let import = rules.exchange.going(Direction::Import).next().unwrap();
        for (at, column) in import.columns.iter().enumerate() {
            let mut changed = rules.clone();
            let profile = changed.exchange.profiles.iter_mut().find(|profile| profile.name == import.name).unwrap();
            profile.columns.remove(at);
            let fault = first_fault(&changed.exchange, &changed.known_codes()).map(|(_, fault)| fault);
            let is_needed =
                matches!(column.field, Field::CardNumber | Field::Name | Field::Kana | Field::Birth | Field::ExpiresOn);
            assert_eq!(fault, is_needed.then_some(ProfileFault::MissingField(column.field)), "{:?}", column.field);
            let profile = changed.exchange.profiles.iter_mut().find(|profile| profile.name == import.name).unwrap();
            profile.columns.push(Column { field: Field::Address, title: "住所".into(), ..import.columns[0].clone() });
            let fault = first_fault(&changed.exchange, &changed.known_codes()).map(|(_, fault)| fault);
            assert_eq!(fault, Some(ProfileFault::WrittenOnly(Field::Address)));
        }
    }
}
