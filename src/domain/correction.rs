//! Corrections: what a reviewer asks the applicant to put right, field by field.
//!
//! While one is open, nothing else can be changed: the fields asked for, and those that hang
//! together with them. Each is settled by a change or by an answer that nothing is wrong.

use super::answers::{Answers, DraftAnswers, Question};
use super::ids::{ApplicationId, LibraryId, StaffId};
use super::message::LetterText;
use super::procedure::{Procedure, UnknownName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;
use time::macros::offset;
use time::{Date, Duration, OffsetDateTime, Time};

/// What can be asked to be put right: a page of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Why this person may use the library.
    Category,
    /// Where notices are announced.
    Email,
    /// Name and reading.
    Name,
    /// Date of birth.
    Birth,
    /// Address.
    Address,
    /// The children for whom a guardian applies.
    Children,
    /// Telephone and branch.
    Contact,
    /// Pictures of documents.
    Documents,
    /// The way of delivery, and whether a plastic card is wanted.
    Delivery,
}

impl Field {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 9] = [
        Self::Category,
        Self::Email,
        Self::Name,
        Self::Birth,
        Self::Address,
        Self::Children,
        Self::Contact,
        Self::Documents,
        Self::Delivery,
    ];

    /// The name in storage, forms and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Email => "email",
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Address => "address",
            Self::Children => "children",
            Self::Contact => "contact",
            Self::Documents => "documents",
            Self::Delivery => "delivery",
        }
    }

    /// The page on which it is asked.
    #[must_use]
    pub const fn question(self) -> Question {
        match self {
            Self::Category => Question::Who,
            Self::Email => Question::Email,
            Self::Name => Question::Name,
            Self::Birth => Question::Birth,
            Self::Address => Question::Address,
            Self::Children => Question::Children,
            Self::Contact => Question::Contact,
            Self::Documents => Question::Documents,
            Self::Delivery => Question::Consent,
        }
    }

    /// The field that a page asks about.
    #[must_use]
    pub fn of_question(question: Question) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.question() == question)
    }

    /// What may be asked of an applicant in a procedure: what its form asks. Which card it is about is no matter of correction; whose
    /// card that is, staff find out.
    #[must_use]
    pub fn all_in(procedure: Procedure) -> Vec<Self> {
        Question::of(procedure).iter().copied().filter_map(Self::of_question).collect()
    }

    /// What may be asked of a guardian.
    #[must_use]
    pub fn all_of_guardian() -> Vec<Self> {
        Question::of_guardian().iter().copied().filter_map(Self::of_question).collect()
    }

    /// The fields that a change of this one may call for: who lives elsewhere may use the library for another reason.
    const fn dependants(self) -> &'static [Self] {
        match self {
            Self::Category => &[Self::Address, Self::Documents],
            Self::Address => &[Self::Category, Self::Documents],
            _ => &[],
        }
    }

    /// The field to which a key of the stored answers belongs; `None` for those that belong to no page.
    fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "category" => Self::Category,
            "email" | "email_confirmed" | "reached" => Self::Email,
            "name" | "kana" => Self::Name,
            "birth" => Self::Birth,
            "address" => Self::Address,
            "guardianship" => Self::Children,
            "phone" | "branch" => Self::Contact,
            "attachments" => Self::Documents,
            "delivery" | "plastic_card" => Self::Delivery,
            _ => return None,
        })
    }
}

impl FromStr for Field {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|field| field.as_str() == name).ok_or(UnknownName)
    }
}

/// Why a field has to be put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionReason {
    /// It is wrong.
    Incorrect,
    /// Something is missing.
    Incomplete,
    /// It cannot be read.
    Unreadable,
    /// It differs from the card or from what the library knows.
    Mismatch,
    /// Something else; the text says what.
    Other,
}

impl CorrectionReason {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Incorrect, Self::Incomplete, Self::Unreadable, Self::Mismatch, Self::Other];

    /// The name in storage and forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incorrect => "incorrect",
            Self::Incomplete => "incomplete",
            Self::Unreadable => "unreadable",
            Self::Mismatch => "mismatch",
            Self::Other => "other",
        }
    }
}

