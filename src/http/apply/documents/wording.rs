//! What is asked for, and what went wrong with a file, in plain words.

use crate::domain::library::{Forbidden, Proof};
use crate::picture::{Hint, MOST_PAGES, Unreadable};
use crate::service::attach::AttachFault;

/// What a demand asks for.
pub(in crate::http) fn of_demand(proves: &[Proof]) -> String {
    let things: Vec<&str> = proves.iter().map(|proof| of_proof(*proof)).collect();
    format!("{}がわかる書類", things.join("か、"))
}

const fn of_proof(proof: Proof) -> &'static str {
    match proof {
        Proof::Address => "住所",
        Proof::Work => "勤め先",
        Proof::Study => "学校",
        Proof::Name => "氏名",
        Proof::Birth => "生年月日",
        Proof::Guardianship => "保護者であること",
        Proof::Guarantee => "保証人",
    }
}

/// What must not be on a picture.
pub(super) const fn of_forbidden(forbidden: Forbidden) -> &'static str {
    match forbidden {
        Forbidden::MyNumberCardBack => {
            "マイナンバーカードのうら面は、送らないでください。図書館は、マイナンバーを受け取れません。"
        }
        Forbidden::InsuranceNumber => "保険の記号・番号・保険者番号は、紙などでかくしてから撮ってください。",
    }
}

/// What a person should look at.
pub(super) const fn of_hint(hint: Hint) -> &'static str {
    match hint {
        Hint::Small => "画像が小さいようです。字が読めるか、画像を見て確かめてください。",
        Hint::Blurred => "画像がぼやけているようです。字が読めるか、画像を見て確かめてください。",
    }
}

/// Why a document was not attached, and what to do.
pub(super) fn of_fault(fault: AttachFault) -> String {
    match fault {
        AttachFault::OtherKind => {
            "この書類は、いまは受け付けていません。前の画面で、ほかの書類をえらんでください".to_owned()
        }
        AttachFault::DateMissing => "書類に書いてある日付を入力してください".to_owned(),
        AttachFault::Expired => "この書類は、期限が切れています。ほかの書類を送ってください".to_owned(),
        AttachFault::TooMany => "これ以上は送れません。前の画面で、いらない画像を取りやめてください".to_owned(),
        AttachFault::TooLarge => {
            "画像が大きすぎて、入りきりません。前の画面で、いらない画像を取りやめてください".to_owned()
        }
        AttachFault::Destroyed => {
            "この画像は、受け取れない画像だったので、図書館が消しました。ほかの画像を送ってください".to_owned()
        }
        AttachFault::Unreadable(reason) => of_reason(reason),
    }
}

/// Why a file does not become a picture, and what to do.
fn of_reason(reason: Unreadable) -> String {
    let words = match reason {
        Unreadable::Empty => "写真かPDFのファイルをえらんでください",
        Unreadable::Heic => {
            "HEICという形の写真は、開けません。ファイルをえらぶときに「写真を撮る」で撮りなおすか、JPEGに変えて送ってください"
        }
        Unreadable::Markup | Unreadable::OtherKind => {
            "このファイルは開けません。JPEGかPNGの写真、またはPDFを送ってください"
        }
        Unreadable::TwoKinds => "このファイルは、安全のため受け取れません。写真を撮りなおして送ってください",
        Unreadable::TooManyPixels => "写真が細かすぎます。カメラの設定を変えて撮りなおすか、小さくして送ってください",
        Unreadable::TooManyPages => {
            return format!("PDFは{MOST_PAGES}ページまでです。必要なページだけを送ってください");
        }
        Unreadable::Locked => "パスワードのかかったPDFは開けません。パスワードをはずすか、写真を撮って送ってください",
        Unreadable::FormProgram => "このPDFは、入力用の特別なPDFなので開けません。印刷して、写真を撮って送ってください",
        Unreadable::Damaged => "ファイルがこわれているようです。もう一度、写真を撮って送ってください",
        Unreadable::CutShort => {
            "画像が途中で切れています。ファイルがすべて保存されているか確かめるか、写真を撮りなおして送ってください"
        }
        Unreadable::TooMuchWork => "ファイルを開けませんでした。写真を撮りなおして送ってください",
    };
    words.to_owned()
}

/// A file that is larger than may be sent.
pub(super) fn too_large(largest_mb: usize) -> String {
    format!("ファイルが大きすぎます。{largest_mb}MBまで送れます。写真を小さくするか、撮りなおしてください")
}
