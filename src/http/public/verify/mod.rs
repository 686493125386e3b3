//! Is this notice genuine? Asked by anybody, with the code on it or with its file; answered without a word about whom it
//! is. A code that no notice has gets the same page as any other.

mod wording;

use crate::clock::japanese_date;
use crate::domain::verification::{VerificationCode, VerifiedNotice};
use crate::http::error::Error;
use crate::http::field_errors::FieldErrors;
use crate::http::page::{self, Here, Layout};
use crate::http::patron::printed::PrintedDay;
use crate::http::site::Site;
use crate::http::upload;
use crate::words::{AsWritten, Lang, Phrase, Words};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use wording::Outcome;

/// Far more than any notice with its seal.
const LARGEST_MB: u8 = 4;

/// The question.
#[derive(Template)]
#[template(path = "public/verify.html")]
struct VerifyPage {
    layout: Layout,
    errors: FieldErrors,
    library: AsWritten,
    code: String,
    takes_files: bool,
    largest_mb: u64,
}

/// The answer.
#[derive(Template)]
#[template(path = "public/verified.html")]
struct VerifiedPage {
    layout: Layout,
    library: AsWritten,
    telephone: String,
    outcome: Outcome,
    facts: Option<Facts>,
}

/// What anybody may know of a notice.
struct Facts {
    kind: Phrase,
    /// As the paper in hand may call it, where the page speaks otherwise.
    kind_in_japanese: Option<Phrase>,
    placed_on: PrintedDay,
}

/// The code as typed.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct CodeQuery {
    #[serde(default)]
    code: Option<String>,
}

/// Asks; with a code that was typed, leads to the answer.
pub(in crate::http) async fn show(here: Here, query: web::Query<CodeQuery>) -> Result<HttpResponse, Error> {
    let Some(typed) = query.into_inner().code else {
        return page::ok(&question(&here, String::new(), FieldErrors::none()));
    };
    if let Some(code) = VerificationCode::parse(&typed) {
        return Ok(page::see_other(here.urls.verified(&code)));
    }
    let message = if typed.trim().is_empty() {
        here.layout.words.verify_code_empty()
    } else {
        here.layout.words.verify_code_form()
    };
    page::again(&question(&here, typed, FieldErrors::one("code", message)))
}

/// Answers about a code.
pub(in crate::http) async fn verified(
    here: Here,
    site: web::Data<Site>,
    request: HttpRequest,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    site.count_verification(&request)?;
    let (_, _, code) = path.into_inner();
    let known = match VerificationCode::parse(&code) {
        Some(code) => here.portal.verify_notice_code(&here.library, &code).await?,
        None => None,
    };
    page::ok(&answer(&here, Outcome::of_code(here.layout.words, known.as_ref()), known.as_ref()))
}

/// Answers about a file, which is looked at and forgotten.
pub(in crate::http) async fn judge_file(
    here: Here,
    site: web::Data<Site>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    if !here.portal.seals_notices(&here.library) {
        return Err(Error::NotFound);
    }
    let sent = upload::read(&request, payload, (&site, &here.visit), usize::from(LARGEST_MB) << 20).await?;
    let words = here.layout.words;
    let refuse = |message: Phrase| page::again(&question(&here, String::new(), FieldErrors::one("file", message)));
    let Some(file) = sent.file else {
        return refuse(words.verify_file_large());
    };
    if file.is_empty() {
        return refuse(words.verify_file_empty());
    }
    site.count_verification(&request)?;
    let verdict = here.portal.verify_notice_file(&here.library, file).await?;
    let (outcome, known) = Outcome::of_file(here.layout.words, &verdict);
    page::ok(&answer(&here, outcome, known))
}

fn question(here: &Here, code: String, errors: FieldErrors) -> VerifyPage {
    VerifyPage {
        layout: here.layout.clone(),
        errors,
        library: (&here.library.rules.name).into(),
        code,
        takes_files: here.portal.seals_notices(&here.library),
        largest_mb: LARGEST_MB.into(),
    }
}

