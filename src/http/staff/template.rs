//! One template with its history.

use super::signed_in::SignedInStaff;
use super::templates::{TemplateForm, kinds, languages, titled};
use super::wording::{self, name_of};
use crate::domain::ids::TemplateId;
use crate::domain::staff::StaffMember;
use crate::domain::template::Template;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The template that an address is about.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct Chosen {
    template: String,
}

impl Chosen {
    fn id(&self) -> Result<TemplateId, Error> {
        self.template.parse().map_err(|_| Error::NotFound)
    }
}

/// The template.
#[derive(askama::Template)]
#[template(path = "staff/template.html")]
struct TemplatePage {
    layout: Layout,
    errors: FieldErrors,
    url: String,
    title: String,
    is_retired: bool,
    kinds: Vec<(&'static str, &'static str)>,
    languages: Vec<(&'static str, &'static str)>,
    /// The tag of the newest version's language.
    lang: &'static str,
    input: TemplateForm,
    preview: String,
    versions: Vec<Version>,
}

struct Version {
    number: u32,
    by: String,
    at: Moment,
    title: String,
    body: String,
    is_retired: bool,
}

/// Shows the template, as it would read, and its history.
pub(in crate::http) async fn show(staff: SignedInStaff, chosen: web::Path<Chosen>) -> Result<HttpResponse, Error> {
    let versions = staff.here.portal.template_versions(&staff.member, chosen.id()?).await?;
    let (_, colleagues) = staff.here.portal.absences(&staff.member).await?;
    page::ok(&draw(&staff, &versions, &colleagues, None, FieldErrors::none())?)
}

/// Keeps the next version, or offers the template no longer.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    chosen: web::Path<Chosen>,
    form: TextForm<TemplateForm>,
) -> Result<HttpResponse, Error> {
    let read = form.checked(form.input.text());
    let TextForm { input, once, .. } = form;
    let location = staff.here.urls.staff_template(chosen.id()?);
    let once = staff.here.once(once, "staff/template", location.clone());
    let seen = input.version.parse::<u32>().map_err(|_| Error::BadForm)?;
    match read {
        Ok(text) => {
            let known = Some((chosen.id()?, seen));
            staff.here.portal.save_template(&staff.member, known, text, &once).await?;
            Ok(page::see_other(location))
        }
        Err(errors) => {
            let versions = staff.here.portal.template_versions(&staff.member, chosen.id()?).await?;
            let (_, colleagues) = staff.here.portal.absences(&staff.member).await?;
            page::again(&draw(&staff, &versions, &colleagues, Some(input), errors)?)
        }
    }
}

fn draw(
    staff: &SignedInStaff,
    versions: &[Template],
    colleagues: &[StaffMember],
    input: Option<TemplateForm>,
    errors: FieldErrors,
) -> Result<TemplatePage, Error> {
    let newest = versions.first().ok_or(Error::NotFound)?;
    let input = input.unwrap_or_else(|| TemplateForm {
        kind: newest.kind.to_string(),
        language: newest.language.as_str().to_owned(),
        title: newest.title.as_str().to_owned(),
        body: newest.body.as_str().to_owned(),
        version: newest.version.to_string(),
        press: String::new(),
    });
    Ok(TemplatePage {
        url: staff.here.urls.staff_template(newest.id),
        title: titled(newest),
        is_retired: newest.is_retired,
        kinds: kinds(),
        languages: languages(),
        lang: newest.language.as_str(),
        preview: newest.body.filled("（申込番号）", staff.here.library.rules.name.as_str()),
        versions: versions
            .iter()
            .map(|version| Version {
                number: version.version,
                by: name_of(colleagues, version.saved_by),
                at: Moment(version.saved_at),
                title: version.title.as_str().to_owned(),
                body: version.body.as_str().to_owned(),
                is_retired: version.is_retired,
            })
            .collect(),
        errors,
        input,
        layout: staff.here.layout.clone(),
    })
}
