//! The visit slip (来館票): what a person who cannot sign takes to the counter.

use super::DocumentError;
use super::dates::{PrintedDate, in_words};
use super::edition::Edition;
use super::fonts::{Line, Printed};
use super::qr::QrPicture;
use super::typesetter::{Order, Typesetter};
use super::wording;
use crate::clock::start_of_day;
use crate::domain::visit::VisitSlip;
use crate::words::{Lang, Phrase, Words};
use serde::Serialize;
use std::collections::BTreeMap;
use time::Date;
use typst_pdf::PdfStandard;

#[derive(Serialize)]
struct SlipPage {
    title: String,
    /// What staff call it, under a heading in another language.
    official: Option<Line>,
    texts: BTreeMap<&'static str, Line>,
    library: Line,
    reference: String,
    dated: PrintedDate,
    until: Line,
    branch: Line,
    bring: Vec<Bring>,
    open_on: Vec<PrintedDate>,
    hours: Line,
    telephone: Printed,
    address: Line,
    qr: String,
    qr_alt: String,
}

#[derive(Serialize)]
struct Bring {
    what: Line,
    kinds: Vec<Line>,
}

impl Typesetter {
    /// Sets a slip as PDF/A-2a + PDF/UA-1, A4, dated `today`; `url` is what its QR code says.
    ///
    /// # Errors
    /// [`DocumentError::QrCode`] for an address that no code can hold; [`DocumentError::NotSet`] is a fault of ours.
    pub fn visit_slip(&self, slip: &VisitSlip, url: &str, today: Date, words: Words) -> Result<Vec<u8>, DocumentError> {
        let fonts = &self.fonts;
        let what_for = |proves| words.document_slip_what_for(wording::of_proofs(words, proves));
        let bring = slip.bring.iter().map(|one| Bring {
            what: fonts.line(&what_for(&one.proves)),
            kinds: one.kinds.iter().map(|kind| fonts.line(&words.say(kind))).collect(),
        });
        let reference = slip.reference.to_string();
        let is_translated = !words.is_everyday_japanese();
        let data = SlipPage {
            title: format!("{} {reference}", words.apply_visit_slip().plain()),
            official: is_translated.then(|| fonts.line(&Words::new(Lang::Ja).apply_visit_slip())),
            texts: texts(words).into_iter().map(|(name, phrase)| (name, fonts.line(&phrase))).collect(),
            library: fonts.line(&words.say(&slip.library_name)),
            dated: PrintedDate::of(today, words, fonts),
            until: fonts.line(&words.document_slip_until(in_words(words, slip.valid_until))),
            branch: fonts.line(&words.say(&slip.branch)),
            bring: bring.collect(),
            open_on: slip.open_on.iter().map(|day| PrintedDate::of(*day, words, fonts)).collect(),
            hours: fonts.line(&words.say(&slip.hours)),
            telephone: fonts.printed(&slip.telephone),
            address: fonts.line(&words.say(&slip.address)),
            qr: QrPicture::of(url).map_err(|_| DocumentError::QrCode)?.to_svg(),
            qr_alt: words.document_slip_picture(&reference).plain(),
            reference,
        };
        self.set(Order {
            template: "visit_slip.typ",
            edition: &Edition { words, ..Edition::default() },
            data,
            statement: None,
            archival: PdfStandard::A_2a,
            identity: format!("visit {} {today}", slip.reference),
            dated: start_of_day(today),
        })
    }
}

fn texts(words: Words) -> [(&'static str, Phrase); 13] {
    [
        ("title", words.apply_visit_slip()),
        ("lead", words.document_slip_lead()),
        ("reference", words.apply_visit_reference()),
        ("valid", words.apply_visit_valid()),
        ("branch", words.apply_label_branch()),
        ("bring", words.document_slip_bring()),
        ("one_of", words.document_slip_one_of()),
        ("no_number", words.document_slip_no_number()),
        ("days", words.document_slip_days()),
        ("hours", words.document_slip_hours()),
        ("ask", words.document_slip_ask()),
        ("place", words.document_slip_place()),
        ("telephone", words.form_telephone()),
    ]
}
