//! The page that each kind of error gets.
//!
//! Pages say what happened, that nothing is lost, and where to go; they never carry text
//! from below. What cannot be explained gets an incident number, under which the whole
//! chain is logged once.

use super::error::Error;
use super::page::{self, Layout};
use super::session::Visit;
use super::site::Site;
use super::wording;
use crate::random;
use crate::words::Phrase;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, header};
use actix_web::{HttpMessage, HttpResponse, web};
use askama::Template;
use data_encoding::BASE32_NOPAD;
use std::fmt::Write as _;

/// The page of an error.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    heading: Phrase,
    paragraphs: Vec<Phrase>,
    again: Option<String>,
    incident: Option<String>,
}

/// The same for whoever works here.
#[derive(Template)]
#[template(path = "staff/error.html")]
struct StaffErrorPage {
    layout: Layout,
    heading: Phrase,
    paragraphs: Vec<Phrase>,
    again: Option<String>,
    incident: Option<String>,
}

impl ErrorPage {
    fn draw(self) -> askama::Result<String> {
        if self.layout.staff_name.is_none() {
            return self.render();
        }
        let Self { layout, heading, paragraphs, again, incident } = self;
        StaffErrorPage { layout, heading, paragraphs, again, incident }.render()
    }
}

/// Gives an error its page, in the library's own dress if the library is known. Other answers pass through.
pub(super) fn dress(
    response: ServiceResponse<BoxBody>,
    site: &web::Data<Site>,
    visit: &Visit,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || has_words_of_its_own(&response) {
        return response;
    }
    let guessed = Error::from_status(status);
    let cause = response.response().error();
    let error = cause.and_then(|error| error.as_error::<Error>()).unwrap_or(&guessed);
    let request = response.request();
    let layout = request.extensions().get::<Layout>().cloned().unwrap_or_else(|| Layout::bare(site, visit));
    // Only a path that a route of ours has matched is offered: `//elsewhere` would lead away.
    let again = (layout.library.is_some() && request.method() == Method::POST && !request.path().starts_with("//"))
        .then(|| request.path().to_owned());
    let page = page_of(error, layout, again);
    let body = page.draw().unwrap_or_else(|error| {
        tracing::error!(%error, "the error page cannot be drawn");
        String::from("Todoke")
    });
    let mut answer = HttpResponse::build(status);
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers().get(&name) {
            answer.insert_header((name, value.clone()));
        }
    }
    if matches!(error, Error::TooSlow | Error::TooLarge | Error::FileTooLarge) {
        answer.force_close();
    }
    let answer = answer.content_type(page::HTML).body(body);
    response.into_response(answer)
}

/// Put into an answer's extensions, says that it is meant as it is, though it is plain text.
pub(super) struct AsItIs;

/// The framework's own answers are bare or plain text; anything else was drawn on purpose.
fn has_words_of_its_own(response: &ServiceResponse<BoxBody>) -> bool {
    if response.response().extensions().get::<AsItIs>().is_some() {
        return true;
    }
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| !media_type.starts_with("text/plain"))
}

fn page_of(error: &Error, layout: Layout, again: Option<String>) -> ErrorPage {
    let incident = match error {
        Error::Internal(_) | Error::Unavailable(_) => Some(log(error)),
        _ => None,
    };
    let (heading, paragraphs) = wording::of_error(layout.words, error);
    let again =
        again.filter(|_| matches!(error, Error::FormExpired | Error::Stale | Error::KeyReused | Error::FileTooLarge));
    ErrorPage { layout, heading, paragraphs, again, incident }
}

