//! A card by itself: as it is cut out of a notice, and on a page of its own size to be kept or printed.

use super::DocumentError;
use super::barcode::nw7_svg;
use super::dates::western;
use super::edition::Edition;
use super::fonts::{Fonts, Line, Printed};
use super::typesetter::{Order, Typesetter};
use crate::clock::start_of_day;
use crate::domain::library_text::LibraryText;
use crate::words::Words;
use serde::Serialize;
use time::Date;
use typst_pdf::PdfStandard;

/// With bars of 0.4 mm the barcode is 14 mm high: easy to hit with a hand scanner.
const BARCODE_HEIGHT_IN_MODULES: u32 = 35;

/// What stands on a card.
#[derive(Debug, Clone)]
pub struct CardFace {
    /// The library.
    pub library: LibraryText,
    /// What its barcode says, with start and stop sign.
    pub barcode: String,
    /// The number in groups.
    pub number: String,
    /// The last day.
    pub expires_on: Date,
}

/// The same as the templates print it. Small, and so without readings.
#[derive(Serialize)]
pub(super) struct PrintedFace {
    card_number: String,
    barcode: String,
    barcode_modules: u32,
    barcode_alt: String,
    cut_title: Line,
    cut_until: Line,
}

impl CardFace {
    /// # Errors
    /// [`DocumentError::Barcode`] if NW-7 cannot say the number.
    pub(super) fn printed(&self, words: Words, fonts: &Fonts) -> Result<PrintedFace, DocumentError> {
        let small = words.with_ruby(false);
        let barcode = nw7_svg(&self.barcode, BARCODE_HEIGHT_IN_MODULES)?;
        Ok(PrintedFace {
            card_number: self.number.clone(),
            barcode_modules: barcode.modules(),
            barcode: barcode.to_string(),
            barcode_alt: words.patron_notice_barcode(&self.number).plain(),
            cut_title: fonts.line(&small.document_card_cut_title(&self.library)),
            cut_until: fonts.line(&small.document_card_cut_until(western(small, self.expires_on))),
        })
    }
}

#[derive(Serialize)]
struct Page {
    title: String,
    name: Printed,
    card: PrintedFace,
}

/// With so many dots a picture of a card fills a telephone's screen, and a bar of the barcode is some seven dots wide.
const DOTS_PER_POINT: f64 = 6.0;

impl Typesetter {
    /// Sets a card as PDF/A-2a + PDF/UA-1 on a page a little larger than it, with a line to cut along, as it is on `today`.
    ///
    /// # Errors
    /// [`DocumentError::Barcode`] if NW-7 cannot say the number; [`DocumentError::NotSet`] is a fault of ours.
    pub fn own_card(&self, face: &CardFace, name: &str, words: Words, today: Date) -> Result<Vec<u8>, DocumentError> {
        let edition = Edition { words, ..Edition::default() };
        self.set(self.order_of_card(face, name, &edition, today)?)
    }

    /// The same page as a PNG picture, to be kept among photographs for where there is no network.
    ///
    /// # Errors
    /// As [`own_card`](Self::own_card); [`DocumentError::Picture`] is a fault of ours.
    pub fn card_picture(
        &self,
        face: &CardFace,
        name: &str,
        words: Words,
        today: Date,
    ) -> Result<Vec<u8>, DocumentError> {
        let edition = Edition { words, ..Edition::default() };
        self.picture(&self.order_of_card(face, name, &edition, today)?, DOTS_PER_POINT)
    }

    fn order_of_card<'a>(
        &self,
        face: &CardFace,
        name: &str,
        edition: &'a Edition,
        today: Date,
    ) -> Result<Order<'a, Page>, DocumentError> {
        let words = edition.words;
        let title = words.card_show_title().plain();
        let data = Page { title, name: self.fonts.printed(name), card: face.printed(words, &self.fonts)? };
        Ok(Order {
            template: "own_card.typ",
            edition,
            data,
            statement: None,
            archival: PdfStandard::A_2a,
            identity: format!("card {} until {}", face.number, face.expires_on),
            dated: start_of_day(today),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TYPESETTER, text_of};
    use super::*;
    use crate::words::Lang;
    use std::process::Command;
    use time::macros::date;

    fn face() -> CardFace {
        CardFace {
            library: "姫路市立図書館".into(),
            barcode: "A300000014A".to_owned(),
            number: "3000 0001 4".to_owned(),
            expires_on: date!(2029 - 11 - 20),
        }
    }

    #[test]
    fn a_card_fills_one_small_page_in_each_language() {
        for (lang, until) in
            [(Lang::Ja, "2029年11月20日"), (Lang::JaSimple, "2029年11月20日"), (Lang::En, "20 November 2029")]
        {
            let words = Words::new(lang);
            let pdf = TYPESETTER.own_card(&face(), "姫路　花子", words, date!(2026 - 11 - 20)).unwrap();
            let text = text_of(&pdf, "own-card");
            for said in ["姫路市立図書館", "花子", "3000 0001 4", until] {
                assert!(text.contains(said), "{said}: {text}");
            }
            assert_eq!(text.matches('\u{c}').count(), 1, "one page");
            let again = TYPESETTER.own_card(&face(), "姫路　花子", words, date!(2026 - 11 - 20)).unwrap();
            assert!(pdf == again, "the same card is the same file");
        }
    }

    #[test]
    fn an_independent_reader_reads_the_kept_picture() {
        let today = date!(2026 - 11 - 20);
        let picture = TYPESETTER.card_picture(&face(), "姫路　花子", Words::new(Lang::Ja), today).unwrap();
        let file = std::env::temp_dir().join(format!("todoke-card-{}.png", std::process::id()));
        std::fs::write(&file, &picture).unwrap();
        let output = Command::new("zbarimg")
            .args(["-q", "--raw", "-Sdisable", "-Scodabar.enable"])
            .arg(&file)
            .output()
            .expect("zbarimg (Debian package zbar-tools) is needed for this test");
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "A300000014A");
        std::fs::remove_file(file).unwrap();
        let other = CardFace { expires_on: date!(2029 - 11 - 21), ..face() };
        let other = TYPESETTER.card_picture(&other, "姫路　花子", Words::new(Lang::Ja), today).unwrap();
        assert!(other != picture, "another day is another picture");
    }

    #[test]
    fn a_number_that_no_barcode_can_say_is_refused() {
        let strange = CardFace { barcode: "あ".to_owned(), ..face() };
        let set = TYPESETTER.own_card(&strange, "姫路　花子", Words::new(Lang::Ja), date!(2026 - 11 - 20));
        assert!(matches!(set, Err(DocumentError::Barcode(_))));
    }
}
