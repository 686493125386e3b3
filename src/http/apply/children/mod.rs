//! The children for whom a guardian applies, and what the guardian is to them.

pub(in crate::http) mod one;

use super::applicant::{Applicant, Frame, Origin};
use crate::domain::answers::Question;
use crate::domain::guardianship::{Child, DraftGuardianship};
use crate::domain::library::{LibraryRules, RelationCode};
use crate::http::error::Error;
use crate::http::filters::Birth;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::urls::Urls;
use crate::service::apply::Answer;
use crate::words::{AsTyped, AsWritten, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The choice as sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct RelationForm {
    relation: String,
}

/// The list.
#[derive(Template)]
#[template(path = "apply/children.html")]
struct ChildrenPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: RelationForm,
    relations: Vec<RelationChoice>,
    children: Vec<ChildLine>,
    /// Where one more child is entered, unless there are as many as the rules let in.
    add_url: Option<String>,
    most: u32,
}

struct RelationChoice {
    id: String,
    value: String,
    label: AsWritten,
}

struct ChildLine {
    name: AsTyped,
    birth: Birth,
    url: String,
}

/// Lists them.
pub(in crate::http) async fn show(applicant: Applicant, origin: web::Query<Origin>) -> Result<HttpResponse, Error> {
    let guardianship = part_of(&applicant)?;
    let input = RelationForm { relation: guardianship.relation.map(|code| code.to_string()).unwrap_or_default() };
    let input = applicant.left(Question::Children).unwrap_or(input);
    page::ok(&draw(applicant, &origin, input, FieldErrors::none()))
}

/// Saves the relation and leads on, once there is a child.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    origin: web::Query<Origin>,
    form: TextForm<RelationForm>,
) -> Result<HttpResponse, Error> {
    let guardianship = part_of(&applicant)?;
    if let Some(page) = form.later() {
        return applicant.leave(Question::Children, page).await;
    }
    match form.checked(read(&form.input, &guardianship, &applicant.draft.rules)) {
        Ok(relation) => {
            applicant.answer(Answer::Relation(relation)).await?;
            Ok(applicant.next_after(Question::Children, &origin))
        }
        Err(errors) => page::again(&draw(applicant, &origin, form.input, errors)),
    }
}

/// Leads to the list, where a child is taken out by a button.
pub(in crate::http) async fn lead_there(applicant: Applicant) -> HttpResponse {
    page::see_other(applicant.here.urls.apply_children())
}

/// The guardian's part of the draft; whoever applies for themselves is not asked.
fn part_of(applicant: &Applicant) -> Result<DraftGuardianship, Error> {
    applicant.has_come_to(Question::Children)?;
    let part = applicant.draft.answers.guardianship.clone();
    part.ok_or_else(|| Error::SeeOther(applicant.here.urls.apply_contact()))
}

fn read(
    input: &RelationForm,
    guardianship: &DraftGuardianship,
    rules: &LibraryRules,
) -> Result<RelationCode, FieldErrors> {
    let mut errors = FieldErrors::none();
    let known = rules.guardian.relations.iter().find(|relation| relation.code.as_str() == input.relation);
    if known.is_none() {
        errors.add("relation", Words::default().apply_child_relation_missing());
    }
    if guardianship.children.is_empty() {
        errors.add("children", Words::default().apply_child_missing());
    }
    known.filter(|_| errors.is_empty()).map(|relation| relation.code.clone()).ok_or(errors)
}

fn draw(applicant: Applicant, origin: &Origin, input: RelationForm, errors: FieldErrors) -> ChildrenPage {
    let frame = applicant.frame(Question::Children, origin);
    let (urls, rules) = (&applicant.here.urls, &applicant.draft.rules);
    let children = applicant.draft.answers.guardianship.as_ref().map_or(&[][..], |part| &part.children);
    ChildrenPage {
        frame,
        errors,
        input,
        relations: relations(rules),
        children: (1..).zip(children).map(|(number, child)| ChildLine::of(number, child, urls)).collect(),
        add_url: (children.len() < rules.guardian.children_at_once as usize)
            .then(|| urls.apply_child(children.len() + 1)),
        most: rules.guardian.children_at_once,
        layout: applicant.here.layout,
    }
}

fn relations(rules: &LibraryRules) -> Vec<RelationChoice> {
    let choice = |(place, relation): (usize, &crate::domain::library::Relation)| RelationChoice {
        // The summary of errors links to the group's first control.
        id: if place == 0 { "relation".to_owned() } else { format!("relation-{}", relation.code) },
        value: relation.code.to_string(),
        label: (&relation.label).into(),
    };
    rules.guardian.relations.iter().enumerate().map(choice).collect()
}

impl ChildLine {
    fn of(number: usize, child: &Child, urls: &Urls) -> Self {
        Self { name: child.name.as_str().into(), birth: Birth(child.birth), url: urls.apply_child(number) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../../../deploy/libraries/himeji.toml")).unwrap()
    }

    #[test]
    fn a_relation_and_a_child_are_both_asked_for() {
        let nobody = DraftGuardianship::default();
        let errors = read(&RelationForm::default(), &nobody, &rules()).unwrap_err();
        assert!(errors.has("relation") && errors.has("children"));
        let page = ChildrenPage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Children),
            errors,
            input: RelationForm::default(),
            relations: relations(&rules()),
            children: Vec::new(),
            add_url: Some("/aozora/ja/apply/children/1".into()),
            most: 5,
        };
        let page = page.render().unwrap();
        assert!(page.contains("href=\"#children\"") && page.contains("id=\"children\""));
        assert!(page.contains("href=\"#relation\"") && page.contains("id=\"relation\""));
        assert!(page.contains("未成年後見人") && page.contains("5人まで"));
    }
}
