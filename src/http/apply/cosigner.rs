//! The guardian who signs as well: name, relation and address, asked before the young applicant signs.

use super::applicant::{Applicant, Frame};
use crate::domain::answers::Question;
use crate::domain::cosigning::CosignerNeed;
use crate::domain::guardianship::Cosigner;
use crate::domain::library::LibraryRules;
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::service::apply::Answer;
use crate::words::{AsWritten, Words};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The boxes as filled in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CosignerForm {
    pub(in crate::http) guardian_name: String,
    pub(in crate::http) relation: String,
    pub(in crate::http) guardian_email: String,
}

/// One way in which a guardian can be related.
pub(in crate::http) struct RelationChoice {
    pub(in crate::http) id: String,
    pub(in crate::http) value: String,
    pub(in crate::http) label: AsWritten,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/cosigner.html")]
struct CosignerPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: CosignerForm,
    relations: Vec<RelationChoice>,
    days: u32,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant) -> Result<HttpResponse, Error> {
    must_need_one(&applicant)?;
    let input = applicant.draft.answers.cosigner.as_ref().map(CosignerForm::of).unwrap_or_default();
    page::ok(&draw(applicant, input, FieldErrors::none()))
}

/// Saves it and leads to the page with all answers.
pub(in crate::http) async fn submit(applicant: Applicant, form: TextForm<CosignerForm>) -> Result<HttpResponse, Error> {
    must_need_one(&applicant)?;
    match form.checked(form.input.read(&applicant.draft.rules)) {
        Ok(cosigner) => {
            applicant.answer(Answer::Cosigner(cosigner)).await?;
            Ok(page::see_other(applicant.here.urls.apply_check()))
        }
        Err(errors) => page::again(&draw(applicant, form.input, errors)),
    }
}

fn must_need_one(applicant: &Applicant) -> Result<(), Error> {
    applicant.has_come_to(Question::Consent)?;
    match applicant.draft.answers.cosigner_need(&applicant.draft.rules, applicant.today()) {
        CosignerNeed::Guardian => Ok(()),
        CosignerNeed::None | CosignerNeed::TooYoung => Err(Error::SeeOther(applicant.here.urls.apply_check())),
    }
}

impl CosignerForm {
    /// What was said before.
    pub(in crate::http) fn of(cosigner: &Cosigner) -> Self {
        Self {
            guardian_name: cosigner.name.as_str().to_owned(),
            relation: cosigner.relation.to_string(),
            guardian_email: cosigner.email.as_str().to_owned(),
        }
    }

    /// Reads all three.
    pub(in crate::http) fn read(&self, rules: &LibraryRules) -> Result<Cosigner, FieldErrors> {
        let mut errors = FieldErrors::none();
        let name = errors.take("guardian_name", self.guardian_name.parse());
        let relation = rules.guardian.relations.iter().find(|relation| relation.code.as_str() == self.relation);
        if relation.is_none() {
            errors.add("relation", Words::default().apply_cosigner_relation_missing());
        }
        let email = errors.take("guardian_email", self.guardian_email.parse());
        match (name, relation, email) {
            (Some(name), Some(relation), Some(email)) => Ok(Cosigner { name, relation: relation.code.clone(), email }),
            _ => Err(errors),
        }
    }
}

/// What can be chosen; the summary of errors links to the first.
pub(in crate::http) fn relations(rules: &LibraryRules) -> Vec<RelationChoice> {
    let choice = |(place, relation): (usize, &crate::domain::library::Relation)| RelationChoice {
        id: if place == 0 { "relation".to_owned() } else { format!("relation-{}", relation.code) },
        value: relation.code.to_string(),
        label: (&relation.label).into(),
    };
    rules.guardian.relations.iter().enumerate().map(choice).collect()
}

fn draw(applicant: Applicant, input: CosignerForm, errors: FieldErrors) -> CosignerPage {
    CosignerPage {
        frame: applicant.frame_of_cosigner(),
        errors,
        input,
        relations: relations(&applicant.draft.rules),
        days: applicant.draft.rules.guardian.cosign_days,
        layout: applicant.here.layout,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, relation: &str, email: &str) -> CosignerForm {
        CosignerForm { guardian_name: name.into(), relation: relation.into(), guardian_email: email.into() }
    }

    #[test]
    fn all_three_are_needed_and_each_complaint_stands_at_its_field() {
        let rules = LibraryRules::parse(include_str!("../../../deploy/libraries/shiomi.toml")).unwrap();
        let errors = form("", "neighbour", "shiori").read(&rules).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.to_string()).collect();
        assert_eq!(fields, ["guardian_name", "relation", "guardian_email"]);
        let cosigner = form("潮見 汐里", "guardian", "shiori@example.jp").read(&rules).unwrap();
        assert_eq!(CosignerForm::of(&cosigner).relation, "guardian");
    }

    #[test]
    fn the_page_says_what_the_guardian_will_need() {
        let page = CosignerPage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Consent),
            errors: FieldErrors::one("relation", "選んでください"),
            input: form("潮見 汐里", "", "shiori@example.jp"),
            relations: vec![RelationChoice {
                id: "relation".into(), value: "guardian".into(), label: "保護者".into()
            }],
            days: 14,
        };
        let page = page.render().unwrap();
        for part in ["value=\"潮見 汐里\"", "14日以内", "マイナンバーカード", "id=\"relation-e\""] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains(" checked"), "nothing is chosen beforehand");
    }
}