/// Writes the whole chain to the log under a number that the visitor can read out.
fn log(error: &Error) -> String {
    let incident = BASE32_NOPAD.encode(&random::bytes::<5>());
    let mut chain = error.to_string();
    let mut source = match error {
        Error::Internal(cause) | Error::Unavailable(cause) => cause.source(),
        _ => None,
    };
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(chain, ": {cause}");
        source = cause.source();
    }
    tracing::error!(incident, chain, "a request failed");
    incident
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::application::Refused;
    use crate::service;
    use actix_web::ResponseError;
    use actix_web::http::StatusCode;
    use time::macros::datetime;

    fn drawn(error: &Error) -> String {
        page_of(error, Layout::sample(), Some("/aozora/ja/apply/name".into())).draw().unwrap()
    }

    fn all() -> Vec<Error> {
        vec![
            Error::NotFound,
            Error::MethodNotAllowed,
            Error::BadForm,
            Error::TooLarge,
            Error::FileTooLarge,
            Error::UnsupportedType,
            Error::TooSlow,
            Error::CrossSite,
            Error::FormExpired,
            Error::Forbidden,
            Error::SignedOut,
            Error::Seeded,
            Error::ForeignSigning,
            Error::Stale,
            Error::SignatureBroken,
            Error::Related,
            Error::Refused(Refused::RequestExpired),
            Error::KeyReused,
            Error::HoldsMyNumber,
            Error::TooMany { retry_after: 61 },
            Error::TooManyTries { retry_at: datetime!(2026-11-20 05:05 UTC) },
            Error::Unavailable("connection refused".into()),
            Error::internal("UNIQUE constraint failed: applications.reference"),
        ]
    }

    #[test]
    fn every_error_is_a_whole_page_with_a_way_out() {
        for error in all() {
            let page = drawn(&error);
            for part in ["<html lang=\"ja\">", "<h1", "id=\"main\"", "/aozora/ja/counter", "あおぞら市立図書館"]
            {
                assert!(page.contains(part), "{error:?} lacks {part}");
            }
        }
    }

    #[test]
    fn whoever_works_here_keeps_the_menu() {
        let links = vec![("申込みの一覧", "/aozora/staff/queue".to_owned())];
        let mut layout = Layout::sample();
        (layout.staff_name, layout.staff_links) = (Some("佐藤".into()), links);
        let page = page_of(&Error::NotFound, layout, None).draw().unwrap();
        assert!(page.contains("ページが見つかりません") && page.contains("/aozora/staff/queue"), "{page}");
        assert!(!page.contains("窓口・電話でたずねる") && page.contains("サインアウト"), "{page}");
    }

    #[test]
    fn an_error_speaks_the_language_of_its_address() {
        use crate::words::Lang;
        let drawn = |lang| page_of(&Error::FormExpired, Layout::sample().speaking(lang), Some("/x".into())).render();
        let english = drawn(Lang::En).unwrap();
        assert!(english.contains("Open the page again") && !english.contains("同じ画面"), "{english}");
        assert!(drawn(Lang::JaSimple).unwrap().contains("<ruby>"));
        assert!(drawn(Lang::Ko).unwrap().contains("Open the page again"), "English speaks for who lacks the words");
    }

    #[test]
    fn causes_stay_inside_and_an_incident_number_goes_out() {
        for error in [Error::internal("UNIQUE constraint failed: applications"), Error::Unavailable("refused".into())] {
            let page = drawn(&error);
            assert!(!page.contains("UNIQUE") && !page.contains("refused"));
            assert!(page.contains("お問い合わせ番号"));
        }
    }

    #[test]
    fn an_answer_meant_as_it_is_stays_so_and_a_bare_one_gets_a_page() {
        use crate::http::limits::LimitSettings;
        use crate::http::session::Door;
        use actix_web::body::MessageBody as _;
        use actix_web::test::TestRequest;
        let base = "https://card.example.jp".parse().unwrap();
        let site = web::Data::new(Site::new(base, &[1; 32], &[], Vec::new(), &LimitSettings::default()).unwrap());
        let visit = Visit::recognise(Door::Public, "aozora", []).unwrap();
        let body_of = |mark: bool| {
            let mut answer = HttpResponse::ServiceUnavailable().content_type("text/plain").body("not ready");
            if mark {
                answer.extensions_mut().insert(AsItIs);
            }
            let answer = dress(TestRequest::default().to_srv_response(answer), &site, &visit);
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            let body = answer.into_body().try_into_bytes().unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        };
        assert_eq!(body_of(true), "not ready");
        assert!(body_of(false).contains("<html"));
    }

    #[test]
    fn an_expired_form_leads_back_to_its_page() {
        assert!(drawn(&Error::FormExpired).contains("href=\"/aozora/ja/apply/name\""));
        assert!(drawn(&Error::FileTooLarge).contains("href=\"/aozora/ja/apply/name\""));
        assert!(!drawn(&Error::NotFound).contains("href=\"/aozora/ja/apply/name\""));
    }

    #[test]
    fn waiting_times_are_said_in_words_and_in_the_header() {
        assert!(drawn(&Error::TooMany { retry_after: 61 }).contains("2分"));
        assert!(drawn(&Error::TooManyTries { retry_at: datetime!(2026-11-20 05:05 UTC) }).contains("14:05"));
        let answer = Error::TooMany { retry_after: 61 }.error_response();
        assert_eq!(answer.headers().get(header::RETRY_AFTER).unwrap(), "61");
    }

    #[test]
    fn a_repeat_is_led_to_where_the_first_one_went() {
        let error = Error::from(service::Error::Repeated { location: "/aozora/ja/apply/email".into() });
        let answer = error.error_response();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers().get(header::LOCATION).unwrap(), "/aozora/ja/apply/email");
    }
}
