//! The evidence of one signature: an archive that anybody can check again, offline, in ten years.
//!
//! # The format, versions 1 and 2
//! A ZIP file without compression. With a detached signature it is laid out as an ASiC-S container
//! with `CAdES` (ETSI EN 319 162-1 §4.3), so that general validators open it as well:
//!
//! | File | What it is |
//! |---|---|
//! | `mimetype` | `application/vnd.etsi.asic-s+zip`; first, and only with a detached signature |
//! | `application.pdf` | the document as it was signed; the signed PDF itself if the signature is inside |
//! | `META-INF/signature.p7s` | the CMS signature in DER; absent if it is inside the PDF |
//! | `META-INF/evidence.json` | the [`Manifest`]: what this is, when it was received, every file with its SHA-256 |
//! | `META-INF/evidence/certificate.der` | the signer's certificate |
//! | `META-INF/evidence/anchor.der` | the root that signed it |
//! | `META-INF/evidence/verdict.json` | the verdict on receipt, with each step and its time |
//! | `META-INF/evidence/revocation-N.crl`, `.ocsp` | what was asked about revocation, as the authority signed it |
//! | `META-INF/evidence/README.txt` | how to check all this without this program |
//! | `META-INF/evidence/guardian/` | `signature.p7s`, `certificate.der`, `anchor.der`, `verdict.json`, `revocation.crl` or `.ocsp` of a guardian who signed the same document as well |
//! | `META-INF/attachments/N.jpg` | what was sent along as proof, as long as it is kept (version 2) |
//! | `META-INF/timestamp-N.tst` | RFC 3161 tokens over `evidence.json` |
//!
//! Because the manifest names the digest of every other file, a time-stamp over the manifest vouches
//! that all of it existed then. Nothing else may be in the archive, and nothing may be missing but
//! attachments: they are kept for a shorter time than the signature, and the manifest (and the signed
//! document) keeps their digests. An archive without attachments is written as version 1.
//!
//! A revocation list of many megabytes is not carried along: the manifest then keeps what the list
//! said of itself and its SHA-256 ([`Revocation::ListExtract`]).

mod archive;
mod error;
mod manifest;
mod verify;

pub use archive::Archive;
pub use error::ArchiveError;
pub use manifest::{Entry, FORMAT, Form, Manifest, Revocation, Role, SecondSignature, Subject};
pub use verify::{Attached, EvidenceVerdict, Recorded, SecondVerdict, Vouched, verify_evidence};

/// The document.
pub const DOCUMENT: &str = "application.pdf";
/// The detached signature.
pub const SIGNATURE: &str = "META-INF/signature.p7s";
/// The manifest.
pub const MANIFEST: &str = "META-INF/evidence.json";
/// The signer's certificate.
pub const CERTIFICATE: &str = "META-INF/evidence/certificate.der";
/// The root.
pub const ANCHOR: &str = "META-INF/evidence/anchor.der";
/// The verdict on receipt.
pub const VERDICT: &str = "META-INF/evidence/verdict.json";
/// The guardian's signature over the same document.
pub const GUARDIAN_SIGNATURE: &str = "META-INF/evidence/guardian/signature.p7s";
/// The guardian's certificate.
pub const GUARDIAN_CERTIFICATE: &str = "META-INF/evidence/guardian/certificate.der";
/// The root of the guardian's certificate.
pub const GUARDIAN_ANCHOR: &str = "META-INF/evidence/guardian/anchor.der";
/// The verdict on receipt of the guardian's signature.
pub const GUARDIAN_VERDICT: &str = "META-INF/evidence/guardian/verdict.json";
/// How to check without this program.
pub const README: &str = "META-INF/evidence/README.txt";

/// Text of [`README`].
pub const README_TEXT: &str = include_str!("README.txt");

#[cfg(test)]
mod tests;
