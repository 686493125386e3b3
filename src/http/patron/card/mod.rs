//! The patron's own page: the card, what can be done about it, and everything that the library keeps of them.

pub(in crate::http) mod calendar;
pub(in crate::http) mod close;
pub(in crate::http) mod deed;
mod done;
pub(in crate::http) mod family;
pub(in crate::http) mod home;
pub(in crate::http) mod kept;
pub(in crate::http) mod record;
pub(in crate::http) mod requests;
pub(in crate::http) mod show;
mod tile;
pub(in crate::http::patron) mod wording;
