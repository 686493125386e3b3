//! What went wrong with signing: one page per kind, each saying what happened, that the
//! answers are kept, and what to do.

use super::visit::OtherWays;
use crate::http::error::Error;
use crate::http::page::{self, Here, Layout};
use crate::words::{AsWritten, Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "apply/sign_problem.html")]
struct ProblemPage {
    layout: Layout,
    problem: ProblemWords,
    is_kept: bool,
    next: NextLink,
    telephone: String,
    hours: AsWritten,
    /// The words that lead to the ways without a signature.
    other_way: Phrase,
}

struct NextLink {
    url: String,
    label: Phrase,
}

/// One kind of problem.
struct Problem {
    kind: &'static str,
    heading: Told,
    what: &'static [Told],
    next: Next,
    is_kept: bool,
}

/// A text in the words of a page.
type Told = fn(Words) -> Phrase;

/// What to do about it.
#[derive(Debug, Clone, Copy)]
enum Next {
    SignAgain,
    ChangeAnswers,
    ChangeName,
    ChangeBirth,
    Status,
    Resume,
}

/// Why the page does not simply show both: the card may be somebody else's.
const NOT_SHOWN: Told = Words::apply_problem_not_shown;

const PROBLEMS: [Problem; 21] = [
    Problem {
        kind: "cancelled",
        heading: Words::apply_problem_cancelled,
        what: &[Words::apply_problem_cancelled_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "app-unavailable",
        heading: Words::apply_problem_app,
        what: &[Words::apply_problem_app_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "request-unknown",
        heading: Words::apply_problem_unknown,
        what: &[Words::apply_problem_unknown_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "request-expired",
        heading: Words::apply_problem_expired_request,
        what: &[Words::apply_problem_expired_request_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "wrong-document",
        heading: Words::apply_problem_document,
        what: &[Words::apply_problem_document_what, Words::apply_problem_document_again],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "expired",
        heading: Words::apply_problem_expired,
        what: &[Words::apply_problem_expired_what, Words::apply_problem_expired_then],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "not-yet-valid",
        heading: Words::apply_problem_not_yet,
        what: &[Words::apply_problem_not_yet_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "revoked",
        heading: Words::apply_problem_revoked,
        what: &[Words::apply_problem_revoked_what, Words::apply_problem_revoked_then],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "no-certificate",
        heading: Words::apply_problem_none,
        what: &[Words::apply_problem_none_what, Words::apply_problem_none_then],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "not-signed",
        heading: Words::apply_problem_not_signed,
        what: &[Words::apply_problem_not_signed_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "read-error",
        heading: Words::apply_problem_read,
        what: &[Words::apply_problem_read_what, Words::apply_problem_read_then],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "pin-locked",
        heading: Words::apply_problem_locked,
        what: &[Words::apply_problem_locked_what, Words::apply_problem_locked_reset, Words::apply_problem_locked_then],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "unsupported-device",
        heading: Words::apply_problem_device,
        what: &[Words::apply_problem_device_what, Words::apply_problem_device_then],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "wrong-certificate",
        heading: Words::apply_problem_certificate,
        what: &[Words::apply_problem_certificate_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "not-trusted",
        heading: Words::apply_problem_not_trusted,
        what: &[Words::apply_problem_not_trusted_what],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "other-person",
        heading: Words::apply_problem_person,
        what: &[Words::apply_problem_person_what, NOT_SHOWN],
        next: Next::ChangeAnswers,
        is_kept: true,
    },
    Problem {
        kind: "other-name",
        heading: Words::apply_problem_name,
        what: &[Words::apply_problem_name_what, Words::apply_problem_name_changed, NOT_SHOWN],
        next: Next::ChangeName,
        is_kept: true,
    },
    Problem {
        kind: "other-birth",
        heading: Words::apply_problem_birth,
        what: &[Words::apply_problem_birth_what, NOT_SHOWN],
        next: Next::ChangeBirth,
        is_kept: true,
    },
    Problem {
        kind: "not-the-guardian",
        heading: Words::apply_problem_guardian,
        what: &[Words::apply_problem_guardian_what, Words::apply_problem_guardian_then, NOT_SHOWN],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "child-grown",
        heading: Words::apply_problem_grown,
        what: &[Words::apply_problem_grown_what],
        next: Next::Status,
        is_kept: false,
    },
    Problem {
        kind: "already-applied",
        heading: Words::apply_problem_applied,
        what: &[Words::apply_problem_applied_what, Words::apply_problem_applied_then],
        next: Next::Status,
        is_kept: false,
    },
];

/// Has a changed answer lead back to all answers.
const FROM_CHECK: &str = "?from=check";

/// What a page says of a problem, and whether a telephone that signed for a PC may try again by itself.
pub(in crate::http) struct ProblemWords {
    pub(in crate::http) heading: Phrase,
    pub(in crate::http) what: Vec<Phrase>,
    pub(in crate::http) may_sign_again: bool,
}

impl Problem {
    fn told(&self, words: Words) -> ProblemWords {
        ProblemWords {
            heading: (self.heading)(words),
            what: self.what.iter().map(|told| told(words)).collect(),
            may_sign_again: matches!(self.next, Next::SignAgain),
        }
    }
}

/// The words for a kind of problem.
pub(in crate::http) fn words_of(words: Words, kind: &str) -> Option<ProblemWords> {
    PROBLEMS.iter().find(|problem| problem.kind == kind).map(|problem| problem.told(words))
}

/// Explains a problem.
pub(in crate::http) async fn show(
    here: Here,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    let (_, _, kind) = path.into_inner();
    let problem = PROBLEMS.iter().find(|problem| problem.kind == kind).ok_or(Error::NotFound)?;
    let (urls, words) = (&here.urls, here.layout.words);
    let next = match problem.next {
        Next::SignAgain => NextLink { url: urls.apply_sign(), label: words.apply_sign_again() },
        Next::ChangeAnswers => NextLink { url: urls.apply_check(), label: words.apply_sign_check_answers() },
        Next::ChangeName => NextLink { url: urls.apply_name() + FROM_CHECK, label: words.apply_sign_fix_name() },
        Next::ChangeBirth => NextLink { url: urls.apply_birth() + FROM_CHECK, label: words.apply_sign_fix_birth() },
        Next::Status => NextLink { url: urls.status(), label: words.apply_sign_see_status() },
        Next::Resume => NextLink { url: urls.apply_pause(), label: words.apply_sign_later() },
    };
    let unsigned = &here.library.rules.unsigned;
    page::ok(&ProblemPage {
        problem: problem.told(words),
        is_kept: problem.is_kept,
        next,
        telephone: here.library.rules.contact.telephone.clone(),
        hours: (&here.library.rules.contact.hours).into(),
        other_way: OtherWays { slip: unsigned.visit_slip, pictures: unsigned.upload, is_unsigned: false }
            .heading(words),
        layout: here.layout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reference::Reference;
    use crate::service::sign::SigningProblem;

    #[test]
    fn every_problem_of_signing_has_its_page() {
        let problems = [
            SigningProblem::Cancelled,
            SigningProblem::AppUnavailable,
            SigningProblem::NotSigned,
            SigningProblem::ReadError,
            SigningProblem::PinLocked,
            SigningProblem::UnsupportedDevice,
            SigningProblem::RequestUnknown,
            SigningProblem::RequestExpired,
            SigningProblem::WrongDocument,
            SigningProblem::Expired,
            SigningProblem::NotYetValid,
            SigningProblem::Revoked,
            SigningProblem::NoCertificate,
            SigningProblem::WrongCertificate,
            SigningProblem::NotTrusted,
            SigningProblem::OtherPerson,
            SigningProblem::OtherName,
            SigningProblem::OtherBirth,
            SigningProblem::NotTheGuardian,
            SigningProblem::ChildGrown,
            SigningProblem::AlreadyApplied(Reference::from_random(1)),
        ];
        assert_eq!(problems.len(), PROBLEMS.len());
        for problem in problems {
            assert!(PROBLEMS.iter().any(|known| known.kind == problem.kind()), "{problem:?}");
        }
    }

    #[test]
    fn every_page_says_what_is_kept_and_whom_to_ask() {
        for problem in &PROBLEMS {
            let page = ProblemPage {
                layout: Layout::sample(),
                problem: problem.told(Words::default()),
                is_kept: problem.is_kept,
                next: NextLink { url: "/aozora/ja/apply/sign".into(), label: "もう一度署名する".into() },
                telephone: "076-000-0000".into(),
                hours: "9:30〜18:00".into(),
                other_way: "署名しないで続ける".into(),
            };
            let page = page.render().unwrap();
            assert!(page.contains("076-000-0000") && page.contains("/aozora/ja/counter"));
            assert_eq!(page.contains("入力した内容は保存されています"), problem.is_kept, "{}", problem.kind);
        }
    }
}
