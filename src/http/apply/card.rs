//! Which card, and the procedure's own details. The answer begins a draft.
//!
//! Whether the number is anybody's is not looked up here: that would tell strangers who has a card.

use super::applicant::{Applicant, Frame, Origin, changes_after, next};
use crate::domain::answers::Question;
use crate::domain::card_number::InvalidCardNumber;
use crate::domain::iso_date;
use crate::domain::library::{LibraryRules, ReissueReason};
use crate::domain::procedure::Procedure;
use crate::domain::request::{Changed, DraftRequest, Request};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Here, Layout};
use crate::http::procedure_wording as wording;
use crate::http::wording::Wording;
use crate::service::apply::Answer;
use crate::words::{AsWritten, Lang, Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::{Date, Duration};

/// The boxes as sent; which of them are on the page depends on the procedure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CardForm {
    number: String,
    facts: String,
    reason: String,
    lost_on: String,
    changed: Vec<String>,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/card.html")]
struct CardPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: CardForm,
    procedure: Procedure,
    /// True if nothing is begun yet: whoever has a card begins with less to type on My page.
    is_new: bool,
    title: Phrase,
    sentence: Phrase,
    fee: AsWritten,
    reasons: Vec<Choice>,
    changes: Vec<Choice>,
    latest: String,
}

/// One choice of a group; the first one has the id of the group, to which the summary of errors links.
struct Choice {
    id: String,
    value: &'static str,
    label: Phrase,
    hint: Phrase,
    is_chosen: bool,
}

/// The words in which something is found to be wrong.
const FOUND: Words = Words::new(Lang::Ja);

/// Whoever noticed a loss longer ago than this has mistyped the year.
const LONG_AGO: Duration = Duration::days(20 * 365);

/// Asks.
pub(in crate::http) async fn show(
    here: Here,
    applicant: Result<Applicant, Error>,
    origin: web::Query<Origin>,
) -> Result<HttpResponse, Error> {
    let applicant = origin.own_draft(applicant)?;
    let procedure = procedure_of(&here, applicant.as_ref(), &origin)?;
    let input = applicant.as_ref().map(|applicant| of_draft(&applicant.draft.answers.request)).unwrap_or_default();
    page::ok(&draw(here, applicant.as_ref(), procedure, &origin, input, FieldErrors::none()))
}

/// Begins the draft, or saves the answer.
pub(in crate::http) async fn submit(
    here: Here,
    applicant: Result<Applicant, Error>,
    origin: web::Query<Origin>,
    form: TextForm<CardForm>,
) -> Result<HttpResponse, Error> {
    let applicant = origin.own_draft(applicant)?;
    let procedure = procedure_of(&here, applicant.as_ref(), &origin)?;
    let rules = applicant.as_ref().map_or(&here.library.rules, |applicant| &applicant.draft.rules);
    let read = read(&form.input, procedure, rules, here.portal.clock.today());
    let read = read.and_then(|request| about_the_child(applicant.as_ref(), request));
    let request = match form.checked(read) {
        Ok(request) => request,
        Err(errors) => return page::again(&draw(here, applicant.as_ref(), procedure, &origin, form.input, errors)),
    };
    let location = if origin.is_check() {
        // All else is filled in: what has changed is not.
        changes_after(&here.urls, &request, Question::Card)
    } else {
        next(&here.urls, &Question::ALL, Question::Card, &origin)
    };
    if let Some(applicant) = applicant {
        applicant.answer(Answer::Request(request)).await?;
    } else {
        let once = here.once(form.once, "apply/card", location.clone());
        let (token, language) = (here.visit.token(), here.language());
        let fresh = here.portal.begin_procedure(&here.library, &token, request, language, &once).await?;
        here.visit.become_session(fresh);
    }
    Ok(page::see_other(location))
}

/// What a guardian has begun for one child is about that child's card, whatever is typed.
fn about_the_child(applicant: Option<&Applicant>, request: Request) -> Result<Request, FieldErrors> {
    let begun = applicant.map(|applicant| &applicant.draft.answers).filter(|answers| answers.by_guardian.is_some());
    match begun.and_then(|answers| answers.request.card_number()) {
        Some(number) if number != request.card_number() => Err(FieldErrors::one("number", FOUND.fault_card_child())),
        _ => Ok(request),
    }
}

/// What the page is about: what was begun, or what shall be. Without either, the list of procedures is shown.
fn procedure_of(here: &Here, applicant: Option<&Applicant>, origin: &Origin) -> Result<Procedure, Error> {
    let wanted = match applicant {
        Some(applicant) => Some(applicant.draft.application.procedure),
        None => origin.procedure().filter(|procedure| here.library.rules.offers(*procedure)),
    };
    wanted.filter(|procedure| procedure.needs_card()).ok_or_else(|| Error::SeeOther(here.urls.procedures()))
}

