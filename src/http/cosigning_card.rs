//! What an applicant sees of the guardian who is to sign as well: whom, by when, and the code to tell them.

use super::filters::{Moment, masked_email};
use crate::service::sign::CosignStatus;
use crate::words::AsTyped;

/// The card.
pub(in crate::http) struct CosigningCard {
    pub(in crate::http) name: AsTyped,
    /// Enough to be recognised by its owner.
    pub(in crate::http) email: String,
    /// None once too many wrong codes have closed the invitation.
    pub(in crate::http) code: Option<String>,
    pub(in crate::http) until: Moment,
}

impl CosigningCard {
    /// The card of who was asked.
    pub(in crate::http) fn of(status: &CosignStatus) -> Self {
        Self {
            name: status.cosigner.name.as_str().into(),
            email: masked_email(status.cosigner.email.as_str()),
            code: status.code.as_ref().map(ToString::to_string),
            until: Moment(status.until),
        }
    }
}

#[cfg(test)]
impl CosigningCard {
    /// A card to draw pages with in tests.
    pub(in crate::http) fn sample() -> Self {
        Self {
            name: "潮見　汐里".into(),
            email: "s…@example.jp".into(),
            code: Some("K7QF-2M9X".into()),
            until: Moment(time::macros::datetime!(2026-12-04 05:28 UTC)),
        }
    }
}
