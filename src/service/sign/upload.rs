//! Signed with other software, at a PC with a card reader: the signature is uploaded.
//!
//! Nobody was asked to sign, so there is no transaction to bind to: session, version and digest
//! must do. What comes is either a detached signature over our document, or our document with a
//! signature added to its end; the bytes before that must be ours exactly.

use super::problem::SigningProblem;
use super::submit::{Bond, Signed, SubmitFailure};
use crate::domain::application::ApplicationState;
use crate::domain::ids::ApplicationId;
use crate::domain::library::Library;
use crate::jpki::{self, Form, Outcome, Reason, Verdict};
use crate::service::apply::load_draft;
use crate::service::session::SessionToken;
use crate::service::{Error, Portal};
use crate::store::versions::FrozenVersion;
use crate::store::{Tx, versions};
use time::OffsetDateTime;

/// The most that a signature may weigh, by itself or added to the document.
pub const LARGEST_SIGNATURE: usize = 1 << 20;
/// How many older versions an upload is compared with.
const OLDER_VERSIONS: u32 = 20;

/// What came of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadOutcome {
    /// The signature is good; the application is in the queue.
    Submitted,
    /// It is a signature, and why it is not accepted; the draft is kept.
    Problem(SigningProblem),
    /// It is not what was asked for; the draft is kept.
    Fault(UploadFault),
}

/// What else than a signature over the present document was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadFault {
    /// Nothing.
    Empty,
    /// More than any signature.
    TooLarge,
    /// A picture.
    Picture,
    /// A certificate alone.
    Certificate,
    /// The document as it was downloaded.
    Unsigned,
    /// The document of an older version.
    OtherVersion,
    /// A PDF that does not begin with the bytes of our document.
    OtherPdf,
    /// Our document with a signature that shows on its pages.
    VisibleSignature,
    /// Anything else.
    OtherKind,
}

/// What the first bytes of a file say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Pdf,
    Signature,
}

impl Portal {
    /// How large an upload may be: the document with a signature.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the first freeze.
    pub async fn largest_upload(&self, library: &Library, id: ApplicationId) -> Result<usize, Error> {
        Ok(self.frozen_document(library, id).await?.len() + LARGEST_SIGNATURE)
    }

    /// Takes an uploaded signature over version `seen`: verifies it and submits the application, or says what is
    /// wrong with it and keeps the draft.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless a signature is awaited; beyond that only failures inside.
    pub async fn submit_upload(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
        seen: u32,
        file: Vec<u8>,
    ) -> Result<UploadOutcome, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let draft = load_draft(&mut tx, library, id).await?;
        let ApplicationState::AwaitingSignature { version, expires_at, .. } = draft.application.state else {
            return Err(Error::NotFound);
        };
        if expires_at <= now {
            return Ok(UploadOutcome::Problem(SigningProblem::RequestExpired));
        }
        let frozen = versions::find(&mut tx, id, version.number).await?.ok_or(Error::NotFound)?;
        let older = older_documents(&mut tx, id, version.number).await?;
        drop(tx);
        let judged = match kind_of(&file) {
            Ok(_) if seen != version.number => Err(UploadFault::OtherVersion),
            Ok(FileKind::Pdf) => self.judge_pdf(&file, &frozen, &older, now),
            Ok(FileKind::Signature) => self.judge_detached(&file, &frozen, &older, now),
            Err(fault) => Err(fault),
        };
        let Judged { cms, pdf_update, verdict } = match judged {
            Ok(judged) => judged,
            Err(fault) => return Ok(UploadOutcome::Fault(fault)),
        };
        let certificate = verdict.signer.as_ref().map(|signer| signer.certificate.clone()).unwrap_or_default();
        let verdict = self.ask_responders(verdict, &certificate, now).await;
        let problem = match verdict.outcome {
            Outcome::Valid => {
                let bond = Bond::Upload { version, session_hash: token.hash() };
                let signed = Signed { bond, version: version.number, cms, pdf_update, verdict };
                match Box::pin(self.submit(library, draft.clone(), signed, now)).await {
                    Ok(()) => return Ok(UploadOutcome::Submitted),
                    Err(SubmitFailure::Problem(problem)) => problem,
                    Err(SubmitFailure::Failed(error)) => return Err(error),
                }
            }
            Outcome::Refused(reason) => {
                tracing::info!(reason = reason.as_str(), "uploaded signature refused");
                SigningProblem::of_reason(reason)
            }
        };
        self.record_problem(&draft, None, &problem, now).await?;
        Ok(UploadOutcome::Problem(problem))
    }

    fn judge_detached(
        &self,
        file: &[u8],
        frozen: &FrozenVersion,
        older: &[Vec<u8>],
        now: OffsetDateTime,
    ) -> Result<Judged, UploadFault> {
        if file.len() > LARGEST_SIGNATURE {
            return Err(UploadFault::TooLarge);
        }
        let cms = jpki::pem_or_der(file).ok_or(UploadFault::OtherKind)?.into_owned();
        let lists = self.revocation.current();
        let verify = |document| jpki::verify_cms(&cms, Some(document), &self.trust, &lists, now);
        let verdict = verify(&frozen.document);
        let is_other = |verdict: &Verdict| verdict.reason() == Some(Reason::MessageDigestMismatch);
        if is_other(&verdict) && older.iter().any(|document| !is_other(&verify(document))) {
            return Err(UploadFault::OtherVersion);
        }
        Ok(Judged { cms, pdf_update: None, verdict })
    }

    fn judge_pdf(
        &self,
        file: &[u8],
        frozen: &FrozenVersion,
        older: &[Vec<u8>],
        now: OffsetDateTime,
    ) -> Result<Judged, UploadFault> {
        // Software adds a signature as an update at the end (ISO 32000-2 §7.5.6): everything before is ours, or else
        // another document was signed than the one that was shown.
        let Some(update) = file.strip_prefix(&frozen.document[..]) else {
            let is_older = older.iter().any(|document| file.starts_with(document));
            return Err(if is_older { UploadFault::OtherVersion } else { UploadFault::OtherPdf });
        };
        if update.trim_ascii().is_empty() {
            return Err(UploadFault::Unsigned);
        }
        if update.len() > LARGEST_SIGNATURE {
            return Err(UploadFault::TooLarge);
        }
        let lists = self.revocation.current();
        let verdict = jpki::verify_pdf(file, Some(&frozen.document), &self.trust, &lists, now);
        match verdict.reason() {
            Some(Reason::PdfSignatureMissing) => return Err(UploadFault::Unsigned),
            Some(Reason::PdfOriginalChanged | Reason::PdfContentChanged) => return Err(UploadFault::OtherPdf),
            Some(Reason::PdfSignatureVisible) => return Err(UploadFault::VisibleSignature),
            _ => {}
        }
        // Where there is none to take out, the verdict says what is wrong with it.
        let cms = jpki::pdf_signature(file).unwrap_or_default();
        Ok(Judged { cms, pdf_update: Some(update.to_vec()), verdict })
    }
}

