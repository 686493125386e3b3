//! Why the card opened nothing: one page per kind, each saying what happened and which other way there is.

use crate::http::error::Error;
use crate::http::page::{self, Here, Layout};
use actix_web::{HttpResponse, web};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "patron/card_problem.html")]
struct CardProblemPage {
    layout: Layout,
    problem: &'static Problem,
    /// True on the way to the initial password, false on the way in.
    is_for_password: bool,
    telephone: String,
    hours: String,
}

/// One kind of problem.
#[derive(Debug)]
struct Problem {
    kind: &'static str,
    heading: &'static str,
    what: &'static [&'static str],
}

const PROBLEMS: [Problem; 8] = [
    Problem {
        kind: "unknown",
        heading: "このカードで署名した申込みが見つかりません",
        what: &[
            "カードや電子証明書を新しくした方、アプリを登録しなおした方は、前の申込みと結びつかないことがあります。まちがいではありません。",
            "窓口で申し込んだ方や、別のカードで署名した方も、カードではサインインできません。",
        ],
    },
    Problem {
        kind: "other-person",
        heading: "申込みに署名したカードとちがいます",
        what: &[
            "この申込みに署名したカードで、もう一度お試しください。",
            "カードや電子証明書を新しくした方、アプリを登録しなおした方は、前の申込みと結びつかないことがあります。まちがいではありません。",
        ],
    },
    Problem {
        kind: "cancelled",
        heading: "カードの確認を中止しました",
        what: &["アプリで中止しました。何も変わっていません。"],
    },
    Problem {
        kind: "read-error",
        heading: "カードを読み取れませんでした",
        what: &[
            "スマートフォンのケースを外し、カードを平らな机の上に置いてください。金属の机の上では読み取れません。",
            "スマートフォンの上のほうをカードの真ん中に当て、終わるまで動かさないでください。",
        ],
    },
    Problem {
        kind: "pin-locked",
        heading: "暗証番号がロックされています",
        what: &[
            "利用者証明用の暗証番号（数字4けた）は、続けて3回まちがえるとロックされます。ロックは、このサイトでは解除できません。",
            "お住まいの市区町村の窓口か、コンビニエンスストアの端末で、暗証番号を初期化できます。",
        ],
    },
    Problem {
        kind: "unsupported-device",
        heading: "このスマートフォンではカードを使えません",
        what: &["アプリに対応していないスマートフォンか、カードの読み取り（NFC）がないスマートフォンです。"],
    },
    Problem {
        kind: "app-unavailable",
        heading: "カードを確かめられませんでした",
        what: &[
            "アプリのサービスが応答していないか、確認が終わりませんでした。少し待ってから、もう一度お試しください。",
        ],
    },
    Problem {
        kind: "request-expired",
        heading: "カードの確認の時間が過ぎました",
        what: &["10分以内に終わらなかったか、もう使われた確認です。もう一度はじめからお試しください。"],
    },
];

/// Explains why the card did not sign in.
pub(in crate::http) async fn show_of_sign_in(
    here: Here,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    draw(here, &path.into_inner().2, false)
}

/// Explains why the card did not open the initial password.
pub(in crate::http) async fn show_of_password(
    here: Here,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    draw(here, &path.into_inner().2, true)
}

fn draw(here: Here, kind: &str, is_for_password: bool) -> Result<HttpResponse, Error> {
    let problem = PROBLEMS.iter().find(|problem| problem.kind == kind).ok_or(Error::NotFound)?;
    page::ok(&CardProblemPage {
        problem,
        is_for_password,
        telephone: here.library.rules.contact.telephone.clone(),
        hours: here.library.rules.contact.hours.clone(),
        layout: here.layout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::card_sign_in::CardProblem;

    #[test]
    fn every_problem_has_its_page_and_every_page_another_way() {
        let problems = [
            CardProblem::Unknown,
            CardProblem::OtherPerson,
            CardProblem::Cancelled,
            CardProblem::ReadError,
            CardProblem::PinLocked,
            CardProblem::UnsupportedDevice,
            CardProblem::AppUnavailable,
            CardProblem::RequestExpired,
        ];
        assert_eq!(problems.len(), PROBLEMS.len());
        for problem in problems {
            let problem = PROBLEMS.iter().find(|known| known.kind == problem.kind()).expect("a page");
            for (is_for_password, way) in [(false, "/aozora/ja/sign-in\""), (true, "/aozora/ja/password\"")] {
                let (telephone, hours) = ("076-000-0000".into(), "9:30〜18:00".into());
                let page = CardProblemPage { layout: Layout::sample(), problem, is_for_password, telephone, hours };
                let page = page.render().unwrap();
                assert!(page.contains(way) && page.contains("076-000-0000"), "{}", problem.kind);
            }
        }
    }
}
