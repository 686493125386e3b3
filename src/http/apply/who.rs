//! May this person use the library? The answer begins a draft.

use super::applicant::{Applicant, Frame, Origin, next};
use super::elsewhere::Why;
use crate::domain::answers::Question;
use crate::domain::card_holder::CardHolder;
use crate::domain::library::{CategoryCode, Ineligible, LibraryRules};
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::service::apply::Answer;
use crate::words::{AsWritten, Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The value of the choice that is none of the library's categories.
const NONE_OF_THESE: &str = "none-of-these";

/// The age of those for whom a guardian applies.
const CHILD: &str = "child";

/// The choices as sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct WhoForm {
    category: String,
    age: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/who.html")]
struct WhoPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: WhoForm,
    choices: Vec<Choice>,
    minimum_age: u32,
    /// Below which age a guardian applies; 0 if never.
    child_below: u32,
}

struct Choice {
    id: String,
    value: String,
    label: Phrase,
    hint: AsWritten,
}

/// Asks.
pub(in crate::http) async fn show(
    here: Here,
    applicant: Result<Applicant, Error>,
    origin: web::Query<Origin>,
) -> Result<HttpResponse, Error> {
    let applicant = origin.own_draft(applicant)?;
    if let Some(applicant) = &applicant {
        applicant.has_come_to(Question::Who)?;
    }
    let input = WhoForm {
        category: applicant
            .as_ref()
            .and_then(|applicant| applicant.draft.answers.category.as_ref())
            .map(ToString::to_string)
            .unwrap_or_default(),
        age: applicant.as_ref().map(|applicant| age_of(applicant.draft.answers.card_holder())).unwrap_or_default(),
    };
    page::ok(&draw(here, applicant.as_ref(), &origin, input, FieldErrors::none()))
}

/// Begins the draft, changes its category, or explains the way by the counter.
pub(in crate::http) async fn submit(
    here: Here,
    applicant: Result<Applicant, Error>,
    origin: web::Query<Origin>,
    form: CsrfForm<WhoForm>,
) -> Result<HttpResponse, Error> {
    let applicant = origin.own_draft(applicant)?;
    if let Some(applicant) = &applicant {
        applicant.has_come_to(Question::Who)?;
    }
    let rules = applicant.as_ref().map_or(&here.library.rules, |applicant| &applicant.draft.rules);
    let (category, holder) = match read(&form.input, rules) {
        Ok(Read::Category(category, holder)) => (category, holder),
        Ok(Read::Elsewhere(why)) => return Ok(page::see_other(why.url(&here.urls))),
        Err(errors) => return page::again(&draw(here, applicant.as_ref(), &origin, form.input, errors)),
    };
    let location = next(&here.urls, &Question::ALL, Question::Who, &origin);
    if let Some(applicant) = applicant {
        applicant.answer(Answer::Category(category, holder)).await?;
        return Ok(applicant.next_after(Question::Who, &origin));
    }
    let once = here.once(form.once, "apply/who", location.clone());
    let token = here.visit.token();
    let fresh = here.portal.start_application(&here.library, &token, category, holder, here.language(), &once).await?;
    here.visit.become_session(fresh);
    Ok(page::see_other(location))
}

enum Read {
    Category(CategoryCode, CardHolder),
    Elsewhere(Why),
}

fn read(input: &WhoForm, rules: &LibraryRules) -> Result<Read, FieldErrors> {
    let mut errors = FieldErrors::none();
    let category = rules.categories.iter().find(|category| category.code.as_str() == input.category);
    if category.is_none() && input.category != NONE_OF_THESE {
        errors.add("category", Words::default().apply_who_category_missing());
    }
    let holder = match input.age.as_str() {
        "yes" | "no" => CardHolder::Applicant,
        CHILD if rules.guardians_apply() => CardHolder::Children,
        _ => {
            errors.add("age", Words::default().apply_who_age_missing(lowest_age(rules)));
            CardHolder::Applicant
        }
    };
    match category {
        _ if !errors.is_empty() => Err(errors),
        _ if input.age == "no" => Ok(Read::Elsewhere(Why::Age)),
        Some(category) if !category.online => Ok(Read::Elsewhere(Why::from(Ineligible::CounterOnly))),
        Some(category) => Ok(Read::Category(category.code.clone(), holder)),
        None => Ok(Read::Elsewhere(Why::Category)),
    }
}

fn age_of(holder: CardHolder) -> String {
    match holder {
        CardHolder::Applicant => "yes",
        CardHolder::Children => CHILD,
    }
    .to_owned()
}

/// The age below which no category lets anybody apply online.
fn lowest_age(rules: &LibraryRules) -> u32 {
    rules.categories.iter().map(|category| rules.minimum_age_in(category)).min().unwrap_or(rules.minimum_age)
}

fn draw(here: Here, applicant: Option<&Applicant>, origin: &Origin, input: WhoForm, errors: FieldErrors) -> WhoPage {
    let frame = applicant.map_or_else(
        || Frame::of_first(here.layout.words, &here.urls, Procedure::NewCard),
        |applicant| applicant.frame(Question::Who, origin),
    );
    let rules = applicant.map_or(&here.library.rules, |applicant| &applicant.draft.rules);
    let minimum_age = lowest_age(rules);
    let child_below = if rules.guardians_apply() { rules.guardian.signs_below_age } else { 0 };
    let words = here.layout.words;
    let mut choices: Vec<Choice> = rules
        .categories
        .iter()
        .map(|category| Choice {
            id: format!("category-{}", category.code),
            value: category.code.to_string(),
            label: words.say(&category.label),
            hint: category.hint.as_ref().map(AsWritten::from).unwrap_or_default(),
        })
        .collect();
    choices.push(Choice {
        id: "category-none".into(),
        value: NONE_OF_THESE.into(),
        label: words.apply_who_none_of_these(),
        hint: AsWritten::default(),
    });
    // The summary of errors links to the group's first control.
    if let Some(first) = choices.first_mut() {
        "category".clone_into(&mut first.id);
    }
    WhoPage { layout: here.layout, frame, errors, input, choices, minimum_age, child_below }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(input: WhoForm, errors: FieldErrors) -> String {
        let choices = vec![
            Choice {
                id: "category".into(),
                value: "resident".into(),
                label: "市内に住んでいる".into(),
                hint: AsWritten::default(),
            },
            Choice {
                id: "category-x".into(),
                value: "x".into(),
                label: "通っている".into(),
                hint: "通勤・通学".into(),
            },
        ];
        let frame = Frame::sample(Question::Who);
        WhoPage { layout: Layout::sample(), frame, errors, input, choices, minimum_age: 15, child_below: 15 }
            .render()
            .unwrap()
    }

    #[test]
    fn nothing_is_chosen_beforehand() {
        assert!(!drawn(WhoForm::default(), FieldErrors::none()).contains(" checked"));
    }

    #[test]
    fn a_rejected_page_keeps_the_choice_and_names_the_fault_twice() {
        let input = WhoForm { category: "x".into(), age: String::new() };
        let page = drawn(input, FieldErrors::one("age", "15歳以上かどうかを選んでください"));
        assert_eq!(page.matches(" checked").count(), 1);
        assert_eq!(page.matches("15歳以上かどうかを選んでください").count(), 2);
        assert!(page.contains("<title>エラー：図書館を使える方ですか｜"));
        assert!(page.contains("href=\"#age\"") && page.contains("id=\"age\""));
    }
}
