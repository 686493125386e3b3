//! What went wrong with the guardian's signature.

use super::guardian::Guardian;
use super::void;
use crate::http::apply::sign_problem::{ProblemWords, words_of};
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use crate::words::Words;
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "cosign/problem.html")]
struct ProblemPage {
    layout: Layout,
    words: ProblemWords,
    again_url: String,
}

/// Explains a problem.
pub(in crate::http) async fn show(guardian: Guardian) -> Result<HttpResponse, Error> {
    let Some(id) = guardian.invitation() else { return void::answer(&guardian) };
    let kind = guardian.request.match_info().get("kind").unwrap_or_default();
    let words =
        own_words(guardian.words(), kind).or_else(|| words_of(guardian.words(), kind)).ok_or(Error::NotFound)?;
    match guardian.portal.cosign_end(&guardian.visit.token(), id).await {
        Ok(end) => {
            page::ok(&ProblemPage { layout: guardian.of(&end.library), words, again_url: urls::cosign_review(id) })
        }
        Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

/// What can only go wrong with a guardian's signature. The facts of the card are not shown: it may be anybody's.
fn own_words(words: Words, kind: &str) -> Option<ProblemWords> {
    let (heading, what) = match kind {
        "applicants-card" => (words.cosign_own_card(), vec![words.cosign_own_card_what()]),
        "other-guardian" => {
            (words.cosign_other_name(), vec![words.cosign_other_name_what(), words.cosign_other_name_then()])
        }
        "guardian-minor" => (words.cosign_minor(), vec![words.cosign_minor_what()]),
        "guardian-age-unknown" => (words.cosign_no_age(), vec![words.cosign_no_age_what()]),
        _ => return None,
    };
    Some(ProblemWords { heading, what, may_sign_again: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cosigning::Unfit;
    use crate::service::sign::SigningProblem;

    #[test]
    fn every_reason_against_a_guardian_has_its_words() {
        for unfit in [Unfit::Applicant, Unfit::OtherName, Unfit::Minor, Unfit::AgeUnknown] {
            let words = own_words(Words::default(), SigningProblem::from(unfit).kind()).unwrap();
            let page = ProblemPage { layout: Layout::sample(), words, again_url: "/g/1/sign".into() };
            let page = page.render().unwrap();
            assert!(page.contains("href=\"/g/1/sign\"") && page.contains("受け付けていません"));
        }
    }
}
