//! The application, one question per page, from "may I?" to "received".
//!
//! who → email → code → name → birth → address → contact → documents (if any are asked for) → check → sign → (the app) → done;
//! `resume` leads back into the middle. Every page saves what it asked; a page whose
//! predecessors are open leads to the first open question.

pub(in crate::http) mod address;
pub(in crate::http) mod answers_list;
pub(in crate::http) mod applicant;
pub(in crate::http) mod birth;
pub(in crate::http) mod card;
pub(in crate::http) mod check;
pub(in crate::http) mod children;
pub(in crate::http) mod contact;
pub(in crate::http) mod cosigner;
pub(in crate::http) mod documents;
pub(in crate::http) mod done;
pub(in crate::http) mod elsewhere;
pub(in crate::http) mod email;
pub(in crate::http) mod email_code;
mod handoff_card;
pub(in crate::http) mod name;
pub(in crate::http) mod pause;
pub(in crate::http) mod resume;
pub(in crate::http) mod resume_code;
pub(in crate::http) mod resume_list;
pub(in crate::http) mod sign;
pub(in crate::http) mod sign_problem;
pub(in crate::http) mod sign_qr;
pub(in crate::http) mod sign_return;
pub(in crate::http) mod sign_status;
pub(in crate::http) mod sign_upload;
pub(in crate::http) mod visit;
pub(in crate::http) mod who;
