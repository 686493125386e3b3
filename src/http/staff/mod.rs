//! The staff's side: signing in, the queue, an application's file, the decision.
//!
//! Every page but the way in takes `signed_in::SignedInStaff`, whose library is the one in
//! the path: nobody sees another library's applications. An address under
//! `applications/{reference}` that only takes posts leads a browser that asks for it to the file.

pub mod absences;
pub mod application;
pub mod attachment;
pub mod batch;
pub mod campaign;
pub mod certificate_number;
pub mod claim;
pub mod confirmation;
mod conflict;
pub mod correction;
pub mod counter;
pub mod decision;
mod decision_form;
pub mod deeds;
pub mod duplicates;
mod elapsed;
pub mod evidence;
pub mod exchange;
pub mod help;
pub mod hold;
pub mod invitation;
mod listing;
mod marking;
pub mod members;
pub mod memo;
pub mod messages;
pub mod opinion;
pub mod papers;
pub mod patron_match;
pub mod patrons;
pub mod proof;
pub mod queue;
pub mod record;
pub mod recusal;
pub mod registration;
pub mod relations;
pub mod reopen;
pub mod requests;
mod rules_broken;
pub mod settings;
pub mod sign_in;
pub mod sign_out;
pub(in crate::http) mod signed_in;
pub mod template;
mod template_choice;
pub mod templates;
mod their_letter;
pub mod transcription;
pub mod visit;
mod wording;

use crate::domain::reference::Reference;
use serde::Deserialize;

/// The application that an address is about.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct Named {
    reference: Reference,
}
