//! A password of one's own in the place of the initial one: the page between the first sign-in and everything else.

use crate::domain::chosen_password::{TypedPassword, WeakPassword};
use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::service;
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
    minimum: usize,
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
            let minimum = here.library.rules.password.minimum_length;
            draw(&here, FieldErrors::one("password", of_weak(weak, minimum))).await
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
        return Err(FieldErrors::one("password", "新しいパスワードを入力してください"));
    }
    if chosen != again {
        return Err(FieldErrors::one("again", "上と同じパスワードを、もう一度入力してください"));
    }
    Ok(chosen)
}

/// What is wrong with a password, as a sentence for its box.
pub(super) fn of_weak(weak: WeakPassword, minimum: usize) -> String {
    match weak {
        WeakPassword::TooShort => format!("{minimum}文字以上にしてください"),
        WeakPassword::TooLong => "128文字までにしてください".to_owned(),
        WeakPassword::CardNumber => "カード番号が入っています。ほかのパスワードにしてください".to_owned(),
        WeakPassword::BirthDate => "生年月日が入っています。ほかのパスワードにしてください".to_owned(),
        WeakPassword::Common => {
            "よく使われるパスワードは、ほかの人に当てられやすいので使えません。ほかのパスワードにしてください"
                .to_owned()
        }
        WeakPassword::Same => "いまのパスワードと同じです。ほかのパスワードにしてください".to_owned(),
    }
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
        minimum: rules.password.minimum_length,
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
        let (layout, errors) = (Layout::sample(), FieldErrors::one("password", of_weak(WeakPassword::Common, 8)));
        let page = NewPasswordPage { layout, errors, number: "3000 0001 4".into(), minimum: 8, refuses_common: true }
            .render()
            .unwrap();
        assert!(page.contains("8文字以上") && page.contains("autocomplete=\"new-password\""), "{page}");
        assert!(!page.contains("type=\"password\" value"));
    }
}