impl FromStr for CorrectionReason {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name).ok_or(UnknownName)
    }
}

/// One thing that is asked, as the reviewer writes it and the applicant reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedItem {
    /// What.
    pub field: Field,
    /// Why.
    pub reason: CorrectionReason,
    /// What to do about it.
    pub text: LetterText,
}

/// Something that was asked about one version of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// Counts the corrections of the application, from 1.
    pub seq: u32,
    /// The version that the reviewer saw.
    pub version: u32,
    /// What was asked.
    pub item: AskedItem,
    /// Who asked.
    pub asked_by: StaffId,
    /// When.
    pub asked_at: OffsetDateTime,
    /// What the applicant says who leaves the field as it is.
    pub answer: Option<LetterText>,
    /// When it was settled; open until then.
    pub resolved_at: Option<OffsetDateTime>,
    /// The version that settled it; none if the application ended without one.
    pub resolved_version: Option<u32>,
}

impl Correction {
    /// True until the application was sent again, or ended.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }
}

/// The fields that may be changed while `corrections` are open; `None` if none is: then nothing is closed.
#[must_use]
pub fn open_fields(corrections: &[Correction]) -> Option<BTreeSet<Field>> {
    let asked: Vec<Field> = corrections.iter().filter(|one| one.is_open()).map(|one| one.item.field).collect();
    if asked.is_empty() {
        return None;
    }
    Some(asked.into_iter().flat_map(|field| [field].into_iter().chain(field.dependants().iter().copied())).collect())
}

/// Tells whether the step from `before` to `after` keeps to the `open` fields. Agreeing to a text once more is always
/// allowed.
#[must_use]
pub fn keeps_to(open: &BTreeSet<Field>, before: &DraftAnswers, after: &DraftAnswers) -> bool {
    differing(before, after).into_iter().all(|key| match key.as_str() {
        // Who signs as well is no part of what is signed.
        "consents" | "cosigner" => true,
        // How it was answered for the first time, so it is again.
        "unsigned" => false,
        // Whoever changes what was there before no longer declares that nothing has changed.
        "request" => {
            let mut noted = DraftAnswers { request: before.request.clone(), ..after.clone() };
            noted.note_changes(before);
            noted.request == after.request
        }
        key => Field::of_key(key).is_some_and(|field| open.contains(&field)),
    })
}

/// The fields in which what is written now differs from what was signed.
#[must_use]
pub fn changed_fields(signed: &Answers, now: &Answers) -> BTreeSet<Field> {
    differing(signed, now).iter().filter_map(|key| Field::of_key(key)).collect()
}

/// The open corrections that were neither followed nor answered.
#[must_use]
pub fn unsettled(corrections: &[Correction], changed: &BTreeSet<Field>) -> Vec<Field> {
    let asked = corrections.iter().filter(|one| one.is_open() && one.answer.is_none());
    asked.map(|one| one.item.field).filter(|field| !changed.contains(field)).collect()
}

/// Until when an answer counts that is asked on `today`: the end of the last day, in Japan.
#[must_use]
pub fn answer_by(today: Date, answer_days: u32) -> OffsetDateTime {
    let last = today.checked_add(Duration::days(answer_days.into())).unwrap_or(Date::MAX);
    let end = Time::from_hms(23, 59, 59).unwrap_or(Time::MIDNIGHT);
    last.with_time(end).assume_offset(offset!(+9))
}

/// The keys in which two stored answers differ.
fn differing<T: Serialize>(before: &T, after: &T) -> BTreeSet<String> {
    let (before, after) = (entries(before), entries(after));
    let keys = before.keys().chain(after.keys());
    keys.filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
}

