//! The mail went to somebody else.

use super::guardian::Guardian;
use super::void;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use actix_web::HttpResponse;
use askama::Template;

/// The page, before and after.
#[derive(Template)]
#[template(path = "cosign/wrong_address.html")]
struct WrongAddressPage {
    layout: Layout,
    is_done: bool,
    back_url: String,
}

/// Asks once more.
pub(in crate::http) async fn show(guardian: Guardian) -> Result<HttpResponse, Error> {
    match guardian.portal.open_invitation(&guardian.visit.token(), guardian.token()).await {
        Ok(opened) => page::ok(&WrongAddressPage {
            layout: guardian.of(&opened.library),
            is_done: false,
            back_url: urls::cosign(guardian.token()),
        }),
        Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

/// Takes it, and tells the applicant.
pub(in crate::http) async fn submit(guardian: Guardian, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    match guardian.portal.refuse_invitation(guardian.token()).await {
        Ok(()) => Ok(page::see_other(urls::cosign_told(guardian.token()))),
        Err(service::Error::InvitationVoid | service::Error::Stale) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

/// Thanks.
pub(in crate::http) async fn told(guardian: Guardian) -> Result<HttpResponse, Error> {
    page::ok(&WrongAddressPage { layout: guardian.bare(), is_done: true, back_url: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_button_says_it_and_a_page_thanks() {
        let drawn = |is_done| {
            let page = WrongAddressPage { layout: Layout::sample(), is_done, back_url: "/g/x".into() };
            page.render().unwrap()
        };
        assert!(drawn(false).contains("宛先がちがうことを知らせる</button>") && drawn(false).contains("href=\"/g/x\""));
        assert!(
            drawn(true).contains("お知らせくださり")
                && !drawn(true).contains("<button class=\"lc-btn\" data-v=\"solid\"")
        );
    }
}
