//! One child: name, date of birth, and the home, if it is not the guardian's.

use super::part_of;
use crate::domain::answers::Question;
use crate::domain::guardianship::Child;
use crate::domain::library::{Category, Ineligible, LibraryRules};
use crate::domain::person::PostalAddress;
use crate::http::apply::address::{self, AddressForm, PrefectureOption};
use crate::http::apply::applicant::{Applicant, Frame, Origin};
use crate::http::apply::birth::{self, BirthForm};
use crate::http::apply::name::{self, NameForm};
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors, Press, TextForm};
use crate::http::page::{self, Layout};
use crate::service::apply::Answer;
use crate::words::{Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::Date;

/// Which child the address means, counted from 1.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct ChildPath {
    number: String,
}

/// The boxes as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct ChildForm {
    name: String,
    kana: String,
    year: String,
    month: String,
    day: String,
    home: String,
    postcode: String,
    prefecture: String,
    municipality: String,
    line1: String,
    line2: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/child.html")]
struct ChildPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: ChildForm,
    prefectures: Vec<PrefectureOption>,
    below_age: u32,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant, path: web::Path<ChildPath>) -> Result<HttpResponse, Error> {
    let number = number_of(&applicant, &path)?;
    let known = part_of(&applicant)?.children.into_iter().nth(number - 1);
    let input = known.as_ref().map(of_child).unwrap_or_default();
    page::ok(&draw(applicant, input, FieldErrors::none()))
}

/// Saves the child.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    path: web::Path<ChildPath>,
    form: TextForm<ChildForm>,
) -> Result<HttpResponse, Error> {
    let number = number_of(&applicant, &path)?;
    let read = read(&form.input, &applicant);
    match form.checked(read) {
        Ok(child) => {
            applicant.answer(Answer::Child(number, child)).await?;
            Ok(page::see_other(applicant.here.urls.apply_children()))
        }
        Err(errors) => page::again(&draw(applicant, form.input, errors)),
    }
}

/// Takes the child out of the application.
pub(in crate::http) async fn remove(
    applicant: Applicant,
    path: web::Path<ChildPath>,
    _: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let number = number_of(&applicant, &path)?;
    applicant.answer(Answer::ChildRemoved(number)).await?;
    Ok(page::see_other(applicant.here.urls.apply_children()))
}

/// A place in the list, or the one behind the last if there is room for one more.
fn number_of(applicant: &Applicant, path: &ChildPath) -> Result<usize, Error> {
    let there = part_of(applicant)?.children.len();
    let last = (there + 1).min(applicant.draft.rules.guardian.children_at_once as usize);
    let number = path.number.parse().ok().filter(|number| (1..=last).contains(number));
    number.ok_or_else(|| Error::SeeOther(applicant.here.urls.apply_children()))
}

fn read(input: &ChildForm, applicant: &Applicant) -> Result<Child, FieldErrors> {
    let (rules, answers) = (&applicant.draft.rules, &applicant.draft.answers);
    let category = answers.category.as_ref().and_then(|code| rules.category(code));
    read_child(input, rules, category, answers.address.as_ref(), applicant.today())
}

/// Reads the boxes under the rules; `home` is where the guardian lives.
fn read_child(
    input: &ChildForm,
    rules: &LibraryRules,
    category: Option<&Category>,
    home: Option<&PostalAddress>,
    today: Date,
) -> Result<Child, FieldErrors> {
    let mut errors = FieldErrors::none();
    let typed_name = NameForm { name: input.name.clone(), kana: input.kana.clone() };
    let name = name::read(&typed_name).map_err(|faults| errors.extend(faults)).ok();
    let typed_birth = BirthForm { year: input.year.clone(), month: input.month.clone(), day: input.day.clone() };
    let birth = birth::read(&typed_birth, today).map_err(|faults| errors.extend(faults)).ok();
    if let Some((category, birth)) = category.zip(birth)
        && let Err(reason) = rules.eligible_child(category, birth, today)
    {
        errors.add("year", words_of(reason));
    }
    let own_home = match input.home.as_str() {
        "same" => None,
        "other" => address::read(&input.address()).map_err(|faults| errors.extend(faults)).ok(),
        _ => {
            errors.add("home", Words::default().apply_child_home_missing());
            None
        }
    };
    let lives_at = own_home.as_ref().or(home.filter(|_| input.home == "same"));
    if category.zip(lives_at).is_some_and(|(category, address)| !category.covers(address)) {
        errors.add("home", Words::default().apply_child_home_outside());
    }
    match (name, birth, errors.is_empty()) {
        (Some((name, kana)), Some(birth), true) => Ok(Child { name, kana, birth, address: own_home }),
        _ => Err(errors),
    }
}

