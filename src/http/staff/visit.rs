//! A visitor at the counter: their draft, and the documents that a member of staff looks at.

use super::signed_in::SignedInStaff;
use super::{Named, counter};
use crate::domain::answers::{Delivery, Question};
use crate::domain::library::{DayFault, EvidenceKind, EvidenceValidity, Relation};
use crate::domain::reference::Reference;
use crate::domain::visit::SightedDocument;
use crate::http::apply::answers_list::{self, Row};
use crate::http::apply::documents::wording;
use crate::http::asked::AskedLine;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::procedure_wording::makes_card;
use crate::service;
use crate::service::apply::Draft;
use crate::service::visit::Visit;
use crate::words::Words;
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
    /// None if the slip says it.
    delivery: Option<DeliveryBox>,
    /// Who may come along with a child; empty for everybody else.
    guardians: Vec<Choice>,
    consents: Vec<String>,
    consented: bool,
}

/// The way of delivery, as chosen so far.
struct DeliveryBox {
    chosen: String,
    /// None where no card is made.
    plastic_card: Option<bool>,
}

/// Somebody who may come along.
struct Choice {
    code: String,
    label: String,
    is_chosen: bool,
}

/// What was entered already.
#[derive(Template)]
#[template(path = "staff/visit_entered.html")]
struct EnteredPage {
    layout: Layout,
    reference: String,
    /// None for whoever may not open it.
    file_url: Option<String>,
}

struct KindBox {
    code: String,
    label: String,
    is_seen: bool,
    /// What the day on it is, and what was typed so far; none if no day matters.
    dated: Option<(&'static str, String)>,
    date_id: String,
}

/// Shows the draft and asks what was seen.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let draft = match here.portal.open_visit(&here.library, &staff.member, &named.reference).await {
        Err(service::Error::NotFound) => return show_entered(staff, &named.reference).await,
        draft => draft?,
    };
    let today = here.portal.clock.today();
    let kinds = kinds_of(&draft, today);
    page::ok(&draw(staff.here.layout, (&draft, today), &kinds, &VisitForm::default(), FieldErrors::none()))
}

/// Says that a visit was entered, to whoever has just done so, and to whoever scans the slip once more.
async fn show_entered(staff: SignedInStaff, reference: &Reference) -> Result<HttpResponse, Error> {
    let may_open = staff.here.portal.entered_visit(&staff.member, reference).await?.ok_or(Error::NotFound)?;
    let layout = staff.here.layout;
    let file_url = may_open.then(|| layout.urls.staff_application(reference));
    page::ok(&EnteredPage { reference: reference.to_string(), file_url, layout })
}

