//! What the answer about a notice says.

use crate::domain::verification::{NoticeStanding, VerifiedNotice};
use crate::service::verify_notice::FileVerdict;

/// The words of an answer, and how it is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) advice: &'static str,
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
}

impl Outcome {
    /// About a code.
    pub(super) fn of_code(known: Option<&VerifiedNotice>) -> Self {
        known.map_or(UNKNOWN, |known| of_standing(known.standing))
    }

    /// About a file, with what may be said of its notice.
    pub(super) fn of_file(verdict: &FileVerdict) -> (Self, Option<&VerifiedNotice>) {
        match verdict {
            FileVerdict::Given(known) => (of_standing(known.standing), Some(known)),
            FileVerdict::Sealed => (SEALED, None),
            FileVerdict::Unsealed => (UNSEALED, None),
            FileVerdict::Foreign => (FOREIGN, None),
            FileVerdict::Changed => (CHANGED, None),
        }
    }
}

const fn of_standing(standing: NoticeStanding) -> Outcome {
    match standing {
        NoticeStanding::InForce => Outcome {
            title: "本物です",
            lead: "この図書館が発行した、いちばん新しい通知です。",
            advice: "通知の種類と日付が、お手元の通知と同じか確かめてください。",
            tone: "ok",
            icon: "ok",
        },
        NoticeStanding::Superseded => Outcome {
            title: "新しい通知があります",
            lead: "本物の通知ですが、このあとに、同じ申込みやカードについての新しい通知が発行されています。",
            advice: "いまの内容は、新しい通知で確かめてください。",
            tone: "warn",
            icon: "warn",
        },
        NoticeStanding::Revoked => Outcome {
            title: "取り消されています",
            lead: "この図書館が発行した通知ですが、決定を見直したため、取り消されています。",
            advice: "この通知は使えません。くわしいことは、図書館に問い合わせてください。",
            tone: "err",
            icon: "alert",
        },
        NoticeStanding::Erased => Outcome {
            title: "記録だけが残っています",
            lead: "この図書館が発行した通知ですが、保存期間が過ぎて、内容は消えています。",
            advice: "いまも使える内容かどうかは、ここではわかりません。図書館に問い合わせてください。",
            tone: "warn",
            icon: "warn",
        },
    }
}

const UNKNOWN: Outcome = Outcome {
    title: "見つかりません",
    lead: "この確認コードの通知は、この図書館にありません。",
    advice: "確認コードを、もう一度確かめてください。コードが正しいときは、この図書館の通知ではない可能性があります。",
    tone: "err",
    icon: "alert",
};
const SEALED: Outcome = Outcome {
    title: "電子印は正しいものです",
    lead: "この図書館の電子印が付いていて、ファイルは変えられていません。",
    advice: "このファイルの記録は、図書館に残っていません。いまも使える内容かどうかは、図書館に問い合わせてください。",
    tone: "warn",
    icon: "warn",
};
const UNSEALED: Outcome = Outcome {
    title: "電子印がありません",
    lead: "このファイルには、電子印が付いていません。",
    advice: "印刷したり、画像にしたり、保存しなおしたりしたファイルには、電子印が残りません。通知の確認コードで確かめてください。",
    tone: "err",
    icon: "alert",
};
const FOREIGN: Outcome = Outcome {
    title: "この図書館の電子印ではありません",
    lead: "このファイルには、この図書館のものではない電子印が付いています。",
    advice: "この図書館が発行した通知ではない可能性があります。通知の確認コードでも確かめてください。",
    tone: "err",
    icon: "alert",
};
const CHANGED: Outcome = Outcome {
    title: "ファイルが変えられています",
    lead: "電子印が付いたあとに、ファイルの中身が変わっています。",
    advice: "このファイルの内容を信じないでください。通知の確認コードで確かめてください。",
    tone: "err",
    icon: "alert",
};

/// The title of a kind of notice, as the notice itself bears it.
pub(super) fn kind(kind: &str) -> &'static str {
    match kind {
        "issued" => "貸出券番号等通知書",
        "declined" => "お申し込みの結果のお知らせ",
        "returned" => "申込みの修正のお願い",
        "renewed" => "有効期限延長のお知らせ",
        "reissued" => "図書館カード再発行のお知らせ",
        "linked" => "マイナンバーカード登録のお知らせ",
        "password_issued" => "予約用パスワード発行のお知らせ",
        "changed" => "登録内容変更のお知らせ",
        _ => "図書館からの通知",
    }
}
