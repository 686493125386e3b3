//! The telephone that signs for a PC: of no library until it has named the number on the PC's screen.
//!
//! code (or the QR code) → number → summary → (the app) → done. Its cookie is one of its own,
//! `__Host-todoke.s`, and opens nothing of any library.

pub(in crate::http) mod code;
pub(in crate::http) mod done;
pub(in crate::http) mod number;
pub(in crate::http) mod problem;
pub(in crate::http) mod summary;
mod telephone;
mod void;
