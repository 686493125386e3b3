//! Mails that come back: the address that says which mail it was, and the report that says why (RFC 3464).

mod address;
mod report;
mod verdict;

pub use address::{BounceAddress, InvalidBounceAddress, Marked};
pub use report::{READ_AT_MOST, Report};
pub use verdict::Verdict;
pub(super) use verdict::{enhanced_status, names_nobody};
