//! The outside world: mail, the signing app, and where lists of revoked certificates come from.
//!
//! Each gateway is one type with its doubles for tests inside (an enum, not a trait), so
//! that a story runs through the same code as a library does.
//!
//! - [`mail`]: handing a letter over, to a mail server or into a folder
//! - [`signing_app`]: the Digital Authentication App, or anything shaped like it
//! - [`revocation`]: whether certificates were revoked: lists from folders and addresses, responders
//! - [`certificate_lookup`]: the number of the user-authentication certificate that belongs to a signing certificate
//! - [`timestamp`]: an authority that vouches for the time of evidence
//! - [`seal`]: the seals that libraries put on their notices, with keys in files or hardware modules
//! - [`secret`]: where a secret of a gateway is read from

pub mod certificate_lookup;
pub mod mail;
pub mod picture_reader;
mod requests;
pub mod revocation;
pub mod seal;
pub mod secret;
pub mod signing_app;
pub mod timestamp;
