//! The documents that the applicant signed for, each with the way to its picture.

use crate::domain::attachment::Attached;
use crate::http::filters::{Day, Moment};
use crate::http::wording;
use crate::picture::Hint;
use crate::service::attach::Attachment;
use time::Date;

/// One document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) label: String,
    pub(super) size: String,
    pub(super) until: Option<Day>,
    pub(super) is_expired: bool,
    pub(super) hints: Vec<&'static str>,
    pub(super) attached_at: Option<Moment>,
    pub(super) destroyed_at: Option<Moment>,
    /// Where the picture is; `None` once it is gone.
    pub(super) url: Option<String>,
}

/// All documents of the signed statement; `url` makes the address of a picture.
pub(super) fn documents(
    signed: &[Attached],
    kept: &[Attachment],
    today: Date,
    url: impl Fn(&Attachment) -> String,
) -> Vec<Document> {
    let of_signed = |attached: &Attached| {
        let row = kept.iter().find(|row| row.sha256 == attached.sha256);
        Document {
            label: attached.label.clone(),
            size: wording::size(attached.size),
            until: attached.expires_on.map(Day),
            is_expired: attached.expires_on.is_some_and(|day| day < today),
            hints: row.into_iter().flat_map(|row| &row.hints).map(|hint| of_hint(*hint)).collect(),
            attached_at: row.map(|row| Moment(row.attached_at)),
            destroyed_at: row.and_then(|row| row.destroyed_at).map(Moment),
            url: row.filter(|row| row.destroyed_at.is_none()).map(&url),
        }
    };
    signed.iter().map(of_signed).collect()
}

const fn of_hint(hint: Hint) -> &'static str {
    match hint {
        Hint::Small => "小さい画像",
        Hint::Blurred => "ぼやけた画像",
    }
}
