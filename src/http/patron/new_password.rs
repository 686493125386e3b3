//! A password of one's own in the place of the initial one: the page between the first sign-in and everything else.

use crate::domain::chosen_password::{TypedPassword, WeakPassword};
use crate::domain::library::LibraryRules;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::service;
use crate::words::{Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The boxes as typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewPasswordForm {
    password: String,
    again: String,
}

/// The question.
#[derive(Template)]
#[template(path = "patron/new_password.html")]
struct NewPasswordPage {
    layout: Layout,
    errors: FieldErrors,
    number: String,
    minimum: u64,
    refuses_common: bool,
}

/// Asks.
pub(in crate::http) async fn show(here: Here) -> Result<HttpResponse, Error> {
    draw(&here, FieldErrors::none()).await
}

/// Takes it and signs in.
pub(in crate::http) async fn submit(here: Here, form: CsrfForm<NewPasswordForm>) -> Result<HttpResponse, Error> {
    let chosen = match read(form.input.password, form.input.again) {
        Ok(chosen) => chosen,
        Err(errors) => return draw(&here, errors).await,
    };
    let (device, token) = (here.device(), here.visit.token());
    let once = here.once_of_secret(form.once, "sign-in/new-password", here.urls.card());
    match here.portal.choose_first_password(&here.library, &token, &chosen, &device, &once).await {
        Ok(fresh) => {
            here.become_signed_in(fresh, &device);
            Ok(page::see_other(here.urls.card()))
        }
        Err(service::Error::WeakPassword(weak)) => {
            let complaint = of_weak(here.layout.words, weak, minimum(&here.library.rules));
            draw(&here, FieldErrors::one("password", complaint)).await
        }
        // Nobody has shown an initial password here, or it is another one by now.
        Err(service::Error::NotFound | service::Error::Stale) => Ok(page::see_other(here.urls.sign_in_password())),
        Err(error) => Err(error.into()),
    }
}

/// Reads the two boxes.
pub(super) fn read(password: String, again: String) -> Result<TypedPassword, FieldErrors> {
    let (chosen, again) = (TypedPassword::new(password), TypedPassword::new(again));
    if chosen.is_blank() {
        return Err(FieldErrors::one("password", Words::default().patron_new_password_empty()));
    }
    if chosen != again {
        return Err(FieldErrors::one("again", Words::default().patron_new_password_differs()));
    }
    Ok(chosen)
}

/// What is wrong with a password, as a sentence for its box.
pub(super) fn of_weak(words: Words, weak: WeakPassword, minimum: u64) -> Phrase {
    match weak {
        WeakPassword::TooShort => words.patron_new_password_too_short(minimum),
        WeakPassword::TooLong => words.patron_new_password_too_long(),
        WeakPassword::CardNumber => words.patron_new_password_holds_number(),
        WeakPassword::BirthDate => words.patron_new_password_holds_birth(),
        WeakPassword::Common => words.patron_new_password_common(),
        WeakPassword::Same => words.patron_new_password_same(),
    }
}

/// The fewest characters that a library takes.
pub(super) fn minimum(rules: &LibraryRules) -> u64 {
    u64::try_from(rules.password.minimum_length).unwrap_or(u64::MAX)
}

async fn draw(here: &Here, errors: FieldErrors) -> Result<HttpResponse, Error> {
    let card = match here.portal.password_to_change(&here.library, &here.visit.token()).await {
        Err(service::Error::NotFound) => return Ok(page::see_other(here.urls.sign_in_password())),
        card => card?,
    };
    let rules = &here.library.rules;
    let is_fresh = errors.is_empty();
    let page = NewPasswordPage {
        layout: here.layout.clone(),
        errors,
        number: rules.number_series.grouped(&card.number),
        minimum: minimum(rules),
        refuses_common: rules.password.refuse_common,
    };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(password: &str, again: &str) -> Result<TypedPassword, FieldErrors> {
        read(password.to_owned(), again.to_owned())
    }

    #[test]
    fn both_boxes_say_the_same_in_whatever_width() {
        assert!(typed("kawa no hotori", "ｋａｗａ no hotori").is_ok());
        assert!(typed("", "").unwrap_err().has("password"));
        assert!(typed("kawa no hotori", "kawa").unwrap_err().has("again"));
    }

    #[test]
    fn the_page_says_what_counts_and_brings_no_secret_back() {
        let (layout, errors) =
            (Layout::sample(), FieldErrors::one("password", of_weak(Words::default(), WeakPassword::Common, 8)));
        let page = NewPasswordPage { layout, errors, number: "3000 0001 4".into(), minimum: 8, refuses_common: true }
            .render()
            .unwrap();
        assert!(page.contains("8文字以上") && page.contains("autocomplete=\"new-password\""), "{page}");
        assert!(!page.contains("type=\"password\" value"));
    }
}
