//! What went wrong with the telephone's signature, and whether it may try again by itself.

use super::telephone::Telephone;
use super::void::{self, Why};
use crate::http::apply::sign_problem::{ProblemWords, words_of};
use crate::http::error::Error;
use crate::http::page::{self, Layout};
use crate::http::urls;
use crate::service;
use actix_web::HttpResponse;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "handoff/problem.html")]
struct ProblemPage {
    layout: Layout,
    words: ProblemWords,
    again_url: String,
}

/// Explains a problem.
pub(in crate::http) async fn show(telephone: Telephone) -> Result<HttpResponse, Error> {
    let Some(id) = telephone.handoff() else { return void::answer(&telephone, Why::Void) };
    let kind = telephone.request.match_info().get("kind").unwrap_or_default();
    let words = words_of(telephone.words(), kind).ok_or(Error::NotFound)?;
    match telephone.portal.handoff_end(&telephone.visit.token(), id).await {
        Ok(end) => {
            page::ok(&ProblemPage { layout: telephone.of(&end.library), words, again_url: urls::handoff_summary(id) })
        }
        Err(service::Error::HandoffVoid) => void::answer(&telephone, Why::Void),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn only_what_the_telephone_can_mend_is_offered_there() {
        let drawn = |kind| {
            let page = ProblemPage {
                layout: Layout::sample(),
                words: words_of(Words::default(), kind).unwrap(),
                again_url: "/s/1/go".into(),
            };
            page.render().unwrap()
        };
        assert!(drawn("cancelled").contains("href=\"/s/1/go\""));
        let other = drawn("other-person");
        assert!(!other.contains("/s/1/go") && other.contains("パソコンの画面で操作してください"));
    }
}