/// A signature and what the engine says of it.
struct Judged {
    cms: Vec<u8>,
    pdf_update: Option<Vec<u8>>,
    verdict: Verdict,
}

/// The documents of versions that are void by now, newest first.
async fn older_documents(tx: &mut Tx, id: ApplicationId, current: u32) -> Result<Vec<Vec<u8>>, Error> {
    let mut documents = Vec::new();
    for number in (1..current).rev().take(OLDER_VERSIONS as usize) {
        documents.extend(versions::find(tx, id, number).await?.map(|frozen| frozen.document));
    }
    Ok(documents)
}

/// Tells files apart by their first bytes; what they are called says nothing.
fn kind_of(file: &[u8]) -> Result<FileKind, UploadFault> {
    const PICTURES: [&[u8]; 6] = [b"\xFF\xD8\xFF", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*"];
    if file.is_empty() {
        return Err(UploadFault::Empty);
    }
    if file.starts_with(b"%PDF-") {
        return Ok(FileKind::Pdf);
    }
    // HEIC, as telephones take photographs: ISO/IEC 14496-12 names the brand after the first box's length.
    if PICTURES.iter().any(|start| file.starts_with(start)) || file.get(4..8) == Some(b"ftyp") {
        return Err(UploadFault::Picture);
    }
    let der = jpki::pem_or_der(file).ok_or(UploadFault::OtherKind)?;
    match Form::of(&der) {
        Some(Form::Cms) => Ok(FileKind::Signature),
        Some(Form::Certificate) => Err(UploadFault::Certificate),
        Some(Form::List | Form::OcspResponse | Form::PublicKey) | None => Err(UploadFault::OtherKind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_are_told_apart_by_what_they_are() {
        for (file, kind) in [
            (&b""[..], Err(UploadFault::Empty)),
            (b"%PDF-1.7\n", Ok(FileKind::Pdf)),
            (b"\xFF\xD8\xFF\xE0JFIF", Err(UploadFault::Picture)),
            (b"\x89PNG\r\n", Err(UploadFault::Picture)),
            (b"\0\0\0\x18ftypheic", Err(UploadFault::Picture)),
            (b"\x30\x82\x01\x00\x06\x09", Ok(FileKind::Signature)),
            (b"\x30\x80\x06\x09", Ok(FileKind::Signature)),
            (b"\x30\x82\x01\x00\x30\x82", Err(UploadFault::Certificate)),
            (b"-----BEGIN PKCS7-----\nMIAGCQ==\n-----END PKCS7-----\n", Ok(FileKind::Signature)),
            (b"-----BEGIN PKCS7-----\n????\n-----END PKCS7-----\n", Err(UploadFault::OtherKind)),
            (b"PK\x03\x04", Err(UploadFault::OtherKind)),
            (b"<html>", Err(UploadFault::OtherKind)),
        ] {
            assert_eq!(kind_of(file), kind, "{}", String::from_utf8_lossy(file));
        }
    }

    proptest! {
        #[test]
        fn no_file_causes_a_panic(file: Vec<u8>) {
            let _ = kind_of(&file);
        }
    }
}
