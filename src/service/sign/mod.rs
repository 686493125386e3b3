//! Freezing a version, having it signed, and verifying what comes back.
//!
//! The document is set once, at the freeze; the app gets the `DigestInfo` of the DER
//! `signedAttrs` (RFC 5652 §5.4) whose `messageDigest` is the document's SHA-256; the answer
//! makes an ordinary CMS that anybody can verify with ordinary tools.
//!
//! - `freeze`: the draft becomes a version with a document
//! - `request`: the signing app is asked
//! - `completion`: its answer is fetched, verified and submitted
//! - `problem`: what can be wrong with it, one page each

mod completion;
mod freeze;
mod problem;
mod request;

pub(super) use completion::RECEIPT_SHOWN_FOR;
pub use completion::{Callback, SigningOutcome};
pub use freeze::Frozen;
pub use problem::SigningProblem;