/// Enters the application, or says what is missing.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: CsrfForm<VisitForm>,
) -> Result<HttpResponse, Error> {
    let here = &staff.here;
    let location = here.urls.staff_visit(&named.reference);
    let once = here.once(form.once, "staff/visit", location.clone());
    let draft = match here.portal.open_visit(&here.library, &staff.member, &named.reference).await {
        Err(service::Error::NotFound) => return Err(here.portal.why_no_visit(&once).await.into()),
        draft => draft?,
    };
    let today = here.portal.clock.today();
    let kinds = kinds_of(&draft, today);
    let visit = match read(&form.input, (&draft, &kinds), today) {
        Ok(visit) => visit,
        Err(errors) => return page::again(&draw(staff.here.layout, (&draft, today), &kinds, &form.input, errors)),
    };
    match here.portal.enter_visit(&here.library, &staff.member, &named.reference, visit, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::Unanswered(Question::Documents)) => {
            let errors = FieldErrors::one("seen", "求められている書類が、たりません");
            page::again(&draw(staff.here.layout, (&draft, today), &kinds, &form.input, errors))
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

fn read(input: &VisitForm, (draft, kinds): (&Draft, &[EvidenceKind]), today: Date) -> Result<Visit, FieldErrors> {
    let mut errors = FieldErrors::none();
    let documents = documents(input, kinds, today).map_err(|faults| errors.extend(faults)).ok();
    let (answers, procedure) = (&draft.answers, draft.application.procedure);
    let delivery = match input.at("delivery") {
        _ if answers.delivery.is_some() => None,
        "electronic" => Some(Delivery::Electronic),
        "paper" => Some(Delivery::Paper),
        _ => {
            errors.add("delivery", "お知らせの受け取り方を選んでください");
            None
        }
    };
    let guardian = draft.rules.guardian.relations.iter().find(|one| one.code.as_str() == input.at("guardian"));
    let guardian = guardian.and_then(guardian_seen);
    if guardian.is_none() && draft.rules.wants_guardian_at_the_counter(procedure, answers, today) {
        errors.add("guardian", "保護者がいっしょに来て、同意したことを確かめてください");
    }
    if input.at("consent") != "yes" {
        errors.add("consent", "来館した方に、同意の文を読んでもらってください");
    }
    let plastic_card = makes_card(procedure) && input.at("plastic_card") == "yes";
    match documents {
        Some(documents) if errors.is_empty() => {
            Ok(Visit { documents, delivery: delivery.map(|delivery| (delivery, plastic_card)), guardian })
        }
        _ => Err(errors),
    }
}

/// What is kept of a guardian who has come along: nothing but the relation.
fn guardian_seen(relation: &Relation) -> Option<SightedDocument> {
    let label = format!("保護者の同席と同意（{}）", relation.label.as_str());
    Some(SightedDocument { kind: relation.code.as_str().parse().ok()?, label, dated: None })
}

fn documents(input: &VisitForm, kinds: &[EvidenceKind], today: Date) -> Result<Vec<SightedDocument>, FieldErrors> {
    let mut errors = FieldErrors::none();
    let mut documents = Vec::new();
    for kind in kinds.iter().filter(|kind| input.saw(kind)) {
        let typed = input.at(&date_id(kind));
        let day = Date::parse(typed.trim(), format_description!("[year]-[month]-[day]")).ok();
        match kind.shown(day, today) {
            Ok(_) => {}
            Err(DayFault::Missing) => {
                errors.add(date_id(kind), format!("{}の{}を入力してください", kind.label.as_str(), day_on(kind)));
            }
            Err(DayFault::Over { until }) => {
                let words = format!(
                    "{}は、{}で期限が過ぎています。ほかの書類を確かめてください",
                    kind.label.as_str(),
                    Day(until)
                );
                errors.add(date_id(kind), words);
            }
        }
        let dated = day.filter(|_| kind.asks_date());
        documents.push(SightedDocument { kind: kind.code.clone(), label: kind.label.as_str().to_owned(), dated });
    }
    if documents.is_empty() && !kinds.is_empty() {
        errors.add("seen", "確認した書類を選んでください");
    }
    if errors.is_empty() { Ok(documents) } else { Err(errors) }
}

/// What the day is that stands on a document.
const fn day_on(kind: &EvidenceKind) -> &'static str {
    match kind.valid_for {
        EvidenceValidity::OwnExpiry => "有効期限",
        EvidenceValidity::Unlimited
        | EvidenceValidity::Days(_)
        | EvidenceValidity::Months(_)
        | EvidenceValidity::Years(_) => "発行された日",
    }
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

fn guardians(draft: &Draft, input: &VisitForm, today: Date) -> Vec<Choice> {
    if !draft.rules.wants_guardian_at_the_counter(draft.application.procedure, &draft.answers, today) {
        return Vec::new();
    }
    let choice = |relation: &Relation| Choice {
        code: relation.code.to_string(),
        label: relation.label.as_str().to_owned(),
        is_chosen: input.at("guardian") == relation.code.as_str(),
    };
    draft.rules.guardian.relations.iter().map(choice).collect()
}

fn draw(
    layout: Layout,
    (draft, today): (&Draft, Date),
    kinds: &[EvidenceKind],
    input: &VisitForm,
    errors: FieldErrors,
) -> VisitPage {
    let box_of = |kind: &EvidenceKind| KindBox {
        code: kind.code.to_string(),
        label: kind.label.as_str().to_owned(),
        is_seen: input.saw(kind),
        dated: kind.asks_date().then(|| (day_on(kind), input.at(&date_id(kind)).to_owned())),
        date_id: date_id(kind),
    };
    let demands = draft.rules.asked_at_the_counter(draft.application.procedure, &draft.answers);
    VisitPage {
        corrections: draft
            .corrections
            .iter()
            .filter(|one| one.is_open())
            .map(|one| AskedLine::of(Words::default(), &one.item))
            .collect(),
        answers_url: counter::may_change(draft)
            .then(|| format!("{}/answers", layout.urls.staff_visit(&draft.application.reference))),
        layout,
        errors,
        reference: draft.application.reference.to_string(),
        rows: answers_list::of_draft(&draft.answers, &draft.rules),
        asked: demands.map(|demand| wording::of_demand(&demand.proves)).collect(),
        kinds: kinds.iter().map(box_of).collect(),
        delivery: draft.answers.delivery.is_none().then(|| DeliveryBox {
            chosen: input.at("delivery").to_owned(),
            plastic_card: makes_card(draft.application.procedure).then(|| input.at("plastic_card") == "yes"),
        }),
        guardians: guardians(draft, input, today),
        consents: draft.rules.consents.iter().map(|consent| consent.title.as_str().to_owned()).collect(),
        consented: input.at("consent") == "yes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::library::LibraryRules;
    use time::macros::date;

    fn kinds() -> Vec<EvidenceKind> {
        LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap().evidence
    }

    const TODAY: Date = date!(2026 - 11 - 20);

    #[test]
    fn a_document_with_a_day_needs_a_day_that_is_not_over() {
        let kinds = kinds();
        let dated = kinds.iter().find(|kind| kind.asks_date()).unwrap();
        let typed = |day: &str| {
            let fields = [(format!("seen-{}", dated.code), "yes"), (date_id(dated), day)];
            VisitForm(fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect())
        };
        let seen = documents(&typed("2030-05-01"), &kinds, TODAY).unwrap();
        assert_eq!((seen.len(), seen[0].dated.is_some()), (1, true));
        for day in ["5月", "2026-11-19"] {
            assert!(documents(&typed(day), &kinds, TODAY).unwrap_err().has(&date_id(dated)), "{day}");
        }
        assert!(documents(&typed("2026-11-20"), &kinds, TODAY).is_ok());
        assert!(documents(&VisitForm::default(), &kinds, TODAY).unwrap_err().has("seen"));
    }
}
