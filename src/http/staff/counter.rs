//! Applications that staff enter for a visitor or from paper, and corrections of a visit slip with the visitor: all
//! questions on one page, read as the applicant's own pages read them.

use super::Named;
use super::signed_in::SignedInStaff;
use crate::domain::answers::{Delivery, DraftAnswers, Reached};
use crate::domain::correction::Field;
use crate::domain::library::LibraryRules;
use crate::domain::permission::{Permission, Scope};
use crate::domain::person::EmailAddress;
use crate::domain::reference::Reference;
use crate::http::apply::address::{self, AddressForm, PrefectureOption};
use crate::http::apply::birth::{self, BirthForm};
use crate::http::apply::contact::{self, ContactForm};
use crate::http::apply::name::{self, NameForm};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::service::apply::Draft;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeSet;
use time::Date;

/// What this form asks about. Children and pictures are the applicant's own pages.
const ON_THE_FORM: [Field; 7] =
    [Field::Category, Field::Email, Field::Name, Field::Birth, Field::Address, Field::Contact, Field::Delivery];

/// The boxes as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CounterForm {
    category: String,
    name: String,
    kana: String,
    year: String,
    month: String,
    day: String,
    postcode: String,
    prefecture: String,
    municipality: String,
    line1: String,
    line2: String,
    phone: String,
    email: String,
    no_email: String,
    branch: String,
    delivery: String,
    plastic_card: String,
}

/// The number of a visit slip whose code nobody can scan.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct SlipForm {
    slip: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/counter.html")]
struct CounterPage {
    layout: Layout,
    errors: FieldErrors,
    input: CounterForm,
    /// The number of a slip, as typed.
    slip: String,
    /// Of the slip that is corrected; none for a new application.
    reference: Option<String>,
    /// What may be changed, if a reviewer asked for something.
    open: Option<BTreeSet<Field>>,
    categories: Vec<Choice>,
    branches: Vec<Choice>,
    prefectures: Vec<PrefectureOption>,
}

struct Choice {
    code: String,
    label: String,
}

/// Asks for the number of a slip, or for everything; leads to the slip whose number was typed.
pub(in crate::http) async fn show(staff: SignedInStaff, typed: web::Query<SlipForm>) -> Result<HttpResponse, Error> {
    let (rules, scope) = (staff.here.library.rules.clone(), scope_of(&staff));
    let empty = |errors| draw(staff.here.layout.clone(), (&rules, &scope), None, CounterForm::default(), errors);
    let Some(slip) = typed.into_inner().slip else { return page::ok(&empty(FieldErrors::none())) };
    if let Ok(reference) = slip.parse::<Reference>() {
        return Ok(page::see_other(staff.here.urls.staff_visit(&reference)));
    }
    let errors = FieldErrors::one("slip", "来館票の番号を確かめてください。「LC-」で始まる番号です");
    page::again(&CounterPage { slip, ..empty(errors) })
}

/// Begins the application and leads to the documents.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: TextForm<CounterForm>) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let scope = scope_of(&staff);
    let read = read(&form.input, (&here.library.rules, &scope), here.portal.clock.today());
    match form.checked(read) {
        Ok(answers) => {
            let reference = here.portal.next_reference();
            let location = here.urls.staff_visit(&reference);
            let once = here.once(form.once, "staff/counter", location.clone());
            here.portal.begin_at_counter(&here.library, &staff.member, reference, answers, &once).await?;
            Ok(page::see_other(location))
        }
        Err(errors) => {
            let rules = here.library.rules.clone();
            page::again(&draw(staff.here.layout, (&rules, &scope), None, form.input, errors))
        }
    }
}

/// Shows what a slip says, to be corrected.
pub(in crate::http) async fn show_of(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let draft = here.portal.open_visit(&here.library, &staff.member, &named.reference).await?;
    let (input, scope) = (of_answers(&draft.answers), scope_of(&staff));
    page::ok(&draw(staff.here.layout, (&draft.rules, &scope), Some(&draft), input, FieldErrors::none()))
}