fn read(input: &CardForm, procedure: Procedure, rules: &LibraryRules, today: Date) -> Result<Request, FieldErrors> {
    let mut errors = FieldErrors::none();
    let number = errors.take("number", input.number.parse());
    let request = match procedure {
        // Nothing leads here: a new card has no card before it.
        Procedure::NewCard => None,
        Procedure::CardLink => number.map(|card_number| Request::CardLink { card_number }),
        Procedure::PasswordIssue => number.map(|card_number| Request::PasswordIssue { card_number }),
        Procedure::Renewal => {
            let facts_unchanged = read_facts(input, &mut errors);
            number
                .zip(facts_unchanged)
                .map(|(card_number, facts_unchanged)| Request::Renewal { card_number, facts_unchanged })
        }
        Procedure::Reissue => {
            let reason = read_reason(input, rules, &mut errors);
            let lost_on = read_lost_on(input, today, &mut errors).filter(|_| reason == Some(ReissueReason::Lost));
            number.zip(reason).map(|(card_number, reason)| Request::Reissue { card_number, reason, lost_on })
        }
        Procedure::Change => {
            let changed: Vec<Changed> =
                Changed::ALL.into_iter().filter(|fact| input.changed.iter().any(|one| one == fact.as_str())).collect();
            if changed.is_empty() {
                errors.add("changed", FOUND.apply_card_changed_missing());
            }
            number.map(|card_number| Request::Change { card_number, changed })
        }
    };
    request.filter(|_| errors.is_empty()).ok_or(errors)
}

fn read_facts(input: &CardForm, errors: &mut FieldErrors) -> Option<bool> {
    match input.facts.as_str() {
        "unchanged" => Some(true),
        "changed" => Some(false),
        _ => {
            errors.add("facts", FOUND.apply_card_facts_missing());
            None
        }
    }
}

fn read_reason(input: &CardForm, rules: &LibraryRules, errors: &mut FieldErrors) -> Option<ReissueReason> {
    let reason = ReissueReason::ALL.into_iter().find(|reason| reason.as_str() == input.reason);
    match reason {
        None => errors.add("reason", FOUND.apply_card_reason_missing()),
        Some(reason) if rules.reissue.terms(reason).counter_only => {
            errors.add("reason", FOUND.apply_card_reason_counter());
        }
        Some(_) => {}
    }
    reason
}

fn read_lost_on(input: &CardForm, today: Date, errors: &mut FieldErrors) -> Option<Date> {
    let text = input.lost_on.trim();
    if text.is_empty() {
        return None;
    }
    match iso_date::parse(text) {
        Some(day) if day < today.saturating_sub(LONG_AGO) => {
            errors.add("lost_on", FOUND.apply_card_lost_on_check());
            None
        }
        Some(day) if day <= today => Some(day),
        Some(_) => {
            errors.add("lost_on", FOUND.apply_card_lost_on_future());
            None
        }
        None => {
            errors.add("lost_on", FOUND.apply_card_lost_on_form());
            None
        }
    }
}

fn of_draft(request: &DraftRequest) -> CardForm {
    let number = request.card_number().map(|number| number.as_str().to_owned()).unwrap_or_default();
    let form = CardForm { number, ..CardForm::default() };
    match request.whole() {
        Some(Request::Renewal { facts_unchanged, .. }) => {
            CardForm { facts: if *facts_unchanged { "unchanged" } else { "changed" }.to_owned(), ..form }
        }
        Some(Request::Reissue { reason, lost_on, .. }) => CardForm {
            reason: reason.as_str().to_owned(),
            lost_on: lost_on.map(iso_date::written).unwrap_or_default(),
            ..form
        },
        Some(Request::Change { changed, .. }) => {
            CardForm { changed: changed.iter().map(|fact| fact.as_str().to_owned()).collect(), ..form }
        }
        Some(Request::CardLink { .. } | Request::PasswordIssue { .. }) | None => form,
    }
}

impl Wording for InvalidCardNumber {
    fn wording(&self) -> Phrase {
        match self {
            Self::Empty => FOUND.fault_card_empty(),
            Self::TooLong | Self::OtherSigns => FOUND.fault_card_form(),
        }
    }
}

