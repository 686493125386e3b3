//! What the library knows of somebody, in boxes in which staff put it right.

use super::AnswerForm;
use crate::domain::patron::{PatronFacts, RightFacts};
use crate::domain::person::{BirthDate, EmailAddress, Phone};
use crate::http::apply::address::{self, AddressForm};
use crate::http::apply::name::{self, NameForm};
use crate::http::form::FieldErrors;
use crate::http::wording::Wording;
use crate::service::requests::PutRight;
use time::Date;

/// A box.
pub(super) struct FactBox {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: &'static str,
    /// There are boxes of the same name in the other forms of the page.
    pub(super) id: String,
    pub(super) value: String,
}

/// The boxes in their order: name, label and kind.
const BOXES: [(&str, &str, &str); 10] = [
    ("name", "氏名", "text"),
    ("kana", "フリガナ", "text"),
    ("birth", "生年月日", "date"),
    ("postcode", "郵便番号", "text"),
    ("prefecture", "都道府県", "text"),
    ("municipality", "市区町村", "text"),
    ("line1", "町名・番地", "text"),
    ("line2", "建物名・部屋番号", "text"),
    ("phone", "電話番号", "tel"),
    ("email", "メールアドレス", "email"),
];

/// The boxes with what is known, in the form at this place of the page.
pub(super) fn known(facts: &PatronFacts, place: usize) -> Vec<FactBox> {
    let of = |address: &crate::domain::person::PostalAddress| {
        let AddressForm { postcode, municipality, line1, line2, .. } = address::of_address(address);
        // A box for text says the prefecture by its name.
        [postcode, address.prefecture().name().to_owned(), municipality, line1, line2]
    };
    let address = facts.address.as_ref().map(of).unwrap_or_default();
    let before = [facts.name.as_str(), facts.kana.as_str(), &facts.birth.date().to_string()].map(str::to_owned);
    let after = [
        facts.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
        facts.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
    ];
    let values = before.into_iter().chain(address).chain(after);
    let filled = BOXES.into_iter().zip(values);
    filled.map(|(one, value)| FactBox::of(one, format!("{}-{place}", one.0), value)).collect()
}

/// The boxes with what was typed.
pub(super) fn typed(input: &AnswerForm) -> Vec<FactBox> {
    let values = [
        &input.name,
        &input.kana,
        &input.birth,
        &input.postcode,
        &input.prefecture,
        &input.municipality,
        &input.line1,
        &input.line2,
        &input.phone,
        &input.email,
    ];
    let filled = BOXES.into_iter().zip(values);
    filled.map(|(one, value)| FactBox::of(one, one.0.to_owned(), value.clone())).collect()
}

/// What is to be put right; none if the form has no such boxes.
pub(super) fn read(input: &AnswerForm, today: Date) -> Result<Option<PutRight>, FieldErrors> {
    let Ok(seen) = input.seen.parse::<i64>() else { return Ok(None) };
    let mut errors = FieldErrors::none();
    let typed = NameForm { name: input.name.clone(), kana: input.kana.clone() };
    let name = name::read(&typed).map_err(|faults| errors.extend(faults)).ok();
    let birth = if let [year, month, day] = input.birth.trim().split('-').collect::<Vec<_>>()[..] {
        BirthDate::parse(year, month, day, today).map_err(|error| errors.add("birth", error.wording())).ok()
    } else {
        errors.add("birth", "生年月日を「1985-04-27」のように入力してください");
        None
    };
    let typed = AddressForm {
        postcode: input.postcode.clone(),
        prefecture: input.prefecture.clone(),
        municipality: input.municipality.clone(),
        line1: input.line1.clone(),
        line2: input.line2.clone(),
    };
    let parts = [&typed.postcode, &typed.prefecture, &typed.municipality, &typed.line1, &typed.line2];
    // The library may not know it of whoever was a patron before the portal.
    let address = if parts.iter().all(|part| part.trim().is_empty()) {
        None
    } else {
        address::read(&typed).map_err(|faults| errors.extend(faults)).ok()
    };
    let phone = match input.phone.trim() {
        "" => None,
        phone => errors.take("phone", phone.parse::<Phone>()),
    };
    let email = match input.email.trim() {
        "" => None,
        email => errors.take("email", email.parse::<EmailAddress>()),
    };
    match name.zip(birth) {
        Some(((name, kana), birth)) if errors.is_empty() => {
            let facts = RightFacts { name, kana, birth, address, phone, email };
            Ok(Some(PutRight { facts, seen }))
        }
        _ => Err(errors),
    }
}

impl FactBox {
    fn of((name, label, kind): (&'static str, &'static str, &'static str), id: String, value: String) -> Self {
        Self { name, label, kind, id, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 20);

    fn facts() -> PatronFacts {
        serde_json::from_str(
            r#"{"name": "姫路　花子", "kana": "ヒメジ ハナコ", "birth": "1985-04-27", "phone": "079-222-1111",
                "address": {"postcode": "6700012", "prefecture": "28", "municipality": "姫路市", "line1": "本町68"},
                "email": "hanako@example.jp"}"#,
        )
        .unwrap()
    }

    fn as_shown(facts: &PatronFacts) -> AnswerForm {
        let mut form = AnswerForm { seen: "3".into(), ..AnswerForm::default() };
        for FactBox { name, value, .. } in known(facts, 1) {
            *match name {
                "name" => &mut form.name,
                "kana" => &mut form.kana,
                "birth" => &mut form.birth,
                "postcode" => &mut form.postcode,
                "prefecture" => &mut form.prefecture,
                "municipality" => &mut form.municipality,
                "line1" => &mut form.line1,
                "line2" => &mut form.line2,
                "phone" => &mut form.phone,
                _ => &mut form.email,
            } = value;
        }
        form
    }

    #[test]
    fn what_is_shown_is_read_back_and_changes_nothing() {
        let facts = facts();
        let right = read(&as_shown(&facts), TODAY).unwrap().unwrap();
        assert_eq!(right.seen, 3);
        assert_eq!(facts.put_right(right.facts), (facts.clone(), Vec::new()));
        let bare = PatronFacts { address: None, phone: None, email: None, ..facts };
        let right = read(&as_shown(&bare), TODAY).unwrap().unwrap();
        assert_eq!(bare.put_right(right.facts), (bare.clone(), Vec::new()));
    }

    #[test]
    fn each_fault_is_named_at_its_box_and_a_form_without_boxes_puts_nothing_right() {
        let form = AnswerForm { birth: "2030-01-01".into(), line1: String::new(), ..as_shown(&facts()) };
        let errors = read(&form, TODAY).unwrap_err();
        assert!(errors.has("birth") && errors.has("line1") && !errors.has("name"));
        let unclear = AnswerForm { birth: "4月".into(), name: String::new(), ..as_shown(&facts()) };
        let errors = read(&unclear, TODAY).unwrap_err();
        assert!(errors.has("birth") && errors.has("name"));
        assert_eq!(read(&AnswerForm::default(), TODAY).unwrap(), None);
    }
}
