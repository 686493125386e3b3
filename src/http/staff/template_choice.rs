//! The templates of one kind, to be put into a box that is being written.

use super::signed_in::SignedInStaff;
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
    /// The templates of a kind that are in use.
    pub(super) async fn of(staff: &SignedInStaff, kind: TemplateKind, chosen: &str) -> Result<Self, Error> {
        let templates = staff.here.portal.templates(&staff.member).await?;
        let offered = templates.iter().filter(|template| is_offered(template, kind)).map(Offered::of).collect();
        Ok(Self { offered, chosen: chosen.to_owned() })
    }
}

impl Offered {
    pub(super) fn of(template: &Template) -> Self {
        Self { id: template.id.to_string(), title: template.title.as_str().to_owned() }
    }
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
    Ok(template.map(|template| template.body.filled(&reference.to_string(), &staff.here.library.rules.name)))
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

    #[test]
    fn a_template_comes_after_what_was_typed() {
        assert_eq!(appended(" \n", "ひな形"), "ひな形");
        assert_eq!(appended("書きかけ\n", "ひな形"), "書きかけ\n\nひな形");
    }
}