fn words_of(reason: Ineligible) -> Phrase {
    let words = Words::default();
    match reason {
        Ineligible::TooYoung { minimum } => words.apply_child_too_young(minimum),
        Ineligible::TooOld { maximum } => words.apply_child_too_old(maximum),
        Ineligible::UnknownCategory | Ineligible::CounterOnly | Ineligible::OutOfArea => words.apply_child_counter(),
    }
}

impl ChildForm {
    fn address(&self) -> AddressForm {
        AddressForm {
            postcode: self.postcode.clone(),
            prefecture: self.prefecture.clone(),
            municipality: self.municipality.clone(),
            line1: self.line1.clone(),
            line2: self.line2.clone(),
        }
    }
}

fn of_child(child: &Child) -> ChildForm {
    let BirthForm { year, month, day } = birth::of_date(child.birth.date());
    let home = if child.address.is_some() { "other" } else { "same" };
    let AddressForm { postcode, prefecture, municipality, line1, line2 } =
        child.address.as_ref().map(address::of_address).unwrap_or_default();
    ChildForm {
        name: child.name.as_str().to_owned(),
        kana: child.kana.as_str().to_owned(),
        year,
        month,
        day,
        home: home.to_owned(),
        postcode,
        prefecture,
        municipality,
        line1,
        line2,
    }
}

fn draw(applicant: Applicant, input: ChildForm, errors: FieldErrors) -> ChildPage {
    let mut frame = applicant.frame(Question::Children, &Origin::default());
    frame.title = applicant.words().apply_question_child();
    frame.back = applicant.here.urls.apply_children();
    let below_age = applicant.draft.rules.guardian.signs_below_age;
    ChildPage { frame, errors, input, prefectures: address::prefectures(), below_age, layout: applicant.here.layout }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn read_by(input: &ChildForm) -> Result<Child, FieldErrors> {
        let rules = LibraryRules::parse(include_str!("../../../../deploy/libraries/himeji.toml")).unwrap();
        let home = address::read(&AddressForm {
            postcode: "670-0012".into(),
            prefecture: "28".into(),
            municipality: "姫路市".into(),
            line1: "本町68番地".into(),
            line2: String::new(),
        })
        .unwrap();
        read_child(input, &rules, rules.categories.first(), Some(&home), date!(2026 - 11 - 20))
    }

    fn sakura() -> ChildForm {
        ChildForm {
            name: "姫路　さくら".into(),
            kana: "ひめじ　さくら".into(),
            year: "令和2".into(),
            month: "1".into(),
            day: "1".into(),
            home: "same".into(),
            ..ChildForm::default()
        }
    }

    #[test]
    fn a_child_at_home_is_read_and_written_back() {
        let child = read_by(&sakura()).unwrap();
        assert_eq!((child.birth.to_string().as_str(), &child.address), ("2020-01-01", &None));
        assert_eq!(of_child(&child).home, "same");
    }

    #[test]
    fn each_fault_has_its_box() {
        let fields = |input: &ChildForm| -> Vec<String> {
            read_by(input).unwrap_err().iter().map(|error| error.field.to_string()).collect()
        };
        assert_eq!(fields(&ChildForm::default()), ["name", "kana", "year", "home"]);
        assert_eq!(fields(&ChildForm { year: "2005".into(), ..sakura() }), ["year"], "old enough to apply alone");
        assert_eq!(fields(&ChildForm { home: "other".into(), ..sakura() })[0], "postcode");
        let elsewhere = ChildForm {
            home: "other".into(),
            postcode: "060-0001".into(),
            prefecture: "01".into(),
            municipality: "札幌市中央区".into(),
            line1: "北一条西2丁目".into(),
            ..sakura()
        };
        assert_eq!(fields(&elsewhere), ["home"], "outside the category's area");
    }

    #[test]
    fn a_rejected_page_keeps_what_was_typed() {
        let input = ChildForm { year: "2005".into(), ..sakura() };
        let errors = read_by(&input).unwrap_err();
        let page = ChildPage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Children),
            errors,
            input,
            prefectures: address::prefectures(),
            below_age: 15,
        };
        let page = page.render().unwrap();
        assert!(page.contains("value=\"姫路　さくら\"") && page.contains("value=\"2005\""));
        assert!(page.contains("href=\"#year\"") && page.contains("14歳まで"));
    }
}
