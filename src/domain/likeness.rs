//! Declared beside certified: facts for a reviewer, never a score.
//!
//! The signing certificate writes names with the characters of JIS levels 1, 2 and the
//! supplementary kanji, and addresses in its own style. A difference in writing is normal;
//! only a difference in meaning asks anybody to act.

use super::answers::Answers;
use super::match_key::{self, PartialDate, compare_address, compare_birth, compare_name};
pub use super::match_key::{Difference, Likeness};
use crate::jpki::{CertifiedBirth, Holder};

/// A fact that both the form and the certificate state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparedField {
    /// 氏名.
    Name,
    /// 生年月日.
    Birth,
    /// 住所.
    Address,
}

/// One fact, declared and certified. Personal data: not for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Which fact.
    pub field: ComparedField,
    /// As the applicant wrote it; a birth date as `YYYY-MM-DD`.
    pub declared: String,
    /// As the certificate has it, if it does; unknown parts of a birth date are `??`.
    pub certified: Option<String>,
    /// How they compare.
    pub likeness: Likeness,
    /// The stretches that differ, in order.
    pub differences: Vec<Difference>,
    /// True if the certificate has stand-in characters (代替文字) in this fact.
    pub substituted: bool,
}

impl Comparison {
    fn of(
        field: ComparedField,
        declared: String,
        certified: Option<String>,
        outcome: match_key::Comparison,
        substituted: bool,
    ) -> Self {
        let match_key::Comparison { likeness, differences } = outcome;
        Self { field, declared, certified, likeness, differences, substituted }
    }

    /// Tells whether the certificate's holder is somebody other than the applicant: another birth date or
    /// another name. An old address is no sign of that.
    #[must_use]
    pub fn is_another_person(&self) -> bool {
        self.likeness == Likeness::Different && self.field != ComparedField::Address
    }
}

/// Compares what was declared with what the certificate says, fact by fact.
#[must_use]
pub fn compare(answers: &Answers, holder: &Holder) -> Vec<Comparison> {
    let name = compare_name(&answers.name, &holder.name, &holder.name_substitutes);
    let birth = compare_birth(answers.birth, holder.birth.map(partial).unwrap_or_default());
    let certified = holder.address.as_deref().unwrap_or_default();
    let address = compare_address(&answers.address, certified, &holder.address_substitutes);
    vec![
        Comparison::of(
            ComparedField::Name,
            answers.name.as_str().to_owned(),
            Some(holder.name.clone()),
            name,
            !holder.name_substitutes.is_empty(),
        ),
        Comparison::of(
            ComparedField::Birth,
            answers.birth.to_string(),
            holder.birth.map(|birth| written(partial(birth))),
            birth,
            false,
        ),
        Comparison::of(
            ComparedField::Address,
            answers.address.one_line(),
            holder.address.clone(),
            address,
            !holder.address_substitutes.is_empty(),
        ),
    ]
}

fn partial(birth: CertifiedBirth) -> PartialDate {
    PartialDate { year: birth.year.map(i32::from), month: birth.month, day: birth.day }
}

fn written(date: PartialDate) -> String {
    let part = |value: Option<u8>| value.map_or_else(|| "??".to_owned(), |value| format!("{value:02}"));
    let year = date.year.map_or_else(|| "????".to_owned(), |year| year.to_string());
    format!("{year}-{}-{}", part(date.month), part(date.day))
}
