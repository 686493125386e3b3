//! What each notice is called.

use crate::document::ToldOfCard;
use crate::domain::notice::NoticeContent;
use crate::words::{Phrase, Words};

/// The heading of a notice in lists.
pub(super) fn title_of(words: Words, content: &NoticeContent) -> Phrase {
    match content {
        NoticeContent::Issued(_) | NoticeContent::IssuedToChildren(_) => words.patron_notice_issued_list(),
        NoticeContent::Declined(_) => words.patron_notice_declined_title(),
        NoticeContent::Returned(_) => words.patron_notice_returned_title(),
        NoticeContent::Renewed(_) => words.patron_notice_renewed_title(),
        NoticeContent::Reissued(_) => words.patron_notice_reissued_title(),
        NoticeContent::Linked(_) => words.patron_notice_linked_title(),
        NoticeContent::PasswordIssued(_) => words.patron_notice_new_password_title(),
        NoticeContent::Changed(_) => words.patron_notice_changed_title(),
        NoticeContent::Reopened(_) => words.patron_notice_reopened_title(),
        NoticeContent::OfCard(notice) => (ToldOfCard::of(words, notice).title)(words),
    }
}
