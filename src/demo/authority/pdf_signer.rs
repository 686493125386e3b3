//! Signing software on a computer with a card reader: a signature inside the PDF.

use time::OffsetDateTime;

use super::{Failed, TestCard};
use crate::jpki::{PdfSeal, SignedAttributes};

impl TestCard {
    /// The PDF with an invisible signature of this card over the whole file.
    ///
    /// # Errors
    /// [`Failed`] for a PDF without an ordinary cross-reference table, or with a form already.
    pub fn sign_pdf(&self, pdf: &[u8], at: OffsetDateTime) -> Result<Vec<u8>, Failed> {
        let seal = PdfSeal::prepare(pdf, at).map_err(|_| Failed)?;
        let attributes = SignedAttributes::new(seal.sha256(), at);
        let signature = self.sign(&attributes.digest_info())?;
        let cms = attributes.to_cms(&signature, self.certificate_der()).map_err(|_| Failed)?;
        seal.seal(&cms).map_err(|_| Failed)
    }
}
