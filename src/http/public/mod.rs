//! Pages that are the same for everybody.

pub mod guidance;
pub mod libraries;
pub mod start;
