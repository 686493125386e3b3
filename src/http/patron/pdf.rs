//! Documents to keep: PDF files with Japanese names.

use crate::http::filters::Day;
use actix_web::HttpResponse;
use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use time::Date;

/// Answers a PDF file to be saved under `name`; browsers that cannot read it take `plain_name` (RFC 6266 §4.3).
pub(in crate::http) fn attachment(document: Vec<u8>, name: &str, plain_name: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("application/pdf").insert_header(disposition(name, plain_name)).body(document)
}

/// The name of a notice that a card was issued.
pub(super) fn name_of_issued(day: Date) -> String {
    format!("図書館カード交付通知_{}.pdf", Day(day).iso())
}

/// The name of a notice of refusal.
pub(super) fn name_of_declined(day: Date) -> String {
    format!("図書館カード申込みの結果_{}.pdf", Day(day).iso())
}

/// The name of a request for correction.
pub(super) fn name_of_returned(day: Date) -> String {
    format!("図書館カード申込みの修正のお願い_{}.pdf", Day(day).iso())
}

/// The name of a notice that a decision was opened again.
pub(super) fn name_of_reopened(day: Date) -> String {
    format!("図書館カードの決定の取り消し_{}.pdf", Day(day).iso())
}

/// The name of any other notice about a card.
pub(super) fn name_about_card(day: Date) -> String {
    format!("図書館カードのお知らせ_{}.pdf", Day(day).iso())
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
    use super::*;
    use time::macros::date;

    #[test]
    fn files_are_named_by_their_day() {
        assert_eq!(name_of_issued(date!(2026 - 11 - 05)), "図書館カード交付通知_2026-11-05.pdf");
        assert_eq!(name_of_declined(date!(2026 - 11 - 05)), "図書館カード申込みの結果_2026-11-05.pdf");
    }

    #[test]
    fn a_japanese_name_travels_percent_encoded_beside_a_plain_one() {
        let header = disposition("通知_1.pdf", "notice.pdf").to_string();
        assert_eq!(header, "attachment; filename=\"notice.pdf\"; filename*=UTF-8''%E9%80%9A%E7%9F%A5_1.pdf");
    }
}
