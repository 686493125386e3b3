//! Declared beside certified: facts for a reviewer, never a score.
//!
//! The signing certificate writes names with the characters of JIS levels 1, 2 and the
//! supplementary kanji, and addresses in its own style. A difference in writing is normal;
//! only a difference in meaning asks anybody to act.

use super::answers::Answers;
use super::match_key::{self, PartialDate, compare_address, compare_birth, compare_name};
pub use super::match_key::{Difference, Likeness};
use super::person::{BirthDate, PersonName};
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

/// Compares what was declared with what the certificate says, fact by fact: who signs, and the address that was declared.
#[must_use]
pub fn compare(answers: &Answers, holder: &Holder) -> Vec<Comparison> {
    let (signer, born) = answers.signer();
    let name = compare_name(signer, &holder.name, &holder.name_substitutes);
    let birth = compare_birth(born, holder.birth.map(partial).unwrap_or_default());
    let certified = holder.address.as_deref().unwrap_or_default();
    let address = compare_address(&answers.address, certified, &holder.address_substitutes);
    vec![
        Comparison::of(
            ComparedField::Name,
            signer.as_str().to_owned(),
            Some(holder.name.clone()),
            name,
            !holder.name_substitutes.is_empty(),
        ),
        Comparison::of(
            ComparedField::Birth,
            born.to_string(),
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

/// Compares a name that somebody else wrote down with the one in the certificate.
#[must_use]
pub fn compare_declared_name(name: &PersonName, holder: &Holder) -> Comparison {
    let outcome = compare_name(name, &holder.name, &holder.name_substitutes);
    let substituted = !holder.name_substitutes.is_empty();
    Comparison::of(ComparedField::Name, name.as_str().to_owned(), Some(holder.name.clone()), outcome, substituted)
}

/// Tells whether the certificate's holder is the person with this name and birth date: both must be known to be the same,
/// however the name is written.
#[must_use]
pub fn is_holder(name: &PersonName, birth: BirthDate, holder: &Holder) -> bool {
    let name = compare_name(name, &holder.name, &holder.name_substitutes);
    let birth = compare_birth(birth, holder.birth.map(partial).unwrap_or_default());
    matches!(name.likeness, Likeness::Same | Likeness::WrittenDifferently) && birth.likeness == Likeness::Same
}

fn partial(birth: CertifiedBirth) -> PartialDate {
    PartialDate { year: birth.year.map(i32::from), month: birth.month, day: birth.day }
}

fn written(date: PartialDate) -> String {
    let part = |value: Option<u8>| value.map_or_else(|| "??".to_owned(), |value| format!("{value:02}"));
    let year = date.year.map_or_else(|| "????".to_owned(), |year| year.to_string());
    format!("{year}-{}-{}", part(date.month), part(date.day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Delivery;
    use crate::domain::person::{PostalAddress, TypedAddress};
    use crate::jpki::Era;

    fn answers(name: &str, line1: &str) -> Answers {
        let address =
            TypedAddress { postcode: "670-0012", prefecture: "28", municipality: "姫路市", line1, line2: "" };
        Answers {
            category: "resident".parse().unwrap(),
            email: Some("hanako@example.jp".parse().unwrap()),
            name: name.parse().unwrap(),
            kana: "タカハシ ハナコ".parse().unwrap(),
            birth: "1988-08-12".parse().unwrap(),
            address: PostalAddress::parse(address).unwrap(),
            phone: None,
            branch: "jonai".parse().unwrap(),
            delivery: Delivery::Electronic,
            plastic_card: false,
            attachments: Vec::new(),
            guardianship: None,
            by_guardian: None,
        }
    }

    fn holder() -> Holder {
        Holder {
            name: "高橋　花子".to_owned(),
            name_substitutes: vec![0],
            birth: Some(CertifiedBirth { era: Era::Showa, year: Some(1988), month: Some(8), day: Some(12) }),
            address: Some("兵庫県姫路市本町６８番地".to_owned()),
            address_substitutes: Vec::new(),
        }
    }

    fn likeness_of(answers: &Answers, holder: &Holder) -> Vec<Likeness> {
        compare(answers, holder).iter().map(|comparison| comparison.likeness).collect()
    }

    #[test]
    fn a_stand_in_and_another_style_of_address_are_only_writing() {
        let compared = compare(&answers("髙橋 花子", "本町68"), &holder());
        assert_eq!(compared[0].likeness, Likeness::WrittenDifferently);
        assert!(compared[0].substituted);
        assert_eq!((&*compared[0].differences[0].declared, &*compared[0].differences[0].certificate), ("髙", "高"));
        assert_eq!(compared[1].likeness, Likeness::Same);
        assert_ne!(compared[2].likeness, Likeness::Different);
        assert!(!compared.iter().any(Comparison::is_another_person));
    }

    #[test]
    fn another_name_or_birth_date_is_another_person_and_an_old_address_is_not() {
        let other = Holder { name: "試験　太郎".to_owned(), ..holder() };
        assert!(compare(&answers("髙橋 花子", "本町68"), &other)[0].is_another_person());
        let moved =
            Holder { address: Some("東京都清瀬市観布子南１２－７－２０２".to_owned()), ..holder() };
        let compared = compare(&answers("髙橋 花子", "本町68"), &moved);
        assert_eq!(compared[2].likeness, Likeness::Different);
        assert!(!compared[2].is_another_person());
    }

    #[test]
    fn what_the_certificate_does_not_say_is_not_known() {
        let silent = Holder { birth: None, address: None, ..holder() };
        let compared = likeness_of(&answers("高橋 花子", "本町68"), &silent);
        assert_eq!(compared[1..], [Likeness::NotKnown, Likeness::NotKnown]);
        let partial = CertifiedBirth { era: Era::Showa, year: Some(1988), month: None, day: None };
        let compared = compare(&answers("高橋 花子", "本町68"), &Holder { birth: Some(partial), ..holder() });
        assert_eq!(compared[1].certified.as_deref(), Some("1988-??-??"));
    }
}
