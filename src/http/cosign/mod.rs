//! The guardian who signs beside a young applicant: of no library in the address, and without a session until the code
//! on the applicant's screen was typed.
//!
//! mail → code → review → (the app) → done; or: I do not agree, or I am somebody else. The cookie is one of its own,
//! `__Host-todoke.g`, and opens nothing of any library.

pub(in crate::http) mod code;
pub(in crate::http) mod decline;
pub(in crate::http) mod done;
mod guardian;
pub(in crate::http) mod problem;
pub(in crate::http) mod review;
mod void;
pub(in crate::http) mod wrong_address;
