//! The ways of people who cannot sign: the same draft becomes a visit slip (来館票), or pictures of documents are sent.

use super::applicant::{Applicant, url_of};
use super::documents::wording;
use crate::document::qr::QrPicture;
use crate::domain::answers::Question;
use crate::domain::library::Signing;
use crate::domain::visit::VisitSlip;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Layout};
use crate::http::patron::pdf;
use crate::service;
use crate::words::{AsWritten, Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

/// Before there is a slip.
#[derive(Template)]
#[template(path = "apply/visit.html")]
struct OfferPage {
    layout: Layout,
    heading: Phrase,
    ways: OtherWays,
    awaiting_signature: bool,
    days: u32,
}

/// What a library offers to people who cannot sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OtherWays {
    /// A visit slip.
    pub(super) slip: bool,
    /// Pictures of documents.
    pub(super) pictures: bool,
    /// True if pictures are what was chosen.
    pub(super) is_unsigned: bool,
}

impl OtherWays {
    /// What is offered to this applicant.
    pub(super) fn of(applicant: &Applicant) -> Self {
        let draft = &applicant.draft;
        let pictures = draft.answers.may_send_pictures(draft.application.procedure, &draft.rules, applicant.today());
        Self { slip: draft.rules.unsigned.visit_slip, pictures, is_unsigned: draft.answers.unsigned }
    }

    /// The words that lead to them.
    pub(super) fn heading(self, words: Words) -> Phrase {
        if self.pictures { words.apply_sign_unsigned() } else { words.apply_sign_at_counter() }
    }
}

/// Which way was chosen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct WayForm {
    way: String,
}

/// The slip.
#[derive(Template)]
#[template(path = "apply/visit_slip.html")]
struct SlipPage {
    layout: Layout,
    reference: String,
    picture: Option<QrPicture>,
    bring: Vec<BringLine>,
    branch: AsWritten,
    open_on: Vec<Day>,
    hours: AsWritten,
    address: AsWritten,
    telephone: String,
    valid_until: Day,
    /// True if it was entered before and has to be put right.
    is_correction: bool,
    offers_pictures: bool,
}

struct BringLine {
    what: Phrase,
    kinds: Vec<AsWritten>,
}

/// Offers the slip, or shows it.
pub(in crate::http) async fn show(applicant: Applicant) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    let id = applicant.draft.application.id;
    if applicant.is_correcting() {
        // What was entered at the counter is put right there, with the same slip; what was signed is signed again.
        let slip = here.portal.slip_of_correction(&here.library, id).await?;
        let Some(slip) = slip else { return Ok(page::see_other(here.urls.counter())) };
        let url = staff_url(&applicant, &slip);
        return page::ok(&SlipPage { is_correction: true, ..draw(applicant.here.layout, slip, &url) });
    }
    applicant.has_come_to(Question::Documents)?;
    let ways = OtherWays::of(&applicant);
    if !ways.slip && !ways.pictures {
        return Ok(page::see_other(here.urls.counter()));
    }
    let slip = here.portal.visit_slip(&here.library, id).await?;
    match slip.filter(|_| !applicant.is_awaiting_signature() && !ways.is_unsigned) {
        Some(slip) => {
            let url = staff_url(&applicant, &slip);
            page::ok(&SlipPage { offers_pictures: ways.pictures, ..draw(applicant.here.layout, slip, &url) })
        }
        None => page::ok(&OfferPage {
            heading: ways.heading(applicant.words()),
            ways,
            awaiting_signature: applicant.is_awaiting_signature(),
            days: applicant.draft.rules.unsigned.visit_slip_days,
            layout: applicant.here.layout,
        }),
    }
}

/// Makes the slip.
pub(in crate::http) async fn submit(applicant: Applicant, _: CsrfForm<Press>) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    match here.portal.make_visit_slip(&here.library, applicant.draft.application.id).await {
        Ok(()) => Ok(page::see_other(here.urls.apply_visit())),
        Err(service::Error::Unanswered(question)) => Ok(page::see_other(url_of(&here.urls, question))),
        Err(error) => Err(error.into()),
    }
}

