//! What went wrong with signing: one page per kind, each saying what happened, that the
//! answers are kept, and what to do.

use super::visit::OtherWays;
use crate::http::error::Error;
use crate::http::page::{self, Here, Layout};
use actix_web::{HttpResponse, web};
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "apply/sign_problem.html")]
struct ProblemPage {
    layout: Layout,
    problem: &'static Problem,
    next: NextLink,
    telephone: String,
    hours: String,
    /// The words that lead to the ways without a signature.
    other_way: &'static str,
}

struct NextLink {
    url: String,
    label: &'static str,
}

/// One kind of problem.
#[derive(Debug)]
struct Problem {
    kind: &'static str,
    heading: &'static str,
    what: &'static [&'static str],
    next: Next,
    is_kept: bool,
}

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
const NOT_SHOWN: &str =
    "個人情報を守るため、カードの情報はこの画面に表示しません。直したあと、もう一度署名してください。";

const PROBLEMS: [Problem; 19] = [
    Problem {
        kind: "cancelled",
        heading: "署名を中止しました",
        what: &["アプリで署名を中止しました。申込みはまだ終わっていません。"],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "app-unavailable",
        heading: "署名のアプリにつながりません",
        what: &["アプリのサービスが応答していません。少し待ってから、もう一度お試しください。"],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "request-unknown",
        heading: "この署名は使えません",
        what: &[
            "もう使われた署名か、別の画面ではじめた署名です。同じ端末の同じブラウザーで、もう一度署名してください。",
        ],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "request-expired",
        heading: "署名の受付時間が過ぎました",
        what: &["署名をはじめてから30分以内に終わらなかったため、受け付けませんでした。もう一度署名してください。"],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "wrong-document",
        heading: "署名を確認できませんでした",
        what: &[
            "署名が、表示した申込みの内容と合いませんでした。もう一度署名してください。",
            "同じことがつづくときは、窓口へお知らせください。",
        ],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "expired",
        heading: "電子証明書の有効期限が切れています",
        what: &[
            "お住まいの市区町村の窓口で、署名用の電子証明書を更新してください。",
            "更新したあと、入力した内容の残っている間は、途中からつづけられます。",
        ],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "not-yet-valid",
        heading: "電子証明書がまだ使えません",
        what: &["電子証明書の有効期間がはじまっていません。しばらくしてから、もう一度署名してください。"],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "revoked",
        heading: "電子証明書が使えなくなっています",
        what: &[
            "引っ越しや氏名の変更のあとは、署名用の電子証明書が使えなくなります。カードをなくして止めたときも同じです。",
            "お住まいの市区町村の窓口で、新しい電子証明書の発行を受けてください。",
        ],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "no-certificate",
        heading: "署名用の電子証明書が入っていません",
        what: &[
            "このカードには、署名用の電子証明書がありません。15歳未満の方や、発行を受けていない方のカードには入っていません。",
            "15歳未満の方は、保護者の方といっしょに窓口で申し込めます。保護者の方が自分のカードで署名して申し込める図書館もあります。15歳以上の方は、お住まいの市区町村の窓口で発行を受けられます。",
        ],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "not-signed",
        heading: "署名が終わりませんでした",
        what: &["アプリで署名が最後まで終わりませんでした。もう一度署名してください。"],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "read-error",
        heading: "カードを読み取れませんでした",
        what: &[
            "スマートフォンのケースを外し、カードを平らな机の上に置いてください。金属の机の上では読み取れません。",
            "スマートフォンの上のほうをカードの真ん中に当て、終わるまで動かさないでください。",
        ],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "pin-locked",
        heading: "暗証番号がロックされています",
        what: &[
            "署名用の暗証番号を続けて5回まちがえたため、ロックされています。ロックは、このサイトでは解除できません。",
            "お住まいの市区町村の窓口で、再設定できます。利用者証明用の暗証番号（数字4けた）を覚えている方は、アプリで予約して、コンビニエンスストアの端末でも再設定できます。",
            "再設定したあと、入力した内容の残っている間は、途中からつづけられます。",
        ],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "unsupported-device",
        heading: "このスマートフォンでは署名できません",
        what: &[
            "アプリに対応していないスマートフォンか、カードの読み取り（NFC）がないスマートフォンです。",
            "ほかのスマートフォンで途中からつづけるか、窓口で申し込んでください。",
        ],
        next: Next::Resume,
        is_kept: true,
    },
    Problem {
        kind: "wrong-certificate",
        heading: "署名用ではない電子証明書が使われました",
        what: &[
            "マイナンバーカードには、署名用と利用者証明用の2つの電子証明書があります。署名用（暗証番号は英大文字と数字 6〜16文字）を使ってください。",
        ],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "not-trusted",
        heading: "この電子証明書は使えません",
        what: &["公的個人認証サービスの電子証明書ではありません。ご自分のマイナンバーカードで署名してください。"],
        next: Next::SignAgain,
        is_kept: true,
    },
    Problem {
        kind: "other-person",
        heading: "入力内容とカードの情報がちがいます",
        what: &[
            "入力した氏名と生年月日が、どちらもカードの情報とちがいます。ご自分のカードで署名したか、入力にまちがいがないか確かめてください。",
            NOT_SHOWN,
        ],
        next: Next::ChangeAnswers,
        is_kept: true,
    },
    Problem {
        kind: "other-name",
        heading: "入力した氏名とカードの氏名がちがいます",
        what: &[
            "氏名の入力にまちがいがないか確かめて、カードに書いてあるとおりに直してください。旧字体などの文字のちがいは、そのままでかまいません。",
            "氏名が変わった方は、カードと電子証明書の変更が済んでいるか確かめてください。",
            NOT_SHOWN,
        ],
        next: Next::ChangeName,
        is_kept: true,
    },
    Problem {
        kind: "other-birth",
        heading: "入力した生年月日とカードの生年月日がちがいます",
        what: &[
            "生年月日の入力にまちがいがないか確かめて、直してください。元号と西暦のまちがいにも気をつけてください。",
            NOT_SHOWN,
        ],
        next: Next::ChangeBirth,
        is_kept: true,
    },
    Problem {
        kind: "already-applied",
        heading: "すでに申し込まれています",
        what: &[
            "このカードの持ち主の申込みを、もう受け付けています。新しい申込みは送られていません。",
            "申込番号は、受付のお知らせのメールにあります。",
        ],
        next: Next::Status,
        is_kept: false,
    },
];

