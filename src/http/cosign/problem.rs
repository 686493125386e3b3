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
    let words = own_words(kind).or_else(|| words_of(Words::default(), kind)).ok_or(Error::NotFound)?;
    match guardian.portal.cosign_end(&guardian.visit.token(), id).await {
        Ok(end) => {
            page::ok(&ProblemPage { layout: guardian.of(&end.library), words, again_url: urls::cosign_review(id) })
        }
        Err(service::Error::InvitationVoid) => void::answer(&guardian),
        Err(error) => Err(error.into()),
    }
}

/// What can only go wrong with a guardian's signature. The facts of the card are not shown: it may be anybody's.
fn own_words(kind: &str) -> Option<ProblemWords> {
    let (heading, what): (_, &[&str]) = match kind {
        "applicants-card" => (
            "申し込んだ方のカードで署名しています",
            &["保護者の署名には、保護者の方ご自身のマイナンバーカードを使ってください。"],
        ),
        "other-guardian" => (
            "お願いした保護者の方の氏名とちがいます",
            &[
                "署名したカードの氏名が、申し込んだ方の入力した保護者の氏名とちがいます。ご自分のカードで署名したか、確かめてください。",
                "入力がまちがっているときは、申し込んだ方が「申込みの状況」のページで直せます。直すと、新しいメールが届きます。",
            ],
        ),
        "guardian-minor" => (
            "18歳以上の方の署名が必要です",
            &["保護者の署名は、18歳以上の方にお願いしています。窓口でも申し込めます。"],
        ),
        "guardian-age-unknown" => (
            "年齢を確かめられません",
            &["このカードの電子証明書では、18歳以上であることを確かめられません。窓口でお申し込みください。"],
        ),
        _ => return None,
    };
    let what = what.iter().map(|text| (*text).into()).collect();
    Some(ProblemWords { heading: heading.into(), what, may_sign_again: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cosigning::Unfit;
    use crate::service::sign::SigningProblem;

    #[test]
    fn every_reason_against_a_guardian_has_its_words() {
        for unfit in [Unfit::Applicant, Unfit::OtherName, Unfit::Minor, Unfit::AgeUnknown] {
            let words = own_words(SigningProblem::from(unfit).kind()).unwrap();
            let page = ProblemPage { layout: Layout::sample(), words, again_url: "/g/1/sign".into() };
            let page = page.render().unwrap();
            assert!(page.contains("href=\"/g/1/sign\"") && page.contains("受け付けていません"));
        }
    }
}