fn answer(here: &Here, outcome: Outcome, known: Option<&VerifiedNotice>) -> VerifiedPage {
    let rules = &here.library.rules;
    VerifiedPage {
        layout: here.layout.clone(),
        library: (&rules.name).into(),
        telephone: rules.contact.telephone.clone(),
        outcome,
        facts: known.map(|known| Facts {
            kind: wording::kind(here.layout.words, &known.kind),
            kind_in_japanese: (!here.layout.words.is_everyday_japanese())
                .then(|| wording::kind(Words::new(Lang::Ja), &known.kind)),
            placed_on: japanese_date(known.placed_at).into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verification::NoticeStanding;
    use crate::service::verify_notice::FileVerdict;
    use time::macros::datetime;

    const WORDS: Words = Words::new(Lang::Ja);

    fn drawn(outcome: Outcome, known: Option<&VerifiedNotice>) -> String {
        VerifiedPage {
            layout: Layout::sample(),
            library: "あおぞら市立図書館".into(),
            telephone: "076-000-0000".into(),
            outcome,
            facts: known.map(|known| Facts {
                kind: wording::kind(WORDS, &known.kind),
                kind_in_japanese: None,
                placed_on: japanese_date(known.placed_at).into(),
            }),
        }
        .render()
        .unwrap()
    }

    fn known(standing: NoticeStanding) -> VerifiedNotice {
        VerifiedNotice { kind: "issued".into(), placed_at: datetime!(2026-11-20 05:31 UTC), standing }
    }

    #[test]
    fn every_standing_has_words_of_its_own_and_only_a_good_one_is_green() {
        for (standing, words) in [
            (NoticeStanding::InForce, "本物です"),
            (NoticeStanding::Superseded, "新しい通知があります"),
            (NoticeStanding::Revoked, "取り消されています"),
            (NoticeStanding::Erased, "記録だけが残っています"),
        ] {
            let known = known(standing);
            let page = drawn(Outcome::of_code(WORDS, Some(&known)), Some(&known));
            assert!(page.contains(words) && page.contains("2026年（令和8年）11月20日"), "{words}");
            assert_eq!(page.contains("data-t=\"ok\""), standing == NoticeStanding::InForce, "{words}");
        }
        let page = drawn(Outcome::of_code(WORDS, None), None);
        assert!(page.contains("見つかりません") && !page.contains("発行した日"));
    }

    #[test]
    fn every_kind_of_notice_is_called_what_it_is() {
        for (kind, title) in [("issued", "貸出券番号等通知書"), ("reopened", "決定を取り消したお知らせ")]
        {
            let known = VerifiedNotice { kind: kind.into(), ..known(NoticeStanding::InForce) };
            assert!(drawn(Outcome::of_code(WORDS, Some(&known)), Some(&known)).contains(title), "{kind}");
        }
    }

    #[test]
    fn a_changed_file_is_never_called_genuine() {
        for verdict in [FileVerdict::Unsealed, FileVerdict::Foreign, FileVerdict::Changed] {
            let (outcome, facts) = Outcome::of_file(WORDS, &verdict);
            let page = drawn(outcome, facts);
            assert!(page.contains("data-t=\"err\"") && !page.contains("本物です"), "{verdict:?}");
        }
        let given = FileVerdict::Given(known(NoticeStanding::Revoked));
        let (outcome, facts) = Outcome::of_file(WORDS, &given);
        assert!(drawn(outcome, facts).contains("取り消されています"));
    }

    #[test]
    fn a_wrong_code_stays_in_its_box() {
        let page = VerifyPage {
            layout: Layout::sample(),
            errors: FieldErrors::one("code", "確認コードは、数字と英字の16文字です"),
            library: "あおぞら市立図書館".into(),
            code: "7KQF".into(),
            takes_files: true,
            largest_mb: LARGEST_MB.into(),
        };
        let page = page.render().unwrap();
        assert!(page.contains("value=\"7KQF\"") && page.contains("<title>エラー："));
        assert!(page.find("name=\"csrf\"").unwrap() < page.find("type=\"file\"").unwrap());
    }
}
