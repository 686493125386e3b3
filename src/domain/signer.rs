//! Who signs an application: whoever applies, for themselves or for their children; or, about the card of a child, the
//! guardian who applied for it.

use super::answers::{Answers, DraftAnswers};
use super::guardianship::{SigningGuardian, child_line};
use super::library::RelationCode;
use super::person::{BirthDate, PersonName};

impl DraftAnswers {
    /// When whoever applies was born, so far as it was said: the guardian, about the card of a child.
    #[must_use]
    pub fn applicant_birth(&self) -> Option<BirthDate> {
        self.by_guardian.as_ref().map(|guardian| guardian.birth).or(self.birth)
    }
}

impl Answers {
    /// Who signs: the name and the birth date that the certificate has to bear.
    #[must_use]
    pub fn signer(&self) -> (&PersonName, BirthDate) {
        match &self.by_guardian {
            Some(guardian) => (&guardian.name, guardian.birth),
            None => (&self.name, self.birth),
        }
    }

    /// The children for whom a guardian signs: what is open for them is told from the guardian's own. None where the
    /// applicant signs for themselves.
    #[must_use]
    pub fn signed_for(&self) -> Option<Vec<String>> {
        match (&self.guardianship, &self.by_guardian) {
            (Some(guardianship), _) => Some(guardianship.identity()),
            (None, Some(_)) => Some(vec![child_line(&self.name, self.birth)]),
            (None, None) => None,
        }
    }

    /// What the guardian who signs is to the children.
    #[must_use]
    pub fn relation(&self) -> Option<&RelationCode> {
        let applying = self.guardianship.as_ref().map(|part| &part.relation);
        applying.or_else(|| self.by_guardian.as_ref().map(|guardian| &guardian.relation))
    }

    /// The guardian who applies here for children, as the one who signs about their cards later; none of any other
    /// application.
    #[must_use]
    pub fn applying_guardian(&self) -> Option<SigningGuardian> {
        let relation = self.guardianship.as_ref()?.relation.clone();
        Some(SigningGuardian { name: self.name.clone(), kana: self.kana.clone(), birth: self.birth, relation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Delivery;
    use crate::domain::guardianship::{Child, Guardianship};
    use crate::domain::likeness::{ComparedField, Likeness, compare};
    use crate::domain::person::{PostalAddress, TypedAddress};
    use crate::jpki::{CertifiedBirth, Era, Holder};

    fn hanako() -> Answers {
        let address =
            TypedAddress {
                postcode: "670-0012", prefecture: "28", municipality: "姫路市", line1: "本町68", line2: ""
            };
        Answers {
            category: "resident".parse().unwrap(),
            email: Some("hanako@example.jp".parse().unwrap()),
            name: "姫路　花子".parse().unwrap(),
            kana: "ヒメジ　ハナコ".parse().unwrap(),
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

    fn taro() -> Child {
        Child {
            name: "姫路　太郎".parse().unwrap(),
            kana: "ヒメジ　タロウ".parse().unwrap(),
            birth: "2023-05-01".parse().unwrap(),
            address: None,
        }
    }

    fn for_taro() -> Answers {
        let part = Guardianship { relation: "parent".parse().unwrap(), children: vec![taro()] };
        let first = Answers { guardianship: Some(part), ..hanako() };
        let Child { name, kana, birth, .. } = taro();
        Answers { name, kana, birth, by_guardian: first.applying_guardian(), ..hanako() }
    }

    #[test]
    fn the_certificate_has_to_be_the_guardians_and_not_the_childs() {
        let born = |year, month, day| {
            Some(CertifiedBirth { era: Era::Showa, year: Some(year), month: Some(month), day: Some(day) })
        };
        let holder = |name: &str, birth| Holder {
            name: name.into(),
            name_substitutes: Vec::new(),
            birth,
            address: None,
            address_substitutes: Vec::new(),
        };
        let other = |holder: &Holder| {
            let found = compare(&for_taro(), holder);
            let of = |field| found.iter().find(|one| one.field == field).unwrap().likeness;
            [of(ComparedField::Name), of(ComparedField::Birth)].contains(&Likeness::Different)
        };
        assert!(!other(&holder("姫路　花子", born(1988, 8, 12))));
        assert!(other(&holder("姫路　太郎", born(2023, 5, 1))), "a child signs nothing");
        assert!(other(&holder("姫路　次郎", born(1986, 1, 2))), "the other parent has not applied");
    }

    #[test]
    fn what_is_open_for_a_child_is_told_from_the_guardians_own_and_from_another_childs() {
        assert_eq!(hanako().signed_for(), None);
        let part = Guardianship { relation: "parent".parse().unwrap(), children: vec![taro()] };
        assert_eq!(for_taro().signed_for(), Some(part.identity()));
        let sakura = Answers { name: "姫路　さくら".parse().unwrap(), ..for_taro() };
        assert_ne!(sakura.signed_for(), for_taro().signed_for());
        assert_eq!(hanako().applying_guardian(), None, "who applies for nobody is nobody's guardian");
    }
}
