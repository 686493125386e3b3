//! The rules of the library: pure, synchronous, without I/O or clock.
//!
//! Values are parsed once at the edge and are sound from then on. Time comes in as an
//! argument. Nothing here contains text for people.

pub mod account;
pub mod answers;
pub mod application;
pub mod asked_evidence;
pub mod attachment;
pub mod block;
pub mod card;
pub mod card_holder;
pub mod card_number;
pub mod certificate_number;
pub mod chosen_password;
pub mod code;
pub mod correction;
pub mod cosigning;
pub mod credential;
pub mod deed;
pub mod device;
pub mod duplicate;
pub mod erasure;
pub mod event;
pub mod exchange;
pub mod guardianship;
pub mod handoff;
pub mod ids;
pub mod iso_date;
pub mod library;
pub mod likeness;
pub mod match_key;
pub mod message;
pub mod my_number;
pub mod notice;
pub mod obstacle;
pub mod patron;
pub mod patron_deed;
pub mod patron_request;
pub mod patron_search;
pub mod permission;
pub mod person;
pub mod procedure;
pub mod proof;
pub mod queue;
pub mod reference;
pub mod registration;
pub mod request;
pub mod review;
pub mod short_code;
pub mod sign_in;
pub mod staff;
pub mod statement;
pub mod template;
pub mod verification;
pub mod version;
pub mod visit;
