//! How one notice is printed: how large, in which language, and how its reader can find out that it is genuine.

use super::DocumentError;
use super::fonts::{Fonts, Line, Printed};
use super::qr::QrPicture;
use crate::domain::notice::PaperSize;
use crate::words::Words;
use serde::Serialize;

/// How a notice is printed.
#[derive(Debug, Clone, Default)]
pub struct Edition {
    /// How large its type is.
    pub size: PaperSize,
    /// What it says, in the language of its reader.
    pub words: Words,
    /// How anybody can find out that it is genuine.
    pub verification: Option<WayToVerify>,
    /// True if the file will bear the library's seal; only then it may say so.
    pub is_sealed: bool,
}

/// How anybody can find out that a notice is genuine.
#[derive(Debug, Clone)]
pub struct WayToVerify {
    /// The code, grouped for people.
    pub code: String,
    /// The page about this notice, for the QR code.
    pub address: String,
    /// The page where the code is typed.
    pub page: String,
}

/// The same as the templates print it.
#[derive(Debug, Serialize)]
pub(super) struct PrintedEdition {
    /// What every measure of type is multiplied by.
    scale: f64,
    /// For those who hear it (ISO 14289-1, 7.2); both kinds of Japanese are Japanese.
    lang: &'static str,
    region: Option<&'static str>,
    has_readings: bool,
    missing_before: Line,
    missing_after: Line,
    verification: Option<PrintedWay>,
}

#[derive(Debug, Serialize)]
struct PrintedWay {
    heading: Line,
    what: Line,
    page_label: Line,
    page: Printed,
    code_label: Line,
    code: String,
    /// Says nothing of a seal that is not there.
    sealed: Option<Line>,
    qr: String,
    qr_alt: String,
}

impl Edition {
    /// What the seal of the notice is called where programs list it and read it out.
    #[must_use]
    pub fn seal_label(&self) -> String {
        self.words.document_layout_seal().plain()
    }

    /// # Errors
    /// [`DocumentError::QrCode`].
    pub(super) fn printed(&self, fonts: &Fonts) -> Result<PrintedEdition, DocumentError> {
        let words = self.words;
        let is_japanese = words.lang().is_japanese();
        Ok(PrintedEdition {
            scale: match self.size {
                PaperSize::Regular => 1.0,
                PaperSize::Large => 1.5,
            },
            lang: if is_japanese { "ja" } else { words.lang().as_str() },
            region: is_japanese.then_some("JP"),
            has_readings: words.has_ruby(),
            missing_before: fonts.line(&words.document_layout_missing_before()),
            missing_after: fonts.line(&words.document_layout_missing_after()),
            verification: self.verification.as_ref().map(|way| self.printed_way(way, fonts)).transpose()?,
        })
    }

    fn printed_way(&self, way: &WayToVerify, fonts: &Fonts) -> Result<PrintedWay, DocumentError> {
        let words = self.words;
        let qr = QrPicture::of(&way.address).map_err(|_| DocumentError::QrCode)?;
        Ok(PrintedWay {
            heading: fonts.line(&words.patron_notice_end()),
            what: fonts.line(&words.document_layout_check_what()),
            page_label: fonts.line(&words.document_layout_check_page()),
            page: fonts.printed(&way.page),
            code_label: fonts.line(&words.document_layout_check_code()),
            code: way.code.clone(),
            sealed: self.is_sealed.then(|| fonts.line(&words.document_layout_check_sealed())),
            qr: qr.to_svg(),
            qr_alt: words.document_layout_check_picture().plain(),
        })
    }
}
