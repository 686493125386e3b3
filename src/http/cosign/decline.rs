//! The guardian does not agree.

use super::guardian::Guardian;
use super::void;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use actix_web::HttpResponse;
use askama::Template;

/// The question.
#[derive(Template)]
#[template(path = "cosign/decline.html")]
struct DeclinePage {
    layout: Layout,
    back_url: String,
}

/// Asks once more.
pub(in crate::http) async fn show(guardian: Guardian) -> Result<HttpResponse, Error> {
    let Some(id) = guardian.invitation() else { return void::answer(&guardian) };
    match guardian.portal.cosign_end(&guardian.visit.token(), id).await {
        Ok(end) if end.end.is_none() => {
            page::ok(&DeclinePage { layout: guardian.of(&end.library), back_url: urls::cosign_review(id) })
        }
        Ok(_) => Ok(page::see_other(urls::cosign_done(id))),
        Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

/// Takes it, and tells the applicant.
pub(in crate::http) async fn submit(guardian: Guardian, _form: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let Some(id) = guardian.invitation() else { return void::answer(&guardian) };
    match guardian.portal.decline_cosigning(&guardian.visit.token(), id).await {
        // The second click, or a signature that was quicker: the next page says which.
        Ok(()) | Err(service::Error::InvitationVoid | service::Error::Stale) => {
            Ok(page::see_other(urls::cosign_done(id)))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_becomes_of_the_application() {
        let page = DeclinePage { layout: Layout::sample(), back_url: "/g/1/sign".into() }.render().unwrap();
        assert!(page.contains("わたしはこの申込みに同意しません</button>") && page.contains("href=\"/g/1/sign\""));
    }
}
