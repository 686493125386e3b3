//! The templates of one kind, to be put into a box that is being written.

use super::signed_in::SignedInStaff;
use super::templates::titled;
use crate::domain::language::Language;
use crate::domain::reference::Reference;
use crate::domain::template::{Template, TemplateKind};
use crate::http::error::Error;

/// What may be chosen, and what is.
#[derive(Default)]
pub(super) struct TemplateChoice {
    pub(super) offered: Vec<Offered>,
    pub(super) chosen: String,
}

/// A text to begin with.
pub(super) struct Offered {
    pub(super) id: String,
    pub(super) title: String,
}

impl TemplateChoice {
    /// The templates of a kind that are in use, first those in the language in which they will be read.
    pub(super) async fn of(
        staff: &SignedInStaff,
        kind: TemplateKind,
        language: Language,
        chosen: &str,
    ) -> Result<Self, Error> {
        let mut templates = staff.here.portal.templates(&staff.member).await?;
        templates.retain(|template| is_offered(template, kind));
        put_first(&mut templates, language);
        Ok(Self { offered: templates.iter().map(Offered::of).collect(), chosen: chosen.to_owned() })
    }
}

impl Offered {
    pub(super) fn of(template: &Template) -> Self {
        Self { id: template.id.to_string(), title: titled(template) }
    }
}

/// The others keep their order.
fn put_first(templates: &mut [Template], language: Language) {
    templates.sort_by_key(|template| template.language != language);
}

pub(super) fn is_offered(template: &Template, kind: TemplateKind) -> bool {
    template.kind == kind && !template.is_retired
}

/// The words of the template that was chosen, about this application; `None` if none was.
pub(super) async fn words(
    staff: &SignedInStaff,
    kind: TemplateKind,
    chosen: &str,
    reference: &Reference,
) -> Result<Option<String>, Error> {
    let templates = staff.here.portal.templates(&staff.member).await?;
    let template = templates.iter().find(|one| one.id.to_string() == chosen && is_offered(one, kind));
    Ok(template.map(|template| template.body.filled(&reference.to_string(), staff.here.library.rules.name.as_str())))
}

/// What was typed, and the template after it: nothing typed is lost.
pub(super) fn appended(typed: &str, words: &str) -> String {
    match typed.trim_end() {
        "" => words.to_owned(),
        typed => format!("{typed}\n\n{words}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{LibraryId, StaffId, TemplateId};
    use time::macros::datetime;

    #[test]
    fn templates_in_the_readers_language_come_first_and_name_it() {
        let at = datetime!(2026-11-20 05:31 UTC);
        let template = |title: &str, language| Template {
            id: TemplateId::new(at),
            version: 1,
            library_id: LibraryId::new(at),
            kind: TemplateKind::Decline,
            language,
            title: title.parse().unwrap(),
            body: "x".parse().unwrap(),
            is_retired: false,
            saved_by: StaffId::new(at),
            saved_at: at,
        };
        let mut templates =
            [template("い", Language::Ja), template("ろ", Language::JaSimple), template("は", Language::En)];
        put_first(&mut templates, Language::En);
        let titles = templates.each_ref().map(|template| Offered::of(template).title);
        assert_eq!(titles, ["は（英語）", "い", "ろ（やさしい日本語）"]);
    }

    #[test]
    fn a_template_comes_after_what_was_typed() {
        assert_eq!(appended(" \n", "ひな形"), "ひな形");
        assert_eq!(appended("書きかけ\n", "ひな形"), "書きかけ\n\nひな形");
    }
}