fn choices<T: Copy>(
    group: &str,
    all: &[T],
    words: impl Fn(T) -> (&'static str, Phrase, Phrase),
    is_chosen: impl Fn(&str) -> bool,
) -> Vec<Choice> {
    let choice = |(at, one): (usize, &T)| {
        let (value, label, hint) = words(*one);
        let id = if at == 0 { group.to_owned() } else { format!("{group}-{value}") };
        Choice { id, value, label, hint, is_chosen: is_chosen(value) }
    };
    all.iter().enumerate().map(choice).collect()
}

fn hint_of(words: Words, reason: ReissueReason, rules: &LibraryRules) -> Phrase {
    if rules.reissue.terms(reason).counter_only {
        return words.apply_card_counter_only();
    }
    match reason {
        ReissueReason::Lost => words.apply_card_lost_stops(),
        ReissueReason::Damaged | ReissueReason::NameChanged => Phrase::default(),
    }
}

fn draw(
    here: Here,
    applicant: Option<&Applicant>,
    procedure: Procedure,
    origin: &Origin,
    input: CardForm,
    errors: FieldErrors,
) -> CardPage {
    let words = here.layout.words;
    let frame = applicant.map_or_else(
        || Frame::of_first(words, &here.urls, procedure),
        |applicant| applicant.frame(Question::Card, origin),
    );
    let rules = applicant.map_or(&here.library.rules, |applicant| &applicant.draft.rules);
    let reason_words =
        |reason: ReissueReason| (reason.as_str(), wording::of_reason(words, reason), hint_of(words, reason, rules));
    let change_words = |fact: Changed| (fact.as_str(), wording::of_changed(words, fact), Phrase::default());
    CardPage {
        frame,
        errors,
        procedure,
        is_new: applicant.is_none(),
        title: wording::title(words, procedure),
        sentence: wording::sentence(words, procedure),
        fee: rules.fee(procedure).map(AsWritten::from).unwrap_or_default(),
        reasons: choices("reason", &ReissueReason::ALL, reason_words, |value| input.reason == value),
        changes: choices("changed", &Changed::ALL, change_words, |value| input.changed.iter().any(|one| one == value)),
        latest: iso_date::written(here.portal.clock.today()),
        input,
        layout: here.layout,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 20);

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../../deploy/libraries/shiomi.toml")).unwrap()
    }

    fn form(number: &str) -> CardForm {
        CardForm { number: number.into(), ..CardForm::default() }
    }

    #[test]
    fn a_number_is_taken_as_people_write_it() {
        let typed = form(" ３０００－００１４ ");
        let request = read(&typed, Procedure::PasswordIssue, &rules(), TODAY).unwrap();
        assert_eq!(request.card_number().as_str(), "30000014");
        assert!(read(&form("番号"), Procedure::CardLink, &rules(), TODAY).unwrap_err().has("number"));
    }

    #[test]
    fn each_procedure_asks_what_it_needs() {
        for (procedure, field) in
            [(Procedure::Renewal, "facts"), (Procedure::Reissue, "reason"), (Procedure::Change, "changed")]
        {
            assert!(read(&form("30000014"), procedure, &rules(), TODAY).unwrap_err().has(field), "{field}");
        }
    }

    #[test]
    fn a_day_in_the_future_and_a_reason_for_the_counter_are_told() {
        let damaged =
            |lost_on: &str| CardForm { reason: "damaged".into(), lost_on: lost_on.into(), ..form("30000014") };
        assert!(read(&damaged("2026-11-21"), Procedure::Reissue, &rules(), TODAY).unwrap_err().has("lost_on"));
        assert!(read(&damaged("1900-01-01"), Procedure::Reissue, &rules(), TODAY).unwrap_err().has("lost_on"));
        assert!(read(&damaged("きのう"), Procedure::Reissue, &rules(), TODAY).unwrap_err().has("lost_on"));
        let request = read(&damaged("2026-11-19"), Procedure::Reissue, &rules(), TODAY).unwrap();
        assert!(matches!(request, Request::Reissue { lost_on: None, .. }), "only a lost card was lost on a day");
        let lost = CardForm { reason: "lost".into(), ..form("30000014") };
        assert!(read(&lost, Procedure::Reissue, &rules(), TODAY).unwrap_err().has("reason"));
    }

    #[test]
    fn what_was_said_comes_back_into_the_boxes() {
        let said = CardForm { facts: "changed".into(), ..form("30000014") };
        let request = read(&said, Procedure::Renewal, &rules(), TODAY).unwrap();
        assert_eq!(of_draft(&DraftRequest::Whole(request)), said);
        let changed = vec!["address".to_owned(), "email".to_owned()];
        let said = CardForm { changed, ..form("30000014") };
        let request = read(&said, Procedure::Change, &rules(), TODAY).unwrap();
        assert_eq!(of_draft(&DraftRequest::Whole(request)), said);
    }
}
