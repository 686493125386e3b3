//! Pages that are the same for everybody.

pub mod guidance;
pub mod health;
pub mod libraries;
pub mod procedures;
pub mod readings;
pub mod start;
pub mod verify;
pub mod ways;
mod young;