fn entries<T: Serialize>(answers: &T) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(answers) {
        Ok(serde_json::Value::Object(entries)) => entries,
        // Answers are always a map of plain values.
        _ => serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Delivery;
    use crate::domain::person::{PostalAddress, TypedAddress};
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn asked(field: Field) -> Correction {
        Correction {
            library_id: LibraryId::new(NOW),
            application_id: ApplicationId::new(NOW),
            seq: 1,
            version: 1,
            item: AskedItem {
                field,
                reason: CorrectionReason::Mismatch,
                text: "カードと同じ文字で入力してください".parse().unwrap(),
            },
            asked_by: StaffId::new(NOW),
            asked_at: NOW,
            answer: None,
            resolved_at: None,
            resolved_version: None,
        }
    }

    fn draft() -> DraftAnswers {
        let address = TypedAddress {
            postcode: "670-0012",
            prefecture: "28",
            municipality: "姫路市",
            line1: "本町68番地",
            line2: "",
        };
        DraftAnswers {
            category: Some("resident".parse().unwrap()),
            email: Some("hana@example.jp".parse().unwrap()),
            email_confirmed: true,
            name: Some("髙橋　花".parse().unwrap()),
            kana: Some("タカハシ　ハナ".parse().unwrap()),
            birth: Some("1985-04-27".parse().unwrap()),
            address: Some(PostalAddress::parse(address).unwrap()),
            branch: Some("jonai".parse().unwrap()),
            delivery: Some(Delivery::Electronic),
            ..DraftAnswers::default()
        }
    }

    #[test]
    fn what_is_asked_opens_itself_and_what_hangs_on_it() {
        assert_eq!(open_fields(&[]), None);
        assert_eq!(open_fields(&[asked(Field::Name)]), Some([Field::Name].into()));
        assert_eq!(
            open_fields(&[asked(Field::Address)]),
            Some([Field::Address, Field::Category, Field::Documents].into())
        );
        let settled = Correction { resolved_at: Some(NOW), ..asked(Field::Name) };
        assert_eq!(open_fields(&[settled]), None);
    }

    #[test]
    fn only_open_fields_may_change() {
        let open = open_fields(&[asked(Field::Name)]).unwrap();
        let before = draft();
        let renamed = DraftAnswers { name: Some("高橋　花".parse().unwrap()), ..before.clone() };
        let moved = DraftAnswers { branch: Some("aboshi".parse().unwrap()), ..renamed.clone() };
        let paper = DraftAnswers { delivery: Some(Delivery::Paper), ..before.clone() };
        assert!(keeps_to(&open, &before, &before) && keeps_to(&open, &before, &renamed));
        assert!(!keeps_to(&open, &before, &moved) && !keeps_to(&open, &before, &paper));
        let unconfirmed = DraftAnswers { email_confirmed: false, ..before.clone() };
        assert!(!keeps_to(&open, &before, &unconfirmed), "nobody loosens an address that was not asked about");
    }

    #[test]
    fn every_key_of_the_answers_belongs_to_a_field_or_is_closed_for_a_reason() {
        for key in entries(&draft()).keys() {
            assert!(Field::of_key(key).is_some() || ["consents", "request"].contains(&key.as_str()), "{key}");
        }
    }

    #[test]
    fn an_item_is_settled_by_a_change_or_by_an_answer() {
        let corrections = [asked(Field::Name), asked(Field::Address)];
        assert_eq!(unsettled(&corrections, &BTreeSet::new()), [Field::Name, Field::Address]);
        assert_eq!(unsettled(&corrections, &[Field::Address].into()), [Field::Name]);
        let answered =
            Correction { answer: Some("このままで正しいです".parse().unwrap()), ..asked(Field::Name) };
        assert_eq!(unsettled(&[answered], &BTreeSet::new()), []);
    }

    #[test]
    fn the_time_to_answer_ends_with_a_day_in_japan() {
        let end = answer_by(date!(2026 - 11 - 20), 14);
        assert_eq!(end, datetime!(2026-12-04 23:59:59 +9));
    }

    #[test]
    fn names_are_read_back() {
        for field in Field::ALL {
            assert_eq!(field.as_str().parse(), Ok(field));
            assert_eq!(Field::of_question(field.question()), Some(field));
        }
        for reason in CorrectionReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        assert!("status".parse::<Field>().is_err());
    }
}