/// Has a changed answer lead back to all answers.
const FROM_CHECK: &str = "?from=check";

/// What a telephone says that signed for a PC, and whether it may try again by itself.
pub(in crate::http) struct ProblemWords {
    pub(in crate::http) heading: &'static str,
    pub(in crate::http) what: &'static [&'static str],
    pub(in crate::http) may_sign_again: bool,
}

/// The words for a kind of problem.
pub(in crate::http) fn words_of(kind: &str) -> Option<ProblemWords> {
    let Problem { heading, what, next, .. } = PROBLEMS.iter().find(|problem| problem.kind == kind)?;
    Some(ProblemWords { heading, what, may_sign_again: matches!(next, Next::SignAgain) })
}

/// Explains a problem.
pub(in crate::http) async fn show(
    here: Here,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    let (_, _, kind) = path.into_inner();
    let problem = PROBLEMS.iter().find(|problem| problem.kind == kind).ok_or(Error::NotFound)?;
    let urls = &here.urls;
    let next = match problem.next {
        Next::SignAgain => NextLink { url: urls.apply_sign(), label: "もう一度署名する" },
        Next::ChangeAnswers => NextLink { url: urls.apply_check(), label: "入力した内容を確かめる" },
        Next::ChangeName => NextLink { url: urls.apply_name() + FROM_CHECK, label: "氏名を直す" },
        Next::ChangeBirth => NextLink { url: urls.apply_birth() + FROM_CHECK, label: "生年月日を直す" },
        Next::Status => NextLink { url: urls.status(), label: "申込みの状況を見る" },
        Next::Resume => NextLink { url: urls.apply_pause(), label: "保存して後でつづける" },
    };
    let unsigned = &here.library.rules.unsigned;
    page::ok(&ProblemPage {
        problem,
        next,
        telephone: here.library.rules.contact.telephone.clone(),
        hours: here.library.rules.contact.hours.clone(),
        other_way: OtherWays { slip: unsigned.visit_slip, pictures: unsigned.upload, is_unsigned: false }.heading(),
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
                problem,
                next: NextLink { url: "/aozora/ja/apply/sign".into(), label: "もう一度署名する" },
                telephone: "076-000-0000".into(),
                hours: "9:30〜18:00".into(),
                other_way: "署名しないで続ける",
            };
            let page = page.render().unwrap();
            assert!(page.contains("076-000-0000") && page.contains("/aozora/ja/counter"));
            assert_eq!(page.contains("入力した内容は保存されています"), problem.is_kept, "{}", problem.kind);
        }
    }
}
