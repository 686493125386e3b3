//! Another password, for whoever knows the one before.

use crate::domain::chosen_password::TypedPassword;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::http::patron::new_password::{minimum, of_weak, read};
use crate::http::patron::reader::Holder;
use crate::http::wording;
use crate::service;
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// The boxes as typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ChangeForm {
    current: String,
    password: String,
    again: String,
}

/// The question.
#[derive(Template)]
#[template(path = "patron/account/password.html")]
struct ChangePage {
    layout: Layout,
    errors: FieldErrors,
    minimum: u64,
    refuses_common: bool,
}

/// Asks whoever has a password.
pub(in crate::http) async fn show(holder: Holder) -> Result<HttpResponse, Error> {
    let elsewhere = holder.elsewhere();
    let here = holder.here;
    match here.portal.sign_in_ways(&holder.session).await {
        Ok(ways) if ways.has_password => page::ok(&ChangePage {
            minimum: minimum(&here.library.rules),
            refuses_common: here.library.rules.password.refuse_common,
            layout: here.layout,
            errors: FieldErrors::none(),
        }),
        Ok(_) => Ok(page::see_other(here.urls.account())),
        Err(service::Error::NotFound) => Ok(page::see_other(elsewhere)),
        Err(error) => Err(error.into()),
    }
}

/// Changes it and ends all other sessions.
pub(in crate::http) async fn submit(holder: Holder, form: CsrfForm<ChangeForm>) -> Result<HttpResponse, Error> {
    let here = holder.here;
    let (words, minimum) = (here.layout.words, minimum(&here.library.rules));
    let refuses_common = here.library.rules.password.refuse_common;
    let again = |errors| page::again(&ChangePage { layout: here.layout.clone(), errors, minimum, refuses_common });
    let chosen = match read(form.input.password, form.input.again) {
        Ok(chosen) => chosen,
        Err(errors) => return again(errors),
    };
    let current = TypedPassword::new(form.input.current);
    let (device, token, location) = (here.device(), here.visit.token(), here.urls.account_after("changed"));
    let once = here.once_of_secret(form.once, "account/password", location.clone());
    let (who, passwords) = ((&holder.session, &token), (&current, &chosen));
    match here.portal.change_password(&here.library, who, passwords, &device, &once).await {
        Ok(fresh) => {
            here.become_signed_in(fresh, &device);
            Ok(page::see_other(location))
        }
        Err(service::Error::WrongCredentials) => again(FieldErrors::one("current", words.patron_new_password_wrong())),
        Err(service::Error::TooMany { retry_at }) => {
            again(FieldErrors::one("current", wording::too_many_tries(&Moment(retry_at))))
        }
        Err(service::Error::WeakPassword(weak)) => again(FieldErrors::one("password", of_weak(words, weak, minimum))),
        Err(service::Error::NotFound | service::Error::Stale) => Ok(page::see_other(here.urls.account())),
        Err(error) => Err(error.into()),
    }
}
