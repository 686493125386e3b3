//! After submission: how far it is, what the library says, and the initial password.
//!
//! sign-in → code, card or password → status → notices → password. Every page here belongs to whoever
//! the browser's session stands for; nobody else's has an address.

pub(in crate::http) mod account;
pub(in crate::http) mod begin;
pub(in crate::http) mod card;
pub(in crate::http) mod card_list;
pub(in crate::http) mod card_problem;
pub(in crate::http) mod card_return;
mod card_section;
pub(in crate::http) mod card_sign_in;
pub(in crate::http) mod cosigner;
pub(in crate::http) mod fix;
pub(in crate::http) mod letter;
pub(in crate::http) mod messages;
pub(in crate::http) mod new_password;
pub(in crate::http) mod notice;
mod notice_end;
mod notice_revoked;
mod notice_title;
mod passkey_field;
pub(in crate::http) mod passkey_sign_in;
pub(in crate::http) mod password;
pub(in crate::http) mod password_sign_in;
pub(in crate::http) mod pdf;
pub(in crate::http) mod printed;
mod reader;
pub(in crate::http) mod sign_in;
pub(in crate::http) mod sign_in_code;
pub(in crate::http) mod sign_out;
pub mod spelling;
mod standing;
pub(in crate::http) mod status;
mod undelivered;
pub(in crate::http) mod withdraw;
