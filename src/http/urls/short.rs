//! Addresses of no library, which people type or scan: a telephone that signs for a PC, a guardian who signs beside.

use crate::domain::ids::{CosignInvitationId, HandoffId};

/// Where a telephone types the code that a PC shows.
#[must_use]
pub const fn handoff_code() -> &'static str {
    "/s"
}

/// What a QR code leads to. Says neither library nor person.
#[must_use]
pub fn handoff(handle: &str) -> String {
    format!("/s/{handle}")
}

/// The telephone's summary, and its way to the signing app.
#[must_use]
pub fn handoff_summary(id: HandoffId) -> String {
    format!("/s/{id}/go")
}

/// What the telephone reads after it has signed.
#[must_use]
pub fn handoff_done(id: HandoffId) -> String {
    format!("/s/{id}/done")
}

/// What went wrong with the telephone's signature.
#[must_use]
pub fn handoff_problem(id: HandoffId, kind: &str) -> String {
    format!("/s/{id}/problem/{kind}")
}

/// What the mail to a guardian leads to.
#[must_use]
pub fn cosign(token: &str) -> String {
    format!("/g/{token}")
}

/// Where whoever got the mail says that it is not for them.
#[must_use]
pub fn cosign_wrong_address(token: &str) -> String {
    format!("/g/{token}/wrong-address")
}

/// What they read then.
#[must_use]
pub fn cosign_told(token: &str) -> String {
    format!("/g/{token}/told")
}

/// What the guardian signs, and the way to the signing app.
#[must_use]
pub fn cosign_review(id: CosignInvitationId) -> String {
    format!("/g/{id}/sign")
}

/// The document that the guardian signs.
#[must_use]
pub fn cosign_document(id: CosignInvitationId) -> String {
    format!("/g/{id}/document")
}

/// Where the guardian does not agree.
#[must_use]
pub fn cosign_decline(id: CosignInvitationId) -> String {
    format!("/g/{id}/decline")
}

/// What the guardian reads last.
#[must_use]
pub fn cosign_done(id: CosignInvitationId) -> String {
    format!("/g/{id}/done")
}

/// What went wrong with the guardian's signature.
#[must_use]
pub fn cosign_problem(id: CosignInvitationId, kind: &str) -> String {
    format!("/g/{id}/problem/{kind}")
}
