//! A guardian (保護者) signs beside a young applicant: asked by mail, let in by a code, over the same bytes.
//!
//! Until then the library has nothing: no clock runs, nobody reviews, and whatever ends the waiting takes the applicant's
//! signature out again. The guardian's browser has a session of its own that is worth nothing anywhere else.
//!
//! - `ask`: the invitation and its mails; another guardian can be named while it waits
//! - `open`: from the mail's address over the code to what was signed
//! - `complete`: the guardian's signature is fetched, verified and taken in
//! - `refuse`: the guardian does not agree, or is somebody else

mod ask;
mod complete;
mod open;
mod refuse;

pub use ask::CosignStatus;
pub(in crate::service) use ask::{ask_again, cosign_status_of};
pub(super) use ask::{ask_guardian, cosigning_life};
pub use open::{ConfirmedGuardian, CosignEnd, CosignSummary, OpenedInvitation};
pub(in crate::service) use refuse::void_unsigned;