/// Saves the corrections and leads back to the visit.
pub(in crate::http) async fn submit_of(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<CounterForm>,
) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let draft = here.portal.open_visit(&here.library, &staff.member, &named.reference).await?;
    let input = match draft.open_fields() {
        Some(open) => form.input.clone().kept_to(&open, of_answers(&draft.answers)),
        None => form.input.clone(),
    };
    let scope = scope_of(&staff);
    let read = read(&input, (&draft.rules, &scope), here.portal.clock.today());
    match form.checked(read) {
        Ok(answers) => {
            let location = here.urls.staff_visit(&named.reference);
            let once = here.once(form.once, "staff/visit/answers", location.clone());
            Box::pin(here.portal.correct_visit(&here.library, &staff.member, &named.reference, answers, &once)).await?;
            Ok(page::see_other(location))
        }
        Err(errors) => page::again(&draw(staff.here.layout, (&draft.rules, &scope), Some(&draft), input, errors)),
    }
}

/// The branches for which this person may enter something.
fn scope_of(staff: &SignedInStaff) -> Scope {
    staff.member.scope(Permission::EnterApplication).unwrap_or(Scope::Branches(Vec::new()))
}

/// Reads the boxes. At the counter everybody may apply who belongs to a category: how old one must be to apply online
/// is no matter here, and who may have a card at all is for the review.
fn read(
    input: &CounterForm,
    (rules, scope): (&LibraryRules, &Scope),
    today: Date,
) -> Result<DraftAnswers, FieldErrors> {
    let mut errors = FieldErrors::none();
    let category = rules.categories.iter().find(|category| category.code.as_str() == input.category);
    if category.is_none() {
        errors.add("category", "図書館を使う理由を選んでください");
    }
    let typed = NameForm { name: input.name.clone(), kana: input.kana.clone() };
    let name = name::read(&typed).map_err(|faults| errors.extend(faults)).ok();
    let typed = BirthForm { year: input.year.clone(), month: input.month.clone(), day: input.day.clone() };
    let birth = birth::read(&typed, today).map_err(|faults| errors.extend(faults)).ok();
    let address = address::read(&input.address()).map_err(|faults| errors.extend(faults)).ok();
    let typed = ContactForm { phone: input.phone.clone(), branch: input.branch.clone() };
    let contact = contact::read(&typed, rules).map_err(|faults| errors.extend(faults)).ok();
    if contact.as_ref().is_some_and(|(_, branch)| !scope.covers(Some(branch))) {
        errors.add("branch", "この館の申込みは、あなたの役割では受け付けられません");
    }
    let has_no_email = input.no_email == "yes";
    let email = match input.email.trim() {
        "" if has_no_email => None,
        _ if has_no_email => {
            errors.add("email", "メールアドレスを消すか、「メールアドレスはない」のチェックをはずしてください");
            None
        }
        typed => errors.take("email", typed.parse::<EmailAddress>()),
    };
    let delivery = match input.delivery.as_str() {
        "electronic" if has_no_email => {
            errors.add("delivery", "メールアドレスのない方には、紙でお知らせします。「紙で受け取る」を選んでください");
            None
        }
        "electronic" => Some(Delivery::Electronic),
        "paper" => Some(Delivery::Paper),
        _ => {
            errors.add("delivery", "お知らせの受け取り方を選んでください");
            None
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let (name, kana) = name.unzip();
    let (phone, branch) = contact.unzip();
    Ok(DraftAnswers {
        category: category.map(|category| category.code.clone()),
        name,
        kana,
        birth,
        address,
        phone: phone.flatten(),
        branch,
        email,
        // The visitor has read it back.
        email_confirmed: !has_no_email,
        reached: if has_no_email { Reached::OnPaper } else { Reached::ByMail },
        delivery,
        plastic_card: input.plastic_card == "yes",
        ..DraftAnswers::default()
    })
}

impl CounterForm {
    /// What was typed into the boxes of `open` fields, and `kept` for all others, which have no boxes.
    fn kept_to(self, open: &BTreeSet<Field>, kept: Self) -> Self {
        let is = |field| open.contains(&field);
        let choose = |field, typed: String, kept: String| if is(field) { typed } else { kept };
        Self {
            category: choose(Field::Category, self.category, kept.category),
            name: choose(Field::Name, self.name, kept.name),
            kana: choose(Field::Name, self.kana, kept.kana),
            year: choose(Field::Birth, self.year, kept.year),
            month: choose(Field::Birth, self.month, kept.month),
            day: choose(Field::Birth, self.day, kept.day),
            postcode: choose(Field::Address, self.postcode, kept.postcode),
            prefecture: choose(Field::Address, self.prefecture, kept.prefecture),
            municipality: choose(Field::Address, self.municipality, kept.municipality),
            line1: choose(Field::Address, self.line1, kept.line1),
            line2: choose(Field::Address, self.line2, kept.line2),
            phone: choose(Field::Contact, self.phone, kept.phone),
            email: choose(Field::Email, self.email, kept.email),
            no_email: choose(Field::Email, self.no_email, kept.no_email),
            branch: choose(Field::Contact, self.branch, kept.branch),
            delivery: choose(Field::Delivery, self.delivery, kept.delivery),
            plastic_card: choose(Field::Delivery, self.plastic_card, kept.plastic_card),
        }
    }

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

/// Tells whether anything on this form may be changed.
pub(super) fn may_change(draft: &Draft) -> bool {
    draft.open_fields().is_none_or(|open| open.iter().any(|field| ON_THE_FORM.contains(field)))
}

impl CounterPage {
    fn is_open(&self, field: Field) -> bool {
        self.open.as_ref().is_none_or(|open| open.contains(&field))
    }
}

fn of_answers(answers: &DraftAnswers) -> CounterForm {
    let AddressForm { postcode, prefecture, municipality, line1, line2 } =
        answers.address.as_ref().map(address::of_address).unwrap_or_default();
    let BirthForm { year, month, day } = answers.birth.map(|birth| birth::of_date(birth.date())).unwrap_or_default();
    let delivery = answers.delivery.map_or("", |delivery| match delivery {
        Delivery::Electronic => "electronic",
        Delivery::Paper => "paper",
    });
    CounterForm {
        category: answers.category.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: answers.name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        kana: answers.kana.as_ref().map(|kana| kana.as_str().to_owned()).unwrap_or_default(),
        year,
        month,
        day,
        postcode,
        prefecture,
        municipality,
        line1,
        line2,
        phone: answers.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
        email: answers.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        no_email: if answers.has_no_email() { "yes" } else { "" }.to_owned(),
        branch: answers.branch.as_ref().map(ToString::to_string).unwrap_or_default(),
        delivery: delivery.to_owned(),
        plastic_card: if answers.plastic_card { "yes" } else { "" }.to_owned(),
    }
}

fn draw(
    layout: Layout,
    (rules, scope): (&LibraryRules, &Scope),
    slip: Option<&Draft>,
    input: CounterForm,
    errors: FieldErrors,
) -> CounterPage {
    let category = |category: &crate::domain::library::Category| Choice {
        code: category.code.to_string(),
        label: category.label.as_str().to_owned(),
    };
    let branch = |branch: &crate::domain::library::Branch| Choice {
        code: branch.code.to_string(),
        label: branch.name.as_str().to_owned(),
    };
    CounterPage {
        layout,
        errors,
        input,
        slip: String::new(),
        reference: slip.map(|draft| draft.application.reference.to_string()),
        open: slip.and_then(Draft::open_fields),
        categories: rules.categories.iter().map(category).collect(),
        branches: rules.branches.iter().filter(|branch| scope.covers(Some(&branch.code))).map(branch).collect(),
        prefectures: address::prefectures(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap()
    }

    fn visitor() -> CounterForm {
        let typed = |text: &str| text.to_owned();
        CounterForm {
            category: typed("resident"),
            name: typed("姫路　花子"),
            kana: typed("ひめじ はなこ"),
            year: typed("2013"),
            month: typed("4"),
            day: typed("1"),
            postcode: typed("670-0012"),
            prefecture: typed("28"),
            municipality: typed("姫路市"),
            line1: typed("本町68"),
            email: typed("hanako@example.jp"),
            branch: typed("jonai"),
            delivery: typed("paper"),
            ..CounterForm::default()
        }
    }

    #[test]
    fn what_is_typed_is_read_as_the_applicants_own_pages_read_it_and_written_back() {
        let answers = read(&visitor(), (&rules(), &Scope::Library), date!(2026 - 11 - 20)).unwrap();
        assert_eq!(answers.first_unanswered(&rules()), Some(crate::domain::answers::Question::Consent));
        assert_eq!(answers.kana.as_ref().unwrap().as_str(), "ヒメジ　ハナコ");
        let again = of_answers(&answers);
        assert_eq!(read(&again, (&rules(), &Scope::Library), date!(2026 - 11 - 20)).unwrap(), answers);
    }

    #[test]
    fn a_visitor_without_an_address_is_told_on_paper() {
        let read = |form: &CounterForm| read(form, (&rules(), &Scope::Library), date!(2026 - 11 - 20));
        let nobody = CounterForm { email: String::new(), no_email: "yes".into(), ..visitor() };
        let answers = read(&nobody).unwrap();
        assert!(answers.has_no_email() && answers.email.is_none() && !answers.email_confirmed);
        assert_eq!(read(&of_answers(&answers)).unwrap(), answers);
        assert_eq!(answers.first_unanswered(&rules()), Some(crate::domain::answers::Question::Consent));
        assert!(read(&CounterForm { delivery: "electronic".into(), ..nobody.clone() }).unwrap_err().has("delivery"));
        assert!(read(&CounterForm { no_email: "yes".into(), ..visitor() }).unwrap_err().has("email"));
        assert!(read(&CounterForm { no_email: String::new(), ..nobody }).unwrap_err().has("email"));
    }

    #[test]
    fn what_was_not_asked_about_stays_whatever_is_sent() {
        let kept = visitor();
        let sent = CounterForm { name: "試験　太郎".into(), line1: "本町1".into(), ..CounterForm::default() };
        let both = sent.kept_to(&[Field::Name].into(), kept.clone());
        assert_eq!((both.name.as_str(), both.kana.as_str()), ("試験　太郎", ""));
        assert_eq!(CounterForm { name: kept.name.clone(), kana: kept.kana.clone(), ..both }, kept);
    }

    #[test]
    fn whoever_works_at_one_branch_enters_for_that_branch() {
        let (rules, jonai) = (rules(), Scope::Branches(vec!["jonai".parse().unwrap()]));
        assert!(read(&visitor(), (&rules, &jonai), date!(2026 - 11 - 20)).is_ok());
        let elsewhere = CounterForm { branch: "aboshi".into(), ..visitor() };
        let errors = read(&elsewhere, (&rules, &jonai), date!(2026 - 11 - 20)).unwrap_err();
        assert!(errors.has("branch"));
        let page = draw(Layout::sample(), (&rules, &jonai), None, elsewhere, errors).render().unwrap();
        assert!(page.contains("value=\"jonai\"") && !page.contains("value=\"aboshi\""));
    }

    #[test]
    fn each_fault_stands_at_its_box() {
        let errors = read(&CounterForm::default(), (&rules(), &Scope::Library), date!(2026 - 11 - 20)).unwrap_err();
        for field in ["category", "name", "kana", "year", "postcode", "branch", "email", "delivery"] {
            assert!(errors.has(field), "{field}");
        }
        let page = draw(Layout::sample(), (&rules(), &Scope::Library), None, visitor(), errors).render().unwrap();
        for field in ["category", "name", "kana", "year", "postcode", "branch", "email", "delivery"] {
            assert!(
                page.contains(&format!("id=\"{field}\"")) && page.contains(&format!("href=\"#{field}\"")),
                "{field}"
            );
        }
        assert!(page.contains("value=\"姫路　花子\""));
    }
}
