//! Templates of texts: all of them, and a new one.

use super::signed_in::SignedInStaff;
use super::their_letter::name_of;
use super::wording::{self, of_template_kind};
use crate::domain::language::Language;
use crate::domain::template::{InvalidTemplate, Template, TemplateBody, TemplateKind, TemplateTitle};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::service::templates::TemplateText;
use actix_web::HttpResponse;
use serde::Deserialize;

/// A template, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TemplateForm {
    #[serde(default)]
    pub(super) kind: String,
    /// Empty for Japanese.
    #[serde(default)]
    pub(super) language: String,
    pub(super) title: String,
    pub(super) body: String,
    /// The version that was seen; empty for a new one.
    #[serde(default)]
    pub(super) version: String,
    /// `retire` if that button was pressed.
    #[serde(default)]
    pub(super) press: String,
}

/// All templates.
#[derive(askama::Template)]
#[template(path = "staff/templates.html")]
struct TemplatesPage {
    layout: Layout,
    errors: FieldErrors,
    groups: Vec<Group>,
    kinds: Vec<(&'static str, &'static str)>,
    languages: Vec<(&'static str, &'static str)>,
    input: TemplateForm,
}

struct Group {
    label: &'static str,
    templates: Vec<Line>,
}

struct Line {
    title: String,
    url: String,
    is_retired: bool,
}

/// Shows all templates.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    let templates = staff.here.portal.templates(&staff.member).await?;
    page::ok(&draw(staff.here.layout, &templates, TemplateForm::default(), FieldErrors::none()))
}

/// Keeps a new one.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: TextForm<TemplateForm>) -> Result<HttpResponse, Error> {
    let read = form.checked(form.input.text());
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_templates();
    let once = staff.here.once(once, "staff/templates", location.clone());
    match read {
        Ok(text) => {
            staff.here.portal.save_template(&staff.member, None, text, &once).await?;
            Ok(page::see_other(location))
        }
        Err(errors) => {
            let templates = staff.here.portal.templates(&staff.member).await?;
            page::again(&draw(staff.here.layout, &templates, input, errors))
        }
    }
}

impl TemplateForm {
    /// What the version is to say.
    pub(super) fn text(&self) -> Result<TemplateText, FieldErrors> {
        let mut errors = FieldErrors::none();
        let kind = self.kind.parse::<TemplateKind>();
        let kind = kind.map_err(|_| errors.add("kind", "何に使うひな形かを選んでください")).ok();
        let title = self.title.parse::<TemplateTitle>();
        let title = title.map_err(|invalid| errors.add("title", words("名前", &invalid))).ok();
        let body = self.body.parse::<TemplateBody>();
        let body = body.map_err(|invalid| errors.add("body", words("文", &invalid))).ok();
        let language = if self.language.is_empty() { Ok(Language::Ja) } else { self.language.parse() };
        let language = language.map_err(|_| errors.add("language", "文の言語を選んでください")).ok();
        match (kind, language, title, body) {
            (Some(kind), Some(language), Some(title), Some(body)) => {
                Ok(TemplateText { kind, language, title, body, is_retired: self.press == "retire" })
            }
            _ => Err(errors),
        }
    }
}

fn words(what: &str, invalid: &InvalidTemplate) -> String {
    match invalid {
        InvalidTemplate::Empty => format!("{what}を入力してください"),
        InvalidTemplate::TooLong(most) => format!("{what}は{most}文字までです"),
        InvalidTemplate::UnknownVariable(name) => {
            format!("「{{{name}}}」は使えません。使えるのは {{reference}} と {{library}} だけです")
        }
        InvalidTemplate::LoneBrace => "「{」と「}」は、組にして使ってください".to_owned(),
    }
}

/// The kinds, for choosing.
pub(super) fn kinds() -> Vec<(&'static str, &'static str)> {
    TemplateKind::ALL.map(|kind| (kind.as_str(), of_template_kind(kind))).to_vec()
}

/// The languages, for choosing.
pub(super) fn languages() -> Vec<(&'static str, &'static str)> {
    Language::ALL.map(|language| (language.as_str(), name_of(language).unwrap_or("日本語"))).to_vec()
}

/// A template as staff choose it: with its language, if that is not theirs.
pub(super) fn titled(template: &Template) -> String {
    match name_of(template.language) {
        Some(language) => format!("{}（{language}）", template.title.as_str()),
        None => template.title.as_str().to_owned(),
    }
}

fn draw(layout: Layout, templates: &[Template], input: TemplateForm, errors: FieldErrors) -> TemplatesPage {
    let groups = TemplateKind::ALL.into_iter().map(|kind| Group {
        label: of_template_kind(kind),
        templates: templates
            .iter()
            .filter(|template| template.kind == kind)
            .map(|template| Line {
                title: titled(template),
                url: layout.urls.staff_template(template.id),
                is_retired: template.is_retired,
            })
            .collect(),
    });
    TemplatesPage { groups: groups.collect(), kinds: kinds(), languages: languages(), errors, input, layout }
}

#[cfg(test)]
mod tests {
    use super::*;
    use askama::Template as _;

    #[test]
    fn an_unknown_variable_is_named_and_nothing_typed_is_lost() {
        let input = TemplateForm {
            kind: "decline".into(),
            title: "住所".into(),
            body: "{name} 様".into(),
            ..TemplateForm::default()
        };
        let errors = input.text().unwrap_err();
        let page = draw(Layout::sample(), &[], input, errors).render().unwrap();
        assert!(page.contains("「{name}」は使えません") && page.contains("{name} 様</textarea>"), "{page}");
    }
}
