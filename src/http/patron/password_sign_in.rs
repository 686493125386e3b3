//! The patron's way in: the number of the card and the password. One answer to whatever does not fit.

use crate::domain::card_number::CardNumber;
use crate::domain::chosen_password::TypedPassword;
use crate::domain::library::LibraryRules;
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::http::procedure_wording::button;
use crate::http::site::Site;
use crate::service;
use crate::service::passkeys::Challenge;
use crate::service::password_sign_in::PasswordOutcome;
use crate::words::{Phrase, Words};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

/// The boxes as typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PasswordSignInForm {
    number: String,
    password: String,
}

/// The question.
#[derive(Template)]
#[template(path = "patron/password_sign_in.html")]
struct PasswordSignInPage {
    layout: Layout,
    errors: FieldErrors,
    number: String,
    /// True if the other ways in are worth a word: this one is closed for a while.
    is_slowed: bool,
    /// For whoever has a passkey and a browser that knows them.
    passkey: Challenge,
}

impl PasswordSignInPage {
    fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&self.passkey.bytes)
    }
}

/// Asks.
pub(in crate::http) async fn show(here: Here) -> Result<HttpResponse, Error> {
    page::ok(&draw(here, String::new(), FieldErrors::none()))
}

/// Signs in, or leads to where the initial password is changed.
pub(in crate::http) async fn submit(
    here: Here,
    site: web::Data<Site>,
    request: HttpRequest,
    form: CsrfForm<PasswordSignInForm>,
) -> Result<HttpResponse, Error> {
    let PasswordSignInForm { number: typed, password } = form.input;
    let password = TypedPassword::new(password);
    let number = match read(&typed, &password, &here.library.rules) {
        Ok(number) => number,
        Err(errors) => return page::again(&draw(here, typed, errors)),
    };
    site.count_patron_sign_in(&request)?;
    let device = here.device();
    let cause = form.once.key.as_bytes();
    let token = here.visit.token();
    let outcome = here.portal.sign_in_with_password(&here.library, &token, (&number, &password), &device, cause).await;
    let words = here.layout.words;
    let complaint = match outcome {
        Ok(PasswordOutcome::Opened(fresh)) => {
            here.become_signed_in(fresh, &device);
            return Ok(page::see_other(here.urls.card()));
        }
        Ok(PasswordOutcome::MustChange(fresh)) => {
            here.visit.become_session(fresh);
            return Ok(page::see_other(here.urls.sign_in_new_password()));
        }
        Ok(PasswordOutcome::RunOut) => words.patron_by_number_run_out(button(words, Procedure::PasswordIssue)),
        Err(service::Error::WrongCredentials) => words.patron_by_number_wrong(),
        Err(service::Error::TooMany { retry_at }) => {
            let errors =
                FieldErrors::one("number", words.patron_by_number_too_many(Moment(retry_at).clock_with_seconds()));
            return page::again(&PasswordSignInPage { is_slowed: true, ..draw(here, typed, errors) });
        }
        Err(error) => return Err(error.into()),
    };
    page::again(&draw(here, typed, FieldErrors::one("number", complaint)))
}

/// Reads the number, so that a mistyped one costs no try: the check digit tells.
fn read(number: &str, password: &TypedPassword, rules: &LibraryRules) -> Result<CardNumber, FieldErrors> {
    let mut errors = FieldErrors::none();
    let parsed = errors.take("number", number.parse::<CardNumber>());
    if parsed.as_ref().is_some_and(|number| rules.number_series.is_mistyped(number)) {
        errors.add("number", Words::default().patron_by_number_number_mistyped());
    }
    if password.is_blank() {
        errors.add("password", Words::default().patron_by_number_password_empty());
    }
    parsed.filter(|_| errors.is_empty()).ok_or(errors)
}

/// The page once more, with what was wrong.
pub(super) fn again(here: Here, complaint: Phrase) -> Result<HttpResponse, Error> {
    page::again(&draw(here, String::new(), FieldErrors::one("number", complaint)))
}

fn draw(here: Here, number: String, errors: FieldErrors) -> PasswordSignInPage {
    let passkey = here.portal.passkey_challenge(&here.visit.token());
    PasswordSignInPage { layout: here.layout, errors, number, is_slowed: false, passkey }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap()
    }

    fn typed(password: &str) -> TypedPassword {
        TypedPassword::new(password.to_owned())
    }

    #[test]
    fn a_mistyped_number_is_told_at_its_box_and_any_other_form_is_taken() {
        let right = rules().number_series.number(0).unwrap();
        assert_eq!(read(&right.to_string(), &typed("x"), &rules()).unwrap(), right);
        let digit = if right.as_str().ends_with('0') { '1' } else { '0' };
        let wrong = format!("{}{digit}", &right.as_str()[..right.as_str().len() - 1]);
        assert!(read(&wrong, &typed("x"), &rules()).unwrap_err().of("number").unwrap().contains("打ちまちがい"));
        assert!(read("H-1234", &typed("x"), &rules()).is_ok(), "a number from before this series");
        assert!(read("番号", &typed("x"), &rules()).unwrap_err().has("number"));
    }

    #[test]
    fn empty_boxes_are_named() {
        let errors = read(" ", &typed(""), &rules()).unwrap_err();
        assert!(errors.has("number") && errors.has("password"));
    }

    #[test]
    fn a_rejected_page_keeps_the_number_and_no_secret() {
        let passkey = Challenge { nonce: "nonce".into(), bytes: [7; 32] };
        let (layout, errors) =
            (Layout::sample(), FieldErrors::one("number", Words::default().patron_by_number_wrong()));
        let number = "3000-0001-4".into();
        let page = PasswordSignInPage { layout, errors, number, is_slowed: false, passkey };
        let page = page.render().unwrap();
        assert!(page.contains("data-passkey=\"get\" hidden"), "without a script there is no button for passkeys");
        assert!(page.contains("value=\"3000-0001-4\"") && page.contains("<title>エラー："), "{page}");
        assert!(page.contains("autocomplete=\"username\"") && page.contains("autocomplete=\"current-password\""));
        assert_eq!(page.matches("aria-invalid").count(), 1);
    }
}
