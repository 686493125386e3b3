//! Taking the application back: one message, one button, one way back.

use super::reader::Reader;
use crate::domain::application::{Application, ApplicationState, Ending};
use crate::domain::credential::CollectionCode;
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service;
use crate::words::{Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// What is typed. Before submission no code is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct WithdrawForm {
    code: String,
}

/// The interruption.
#[derive(Template)]
#[template(path = "patron/withdraw.html")]
struct WithdrawPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    needs_code: bool,
    /// What does not happen then.
    effect: Phrase,
    /// The last day on which the contents are there.
    kept_until: Day,
    input: WithdrawForm,
}

/// Something else came first.
#[derive(Template)]
#[template(path = "patron/withdraw_too_late.html")]
struct TooLatePage {
    layout: Layout,
    reference: String,
    sentence: Phrase,
}

/// Explains what it means; once it is decided, leads back to the status.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    draw(reader, WithdrawForm::default(), FieldErrors::none()).await
}

/// Takes it back.
pub(in crate::http) async fn submit(reader: Reader, form: CsrfForm<WithdrawForm>) -> Result<HttpResponse, Error> {
    let here = &reader.here;
    let once = here.once(form.once, "status/withdraw", here.urls.status());
    let typed = CollectionCode::parse(&form.input.code);
    match here.portal.withdraw(&here.library, reader.id, typed.as_ref(), &once).await {
        Ok(()) => Ok(page::see_other(here.urls.status())),
        Err(service::Error::WrongCollectionCode) => {
            let message = here.layout.words.patron_withdraw_wrong_code();
            draw(reader, form.input, FieldErrors::one("code", message)).await
        }
        Err(service::Error::TooMany { .. }) => {
            let message = here.layout.words.patron_withdraw_too_many();
            draw(reader, form.input, FieldErrors::one("code", message)).await
        }
        Err(service::Error::Stale | service::Error::Refused(_)) => too_late(reader).await,
        Err(error) => Err(error.into()),
    }
}

/// Says what came before it, and when.
async fn too_late(reader: Reader) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let application = here.portal.status(&here.library, reader.id).await?.application;
    let reference = application.reference.to_string();
    let sentence = what_came_before(here.layout.words, &application.state);
    page::conflict(&TooLatePage { layout: here.layout, reference, sentence })
}

fn what_came_before(words: Words, state: &ApplicationState) -> Phrase {
    match state {
        ApplicationState::Approved { decided_at, .. }
        | ApplicationState::Issued { decided_at, .. }
        | ApplicationState::Declined { decided_at, .. } => words.patron_withdraw_decided(Moment(*decided_at)),
        ApplicationState::Withdrawn { withdrawn_at } => words.patron_withdraw_withdrawn(Moment(*withdrawn_at)),
        ApplicationState::Lapsed { lapsed_at, .. } => words.patron_withdraw_lapsed(Moment(*lapsed_at)),
        _ => words.patron_withdraw_changed(),
    }
}

/// What was never sent is looked at by nobody; and not every procedure ends with a card.
fn effect_of(words: Words, application: &Application) -> Phrase {
    if !application.needs_code_to_withdraw() {
        return words.patron_withdraw_unsent();
    }
    match application.procedure {
        Procedure::NewCard => words.patron_withdraw_no_card(),
        _ => words.patron_withdraw_unchanged(),
    }
}

async fn draw(reader: Reader, input: WithdrawForm, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let status = here.portal.status(&here.library, reader.id).await?;
    if !status.application.may_be_withdrawn() {
        return Ok(page::see_other(here.urls.status()));
    }
    let retention = &here.library.rules.retention;
    let kept_until = retention.of(Ending::Withdrawn).after(here.portal.clock.today());
    let is_fresh = errors.is_empty();
    let effect = effect_of(here.layout.words, &status.application);
    let page = WithdrawPage {
        layout: here.layout,
        errors,
        reference: status.application.reference.to_string(),
        needs_code: status.application.needs_code_to_withdraw(),
        effect,
        kept_until: Day(kept_until),
        input,
    };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn drawn(needs_code: bool, errors: FieldErrors) -> String {
        let reference = "LC-7K3M-92QP".to_owned();
        let input = WithdrawForm { code: "K7QF".to_owned() };
        let (effect, kept_until) = ("職員の確認は行われません。".into(), Day(time::macros::date!(2026 - 12 - 20)));
        let layout = Layout::sample();
        WithdrawPage { layout, errors, reference, needs_code, effect, kept_until, input }.render().unwrap()
    }

    #[test]
    fn the_page_names_the_application_and_offers_both_ways() {
        let page = drawn(false, FieldErrors::none());
        for part in ["LC-7K3M-92QP", "2026年12月20日", "取り下げます", "/aozora/ja/status\"", "name=\"idem\""]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("name=\"code\""));
    }

    #[test]
    fn once_submitted_the_collection_code_is_asked_for_and_kept_when_wrong() {
        let page = drawn(true, FieldErrors::one("code", "受取コードがちがいます"));
        for part in ["name=\"code\"", "value=\"K7QF\"", "受取コードがちがいます", "エラー："] {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn who_comes_too_late_reads_what_came_before_and_when() {
        let at = datetime!(2026-11-20 01:00 UTC);
        let sentence = what_came_before(Words::default(), &ApplicationState::Withdrawn { withdrawn_at: at });
        let page = TooLatePage { layout: Layout::sample(), reference: "LC-7K3M-92QP".to_owned(), sentence };
        let page = page.render().unwrap();
        for part in ["取り下げていません", "LC-7K3M-92QP", "2026年11月20日(金) 10:00", "/aozora/ja/status\""]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        let lapsed = ApplicationState::Lapsed { lapsed_at: at, unanswered: None };
        assert!(what_came_before(Words::default(), &lapsed).plain().contains("期限が過ぎたため"));
    }
}
