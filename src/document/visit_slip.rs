//! The visit slip (来館票): what a person who cannot sign takes to the counter.

use super::DocumentError;
use super::dates::PrintedDate;
use super::edition::Edition;
use super::fonts::Printed;
use super::qr::QrPicture;
use super::typesetter::{Order, Typesetter};
use crate::clock::start_of_day;
use crate::domain::library::Proof;
use crate::domain::visit::VisitSlip;
use serde::Serialize;
use time::Date;
use typst_pdf::PdfStandard;

#[derive(Serialize)]
struct SlipPage {
    library: Printed,
    reference: String,
    dated: PrintedDate,
    valid_until: PrintedDate,
    branch: Printed,
    bring: Vec<Bring>,
    open_on: Vec<PrintedDate>,
    hours: Printed,
    telephone: Printed,
    address: Printed,
    qr: String,
}

#[derive(Serialize)]
struct Bring {
    proves: Vec<Proof>,
    kinds: Vec<Printed>,
}

impl Typesetter {
    /// Sets a slip as PDF/A-2a + PDF/UA-1, A4, dated `today`; `url` is what its QR code says.
    ///
    /// # Errors
    /// [`DocumentError::QrCode`] for an address that no code can hold; [`DocumentError::NotSet`] is a fault of ours.
    pub fn visit_slip(&self, slip: &VisitSlip, url: &str, today: Date) -> Result<Vec<u8>, DocumentError> {
        let bring = slip.bring.iter().map(|one| Bring {
            proves: one.proves.clone(),
            kinds: one.kinds.iter().map(|kind| self.fonts.printed(kind)).collect(),
        });
        let data = SlipPage {
            library: self.fonts.printed(&slip.library_name),
            reference: slip.reference.to_string(),
            dated: today.into(),
            valid_until: slip.valid_until.into(),
            branch: self.fonts.printed(&slip.branch),
            bring: bring.collect(),
            open_on: slip.open_on.iter().map(|day| PrintedDate::from(*day)).collect(),
            hours: self.fonts.printed(&slip.hours),
            telephone: self.fonts.printed(&slip.telephone),
            address: self.fonts.printed(&slip.address),
            qr: QrPicture::of(url).map_err(|_| DocumentError::QrCode)?.to_svg(),
        };
        self.set(Order {
            template: "visit_slip.typ",
            edition: &Edition::default(),
            data,
            statement: None,
            archival: PdfStandard::A_2a,
            identity: format!("visit {} {today}", slip.reference),
            dated: start_of_day(today),
        })
    }
}