/// Chooses to send pictures, or to sign after all, and leads on.
pub(in crate::http) async fn choose(applicant: Applicant, form: CsrfForm<WayForm>) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    let (signing, location) = match form.input.way.as_str() {
        "pictures" => (Signing::Unsigned, here.urls.apply_documents()),
        "signature" => (Signing::Signed, here.urls.apply_check()),
        _ => return Err(Error::BadForm),
    };
    match here.portal.choose_signing(&here.library, applicant.draft.application.id, signing).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(service::Error::Unanswered(question)) => Ok(page::see_other(url_of(&here.urls, question))),
        Err(error) => Err(error.into()),
    }
}

/// Leads from the address that only takes posts to the page with the buttons.
pub(in crate::http) async fn lead_there(applicant: Applicant) -> HttpResponse {
    page::see_other(applicant.here.urls.apply_visit())
}

/// The slip on paper.
pub(in crate::http) async fn document(applicant: Applicant) -> Result<HttpResponse, Error> {
    let (here, id) = (&applicant.here, applicant.draft.application.id);
    let slip = here.portal.visit_slip(&here.library, id).await?.ok_or(Error::NotFound)?;
    let url = staff_url(&applicant, &slip);
    let document = here.portal.visit_slip_document(&here.library, id, url, here.layout.words).await?;
    let reference = slip.reference;
    let name = format!("{}_{reference}.pdf", applicant.words().apply_visit_slip());
    Ok(pdf::attachment(document, &name, &format!("visit_{reference}.pdf")))
}

/// What the code says: the page that staff sign in for. It opens nothing to anybody else.
fn staff_url(applicant: &Applicant, slip: &VisitSlip) -> String {
    let here = &applicant.here;
    format!("{}{}", here.portal.base_url, here.urls.staff_visit(&slip.reference))
}

fn draw(layout: Layout, slip: VisitSlip, url: &str) -> SlipPage {
    let line = |one: crate::domain::visit::BringAlong| BringLine {
        what: wording::demand_in(layout.words, &one.proves),
        kinds: one.kinds.iter().map(AsWritten::from).collect(),
    };
    let bring = slip.bring.into_iter().map(line).collect();
    SlipPage {
        layout,
        reference: slip.reference.to_string(),
        // Without a picture the number is typed.
        picture: QrPicture::of(url).ok(),
        bring,
        branch: (&slip.branch).into(),
        open_on: slip.open_on.into_iter().map(Day).collect(),
        hours: (&slip.hours).into(),
        address: (&slip.address).into(),
        telephone: slip.telephone,
        valid_until: Day(slip.valid_until),
        is_correction: false,
        offers_pictures: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::library::Proof;
    use crate::domain::reference::Reference;
    use crate::domain::visit::BringAlong;
    use time::macros::date;

    #[test]
    fn a_slip_shows_number_code_papers_and_days() {
        let slip = VisitSlip {
            library_name: "あおぞら市立図書館".into(),
            reference: Reference::from_random(42),
            branch: "本館".into(),
            bring: vec![BringAlong { proves: vec![Proof::Address], kinds: vec!["運転免許証".into()] }],
            open_on: vec![date!(2026 - 11 - 21)],
            hours: "9:30〜18:00".into(),
            telephone: "076-000-0000".into(),
            address: "あおぞら市中央1".into(),
            valid_until: date!(2026 - 12 - 20),
        };
        let reference = slip.reference.to_string();
        let page = draw(Layout::sample(), slip, "https://card.example.jp/aozora/staff/visits/1").render().unwrap();
        for part in [&*reference, "住所がわかる書類", "運転免許証", "2026年11月21日", "2026年12月20日", "role=\"img\""]
        {
            assert!(page.contains(part), "{part}");
        }
    }
}
