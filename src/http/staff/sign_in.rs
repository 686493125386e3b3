//! Signing in: name, password and code on one form, and one answer to whatever is wrong.

use crate::http::error::Error;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::http::site::Site;
use crate::service;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Why somebody is here.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Origin {
    from: String,
}

/// The form as sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SignInForm {
    login: String,
    password: String,
    code: String,
}

/// The way in.
#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    layout: Layout,
    errors: FieldErrors,
    login: String,
    from: String,
}

/// Asks.
pub(in crate::http) async fn show(here: Here, origin: web::Query<Origin>) -> Result<HttpResponse, Error> {
    let from = origin.into_inner().from;
    page::ok(&SignInPage { layout: here.layout, errors: FieldErrors::none(), login: String::new(), from })
}

/// Lets in, under a fresh session, or says that something does not fit.
pub(in crate::http) async fn submit(
    here: Here,
    site: web::Data<Site>,
    request: HttpRequest,
    form: CsrfForm<SignInForm>,
) -> Result<HttpResponse, Error> {
    let SignInForm { login, password, code } = form.input;
    let password = Zeroizing::new(password);
    let errors = unfilled(&login, &password, &code);
    if !errors.is_empty() {
        return again(here, errors, login);
    }
    site.count_sign_in(&request, &here.library.rules.slug, &login)?;
    match here.portal.sign_in_staff(&here.library, &login, password, &code).await {
        Ok(token) => {
            here.portal.end_session(&here.visit.token()).await?;
            here.visit.become_session(token);
            Ok(page::see_other(here.urls.staff()))
        }
        Err(service::Error::WrongCredentials) => {
            let message = "ログイン名・パスワード・コードのどれかがちがいます。コードは、いまアプリに表示されているものを入力してください";
            again(here, FieldErrors::one("login", message), login)
        }
        Err(error) => Err(error.into()),
    }
}

fn unfilled(login: &str, password: &str, code: &str) -> FieldErrors {
    let mut errors = FieldErrors::none();
    for (field, value, message) in [
        ("login", login, "ログイン名を入力してください"),
        ("password", password, "パスワードを入力してください"),
        ("code", code, "認証アプリの6けたのコードを入力してください"),
    ] {
        if value.trim().is_empty() {
            errors.add(field, message);
        }
    }
    errors
}

fn again(here: Here, errors: FieldErrors, login: String) -> Result<HttpResponse, Error> {
    page::again(&SignInPage { layout: here.layout, errors, login, from: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(errors: FieldErrors, from: &str) -> String {
        let from = from.to_owned();
        SignInPage { layout: Layout::sample(), errors, login: "sato".into(), from }.render().unwrap()
    }

    #[test]
    fn a_rejected_form_keeps_the_name_and_no_secret() {
        let page = drawn(unfilled("sato", "correct horse", ""), "");
        assert!(page.contains("value=\"sato\"") && !page.contains("correct horse"));
        assert!(page.contains("<title>エラー：職員サインイン"));
        assert!(page.contains("href=\"#code\"") && page.contains("id=\"code\"") && page.contains("id=\"code-e\""));
    }

    #[test]
    fn every_empty_field_is_named_and_full_ones_are_not() {
        assert_eq!(unfilled(" ", "", "\u{3000}").iter().count(), 3);
        assert!(unfilled("sato", "x", "123456").is_empty());
    }

    #[test]
    fn the_page_says_why_one_is_here() {
        assert!(drawn(FieldErrors::none(), "ended").contains("30分間"));
        assert!(drawn(FieldErrors::none(), "enrolled").contains("次に表示されるコード"));
        assert!(drawn(FieldErrors::none(), "left").contains("サインアウトしました"));
        assert!(!drawn(FieldErrors::none(), "<b>").contains("lc-banner"));
    }

    #[test]
    fn password_managers_know_the_fields() {
        let page = drawn(FieldErrors::none(), "");
        for token in ["username", "current-password", "one-time-code"] {
            assert!(page.contains(&format!("autocomplete=\"{token}\"")), "{token}");
        }
    }
}
