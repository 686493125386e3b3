//! Documents to keep: PDF files with names in the language of their readers.

use crate::domain::notice::NoticeContent;
use crate::http::filters::Day;
use crate::words::{Phrase, Words};
use actix_web::HttpResponse;
use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use time::Date;

/// Answers a PDF file to be saved under `name`; browsers that cannot read it take `plain_name` (RFC 6266 §4.3).
pub(in crate::http) fn attachment(document: Vec<u8>, name: &str, plain_name: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("application/pdf").insert_header(disposition(name, plain_name)).body(document)
}

/// The name of a notice.
pub(super) fn name_of_notice(words: Words, content: &NoticeContent) -> String {
    let (kind, day) = match content {
        NoticeContent::Declined(notice) => (words.patron_notice_file_declined(), Some(notice.decided_on)),
        NoticeContent::Returned(notice) => (words.patron_notice_file_returned(), Some(notice.asked_on)),
        NoticeContent::Reopened(notice) => (words.patron_notice_file_reopened(), Some(notice.reopened_on)),
        NoticeContent::OfCard(notice) => (words.patron_notice_file_card(), Some(notice.placed_on)),
        NoticeContent::Issued(_) | NoticeContent::IssuedToChildren(_) => {
            (words.patron_notice_file_issued(), content.card().map(|card| card.issued_on))
        }
        NoticeContent::Renewed(_)
        | NoticeContent::Reissued(_)
        | NoticeContent::Linked(_)
        | NoticeContent::PasswordIssued(_)
        | NoticeContent::Changed(_) => (words.patron_notice_file_card(), content.card().map(|card| card.issued_on)),
    };
    named(&kind, day)
}

fn named(kind: &Phrase, day: Option<Date>) -> String {
    let day = day.map(|day| format!("_{}", Day(day).iso())).unwrap_or_default();
    format!("{kind}{day}.pdf")
}

/// To be saved under `name`; browsers that cannot read it take `plain_name`.
pub(in crate::http) fn disposition(name: &str, plain_name: &str) -> ContentDisposition {
    let extended = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(plain_name.to_owned()), DispositionParam::FilenameExt(extended)],
    }
}

#[cfg(test)]
mod tests {
    use super::super::notice::tests::{a_declined_notice, an_issued_notice};
    use super::*;
    use crate::words::Lang;

    #[test]
    fn files_are_named_by_their_day() {
        let (issued, declined) = (an_issued_notice().content, a_declined_notice().content);
        assert_eq!(name_of_notice(Words::default(), &issued), "図書館カード交付通知_2026-11-20.pdf");
        assert_eq!(name_of_notice(Words::default(), &declined), "図書館カード申込みの結果_2026-11-21.pdf");
        assert_eq!(name_of_notice(Words::new(Lang::En), &issued), "Library card_2026-11-20.pdf");
        assert!(name_of_notice(Words::new(Lang::JaSimple), &issued).starts_with("図書館カードのお知らせ_"));
    }

    #[test]
    fn a_japanese_name_travels_percent_encoded_beside_a_plain_one() {
        let header = disposition("通知_1.pdf", "notice.pdf").to_string();
        assert_eq!(header, "attachment; filename=\"notice.pdf\"; filename*=UTF-8''%E9%80%9A%E7%9F%A5_1.pdf");
    }
}
