//! Signatures in PDF files (ISO 32000-2 §12.8, ETSI EN 319 142-1): exactly one, over every byte of
//! the file but itself.
//!
//! The walk over the file is ours and strict, and inflates nothing, so no file can make it large. A
//! file with several signatures is refused: whether what came between two of them changed what people
//! see cannot be told from the signatures alone.

mod lexer;
mod object;
mod outline;
mod scan;
mod seal;
mod signature;
mod update;

use time::OffsetDateTime;

use super::chain::Trust;
use super::reason::Reason;
use super::revocation::CrlSet;
use super::step::{Check, Verdict};
use super::verify::{Document, Inspection, Verifier};
pub use seal::PdfSeal;
pub(super) use signature::Signature;

impl Verifier<'_> {
    /// Verifies the signature in a PDF. With `original`, the file must be that document with nothing
    /// added but an invisible signature.
    #[must_use]
    pub fn pdf(&self, pdf: &[u8], original: Option<&[u8]>) -> Verdict {
        let mut inspection = Inspection::new(self);
        let mut inspect = || {
            let signature = inspection.step(Check::Coverage, |facts| {
                let signature = Signature::find(pdf)?;
                facts.add("subfilter", signature.form.as_str());
                facts.add("signed-bytes", signature.covered.iter().map(|part| part.len()).sum::<usize>().to_string());
                Ok(signature)
            })?;
            if let Some(original) = original {
                inspection.step(Check::Original, |_| update::check(pdf, original, &signature))?;
            }
            let document = Document { beside: Some(&signature.covered), reference: signature.form.reference() };
            inspection.message(&signature.cms, document)
        };
        let result = inspect();
        inspection.conclude(result)
    }
}

/// Verifies the signature in a PDF as of the moment `at`; see [`Verifier::pdf`].
#[must_use]
pub fn verify_pdf(pdf: &[u8], original: Option<&[u8]>, trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    Verifier::new(trust, crls, at).pdf(pdf, original)
}

/// The CMS signature inside a PDF, to be kept beside it.
///
/// # Errors
/// The rule of [`Verifier::pdf`] that the file breaks before its signature is looked into.
pub fn pdf_signature(pdf: &[u8]) -> Result<Vec<u8>, Reason> {
    Ok(Signature::find(pdf)?.cms)
}
