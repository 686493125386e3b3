//! What each notice is called.

use crate::domain::notice::NoticeContent;

/// The heading of a notice in lists.
pub(super) const fn title_of(content: &NoticeContent) -> &'static str {
    match content {
        NoticeContent::Issued(_) | NoticeContent::IssuedToChildren(_) => {
            "貸出券番号等通知書（図書館カード交付のお知らせ）"
        }
        NoticeContent::Declined(_) => "お申し込みの結果のお知らせ",
        NoticeContent::Returned(_) => "申込みの修正のお願い",
        NoticeContent::Renewed(_) => "有効期限延長のお知らせ",
        NoticeContent::Reissued(_) => "図書館カード再発行のお知らせ",
        NoticeContent::Linked(_) => "マイナンバーカード登録のお知らせ",
        NoticeContent::PasswordIssued(_) => "予約用パスワード発行のお知らせ",
        NoticeContent::Changed(_) => "登録内容変更のお知らせ",
        NoticeContent::Reopened(_) => "決定を取り消したお知らせ",
    }
}
