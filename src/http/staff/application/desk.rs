//! What lies around a file on a reviewer's desk: templates, colleagues, the files beside it, what was typed.

use crate::domain::template::TemplateKind;
use crate::http::error::Error;
use crate::http::staff::queue::View;
use crate::http::staff::signed_in::SignedInStaff;
use crate::http::staff::template_choice::{Offered, TemplateChoice};
use crate::service::review::{Neighbours, QueueView, ReviewFile};

/// What the forms beside the decision were sent with.
#[derive(Debug, Clone, Default)]
pub(in crate::http::staff) struct Typed {
    pub(in crate::http::staff) hold_until: String,
    pub(in crate::http::staff) hold_reason: String,
    pub(in crate::http::staff) colleague: String,
    pub(in crate::http::staff) question: String,
    pub(in crate::http::staff) opinion: String,
    pub(in crate::http::staff) memo: String,
    pub(in crate::http::staff) take_over_reason: String,
    pub(in crate::http::staff) reopen_reason: String,
    pub(in crate::http::staff) effect: String,
    pub(in crate::http::staff) refusal_reason: String,
    /// The kind of a document, and the day that stands on it.
    pub(in crate::http::staff) proof_kind: String,
    pub(in crate::http::staff) proof_day: String,
    /// The number of the user-authentication certificate.
    pub(in crate::http::staff) number: String,
    /// The number of the applicant's card.
    pub(in crate::http::staff) card: String,
}

/// A colleague who could be asked.
pub(super) struct Colleague {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_here: bool,
}

/// What lies around the file.
#[derive(Default)]
pub(in crate::http::staff) struct Desk {
    pub(super) templates: Vec<Offered>,
    pub(super) colleagues: Vec<Colleague>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    /// The number of what to take on next, and where to press for it, once this one is decided.
    pub(super) next: Option<Next>,
    pub(in crate::http::staff) typed: Typed,
}

/// What to take on next.
pub(super) struct Next {
    pub(super) reference: String,
    pub(super) url: String,
    pub(super) claim_url: String,
}

impl Desk {
    /// Lays everything out. `view` is the list from which the file was opened, if it was.
    pub(in crate::http::staff) async fn laid(
        staff: &SignedInStaff,
        file: &ReviewFile,
        view: Option<&View>,
    ) -> Result<Self, Error> {
        let (portal, urls) = (&staff.here.portal, &staff.here.urls);
        let colleagues = portal.colleagues_for(&staff.member, &file.application).await?;
        let neighbours = match view {
            Some(view) => neighbours(staff, file, view).await?,
            None => Neighbours::default(),
        };
        let next = if file.application.state.is_final() || file.first_approval.is_some() {
            portal.next_to_review(&staff.member, &file.application).await?
        } else {
            None
        };
        let beside = |reference| view.map(|view| view.file_url(urls, reference));
        Ok(Self {
            templates: TemplateChoice::of(staff, TemplateKind::Decline, file.application.language, "").await?.offered,
            colleagues: colleagues
                .into_iter()
                .map(|(member, is_here)| Colleague { id: member.id.to_string(), name: member.name, is_here })
                .collect(),
            before: neighbours.before.as_ref().and_then(beside),
            after: neighbours.after.as_ref().and_then(beside),
            next: next.map(|reference| Next {
                url: urls.staff_application(&reference),
                claim_url: urls.staff_application_path(&reference, "/claim"),
                reference: reference.to_string(),
            }),
            // The number that was signed is the first guess.
            typed: Typed {
                card: file.about_card.as_ref().map(|about| about.request.card_number().to_string()).unwrap_or_default(),
                ..Typed::default()
            },
        })
    }

    /// The same with what was typed.
    pub(in crate::http::staff) fn with(self, typed: Typed) -> Self {
        let card = if typed.card.is_empty() { self.typed.card } else { typed.card };
        Self { typed: Typed { card, ..typed }, ..self }
    }
}

async fn neighbours(staff: &SignedInStaff, file: &ReviewFile, view: &View) -> Result<Neighbours, Error> {
    let Ok(searches) = view.searches() else { return Ok(Neighbours::default()) };
    let filter = view.filter();
    let tab = view.part(&staff.here.library, staff.now());
    let looked = QueueView { tab, filter: &filter, search: searches.first(), walk: view.walk() };
    Ok(staff.here.portal.neighbours(&staff.member, &looked, &file.application).await?)
}
