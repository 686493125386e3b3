//! How one notice is printed: how large, and how its reader can find out that it is genuine.

use super::DocumentError;
use super::fonts::{Fonts, Printed};
use super::qr::QrPicture;
use crate::domain::notice::PaperSize;
use serde::Serialize;

/// What the seal of a notice is called where programs list it and read it out.
pub const SEAL_LABEL: &str = "発行者の電子印";

/// How a notice is printed.
#[derive(Debug, Clone, Default)]
pub struct Edition {
    /// How large its type is.
    pub size: PaperSize,
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
    verification: Option<PrintedWay>,
    is_sealed: bool,
}

#[derive(Debug, Serialize)]
struct PrintedWay {
    code: String,
    page: Printed,
    qr: String,
}

impl Edition {
    /// # Errors
    /// [`DocumentError::QrCode`].
    pub(super) fn printed(&self, fonts: &Fonts) -> Result<PrintedEdition, DocumentError> {
        let way = |way: &WayToVerify| {
            let qr = QrPicture::of(&way.address).map_err(|_| DocumentError::QrCode)?;
            Ok::<_, DocumentError>(PrintedWay {
                code: way.code.clone(),
                page: fonts.printed(&way.page),
                qr: qr.to_svg(),
            })
        };
        Ok(PrintedEdition {
            scale: match self.size {
                PaperSize::Regular => 1.0,
                PaperSize::Large => 1.5,
            },
            verification: self.verification.as_ref().map(way).transpose()?,
            is_sealed: self.is_sealed,
        })
    }
}
