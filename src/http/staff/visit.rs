//! A visitor at the counter: their draft, and the documents that a member of staff looks at.

use super::signed_in::SignedInStaff;
use super::{Named, counter};
use crate::domain::answers::Question;
use crate::domain::library::EvidenceKind;
use crate::domain::visit::SightedDocument;
use crate::http::apply::answers_list::{self, Row};
use crate::http::apply::documents::wording;
use crate::http::asked::AskedLine;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service;
use crate::service::apply::Draft;
use crate::service::visit::Visit;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeMap;
use time::Date;
use time::macros::format_description;

/// What was seen, by the names of the boxes: `consent`, and for each kind of document `seen-…` and `dated-…`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(in crate::http) struct VisitForm(BTreeMap<String, String>);

/// The page.
#[derive(Template)]
#[template(path = "staff/visit.html")]
struct VisitPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    rows: Vec<Row>,
    /// What a reviewer asked to be put right.
    corrections: Vec<AskedLine>,
    /// None if nothing on the counter's form may be changed.
    answers_url: Option<String>,
    asked: Vec<String>,
    kinds: Vec<KindBox>,
    consents: Vec<String>,
    consented: bool,
}

struct KindBox {
    code: String,
    label: String,
    is_seen: bool,
    /// The day typed so far, if one stands on it.
    dated: Option<String>,
    date_id: String,
}

/// Shows the draft and asks what was seen.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let draft = here.portal.open_visit(&here.library, &staff.member, &named.reference).await?;
    let kinds = kinds_of(&draft, here.portal.clock.today());
    page::ok(&draw(staff.here.layout, &draft, &kinds, &VisitForm::default(), FieldErrors::none()))
}

/// Enters the application, or says what is missing.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<VisitForm>,
) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let once = here.once(form.once, "staff/visit", here.urls.staff_queue());
    let draft = match here.portal.open_visit(&here.library, &staff.member, &named.reference).await {
        Err(service::Error::NotFound) => return Err(here.portal.why_no_visit(&once).await.into()),
        draft => draft?,
    };
    let kinds = kinds_of(&draft, here.portal.clock.today());
    let documents = match read(&form.input, &kinds) {
        Ok(documents) => documents,
        Err(errors) => return page::again(&draw(staff.here.layout, &draft, &kinds, &form.input, errors)),
    };
    let visit = Visit { documents };
    match here.portal.enter_visit(&here.library, &staff.member, &named.reference, visit, &once).await {
        Ok(()) => Ok(page::see_other(here.urls.staff_queue())),
        Err(service::Error::Unanswered(Question::Documents)) => {
            let errors = FieldErrors::one("seen", "求められている書類が、たりないか、期限が過ぎています");
            page::again(&draw(staff.here.layout, &draft, &kinds, &form.input, errors))
        }
        Err(error) => Err(error.into()),
    }
}

/// The kinds of documents that prove what a visitor must prove, in the order of the rules.
fn kinds_of(draft: &Draft, today: Date) -> Vec<EvidenceKind> {
    let (rules, procedure) = (&draft.rules, draft.application.procedure);
    let is_asked = |kind: &EvidenceKind| {
        rules.asked_at_the_counter(procedure, &draft.answers).any(|demand| demand.is_met_by(kind))
    };
    rules.evidence.iter().filter(|kind| kind.is_accepted_on(today) && is_asked(kind)).cloned().collect()
}

fn read(input: &VisitForm, kinds: &[EvidenceKind]) -> Result<Vec<SightedDocument>, FieldErrors> {
    let mut errors = FieldErrors::none();
    let mut documents = Vec::new();
    for kind in kinds.iter().filter(|kind| input.saw(kind)) {
        let typed = input.at(&date_id(kind));
        let day = Date::parse(typed.trim(), format_description!("[year]-[month]-[day]")).ok();
        if kind.asks_date() && day.is_none() {
            errors.add(date_id(kind), format!("{}の日付を、2030-05-01 のように入力してください", kind.label));
        }
        let dated = day.filter(|_| kind.asks_date());
        documents.push(SightedDocument { kind: kind.code.clone(), label: kind.label.clone(), dated });
    }
    if documents.is_empty() && !kinds.is_empty() {
        errors.add("seen", "確認した書類を選んでください");
    }
    if input.at("consent") != "yes" {
        errors.add("consent", "来館した方に、同意の文を読んでもらってください");
    }
    if errors.is_empty() { Ok(documents) } else { Err(errors) }
}

fn date_id(kind: &EvidenceKind) -> String {
    format!("dated-{}", kind.code)
}

impl VisitForm {
    fn at(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    fn saw(&self, kind: &EvidenceKind) -> bool {
        self.at(&format!("seen-{}", kind.code)) == "yes"
    }
}

fn draw(layout: Layout, draft: &Draft, kinds: &[EvidenceKind], input: &VisitForm, errors: FieldErrors) -> VisitPage {
    let box_of = |kind: &EvidenceKind| KindBox {
        code: kind.code.to_string(),
        label: kind.label.clone(),
        is_seen: input.saw(kind),
        dated: kind.asks_date().then(|| input.at(&date_id(kind)).to_owned()),
        date_id: date_id(kind),
    };
    let demands = draft.rules.asked_at_the_counter(draft.application.procedure, &draft.answers);
    VisitPage {
        corrections: draft.corrections.iter().filter(|one| one.is_open()).map(|one| AskedLine::of(&one.item)).collect(),
        answers_url: counter::may_change(draft)
            .then(|| format!("{}/answers", layout.urls.staff_visit(&draft.application.reference))),
        layout,
        errors,
        reference: draft.application.reference.to_string(),
        rows: answers_list::of_draft(&draft.answers, &draft.rules),
        asked: demands.map(|demand| wording::of_demand(&demand.proves)).collect(),
        kinds: kinds.iter().map(box_of).collect(),
        consents: draft.rules.consents.iter().map(|consent| consent.title.clone()).collect(),
        consented: input.at("consent") == "yes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::library::LibraryRules;

    fn kinds() -> Vec<EvidenceKind> {
        LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap().evidence
    }

    #[test]
    fn a_document_with_a_day_needs_the_day_and_somebody_has_read_the_texts() {
        let kinds = kinds();
        let dated = kinds.iter().find(|kind| kind.asks_date()).unwrap();
        let typed = |day: &str, consent: &str| {
            let fields = [(format!("seen-{}", dated.code), "yes"), (date_id(dated), day), ("consent".into(), consent)];
            VisitForm(fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect())
        };
        let seen = read(&typed("2030-05-01", "yes"), &kinds).unwrap();
        assert_eq!((seen.len(), seen[0].dated.is_some()), (1, true));
        assert!(read(&typed("5月", "yes"), &kinds).unwrap_err().has(&date_id(dated)));
        assert!(read(&typed("2030-05-01", ""), &kinds).unwrap_err().has("consent"));
        assert!(read(&VisitForm::default(), &kinds).unwrap_err().has("seen"));
    }
}
