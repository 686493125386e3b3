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
    pub(super) picture: Picture,
}

/// Where the picture is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Picture {
    /// There.
    At(String),
    /// There, and not for this member of staff.
    Withheld,
    /// Destroyed by staff.
    Destroyed(Moment),
    /// Gone with the contents of the application.
    Gone,
}

/// All documents of the signed statement; `url` makes the address of a picture, for those who may open it.
pub(super) fn documents(
    signed: &[Attached],
    kept: &[Attachment],
    today: Date,
    url: impl Fn(&Attachment) -> Option<String>,
) -> Vec<Document> {
    let of_signed = |attached: &Attached| {
        let row = kept.iter().find(|row| row.sha256 == attached.sha256);
        Document {
            label: attached.label.clone(),
            size: wording::size(attached.size),
            until: attached.expires_on.map(Day),
            is_expired: attached.expires_on.is_some_and(|day| day < today),
            hints: row.into_iter().flat_map(|row| &row.hints).map(|hint| of_hint(*hint)).collect(),
            picture: row.map_or(Picture::Gone, |row| match row.destroyed_at {
                Some(at) => Picture::Destroyed(Moment(at)),
                None => url(row).map_or(Picture::Withheld, Picture::At),
            }),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ApplicationId, AttachmentId, LibraryId};
    use crate::domain::version::Digest;
    use time::OffsetDateTime;
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn signed(octet: u8) -> Attached {
        Attached {
            kind: "licence".parse().unwrap(),
            label: "運転免許証".into(),
            sha256: Digest::from_bytes([octet; 32]),
            size: 2048,
            expires_on: Some(date!(2026 - 11 - 19)),
        }
    }

    fn kept(octet: u8, destroyed_at: Option<OffsetDateTime>) -> Attachment {
        let signed = signed(octet);
        Attachment {
            id: AttachmentId::new(NOW),
            library_id: LibraryId::new(NOW),
            application_id: ApplicationId::new(NOW),
            kind: signed.kind,
            file_name: None,
            size: signed.size,
            sha256: signed.sha256,
            hints: vec![Hint::Blurred],
            expires_on: signed.expires_on,
            attached_at: NOW,
            destroyed_at,
        }
    }

    #[test]
    fn every_signed_document_says_where_its_picture_is() {
        let all = [signed(1), signed(2), signed(3)];
        let rows = [kept(1, None), kept(2, Some(NOW)), kept(9, None)];
        let pictures = |may: bool| {
            let documents = documents(&all, &rows, date!(2026 - 11 - 20), |_| may.then(|| "/picture".to_owned()));
            assert!(documents[0].is_expired && documents[0].hints == ["ぼやけた画像"]);
            documents.into_iter().map(|document| document.picture).collect::<Vec<_>>()
        };
        assert_eq!(pictures(true), [Picture::At("/picture".into()), Picture::Destroyed(Moment(NOW)), Picture::Gone]);
        assert_eq!(pictures(false)[0], Picture::Withheld);
    }
}
