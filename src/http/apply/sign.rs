//! The last page before the app: what will be signed, with what, and on which device.

use super::answers_list::{self, Row};
use super::applicant::Applicant;
use super::handoff_card::HandoffCard;
use super::visit::OtherWays;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::urls::Urls;
use crate::service;
use crate::service::apply::Draft;
use crate::service::sign::SigningProblem;
use crate::words::{AsTyped, Phrase};
use actix_web::http::header::{self, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The page.
#[derive(Template)]
#[template(path = "apply/sign.html")]
struct SignPage {
    layout: Layout,
    rows: Vec<Row>,
    /// Whose card signs, where it is not the one of whom all is said.
    by_guardian: Option<Phrase>,
    document_url: String,
    document_id: String,
    handoff: HandoffCard,
    /// Puts the app of this device first. Both ways are there for everybody: the browser's word is only a hint.
    is_phone: bool,
    /// The other ways for whoever cannot sign.
    other_ways: OtherWays,
    /// The words that lead to them.
    other_way: Phrase,
}

/// Shows what will be signed.
pub(in crate::http) async fn show(applicant: Applicant, request: HttpRequest) -> Result<HttpResponse, Error> {
    let handoff = HandoffCard::of(&applicant).await?;
    let other_ways = OtherWays::of(&applicant);
    let here = applicant.here;
    let frozen = match here.portal.frozen(&here.library, applicant.draft.application.id).await {
        // Changed since: the check page freezes it anew.
        Err(service::Error::NotFound) => {
            return Ok(page::see_other(again(&here.urls, &applicant.draft)));
        }
        frozen => frozen?,
    };
    let digest = frozen.application.state.version().map(|version| version.digest.to_string()).unwrap_or_default();
    page::ok(&SignPage {
        rows: answers_list::of_statement(&frozen.statement, Some(&here.library.rules))
            .iter()
            .map(|row| row.in_words(here.layout.words))
            .collect(),
        by_guardian: frozen.statement.answers.by_guardian.as_ref().map(|guardian| {
            let child = AsTyped::from(frozen.statement.answers.name.as_str());
            here.layout.words.apply_sign_by_guardian(child, AsTyped::from(guardian.name.as_str()))
        }),
        document_url: here.urls.apply_sign_document(),
        document_id: short_id(&digest),
        handoff,
        is_phone: says_phone(request.headers()),
        other_way: other_ways.heading(here.layout.words),
        other_ways,
        layout: here.layout,
    })
}

/// Opens the signing request and sends the browser to the app.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    request: HttpRequest,
    _form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let here = applicant.here;
    let id = applicant.draft.application.id;
    match here.portal.begin_signing(&here.library, &here.visit.token(), id).await {
        Ok(address) => page::see_app(address, here.layout.words, &request),
        Err(service::Error::NotFound) => Ok(page::see_other(again(&here.urls, &applicant.draft))),
        Err(service::Error::SigningApp(error)) => {
            tracing::warn!(%error, "the signing app cannot be reached");
            Ok(page::see_other(here.urls.apply_sign_problem(SigningProblem::AppUnavailable.kind())))
        }
        Err(error) => Err(error.into()),
    }
}

/// Where what shall be signed is checked anew: if it was ever checked before, it has changed since.
fn again(urls: &Urls, draft: &Draft) -> String {
    if draft.application.last_version > 0 { urls.apply_check_again() } else { urls.apply_check() }
}

/// Whether the document is wanted as a file, to be signed with other software.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Wanted {
    save: Option<String>,
}

/// The document itself.
pub(in crate::http) async fn document(applicant: Applicant, wanted: web::Query<Wanted>) -> Result<HttpResponse, Error> {
    let Applicant { here, draft } = applicant;
    let pdf = here.portal.frozen_document(&here.library, draft.application.id).await?;
    let kind = if wanted.save.is_some() { "attachment" } else { "inline" };
    let version = draft.application.last_version;
    // Each version has a name of its own, so that nobody signs an older one by mistake.
    let disposition = format!("{kind}; filename=\"{}-{version}.pdf\"", draft.application.reference);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(pdf))
}

/// The beginning of a document's SHA-256, as people compare it: `3f9a 71c2`.
pub(in crate::http) fn short_id(digest: &str) -> String {
    match (digest.get(..4), digest.get(4..8)) {
        (Some(first), Some(second)) => format!("{first} {second}"),
        _ => digest.to_owned(),
    }
}

/// What the browser says of its device (Client Hints, or else what its name contains).
fn says_phone(headers: &HeaderMap) -> bool {
    if let Some(hint) = headers.get("sec-ch-ua-mobile") {
        return hint == "?1";
    }
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    ["iPhone", "iPad", "Android", "Mobile"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Question;
    use crate::service::sign::Progress;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn drawn(progress: Progress, is_phone: bool) -> String {
        let page = SignPage {
            layout: Layout::sample(),
            by_guardian: None,
            rows: vec![Row { label: "氏名".into(), value: "髙橋　花子".into(), question: Question::Name }],
            document_url: "/aozora/ja/apply/sign/document".into(),
            document_id: short_id("3f9a71c2ffff"),
            handoff: HandoffCard::sample(progress),
            is_phone,
            other_ways: OtherWays { slip: true, pictures: false, is_unsigned: false },
            other_way: "窓口で続ける".into(),
        };
        page.render().unwrap()
    }

    #[test]
    fn the_page_says_what_is_signed_and_warns_of_the_lock() {
        let page = drawn(Progress::Shown, false);
        for part in ["髙橋　花子", "3f9a 71c2", "5回まちがえると", "アプリで署名する", "method=\"post\""]
        {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn every_way_is_there_and_the_devices_own_comes_first() {
        for is_phone in [true, false] {
            let page = drawn(Progress::Shown, is_phone);
            let place = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}"));
            assert_eq!(place("アプリで署名する</button>") < place("class=\"lc-qr\""), is_phone);
            for part in ["K7QF-2M9X", "https://card.example.jp/s<", "照合番号", ">47<", "14:40", "apply/sign/upload"]
            {
                place(part);
            }
            assert!(!page.contains("q2hCkr4bUe0p3yVt9sXw1A"), "the handle stands in the picture alone");
        }
    }

    #[test]
    fn a_code_that_cannot_be_read_any_more_is_not_shown() {
        for progress in [Progress::Matched, Progress::Signing, Progress::Mismatched, Progress::RunOut] {
            let page = drawn(progress.clone(), false);
            assert!(!page.contains("lc-qr") && page.contains("新しいQRコードを表示"), "{progress:?}");
        }
        assert!(drawn(Progress::Mismatched, false).contains("そのQRコードを使えなくしました"));
    }

    #[test]
    fn the_browsers_own_hint_goes_before_its_name() {
        const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)";
        const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        for (hint, name, expected) in [
            (None, Some(IPHONE), true),
            (None, Some(WINDOWS), false),
            (None, None, false),
            (Some("?1"), Some(WINDOWS), true),
            (Some("?0"), Some(IPHONE), false),
        ] {
            let mut headers = HeaderMap::new();
            for (header, value) in [("sec-ch-ua-mobile", hint), ("user-agent", name)] {
                if let Some(value) = value {
                    headers.insert(HeaderName::from_static(header), HeaderValue::from_static(value));
                }
            }
            assert_eq!(says_phone(&headers), expected, "{hint:?} {name:?}");
        }
    }
}
