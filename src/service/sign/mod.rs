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
//! - `handoff`: from a PC to a telephone, where another session signs for the one that applies; `wait`: the PC waits
//! - `upload`: signed with other software (a card reader at a PC), nobody was asked
//! - `submit`: where all three ways meet
//! - `cosign`: a guardian is asked, and signs the same bytes
//! - `unsigned`: nobody signs: pictures of documents are sent instead, or staff enter it at the counter

mod completion;
mod cosign;
mod freeze;
mod handoff;
mod problem;
mod request;
mod submit;
mod unsigned;
mod upload;
mod wait;

pub use crate::domain::handoff::{HANDOFF_LIFE, MatchNumber};
pub use completion::{Callback, SigningOutcome};
pub use cosign::{ConfirmedGuardian, CosignEnd, CosignStatus, CosignSummary, OpenedInvitation};
pub(super) use cosign::{ask_again, cosign_status_of, void_unsigned};
pub use freeze::Frozen;
pub(super) use freeze::statement_of;
pub use handoff::{HandoffEnd, HandoffPage, HandoffSummary, Matched, OpenedHandoff};
pub use problem::SigningProblem;
pub use request::RequestOrigin;
pub(super) use submit::RECEIPT_SHOWN_FOR;
pub(super) use unsigned::{FIRST_SENDING, queue_unsigned, typeset_unsigned};
pub use upload::{LARGEST_SIGNATURE, UploadFault, UploadOutcome};
pub use wait::{Progress, Waiting};
