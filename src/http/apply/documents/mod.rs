//! Pictures of documents: what is asked for, what is attached, and the way to add and to take back.
//!
//! Each file is sent by itself, so that what goes wrong with one costs none of the others. Nothing here needs a script.

pub(in crate::http) mod add;
pub(in crate::http) mod own;
pub(in crate::http) mod wording;

use super::applicant::{Applicant, Frame, Origin};
use crate::domain::answers::Question;
use crate::domain::asked_evidence::Asked;
use crate::domain::library::LibraryRules;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{CsrfForm, FieldErrors, Press};
use crate::http::page::{self, Layout};
use crate::service::attach::Attachment;
use crate::words::{AsTyped, AsWritten, Phrase};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::Date;

/// The overview.
#[derive(Template)]
#[template(path = "apply/documents.html")]
struct DocumentsPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    demands: Vec<Demanded>,
    attached: Vec<AttachedLine>,
    /// True if they take the place of a signature.
    is_unsigned: bool,
    /// As what a picture is attached that was sent once more.
    same: Option<AsWritten>,
}

/// Why the overview was opened, if not by going on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Arrival {
    same: String,
}

/// One demand in words.
struct Demanded {
    what: Phrase,
    is_required: bool,
    is_met: bool,
    /// What was shown before and proves it still.
    before: Option<Phrase>,
    kinds: Vec<KindLink>,
}

struct KindLink {
    label: AsWritten,
    url: String,
}

/// One attached picture.
struct AttachedLine {
    label: AsWritten,
    file_name: AsTyped,
    size: String,
    until: Option<Day>,
    is_expired: bool,
    hints: Vec<Phrase>,
    picture_url: String,
    remove_url: String,
}

/// Shows what is asked for and what is there; where neither is, there is no such question.
pub(in crate::http) async fn show(
    applicant: Applicant,
    origin: web::Query<Origin>,
    arrival: web::Query<Arrival>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Documents)?;
    if applicant.draft.asked_evidence(applicant.today()).is_empty() && applicant.draft.answers.attachments.is_empty() {
        return Ok(page::see_other(applicant.here.urls.apply_check()));
    }
    let same = applicant.draft.rules.evidence.iter().find(|kind| kind.code.as_str() == arrival.same);
    let same = same.map(|kind| (&kind.label).into());
    page::ok(&DocumentsPage { same, ..draw(applicant, &origin, FieldErrors::none()).await? })
}

/// Leads on once everything that is needed is there.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    origin: web::Query<Origin>,
    _form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Documents)?;
    let draft = &applicant.draft;
    if draft.lacks_evidence(applicant.today()) {
        let errors = FieldErrors::one("documents", applicant.words().apply_documents_missing());
        return page::again(&draw(applicant, &origin, errors).await?);
    }
    Ok(applicant.next_after(Question::Documents, &origin))
}

/// Leads from an address that only takes posts to the overview.
pub(in crate::http) async fn lead_there(applicant: Applicant) -> HttpResponse {
    page::see_other(applicant.here.urls.apply_documents())
}

async fn draw(applicant: Applicant, origin: &Origin, errors: FieldErrors) -> Result<DocumentsPage, Error> {
    let frame = applicant.frame(Question::Documents, origin);
    let (here, draft, today) = (&applicant.here, &applicant.draft, applicant.today());
    let attached = here.portal.attachments(&here.library, draft.application.id).await?;
    let attached = attached.iter().filter(|one| one.destroyed_at.is_none());
    let attached = attached.map(|one| AttachedLine::of(one, &draft.rules, &here.layout, today)).collect();
    let asked = draft.asked_evidence(today);
    let demands = asked
        .iter()
        .map(|asked| Demanded::of(asked, asked.is_met_by(&draft.answers.attachments, today), &here.layout))
        .collect();
    let is_unsigned = draft.answers.unsigned;
    Ok(DocumentsPage { frame, errors, demands, attached, is_unsigned, same: None, layout: applicant.here.layout })
}

impl Demanded {
    fn of(asked: &Asked<'_>, is_met: bool, layout: &Layout) -> Self {
        let link = |kind: &&crate::domain::library::EvidenceKind| KindLink {
            label: (&kind.label).into(),
            url: layout.urls.apply_document_of(&kind.code),
        };
        Self {
            what: wording::demand_in(layout.words, asked.proves),
            is_required: asked.is_required,
            is_met,
            before: asked.before.as_ref().map(|before| wording::of_before(layout.words, before)),
            kinds: asked.kinds.iter().map(link).collect(),
        }
    }
}

impl AttachedLine {
    fn of(attachment: &Attachment, rules: &LibraryRules, layout: &Layout, today: Date) -> Self {
        let kind = rules.evidence_kind(&attachment.kind);
        Self {
            label: kind.map(|kind| (&kind.label).into()).unwrap_or_default(),
            file_name: attachment.file_name.clone().unwrap_or_default().into(),
            size: crate::http::wording::size(attachment.size),
            until: attachment.expires_on.map(Day),
            is_expired: attachment.expires_on.is_some_and(|day| day < today),
            hints: attachment.hints.iter().map(|hint| wording::of_hint(layout.words, *hint)).collect(),
            picture_url: layout.urls.apply_document_picture(attachment.id),
            remove_url: layout.urls.apply_document_remove(attachment.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;
    use time::macros::date;

    fn drawn(is_met: bool, errors: FieldErrors) -> String {
        let licence =
            KindLink { label: "運転免許証".into(), url: "/aozora/ja/apply/documents/add/licence".into() };
        let demand =
            Demanded {
                what: "住所がわかる書類".into(), is_required: true, is_met, before: None, kinds: vec![licence]
            };
        let attached = AttachedLine {
            label: "運転免許証".into(),
            file_name: "<写真>.jpg".into(),
            size: "312 KB".into(),
            until: Some(Day(date!(2030 - 05 - 01))),
            is_expired: false,
            hints: vec![wording::of_hint(Words::default(), crate::picture::Hint::Blurred)],
            picture_url: "/aozora/ja/apply/documents/1/picture".into(),
            remove_url: "/aozora/ja/apply/documents/1/remove".into(),
        };
        let page = DocumentsPage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Documents),
            errors,
            demands: vec![demand],
            attached: if is_met { vec![attached] } else { Vec::new() },
            is_unsigned: is_met,
            same: is_met.then(|| "運転免許証".into()),
        };
        page.render().unwrap()
    }

    #[test]
    fn what_is_missing_is_asked_for_and_the_card_is_warned_about() {
        let page = drawn(false, FieldErrors::one("documents", "まだ付けていない書類があります"));
        for part in
            ["住所がわかる書類", "add/licence", "おもて面だけ", "通知カード", "href=\"#documents\"", "id=\"documents\""]
        {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn what_is_attached_can_be_looked_at_and_taken_back() {
        let page = drawn(true, FieldErrors::none());
        for part in [
            "&#60;写真&#62;.jpg",
            "312 KB",
            "2030年5月1日",
            "ぼやけて",
            "1/picture",
            "action=\"/aozora/ja/apply/documents/1/remove\"",
            "署名して申し込む",
            "もう「運転免許証」として付けてあります",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }
}
